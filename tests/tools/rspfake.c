// SPDX-License-Identifier: GPL-3.0-or-later
/* rspfake.c - serves a fake target on stdin and stdout, to test the server with a real gdb:
 *     gdb -nx -batch -ex 'target remote | build/tools/rspfake' -ex bt ... build/tools/rspfake
 * It serves its own memory and registers, as they were inside inner(), so that its own symbols
 * match and bt, next and finish have something to work on. Threads, files and commands are those of
 * tests/rsp/fake.h. */
#include <signal.h>
#include <stdio.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#include "stub/rsp/session.h"
#include "tests/rsp/fake.h"

#define PAGE 4096

struct own {
	struct fake fake; /* first: ctx serves as both */
	ucontext_t at;	  /* registers */
};

/* gdb's order of the general registers, then eflags and cs. */
static const int greg_order[] = {
	REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
	REG_R9,	 REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
};

static vs_status own_regs_read(void *ctx, uint64_t tid, struct buf *out, struct err *err)
{
	const struct own *own = ctx;

	(void)err;
	for (size_t i = 0; i < sizeof(greg_order) / sizeof(greg_order[0]); i++) {
		uint64_t v = (uint64_t)own->at.uc_mcontext.gregs[greg_order[i]];

		if (greg_order[i] == REG_RAX)
			v = tid;
		buf_hex(out, &v, sizeof(v));
	}
	buf_puts(out, "02020000");
	for (int i = 0; i < 6 * 4 + 8 * 10 + 8 * 4; i++)
		buf_puts(out, "xx");
	return VS_OK;
}

static vs_status own_reg_read(void *ctx, uint64_t tid, uint64_t regno, struct buf *out,
			      struct err *err)
{
	(void)ctx, (void)tid, (void)regno, (void)out;
	return fail(err, VS_NOTFOUND, "no register");
}

static struct mem_got own_mem_read(void *ctx, uint64_t tid, uint64_t va, void *dst, size_t len,
				   struct err *err)
{
	size_t done = 0;

	(void)ctx, (void)tid;
	while (done < len) {
		size_t n = PAGE - (size_t)((va + done) % PAGE);
		struct iovec to = { .iov_base = (char *)dst + done }, from;

		if (n > len - done)
			n = len - done;
		to.iov_len = n;
		from = (struct iovec){ .iov_base = (void *)(uintptr_t)(va + done), .iov_len = n };
		if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) != (ssize_t)n) {
			fail(err, VS_UNMAPPED, "%#" PRIx64 " is not mapped", va + done);
			return (struct mem_got){ done, VS_UNMAPPED };
		}
		done += n;
	}
	return (struct mem_got){ done, VS_OK };
}

static vs_status own_xfer(void *ctx, const char *object, const char *annex, struct buf *out,
			  struct err *err)
{
	char path[4096];
	ssize_t n;

	(void)ctx;
	if (strcmp(object, "features") == 0 && strcmp(annex, "target.xml") == 0) {
		buf_puts(out, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
			      "<target><architecture>i386:x86-64</architecture>"
			      "<osabi>none</osabi></target>");
		return VS_OK;
	}
	if (strcmp(object, "exec-file") != 0)
		return VS_UNSUPPORTED;
	n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n < 0)
		return fail(err, VS_IO, "no /proc");
	buf_put(out, path, (size_t)n);
	return VS_OK;
}

/* The program is linked at 0 and runs at another address. */
static vs_status own_offsets(void *ctx, struct buf *out, struct err *err)
{
	extern const char __executable_start[];

	(void)ctx, (void)err;
	buf_printf(out, "TextSeg=%" PRIxPTR, (uintptr_t)__executable_start);
	return VS_OK;
}

static const struct rsp_ops own_ops = {
	.stop_thread = fake_stop_thread,
	.thread_alive = fake_thread_alive,
	.thread_next = fake_thread_next,
	.thread_extra = fake_thread_extra,
	.thread_name = fake_thread_name,
	.regs_read = own_regs_read,
	.reg_read = own_reg_read,
	.mem_read = own_mem_read,
	.xfer = own_xfer,
	.xfer_objects = (const char *const[]){ "features", "exec-file", NULL },
	.offsets = own_offsets,
	.monitor = fake_monitor,
	.file_open = fake_file_open,
	.file_pread = fake_file_pread,
	.file_stat = fake_file_stat,
	.file_close = fake_file_close,
};

/* For find and x; "used" keeps its symbol. */
static const char needle[] __attribute__((used)) = "a needle to find";

static __attribute__((noinline)) int inner(struct own *own, int depth)
{
	struct rsp_target target = { .ops = &own_ops, .ctx = own };
	struct err err = { 0 };
	int local = depth + 1;

	getcontext(&own->at);
	if (rsp_serve(&target, STDIN_FILENO, STDOUT_FILENO, &err))
		fprintf(stderr, "rspfake: %s\n", err.msg);
	local += needle[0];
	return local;
}

static __attribute__((noinline)) int outer(struct own *own, int depth)
{
	int local = inner(own, depth + 1);

	return local + 1;
}

int main(void)
{
	struct own own = { 0 };

	signal(SIGPIPE, SIG_IGN);
	return outer(&own, 1) == 0;
}
