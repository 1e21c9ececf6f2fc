// SPDX-License-Identifier: GPL-3.0-or-later
/* hostile.c - a real dump with corrupt memory: pages that fail, or hold wrong words, bits and
 * pointers.
 *   hostile FILE VMLINUX|- FIRST LAST      for the seeds FIRST to LAST
 * Runs every verb, with and without arguments, everything that gdb requests, and --gcore. Asserts
 * that nothing crashes or hangs (the number of memory reads is bounded by a multiple of what the
 * original dump takes), that output is bounded, and that a verb that fails says why. It does not
 * check whether the output is right. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/dump.h"
#include "stub/kernel/kernel.h"
#include "stub/rsp/target.h"
#include "stub/gdb/vmtarget.h"
#include "stub/usercore/usercore.h"

#define PAGE	   4096
#define MAX_OUTPUT (64u << 20)

static uint64_t seed; /* 0: original memory */
static uint64_t reads;
static const struct mem *truth;

const struct mem *__real_dump_mem(struct dump *d);
const struct mem *__wrap_dump_mem(struct dump *d);

static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* The wrong value for a word of memory; the same every time it is read. */
static uint64_t lie(uint64_t addr, uint64_t v)
{
	uint64_t h = mix(seed ^ mix(addr));

	switch (h >> 32 & 7) {
	case 0:
		return v ^ (UINT64_C(1) << (h & 63)); // a bit
	case 1:
		return h; // noise
	case 2:
		return 0;
	case 3:
		return UINT64_MAX;
	case 4:
		return v + 8; // a pointer or count a little off
	case 5:
		return v - 1;
	case 6:
		return v & UINT32_MAX;
	default:
		return v << 32 | v >> 32;
	}
}

/* One page in this many has wrong words: for some seeds so few that verbs get far. */
static uint64_t one_in(void)
{
	static const uint64_t n[] = { 8, 64, 500, 4000 };

	return n[seed % 4];
}

static void damage(uint64_t addr, uint8_t *p, size_t len)
{
	uint64_t h = mix(seed * 3 ^ addr / PAGE);
	unsigned words = (unsigned)(h >> 8 & 15);

	if (h % one_in() != 0)
		return;
	for (unsigned i = 0; i <= words; i++) {
		uint64_t at = addr / PAGE * PAGE + mix(h + i) % (PAGE / 8) * 8, v;

		if (at < addr || at - addr + 8 > len)
			continue;
		memcpy(&v, p + (at - addr), 8);
		v = lie(at, v);
		memcpy(p + (at - addr), &v, 8);
	}
}

/* Reads page by page, and damages words that are read whole. */
static struct mem_got hostile_read(const struct mem *m, uint64_t addr, void *dst, size_t len,
				   struct err *err)
{
	struct mem_got total = { 0, VS_OK };
	uint8_t page[PAGE];

	(void)m;
	reads += 1 + len / PAGE;
	if (!seed)
		return truth->read(truth, addr, dst, len, err);
	while (total.len < len) {
		uint64_t at = addr + total.len, base = at / PAGE * PAGE;
		size_t step = (size_t)(PAGE - at % PAGE);
		struct mem_got got;

		if (step > len - total.len)
			step = len - total.len;
		if (mix(seed * 7 ^ base) % (10 * one_in()) == 0) {
			total.why =
				fail(err, VS_LOST, "pfn %#" PRIx64 ": made to fail", base / PAGE);
			break;
		}
		got = truth->read(truth, base, page, PAGE, err);
		if (got.len < PAGE) { // the page ends in the middle: leave it unchanged
			got = truth->read(truth, at, (uint8_t *)dst + total.len, step, err);
			total.len += got.len;
			total.why = got.why;
			if (got.len < step)
				break;
			continue;
		}
		damage(base, page, PAGE);
		memcpy((uint8_t *)dst + total.len, page + at % PAGE, step);
		total.len += step;
	}
	return total;
}

const struct mem *__wrap_dump_mem(struct dump *d)
{
	static const struct mem hostile = { .read = hostile_read, .ctx = NULL };

	truth = __real_dump_mem(d);
	return &hostile;
}

static void check(const char *line, vs_status st, const struct err *err, const struct buf *out)
{
	if (out->len > MAX_OUTPUT) {
		fprintf(stderr, "seed %" PRIu64 ": %s: %zu bytes of output\n", seed, line,
			out->len);
		exit(1);
	}
	if (st && !err->msg[0]) {
		fprintf(stderr, "seed %" PRIu64 ": %s: fails without a message\n", seed, line);
		exit(1);
	}
}

static void run_line(struct vmtarget *t, const char *line)
{
	struct err err = { 0 };
	struct buf out = { 0 };

	if (getenv("HOSTILE_VERBOSE"))
		fprintf(stderr, "seed %" PRIu64 ": %s\n", seed, line);
	check(line, vmtarget_exec(t, line, &out, NULL, NULL, &err), &err, &out);
	buf_deinit(&out);
}

