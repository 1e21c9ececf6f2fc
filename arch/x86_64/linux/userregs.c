// SPDX-License-Identifier: GPL-3.0-or-later
/* userregs.c - registers of user mode that a context switch saves in struct task_struct: bases of
 * segments, and the floating-point unit's.
 * The format of the latter is that of the XSAVE instruction (Intel's manual, volume 1, chapter 13);
 * x87, SSE and AVX are at the same place in its standard and its compacted form. */
#include <inttypes.h>
#include <string.h>

#include "arch/x86_64/linux/linux.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

enum { THREAD_FSBASE, THREAD_GSBASE, THREAD_DS, THREAD_ES, THREAD_FS, THREAD_GS };
static const struct record_field thread_fields[] = {
	// 296f781a4b7801 (4.7) renamed the bases, which were "fs" and "gs"
	[THREAD_FSBASE] = { { "thread.fsbase", "thread.fs" }, RECORD_UINT },
	[THREAD_GSBASE] = { { "thread.gsbase", "thread.gs" }, RECORD_UINT },
	[THREAD_DS] = { { "thread.ds" }, RECORD_UINT },
	[THREAD_ES] = { { "thread.es" }, RECORD_UINT },
	[THREAD_FS] = { { "thread.fsindex" }, RECORD_UINT },
	[THREAD_GS] = { { "thread.gsindex" }, RECORD_UINT },
};
RECORD(thread_record, "task_struct", thread_fields);

void linux_x86_user_switched_regs(struct kernel *k, kva_t task, const struct regs *cpu,
				  struct regs *r)
{
	static const unsigned order[] = {
		[THREAD_FSBASE] = X86_FS_BASE, [THREAD_GSBASE] = X86_GS_BASE, [THREAD_DS] = X86_DS,
		[THREAD_ES] = X86_ES,	       [THREAD_FS] = X86_FS,	      [THREAD_GS] = X86_GS,
	};
	struct record t;

	// While the kernel runs, GS has its own base; a note of kdump has that of user mode.
	for (unsigned i = 0; cpu && i < sizeof(order) / sizeof(order[0]); i++)
		if (regs_has(cpu, order[i]) && !regs_has(r, order[i]) && !(cpu->v[order[i]] >> 63))
			regs_set(r, order[i], cpu->v[order[i]]);
	if (cpu)
		return;
	record_read(k, &thread_record, task, RECORD_ALL, &t);
	for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (record_knows(&t, i) && !regs_has(r, order[i]))
			regs_set(r, order[i], t.v[i]);
}

/* --- the floating-point unit */

enum { FPU_IN_TASK };
static const struct record_field in_task_fields[] = {
	// cb7ca40a3882 (6.16): behind the task_struct
	[FPU_IN_TASK] = { { "thread.fpu" }, RECORD_ADDRESS, "before 6.16" },
};
RECORD(fpu_place_record, "task_struct", in_task_fields);

enum { FPU_STATE };
static const struct record_field fpu_fields[] = {
	[FPU_STATE] = { { "fpstate" }, RECORD_POINTER, "since 5.16" },
};
RECORD(fpu_record, "fpu", fpu_fields);

enum { FPSTATE_REGS, FPSTATE_SIZE, FPSTATE_FEATURES };
static const struct record_field fpstate_fields[] = {
	[FPSTATE_REGS] = { { "regs" }, RECORD_ADDRESS, "since 5.16" },
	[FPSTATE_SIZE] = { { "size" }, RECORD_UINT, "since 5.16" },
	[FPSTATE_FEATURES] = { { "xfeatures" }, RECORD_UINT, "since 5.16" },
};
RECORD(fpstate_record, "fpstate", fpstate_fields);

enum { OLD_FPU_REGS };
static const struct record_field old_fpu_fields[] = {
	// 87d0e5be0fac (5.16) put a struct fpstate in its place
	[OLD_FPU_REGS] = { { "thread.fpu.state" }, RECORD_ADDRESS, "before 5.16" },
};
RECORD(old_fpu_record, "task_struct", old_fpu_fields);

