// SPDX-License-Identifier: GPL-3.0-or-later
/* pagecmp.c - compares dumps of the same guest page by page through the public API.
 *   pagecmp DUMP            print counts and a digest of all stored pages
 *   pagecmp DUMP OTHER...   compare every page stored in both; exit 1 on a difference
 *   pagecmp -s SET DUMP...  for each DUMP: number and digest of those of its pages that SET stores
 *   pagecmp -p PFN DUMP     the bytes of one page, in hexadecimal
 *   pagecmp -m MAP ...      before all others: where the memory of raw files is, as vmstub's
 * --ram-map A split set is given as one argument, its files joined by commas. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stub/dump/dump.h"
#include "stub/dump/ram_map.h"

#define PAGE	  4096
#define MAX_FILES 64

static const char *map_text; /* -m */

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct dump *open_dump(const char *arg)
{
	struct ram_map map;
	const char *paths[MAX_FILES];
	char *copy = strdup(arg), *save = NULL;
	struct dump *d = NULL;
	struct err err = { 0 };
	size_t n = 0;
	vs_status st;

	for (char *p = strtok_r(copy, ",", &save); p && n < MAX_FILES;
	     p = strtok_r(NULL, ",", &save))
		paths[n++] = p;
	if (map_text && ram_map_parse(map_text, &map, &err)) {
		fprintf(stderr, "pagecmp: -m: %s\n", err.msg);
		exit(2);
	}
	st = dump_open(paths, n, &d, &err);
	if (st == VS_CORRUPT && map_text) // raw memory without a kernel in it
		st = dump_open_with(paths, n, &(struct dump_options){ .ram_map = &map }, &d, &err);
	if (st == VS_OK && map_text && dump_info(d)->raw_size)
		st = dump_set_ram_map(d, &map, &err);
	if (st) {
		fprintf(stderr, "pagecmp: %s\n", err.msg);
		exit(2);
	}
	free(copy);
	return d;
}

static uint64_t fnv(uint64_t h, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i += 8) {
		uint64_t w;

		memcpy(&w, p + i, 8);
		h = (h ^ w) * UINT64_C(0x100000001b3);
		h ^= h >> 29;
	}
	return h;
}

static void digest(const char *name)
{
	struct dump *d = open_dump(name);
	const struct dump_info *info = dump_info(d);
	const struct mem *m = dump_mem(d);
	uint64_t n = 0, bad = 0, zero = 0, h = UINT64_C(0xcbf29ce484222325);
	static const uint8_t zeros[PAGE];
	uint8_t page[PAGE];
	size_t nnotes, len;
	struct err err = { 0 };
	pfn_t pfn = 0;
	double t = now();

	for (; dump_next_page(d, pfn, &pfn, &err) == VS_OK; pfn++) {
		struct mem_got got = m->read(m, pfn * PAGE, page, PAGE, &err);

		n++;
		if (got.len < PAGE) {
			if (bad++ < 10)
				fprintf(stderr, "pagecmp: %s: %s\n", name, err.msg);
			continue;
		}
		zero += memcmp(page, zeros, PAGE) == 0;
		h = fnv(fnv(h, (uint8_t *)&pfn, 8), page, PAGE);
	}
	t = now() - t;
	dump_notes(d, &nnotes);
	dump_vmcoreinfo(d, &len);
	printf("%s: %s max_pfn %#" PRIx64 " level %d%s%s notes %zu vmcoreinfo %zu\n", name,
	       info->format, info->max_pfn, info->dump_level, info->partial ? " partial" : "",
	       info->incomplete ? " incomplete" : "", nnotes, len);
	printf("%s: %" PRIu64 " pages, %" PRIu64 " zero, %" PRIu64 " unreadable, digest %016" PRIx64
	       ", %.3f s, %.0f ns/page, stored %" PRIu64 "\n",
	       name, n, zero, bad, h, t, n ? t * 1e9 / (double)n : 0, dump_pages_stored(d));
	dump_close(d);
}

