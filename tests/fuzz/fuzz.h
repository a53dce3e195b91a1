/*
 * Fuzz targets define LLVMFuzzerTestOneInput.  Without libFuzzer
 * (FUZZ_REPLAY) they get a main that runs the files given.
 */
#ifndef DD_TESTS_FUZZ_H
#define DD_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#ifdef FUZZ_REPLAY
int
main(int argc, char **argv)
{
	uint8_t *p;
	size_t n;
	FILE *f;
	int i;

	for (i = 1; i < argc; i++) {
		if ((f = fopen(argv[i], "rb")) == NULL)
			return 1;
		p = malloc(1 << 24);
		n = p == NULL ? 0 : fread(p, 1, 1 << 24, f);
		(void)fclose(f);
		(void)LLVMFuzzerTestOneInput(p, n);
		free(p);
	}
	return 0;
}
#endif

#endif
