// SPDX-License-Identifier: GPL-3.0-or-later
/* pages.c - measures how long reading pages of a dump takes.
 *   pages list DUMP             page frames that are stored, one a line
 *   pages read DUMP < LIST      physical reads, in the order of the list
 *   pages bare DUMP < LIST      what the codec alone, or memcpy, needs for the same pages
 *   pages direct DUMP < LIST    the same pages through the kernel's direct map
 *   pages vmalloc DUMP          all stacks of CPUs and tasks, in vmalloc'ed memory; and the same
 * Prints lines "NAME PAGES SECONDS SUM"; the sum is of all first words, to compare readers. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "stub/base/vec.h"
#include "stub/dump/codec.h"
#include "stub/dump/dump.h"
#include "stub/kernel/kernel.h"
#include "stub/task/tasks.h"

#define PAGE 4096

typedef VEC(uint64_t) u64_vec;

/* Compressed pages recorded during a read, for "bare". */
struct taken {
	unsigned flags;
	size_t n;
	uint8_t *data;
};
static VEC(struct taken) taken;
static bool taking;

vs_status __real_codec_decode(struct codec *c, uint32_t flags, const uint8_t *src, size_t n,
			      uint8_t *dst, size_t block, struct err *err);
vs_status __wrap_codec_decode(struct codec *c, uint32_t flags, const uint8_t *src, size_t n,
			      uint8_t *dst, size_t block, struct err *err);

vs_status __wrap_codec_decode(struct codec *c, uint32_t flags, const uint8_t *src, size_t n,
			      uint8_t *dst, size_t block, struct err *err)
{
	if (taking) {
		struct taken t = { flags, n, malloc(n) };

		if (!t.data || !vec_push(&taken, t))
			abort();
		memcpy(t.data, src, n);
	}
	return __real_codec_decode(c, flags, src, n, dst, block, err);
}

/* CPU time, which other load on the machine does not affect. */
static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct dump *open_dump(const char *path)
{
	struct dump *d;
	struct err err;

	if (dump_open(&path, 1, &d, &err)) {
		fprintf(stderr, "pages: %s\n", err.msg);
		exit(2);
	}
	return d;
}

static void read_list(u64_vec *v)
{
	uint64_t pfn;

	while (scanf("%" SCNu64, &pfn) == 1)
		if (!vec_push(v, pfn))
			abort();
}

/* Pages at base + v[i] * PAGE. */
static void timed(const char *name, const struct mem *m, uint64_t base, const u64_vec *v)
{
	static _Alignas(PAGE) uint8_t page[PAGE];
	uint64_t sum = 0, word;
	double start = now();
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		if (mem_read(m, base + v->v[i] * PAGE, page, PAGE, NULL))
			continue;
		memcpy(&word, page, 8);
		sum += word;
		n++;
	}
	printf("%s %zu %.6f %016" PRIx64 "\n", name, n, now() - start, sum);
}

static int list(const char *path)
{
	struct dump *d = open_dump(path);
	struct err err;

	for (pfn_t pfn = 0; dump_next_page(d, pfn, &pfn, &err) == VS_OK; pfn++)
		printf("%" PRIu64 "\n", pfn);
	dump_close(d);
	return 0;
}

static int cmp_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Replaces page frames by numbers of pages of the file: as many different ones, in the same order.
 */
static void number(u64_vec *v, uint64_t max)
{
	u64_vec sorted = { 0 };

	for (size_t i = 0; i < v->n; i++)
		if (!vec_push(&sorted, v->v[i]))
			abort();
	qsort(sorted.v, sorted.n, sizeof(sorted.v[0]), cmp_u64);
	for (size_t i = 0; i < v->n; i++) {
		uint64_t *at = bsearch(&v->v[i], sorted.v, sorted.n, sizeof(*at), cmp_u64);

		v->v[i] = (uint64_t)(at - sorted.v) % max;
	}
	vec_free(&sorted);
}