/* Pages stored in a and readable in both. */
static int compare(const char *name_a, const char *name_b)
{
	struct dump *a = open_dump(name_a), *b = open_dump(name_b);
	const struct mem *ma = dump_mem(a), *mb = dump_mem(b);
	uint64_t same = 0, differ = 0, only_a = 0, bad = 0;
	uint8_t pa[PAGE], pb[PAGE];
	struct err err = { 0 };
	pfn_t pfn = 0;

	for (; dump_next_page(a, pfn, &pfn, &err) == VS_OK; pfn++) {
		struct mem_got got = ma->read(ma, pfn * PAGE, pa, PAGE, &err);
		struct mem_got other = mb->read(mb, pfn * PAGE, pb, PAGE, NULL);
		size_t len = got.len < other.len ? got.len : other.len;

		if (got.len < PAGE && bad++ < 10)
			fprintf(stderr, "pagecmp: %s: %s\n", name_a, err.msg);
		if (len == 0) {
			only_a += got.len != 0;
		} else if (memcmp(pa, pb, len) == 0) {
			same++;
		} else if (differ++ < 10) {
			fprintf(stderr, "pagecmp: pfn %#" PRIx64 " differs\n", pfn);
		}
	}
	printf("%s vs %s: %" PRIu64 " same, %" PRIu64 " differ, %" PRIu64
	       " only in the first, %" PRIu64 " unreadable\n",
	       name_a, name_b, same, differ, only_a, bad);
	dump_close(a);
	dump_close(b);
	return differ != 0;
}

/* Exit 1: a page of SET cannot be read. */
static int digest_of_set(const char *set, const char *name)
{
	struct dump *s = open_dump(set), *d = open_dump(name);
	const struct mem *m = dump_mem(d);
	uint64_t n = 0, bad = 0, h = UINT64_C(0xcbf29ce484222325);
	uint8_t page[PAGE];
	struct err err = { 0 };
	pfn_t pfn = 0;

	for (; dump_next_page(s, pfn, &pfn, &err) == VS_OK; pfn++) {
		if (mem_read(m, pfn * PAGE, page, PAGE, &err)) {
			if (bad++ < 10)
				fprintf(stderr, "pagecmp: %s: %s\n", name, err.msg);
			continue;
		}
		n++;
		h = fnv(fnv(h, (uint8_t *)&pfn, 8), page, PAGE);
	}
	printf("%" PRIu64 " pages, digest %016" PRIx64 "\n", n, h);
	dump_close(s);
	dump_close(d);
	return bad != 0;
}

static int print_page(pfn_t pfn, const char *name)
{
	struct dump *d = open_dump(name);
	uint8_t page[PAGE];
	struct err err;
	vs_status st = mem_read(dump_mem(d), pfn * PAGE, page, PAGE, &err);

	if (st)
		fprintf(stderr, "pagecmp: %s: %s\n", name, err.msg);
	for (size_t i = 0; i < PAGE && !st; i++)
		printf("%02x", page[i]);
	dump_close(d);
	return st != VS_OK;
}

int main(int argc, char **argv)
{
	int rc = 0;

	if (argc > 2 && strcmp(argv[1], "-m") == 0) {
		map_text = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc == 4 && strcmp(argv[1], "-p") == 0)
		return print_page(strtoull(argv[2], NULL, 0), argv[3]);
	if (argc > 3 && strcmp(argv[1], "-s") == 0) {
		for (int i = 3; i < argc; i++)
			rc |= digest_of_set(argv[2], argv[i]);
		return rc;
	}

	if (argc < 2) {
		fprintf(stderr, "usage: pagecmp DUMP [OTHER...]\n");
		return 2;
	}
	if (argc == 2)
		digest(argv[1]);
	for (int i = 2; i < argc; i++)
		rc |= compare(argv[1], argv[i]);
	return rc;
}