/* Places in the area that XSAVE writes. */
enum {
	XSAVE_CONTROL = 0, /* of x87; its initial value is 0x37f */
	XSAVE_MXCSR = 24,
	XSAVE_ST = 32,
	XSAVE_XMM = 160,
	XSAVE_LEGACY = 512, /* the size of what FXSAVE writes, which is NT_FPREGSET */
	XSAVE_XCR0 = 464,   /* free for software: the kernel stores XCR0 in notes */
	XSAVE_BV = 512,	    /* a bit for each part that is not in its initial state */
	XSAVE_AVX = 576,
	XSAVE_END = 832,
};
#define FEATURE_X87 1ULL
#define FEATURE_SSE 2ULL
#define FEATURE_AVX 4ULL
#define FEATURES    (FEATURE_X87 | FEATURE_SSE | FEATURE_AVX)

struct fp_area {
	kva_t va;
	uint64_t size, features;
};

static bool find_fpstate(struct kernel *k, kva_t task, struct fp_area *ret)
{
	uint64_t fpu, state;
	struct record r;

	if (record_field_read(k, &fpu_place_record, task, FPU_IN_TASK, &fpu, NULL)) {
		if (types_size(k->types, "task_struct", &fpu, NULL))
			return false;
		fpu += task;
	}
	if (record_field_read(k, &fpu_record, fpu, FPU_STATE, &state, NULL) || !state)
		return false;
	record_read(k, &fpstate_record, state, RECORD_ALL, &r);
	return record_get(&r, FPSTATE_REGS, &ret->va) && record_get(&r, FPSTATE_SIZE, &ret->size) &&
	       record_get(&r, FPSTATE_FEATURES, &ret->features);
}

/* In 5.10 two variables say what is in use on all CPUs. */
static bool find_old_state(struct kernel *k, kva_t task, struct fp_area *ret)
{
	kva_t size, features;

	return record_field_read(k, &old_fpu_record, task, OLD_FPU_REGS, &ret->va, NULL) == VS_OK &&
	       kernel_symbol(k, "fpu_kernel_xstate_size", &size, NULL) == VS_OK &&
	       mem_read_uint(k->mem, size, 4, &ret->size, NULL) == VS_OK &&
	       kernel_symbol(k, "xfeatures_mask_all", &features, NULL) == VS_OK &&
	       mem_read_u64(k->mem, features, &ret->features, NULL) == VS_OK;
}

/* A part without its bit is in its initial state, whatever the memory holds. */
static void initialise(uint8_t *area, uint64_t bv)
{
	const uint16_t control = 0x37f;
	const uint32_t mxcsr = 0x1f80;

	if (!(bv & FEATURE_X87)) {
		memset(area, 0, XSAVE_MXCSR);
		memset(area + XSAVE_ST, 0, XSAVE_XMM - XSAVE_ST);
		memcpy(area + XSAVE_CONTROL, &control, sizeof(control));
	}
	if (!(bv & FEATURE_SSE)) {
		memset(area + XSAVE_XMM, 0, 256);
		if (!(bv & FEATURE_AVX))
			memcpy(area + XSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
	}
	if (!(bv & FEATURE_AVX))
		memset(area + XSAVE_AVX, 0, XSAVE_END - XSAVE_AVX);
}

void linux_x86_user_fp(struct kernel *k, kva_t task, struct buf *fpregs, struct buf *xstate)
{
	const uint64_t features = FEATURES;
	uint8_t area[XSAVE_END] = { 0 };
	struct fp_area at;
	size_t len = XSAVE_BV + 8;

	if (kernel_need_types(k, NULL) ||
	    (!find_fpstate(k, task, &at) && !find_old_state(k, task, &at)))
		return;
	if (at.size == XSAVE_LEGACY) // a CPU without XSAVE: FXSAVE wrote it
		len = XSAVE_LEGACY;
	else if (at.features & FEATURE_AVX)
		len = XSAVE_END;
	if (at.size < len || mem_read(k->mem, at.va, area, len, NULL))
		return;
	if (len > XSAVE_LEGACY)
		initialise(area, load_u64(area + XSAVE_BV) & at.features);
	buf_put(fpregs, area, XSAVE_LEGACY);
	if (len < XSAVE_END)
		return;
	memset(area + XSAVE_LEGACY, 0, XSAVE_AVX - XSAVE_LEGACY);
	memcpy(area + XSAVE_XCR0, &features, sizeof(features));
	memcpy(area + XSAVE_BV, &features, sizeof(features));
	buf_put(xstate, area, XSAVE_END);
}

/* __USER32_CS, arch/x86/include/asm/segment.h */
bool linux_x86_user_is_32bit(const struct regs *r)
{
	return regs_has(r, X86_CS) && r->v[X86_CS] == 0x23;
}