static int bare(const char *path)
{
	struct dump *d = open_dump(path);
	static _Alignas(PAGE) uint8_t page[PAGE];
	struct codec *c;
	u64_vec v = { 0 };
	const uint8_t *file;
	double start;
	size_t plain;
	struct stat st;
	int fd = open(path, O_RDONLY);

	read_list(&v);
	if (codec_create(&c, NULL) || fd < 0 || fstat(fd, &st) || st.st_size < PAGE)
		return 2;
	file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (file == MAP_FAILED)
		return 2;
	// There is nothing to record for ELF, and its pages must stay as cold as they are for
	// "read".
	taking = strcmp(dump_info(d)->format, "ELF") != 0;
	if (taking)
		timed("taking", dump_mem(d), 0, &v);
	taking = false;
	plain = v.n - taken.n;
	number(&v, (uint64_t)st.st_size / PAGE);
	start = now();
	for (size_t i = 0; i < taken.n; i++)
		__real_codec_decode(c, taken.v[i].flags, taken.v[i].data, taken.v[i].n, page, PAGE,
				    NULL);
	// For uncompressed pages, copy from the mapped file in the same order.
	for (size_t i = 0; i < plain; i++) {
		memcpy(page, file + v.v[i] * PAGE, PAGE);
		__asm__ volatile("" ::"r"(page) : "memory");
	}
	printf("bare %zu %.6f 0\n", v.n, now() - start);
	return 0;
}

static struct kernel *open_kernel(struct dump *d)
{
	static const struct kernel_options options;
	struct kernel *k;
	struct err err;

	if (kernel_open(d, &arch_x86_64, &options, &k, &err)) {
		fprintf(stderr, "pages: %s\n", err.msg);
		exit(2);
	}
	return k;
}

static int direct(const char *path)
{
	struct dump *d = open_dump(path);
	struct kernel *k = open_kernel(d);
	uint64_t base;
	u64_vec v = { 0 };
	kva_t va;

	read_list(&v);
	if (kernel_symbol(k, "page_offset_base", &va, NULL) ||
	    mem_read_u64(k->mem, va, &base, NULL))
		return 2;
	timed("direct", k->mem, base, &v);
	return 0;
}

/* Virtual pages of one address space, then the same pages by their physical addresses. */
static void both(const char *name, struct kernel *k, struct dump *d, pa_t root, const u64_vec *v)
{
	static _Alignas(PAGE) uint8_t page[PAGE];
	u64_vec phys = { 0 }, virt = { 0 };
	uint64_t sum = 0, word;
	double start;
	struct walk w;

	for (size_t i = 0; i < v->n; i++)
		if (kmem_walk(k->kmem, root, v->v[i], &w, NULL) == VS_OK &&
		    (!vec_push(&phys, w.pa / PAGE) || !vec_push(&virt, v->v[i])))
			abort();
	// Read them once before, because the first read takes the page faults of the mapped file.
	for (size_t i = 0; i < phys.n; i++)
		mem_read(dump_mem(d), phys.v[i] * PAGE, page, PAGE, NULL);
	start = now();
	for (size_t i = 0; i < virt.n; i++) {
		if (kmem_read_as(k->kmem, root, virt.v[i], page, PAGE, NULL).len < PAGE)
			continue;
		memcpy(&word, page, 8);
		sum += word;
	}
	printf("%s %zu %.6f %016" PRIx64 "\n", name, virt.n, now() - start, sum);
	timed("physical", dump_mem(d), 0, &phys);
}

static int vmalloc(const char *path)
{
	struct dump *d = open_dump(path);
	struct kernel *k = open_kernel(d);
	u64_vec v = { 0 };
	kva_t *tasks;
	size_t n;

	if (tasks_list(k, &tasks, &n, NULL))
		return 2;
	for (size_t i = 0; i < n; i++) {
		struct task t;

		if (task_load(k, tasks[i], &t, NULL))
			continue;
		for (uint64_t off = 0; off < task_stack_size(k); off += PAGE)
			if (!vec_push(&v, t.stack + off))
				abort();
	}
	both("vmalloc", k, d, 0, &v);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "list") == 0)
		return list(argv[2]);
	if (argc == 3 && strcmp(argv[1], "read") == 0) {
		u64_vec v = { 0 };

		read_list(&v);
		timed("read", dump_mem(open_dump(argv[2])), 0, &v);
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "bare") == 0)
		return bare(argv[2]);
	if (argc == 3 && strcmp(argv[1], "direct") == 0)
		return direct(argv[2]);
	if (argc == 3 && strcmp(argv[1], "vmalloc") == 0)
		return vmalloc(argv[2]);
	fprintf(stderr, "usage: pages list|read|bare|direct|vmalloc DUMP\n");
	return 2;
}
