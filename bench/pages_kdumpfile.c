// SPDX-License-Identifier: GPL-3.0-or-later
/* pages_kdumpfile.c - the same reads as "pages read", through libkdumpfile. */
#include <fcntl.h>
#include <inttypes.h>
#include <libkdumpfile/kdumpfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAGE 4096

/* CPU time, which other load on the machine does not affect. */
static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static uint8_t page[PAGE];
	kdump_ctx_t *ctx = kdump_new();
	uint64_t *pfns = NULL, sum = 0, word, pfn;
	size_t n = 0, cap = 0, got = 0;
	double start;
	int fd;

	if (argc != 2 || !ctx)
		return 2;
	while (scanf("%" SCNu64, &pfn) == 1) {
		if (n == cap)
			pfns = realloc(pfns, (cap = cap ? cap * 2 : 4096) * sizeof(*pfns));
		if (!pfns)
			return 2;
		pfns[n++] = pfn;
	}
	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || kdump_open_fd(ctx, fd) != KDUMP_OK) {
		fprintf(stderr, "pages_kdumpfile: %s\n", kdump_get_err(ctx));
		return 2;
	}
	start = now();
	for (size_t i = 0; i < n; i++) {
		size_t len = PAGE;

		if (kdump_read(ctx, KDUMP_MACHPHYSADDR, pfns[i] * PAGE, page, &len) != KDUMP_OK)
			continue;
		memcpy(&word, page, 8);
		sum += word;
		got++;
	}
	printf("kdumpfile %zu %.6f %016" PRIx64 "\n", got, now() - start, sum);
	return 0;
}
