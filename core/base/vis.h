/*
 * Names made fit to print.  Names in images are whatever a domU's
 * administrator wrote: escapes in them must never reach a terminal.
 */
#ifndef DD_BASE_VIS_H
#define DD_BASE_VIS_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * Length of the printable UTF-8 character at s (len > 0 bytes), its code in
 * *code; 0 where the byte must be escaped.
 */
size_t	vis_char(const char *s, size_t len, uint32_t *code);

/* The escape of byte c, terminated; returns its length. */
#define VIS_ESCAPE	5
size_t	vis_escape(char out[VIS_ESCAPE], unsigned char c);

/*
 * Escape for a message or a screen: control bytes, DEL, and bytes that are
 * not part of valid UTF-8 (C1 controls and bidirectional overrides
 * included) become \ooo or \n, \t, ...; the rest stays as it is.
 * dst is always terminated; what does not fit is cut between characters.
 */
void	vis_str(char *dst, size_t cap, const char *src);

/* The same, of len bytes, appended to b.  -1: out of memory. */
int	vis_buf(struct buf *b, const char *src, size_t len);

/*
 * Escape as vis(3) does with VIS_CSTYLE | VIS_WHITE (manifests): blanks
 * become \s, tab \t, newline \n, backslash \\, other control bytes \ooo;
 * bytes from 0x80 up stay.  -1: out of memory.
 */
int	vis_manifest(struct buf *b, const char *src, size_t len);

#endif
