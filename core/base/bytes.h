/*
 * Integers in byte buffers: unaligned, of a given byte order.  All on-disk
 * fields are read and written through these, never through casts.  Bitmaps.
 */
#ifndef DD_BASE_BYTES_H
#define DD_BASE_BYTES_H

#include <stdint.h>

static inline uint16_t
get16le(const void *p)
{
	const uint8_t *b = p;

	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t
get32le(const void *p)
{
	const uint8_t *b = p;

	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[3] << 24;
}

static inline uint64_t
get64le(const void *p)
{
	const uint8_t *b = p;

	return (uint64_t)get32le(b) | (uint64_t)get32le(b + 4) << 32;
}

static inline uint32_t
get32be(const void *p)
{
	const uint8_t *b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | (uint32_t)b[3];
}

static inline void
put16le(void *p, uint16_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
}

static inline void
put32le(void *p, uint32_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
	b[2] = (uint8_t)(v >> 16);
	b[3] = (uint8_t)(v >> 24);
}

static inline void
put64le(void *p, uint64_t v)
{
	uint8_t *b = p;

	put32le(b, (uint32_t)v);
	put32le(b + 4, (uint32_t)(v >> 32));
}

static inline void
put32be(void *p, uint32_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)(v >> 24);
	b[1] = (uint8_t)(v >> 16);
	b[2] = (uint8_t)(v >> 8);
	b[3] = (uint8_t)v;
}

/* Bitmaps as BSD keeps them: bit i is bit i % 8 of byte i / 8. */
static inline int
bit_test(const uint8_t *map, uint64_t i)
{
	return map[i / 8] >> (i % 8) & 1;
}

static inline void
bit_set(uint8_t *map, uint64_t i)
{
	map[i / 8] = (uint8_t)(map[i / 8] | 1U << (i % 8));
}

static inline void
bit_clear(uint8_t *map, uint64_t i)
{
	map[i / 8] = (uint8_t)(map[i / 8] & ~(1U << (i % 8)));
}

static inline uint64_t
round_down(uint64_t v, uint64_t unit)
{
	return v - v % unit;
}

/* The caller has made sure that v + unit does not wrap. */
static inline uint64_t
round_up(uint64_t v, uint64_t unit)
{
	return round_down(v + unit - 1, unit);
}

static inline uint64_t
min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

#endif
