// SPDX-License-Identifier: GPL-3.0-or-later
/* dumpdata.c - vmstub's answer to programs of the same names in libkdumpfile's tests, whose scripts
 * then test vmstub.
 *   dumpdata [-n FILES] [-s SIZE] [-z] FILE... ADDRESS COUNT...   bytes, or values of SIZE bytes,
 * of physical memory; "??" for a byte that cannot be read, and then exit 1 dumpdata -a FILE... what
 * the file says: "KEY = VALUE" lines */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch/archs.h"
#include "stub/dump/dump.h"

#define LINE 16

static struct dump *open_files(char **paths, size_t n)
{
	struct dump *d = NULL;
	struct err err = { 0 };

	if (dump_open((const char *const *)paths, n, &d, &err)) {
		fprintf(stderr, "Cannot open dump: %s\n", err.msg);
		exit(2);
	}
	return d;
}

/* --- memory */

static void put_value(const uint8_t *v, size_t size)
{
	for (size_t i = size; i-- > 0;)
		printf("%02X", v[i]);
}

/* Is every value readable? */
static bool put_range(struct dump *d, uint64_t addr, uint64_t len, size_t size)
{
	const struct mem *m = dump_mem(d);
	bool ok = true;

	for (uint64_t end = addr + len; addr < end; addr += size) {
		uint8_t v[8];
		struct err err;
		vs_status st = mem_read(m, addr, v, size, &err);

		if (st == VS_OK)
			put_value(v, size);
		else
			fputs("??", stdout);
		if (st && ok)
			fprintf(stderr, "Read failed at %#" PRIx64 ": %s%s\n", addr,
				st == VS_EXCLUDED ? "Excluded page: " : "", err.msg);
		ok &= st == VS_OK;
		putchar((addr + size) % LINE ? ' ' : '\n');
	}
	if (addr % LINE)
		putchar('\n');
	return ok;
}

/* --- attributes */

/* Bytes of a bitmap, without those at its end that are 0. excluded: also of pages of RAM left out
 * or lost. */
static void put_pagemap(struct dump *d, const char *key, bool excluded)
{
	uint64_t max = dump_info(d)->max_pfn;
	size_t n = 0;
	uint8_t *map = calloc(1, max / 8 + 1);

	for (pfn_t pfn = 0; map && pfn < max; pfn++) {
		vs_status st = dump_page_state(d, pfn);

		if (st == VS_OK || (excluded && st != VS_HOLE)) {
			map[pfn / 8] |= (uint8_t)(1 << pfn % 8);
			n = pfn / 8 + 1;
		}
	}
	printf("%s = bitmap:", key);
	for (size_t i = 0; i < n; i++)
		printf(" %02x", map[i]);
	putchar('\n');
	free(map);
}

static void put_cpus(struct dump *d)
{
	size_t n, cpu = 0;
	const struct dump_note *notes = dump_notes(d, &n);
	const struct arch_ops *arch;

	if (arch_of_dump(dump_info(d), &arch, NULL))
		return;
	for (size_t i = 0; i < n; i++) {
		struct regs r;
		int32_t pid;

		if (strcmp(notes[i].name, "CORE") != 0 || notes[i].type != 1)
			continue;
		if (arch->regs_from_prstatus(bytes_of(notes[i].desc, notes[i].len), &r, &pid, NULL))
			continue;
		for (unsigned no = 0; no < arch->nregs; no++)
			if (regs_has(&r, no))
				printf("cpu.%zu.reg.%s = number:%#" PRIx64 "\n", cpu,
				       arch->reg_names[no], r.v[no]);
		printf("cpu.%zu.pid = number:%#x\n", cpu++, (unsigned)pid);
	}
	printf("cpu.number = number:%zu\n", cpu);
}

static int put_attributes(struct dump *d)
{
	const struct dump_info *info = dump_info(d);

	put_pagemap(d, "file.pagemap", false);
	put_pagemap(d, "memory.pagemap", true);
	put_cpus(d);
	printf("linux.uts.nodename = string:%s\n", info->nodename);
	printf("linux.uts.release = string:%s\n", info->release);
	printf("linux.uts.version = string:%s\n", info->version);
	printf("linux.uts.machine = string:%s\n", info->machine);
	printf("arch.page_size = number:%" PRIu64 "\n", info->page_size);
	printf("file.set.number = number:%zu\n", info->nfiles);
	return 0;
}

int main(int argc, char **argv)
{
	bool zero = false, attributes = false, ok = true;
	size_t nfiles = 1, size = 1;
	struct dump *d;
	int c;

	while ((c = getopt(argc, argv, "+n:s:za")) != -1) {
		zero |= c == 'z';
		attributes |= c == 'a';
		if (c == 'n')
			nfiles = strtoul(optarg, NULL, 0);
		else if (c == 's')
			size = strtoul(optarg, NULL, 0);
		else if (c == '?')
			return 2;
	}
	argv += optind;
	argc -= optind;
	if (attributes)
		nfiles = (size_t)argc;
	if (nfiles > (size_t)argc || size - 1 > 7)
		return 2;
	d = open_files(argv, nfiles);
	if (zero)
		dump_zero_excluded(d);
	if (attributes)
		ok = put_attributes(d) == 0;
	for (size_t i = nfiles; i + 1 < (size_t)argc; i += 2)
		ok &= put_range(d, strtoull(argv[i], NULL, 0),
				strtoull(argv[i + 1], NULL, 0) * size, size);
	dump_close(d);
	return !ok;
}
