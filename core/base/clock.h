/* The clock that only goes on: for limits and durations. */
#ifndef DD_BASE_CLOCK_H
#define DD_BASE_CLOCK_H

#include <stdint.h>

/* In milliseconds, since no certain moment.  64 bits wide, since a long of 32
 * bits overflows after 24 days. */
int64_t	clock_ms(void);

#endif
