/*
 * Escaping of names.  UTF-8 is decoded strictly: overlong forms, surrogates
 * and C1 controls count as single bad bytes, so nothing that a terminal might
 * act on passes.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/vis.h"

size_t
vis_char(const char *p, size_t len, uint32_t *code)
{
	const unsigned char *s = (const unsigned char *)p;
	uint32_t c;
	size_t i, n;

	if (s[0] < 0x80) {
		*code = s[0];
		return s[0] >= 0x20 && s[0] != 0x7f;
	}
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		n = 2;
		c = s[0] & 0x1fU;
	} else if ((s[0] & 0xf0) == 0xe0) {
		n = 3;
		c = s[0] & 0x0fU;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		n = 4;
		c = s[0] & 0x07U;
	} else
		return 0;
	if (len < n)
		return 0;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fU);
	}
	if ((n == 3 && c < 0x800) || (n == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	if ((c >= 0x80 && c < 0xa0) || (c >= 0xd800 && c < 0xe000))
		return 0;
	/* marks and overrides of writing direction, line separators, BOM */
	if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x206f) || c == 0xfeff)
		return 0;
	*code = c;
	return n;
}

size_t
vis_escape(char out[VIS_ESCAPE], unsigned char c)
{
	static const char from[] = "\a\b\t\n\v\f\r";
	static const char to[] = "abtnvfr";
	const char *at;

	if (c != '\0' && (at = strchr(from, c)) != NULL) {
		out[0] = '\\';
		out[1] = to[at - from];
		out[2] = '\0';
		return 2;
	}
	return (size_t)snprintf(out, VIS_ESCAPE, "\\%03o", c);
}

void
vis_str(char *dst, size_t cap, const char *src)
{
	size_t len = strlen(src), i = 0, o = 0, n;
	char esc[VIS_ESCAPE];
	uint32_t c;

	while (i < len) {
		if ((n = vis_char(src + i, len - i, &c)) > 0) {
			if (o + n >= cap)
				break;
			memcpy(dst + o, src + i, n);
			i += n;
		} else {
			n = vis_escape(esc, (unsigned char)src[i]);
			if (o + n >= cap)
				break;
			memcpy(dst + o, esc, n);
			i++;
		}
		o += n;
	}
	dst[o] = '\0';
}

int
vis_buf(struct buf *b, const char *src, size_t len)
{
	char esc[VIS_ESCAPE];
	size_t i = 0, n;
	uint32_t c;
	int rc = 0;

	while (i < len) {
		if ((n = vis_char(src + i, len - i, &c)) > 0) {
			rc |= buf_add(b, src + i, n);
			i += n;
		} else {
			n = vis_escape(esc, (unsigned char)src[i++]);
			rc |= buf_add(b, esc, n);
		}
	}
	return rc;
}

int
vis_manifest(struct buf *b, const char *src, size_t len)
{
	char esc[VIS_ESCAPE];
	size_t i, n;
	int rc = 0;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)src[i];

		if (c == ' ')
			rc |= buf_str(b, "\\s");
		else if (c == '\\')
			rc |= buf_str(b, "\\\\");
		else if (c < 0x20 || c == 0x7f) {
			n = vis_escape(esc, c);
			rc |= buf_add(b, esc, n);
		} else
			rc |= buf_add(b, src + i, 1);
	}
	return rc;
}