static void verbs(struct vmtarget *t)
{
	static const char *const lines[] = {
		"kbt -a",
		"kbt -a -d -f",
		"kbt 1 -F",
		"kbt -E",
		"kbt -v",
		"log -T",
		"foreach kbt -e",
		"sym schedule",
		"dis schedule",
		"ps -a 1",
		"ps -m",
		"ps -t",
		"ps -r 1",
		"ps -c",
		"ps -p 1",
		"foreach files",
		"foreach vm",
		"foreach sig",
		"vm -p 1",
		"vm -m 1",
		"vm -v 1",
		"kmem -i",
		"kmem -s",
		"kmem -f",
		"kmem -p 1000",
		"kmem init_task",
		"kmem -v",
		"kmem -n",
		"kmem -z",
		"swap",
		"runq -t",
		"runq -g",
		"runq -m",
		"mount -f",
		"mount -i",
		"ipcs -M",
		"ipcs -n 1",
		"sys -t",
		"sys -i",
		"sys -c",
		"sys -r",
		"mod -t",
		"struct task_struct init_task",
		"struct -o task_struct",
		"union thread_union init_stack",
		"klist task_struct.tasks -s task_struct.pid -h init_task",
		"klist -h init_task",
		"tree -t maple init_mm",
		"tree -t xarray 1",
		"waitq init_task",
		"percpu runqueues",
		"eval 1 << 40",
		"rd -p 1000 64",
		"rd init_task 64",
		"search -k 1234",
		"vtop init_task",
		"why init_task 0",
		"why -p 0 1000",
		"ptov 1000",
		"pte 8000000000000067",
		"whatis jiffies",
		"struct rq runqueues:a",
		"percpu runqueues:0",
		"klist task_struct.tasks -h init_task",
		"klist -H modules -r",
		"tree -t xarray -r pid_namespace.idr.idr_rt -p init_pid_ns",
		"tree -o vmap_area.rb_node vmap_area_root",
		"tree -t maple sparse_irqs",
		"kmem -S task_struct",
		"kmem -o",
		"kmem -V",
		"kmem -p 1000000",
		"vm 1",
		"foreach user vm",
		"vtop linux_banner",
		"rd -SS init_task 64",
		"rd -a linux_banner",
		"search -T 1",
		"search -K -w 12345678",
		"irq -a",
		"irq -s",
		"irq -b",
		"irq -d",
		"timer -r",
		"dev -p",
		"dev -i",
		"dev -d",
		"net -a",
		"foreach user net -s",
		"bpf -P",
		"bpf -M",
		"ccat /bin/workers",
		"fuser /bin/workers",
		"fuser /tmp/w_socket",
		"ccat -x /tmp/w_plain",
	};
	struct buf help = { 0 };
	char *save = NULL, word[32];

	// all verbs without arguments
	if (vmtarget_exec(t, "help", &help, NULL, NULL, NULL) == VS_OK)
		for (char *l = strtok_r(help.p, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
			if (sscanf(l, "%31s", word) == 1)
				run_line(t, word);
	buf_deinit(&help);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		run_line(t, lines[i]);
}

static void session(struct vmtarget *t)
{
	const struct rsp_target *r = vmtarget_rsp(t);
	struct err err = { 0 };
	struct buf out = { 0 };
	uint64_t tid = r->ops->stop_thread(r->ctx);
	int core;

	for (int i = 0; tid && i < 10000; tid = r->ops->thread_next(r->ctx, i ? tid : 0), i++) {
		(void)r->ops->thread_extra(r->ctx, tid, &out, &err);
		(void)r->ops->thread_name(r->ctx, tid, &out, &core, &err);
		(void)r->ops->regs_read(r->ctx, tid, &out, &err);
	}
	(void)r->ops->xfer(r->ctx, "libraries", "", &out, &err);
	(void)r->ops->xfer(r->ctx, "exec-file", "", &out, &err);
	(void)r->ops->offsets(r->ctx, &out, &err);
	check("session", VS_OK, &err, &out);
	buf_deinit(&out);
}

/* Writes cores of the guest's processes, which have numbers up to 250. */
static void cores(struct kernel *k)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (int pid = 1; pid < 250; pid++) {
		struct err err = { 0 };
		struct buf said = { 0 };

		check("core", usercore_write(k, pid, fd, &said, &err), &err, &said);
		buf_deinit(&said);
	}
	close(fd);
}

/* Returns the number of reads. Opening the kernel may also fail. */
static uint64_t run(const char *path, const char *vmlinux)
{
	struct kernel_options opt = { .vmlinux = vmlinux };
	const struct vmtarget_options topt = { .all_tasks = true };
	struct dump *d = NULL;
	struct kernel *k = NULL;
	struct vmtarget *t;
	struct err err = { 0 };

	reads = 0;
	if (dump_open(&path, 1, &d, &err)) {
		fprintf(stderr, "hostile: %s\n", err.msg);
		exit(2);
	}
	if (kernel_open(d, &arch_x86_64, &opt, &k, &err) == VS_OK) {
		t = vmtarget_create(k, &topt);
		if (!t)
			exit(2);
		session(t);
		verbs(t);
		cores(k);
		vmtarget_destroy(t);
	} else if (!err.msg[0] || !seed) {
		fprintf(stderr, "hostile: seed %" PRIu64 ": does not open: %s\n", seed, err.msg);
		exit(1);
	}
	kernel_close(k);
	dump_close(d);
	return reads;
}

int main(int argc, char **argv)
{
	uint64_t limit, most = 0, first, last;
	const char *vmlinux;

	if (argc != 5) {
		fputs("usage: hostile FILE VMLINUX|- FIRST LAST\n", stderr);
		return 2;
	}
	log_set_level(LOG_ERROR);
	vmlinux = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
	first = strtoull(argv[3], NULL, 0);
	last = strtoull(argv[4], NULL, 0);
	limit = 20 * run(argv[1], vmlinux) + 10000000;
	for (uint64_t i = first; i <= last; i++) {
		uint64_t n;

		seed = i;
		n = run(argv[1], vmlinux);
		if (n > limit) {
			fprintf(stderr, "seed %" PRIu64 ": %" PRIu64 " reads, limit %" PRIu64 "\n",
				i, n, limit);
			return 1;
		}
		most = n > most ? n : most;
	}
	printf("%" PRIu64 " seeds, most reads %" PRIu64 " of %" PRIu64 "\n", last - first + 1, most,
	       limit);
	return 0;
}
