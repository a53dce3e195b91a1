/*
 * Fuzz targets define LLVMFuzzerTestOneInput.  With clang's libFuzzer that is
 * all; without it (FUZZ_REPLAY) they get a main that runs the files given and
 * says how many.
 */
#ifndef DD_TESTS_FUZZ_H
#define DD_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#ifdef FUZZ_REPLAY
#define FUZZ_FILE_MAX	((size_t)1 << 24)

int
main(int argc, char **argv)
{
	uint8_t *whole = malloc(FUZZ_FILE_MAX), *p;
	size_t n;
	FILE *f;
	int i;

	for (i = 1; i < argc && whole != NULL; i++) {
		if ((f = fopen(argv[i], "rb")) == NULL) {
			perror(argv[i]);
			break;
		}
		n = fread(whole, 1, FUZZ_FILE_MAX, f);
		(void)fclose(f);
		/* in a block of its own size, so that a sanitizer sees a
		 * read behind its end */
		if ((p = malloc(n > 0 ? n : 1)) == NULL)
			break;
		memcpy(p, whole, n);
		(void)LLVMFuzzerTestOneInput(p, n);
		free(p);
	}
	free(whole);
	printf("replayed %d of %d\n", i - 1, argc - 1);
	return i != argc;
}
#endif

#endif
