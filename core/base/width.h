/*
 * Columns that text takes on a terminal: wide characters two, combining ones
 * none, by wcwidth(3) of the locale that main has set.  For text that is
 * escaped (vis) already.
 */
#ifndef DD_BASE_WIDTH_H
#define DD_BASE_WIDTH_H

#include <stddef.h>

size_t	width_of(const char *s);
/* Bytes of s that fit into columns; what they take in *used. */
size_t	width_fit(const char *s, size_t columns, size_t *used);

#endif
