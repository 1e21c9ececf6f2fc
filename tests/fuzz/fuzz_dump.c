// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_dump.c - any bytes as a dump file: open, read in every way, close.
 * The input goes into a memfd, so that all readers run as they do on a real file. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stub/base/log.h"
#include "stub/dump/dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_around(struct dump *d, pfn_t pfn)
{
	const struct mem *m = dump_mem(d);
	uint8_t out[3 * 4096];
	struct err err;

	(void)dump_page_state(d, pfn);
	(void)m->read(m, pfn << 12, out, 4096, &err);
	(void)m->read(m, (pfn << 12) + 123, out, 8, &err);
	(void)m->read(m, (pfn << 12) - 100, out, sizeof(out), NULL);
}

static void exercise(struct dump *d)
{
	static const pfn_t fixed[] = { 0, 1, 2, 63, 64, 4096, UINT64_MAX, UINT64_C(1) << 40 };
	uint64_t max = dump_info(d)->max_pfn;
	pfn_t pfn = 0;
	size_t n;

	for (int i = 0; i < 64 && dump_next_page(d, pfn, &pfn, NULL) == VS_OK; i++, pfn++)
		read_around(d, pfn);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		read_around(d, fixed[i]);
	read_around(d, max - 1);
	read_around(d, max);
	(void)dump_pages_stored(d);
	(void)dump_notes(d, &n);
	(void)dump_vmcoreinfo(d, &n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	char path[32];
	const char *paths[2] = { path, path };
	struct dump *d = NULL;
	struct err err;

	log_set_level(LOG_ERROR);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (dump_open(paths, 1, &d, &err) == VS_OK) {
		exercise(d);
		// cut in half while it is served
		if (ftruncate(fd, (off_t)(size / 2)) == 0)
			exercise(d);
	}
	dump_close(d);
	close(fd);
	return 0;
}
