// SPDX-License-Identifier: GPL-3.0-or-later
/* oldstack: synthetic stacks of kernels before 4.9 with frame pointers, as their sources have them:
 * switch_to() in the scheduler, struct thread_info at the low end of the stack, and entry code that
 * saves registers without encoding it in rbp (arch/x86/kernel/entry_64.S up to 4.1,
 * arch/x86/entry/entry_64.S from 4.2 to 4.8). */
#include "tests/unit/kernfix.h"

#include "arch/x86_64/x86_64.h"
#include "stub/task/tasks.h"
#include "stub/unwind/rules.h"
#include "stub/unwind/stack.h"
#include "stub/unwind/stack_start.h"

#ifdef HAVE_LIBBPF

#define TEXT	 0xffffffff81000000ULL
#define SCHEDULE (TEXT + 0x100)
#define WAIT	 (TEXT + 0x200) /* calls the scheduler */
#define SWITCH	 (TEXT + 0x300)
#define FORK	 (TEXT + 0x400) /* ret_from_fork */
#define IDLE	 (TEXT + 0x600)
#define HANDLER	 (TEXT + 0x500)
#define ENTRY	 (TEXT + 0x800)
#define TEXT_END (TEXT + 0x1000)

#define RET_SWITCH   (SCHEDULE + 0x40)
#define RET_SCHEDULE (WAIT + 0x20)
#define RET_FORK     (FORK + 0x30)
#define RET_IDLE     (IDLE + 0x20)
#define RET_ENTRY    (ENTRY + 0x20)

#define TASK	   0xffff880001000000ULL
#define IDT	   (TASK + 0x1000)
#define OFFSETS	   (TASK + 0x3000) /* of per-CPU areas */
#define STACK	   0xffff880002000000ULL
#define STACK_SIZE 16384
#define REGS	   (STACK + STACK_SIZE - PT_SIZE)
#define SP	   (STACK + 0x3000)
#define USER_PC	   0x401000
#define USER_SP	   0x7ffff000

struct scene {
	struct fix_kernel fk;
	struct task task;
	struct frame frames[16];
	size_t n;
	struct err err;
};

static void put_call(struct scene *s, kva_t ret, kva_t target)
{
	uint8_t code[5] = { 0xe8 };
	uint32_t off = (uint32_t)(target - ret);

	memcpy(code + 1, &off, 4);
	fix_mem_put(&s->fk.mem, ret - 5, code, 5);
}

static void add_function(struct scene *s, const char *name, kva_t va, bool framed)
{
	static const uint8_t set_up[] = { 0x55, 0x48, 0x89, 0xe5 };

	if (!symtab_add(s->fk.k.syms, name, va, 0, 'T'))
		abort();
	if (framed)
		fix_mem_put(&s->fk.mem, va, set_up, sizeof(set_up));
}

static void add_types(struct scene *s)
{
	static const struct fix_field thread[] = { { "usersp", "u64", .off = 8 },
						   { "sp", "u64", .off = 16 },
						   { 0 } };
	static const struct fix_field task[] = { { "state", "u64", .off = 0 },
						 { "stack", "u64", .off = 8 },
						 { "pid", "u32", .off = 16 },
						 { "flags", "u32", .off = 20 },
						 { "thread", "thread_struct", .off = 32 },
						 { "mm", "u64", .off = 64 },
						 { 0 } };
	static const struct fix_field info[] = { { "task", "u64", .off = 0 },
						 { "flags", "u32", .off = 16 },
						 { "cpu", "u32", .off = 24 },
						 { 0 } };
	struct btf *b = fix_btf_new();

	fix_btf_struct(b, "thread_struct", 24, thread);
	fix_btf_struct(b, "task_struct", 128, task);
	fix_btf_struct(b, "thread_info", 32, info);
	fix_kernel_types(&s->fk, fix_btf_types(b));
}

static void setup(struct scene *s)
{
	struct fix_mem *mem = &s->fk.mem;

	*s = (struct scene){ .task = { .va = TASK, .stack = STACK, .pid = 7, .cpu = 1000 } };
	fix_kernel_init(&s->fk, "");
	add_types(s);
	memset(fix_mem_add(mem, TEXT, TEXT_END - TEXT), 0x90, TEXT_END - TEXT);
	fix_mem_add(mem, TASK, 128);
	fix_mem_add(mem, STACK, STACK_SIZE);
	fix_mem_u64(mem, TASK + 8, STACK);
	fix_mem_put(mem, TASK + 16, &(uint32_t){ 7 }, 4);
	add_function(s, "_stext", TEXT, false);
	add_function(s, "__schedule", SCHEDULE, true);
	add_function(s, "wait", WAIT, true);
	add_function(s, "__switch_to", SWITCH, true);
	add_function(s, "ret_from_fork", FORK, false);
	add_function(s, "handler", HANDLER, true);
	add_function(s, "idle", IDLE, true);
	add_function(s, "__entry_text_start", ENTRY, false);
	add_function(s, "apic_timer_interrupt", ENTRY, false);
	add_function(s, "__entry_text_end", TEXT_END - 0x10, false);
	add_function(s, "_etext", TEXT_END, false);
	fix_kernel_symbol(&s->fk, "orig_ist", 0x40);
	fix_kernel_symbol(&s->fk, "idt_table", IDT);
	fix_kernel_symbol(&s->fk, "__per_cpu_offset", OFFSETS);
	fix_kernel_symbol(&s->fk, "nr_cpu_ids", TASK + 120);
	fix_mem_put(mem, TASK + 120, &(uint32_t){ 4 }, 4);
	symtab_seal(s->fk.k.syms);
	put_call(s, RET_SWITCH, SWITCH);
	put_call(s, RET_SCHEDULE, SCHEDULE);
	put_call(s, RET_FORK, WAIT);
	put_call(s, RET_IDLE, WAIT);
	put_call(s, RET_ENTRY, HANDLER);
	slot_fill(&s->fk.k, &s->fk.k.framep_slot, VS_OK, NULL);
}

static void end(struct scene *s)
{
	fix_kernel_deinit(&s->fk);
}

/* saved rbp and return address at va */
static void put_frame(struct scene *s, kva_t va, kva_t bp, kva_t ret)
{
	fix_mem_u64(&s->fk.mem, va, bp);
	fix_mem_u64(&s->fk.mem, va + 8, ret);
}

static void put_regs(struct scene *s, kva_t va, kva_t pc, kva_t sp, kva_t bp)
{
	bool user = pc < TEXT;

	for (kva_t at = va; at < va + PT_RIP; at += 8)
		fix_mem_u64(&s->fk.mem, at, 0x1234567800000000ULL + (at - va));
	fix_mem_u64(&s->fk.mem, va + PT_RBP, bp);
	fix_mem_u64(&s->fk.mem, va + PT_RIP, pc);
	fix_mem_u64(&s->fk.mem, va + PT_CS, user ? 0x33 : 0x10);
	fix_mem_u64(&s->fk.mem, va + PT_EFLAGS, 0x246);
	fix_mem_u64(&s->fk.mem, va + PT_RSP, sp);
	fix_mem_u64(&s->fk.mem, va + PT_SS, user ? 0x2b : 0x18);
}

static vs_status unwind(struct scene *s, const struct frame *start)
{
	return stack_unwind(&s->fk.k, TASK, start, s->frames, 15, &s->n, &s->err);
}

static vs_status unwind_sleeper(struct scene *s, kva_t thread_sp)
{
	struct frame start;
	vs_status st;

	fix_mem_u64(&s->fk.mem, TASK + 48, thread_sp);
	st = stack_start(&s->fk.k, &s->task, &start, &s->err);
	return st ? st : unwind(s, &start);
}

static vs_status unwind_from(struct scene *s, kva_t pc, kva_t sp, kva_t bp)
{
	struct frame start = { .how = HOW_GIVEN };

	regs_set(&start.regs, X86_RIP, pc);
	regs_set(&start.regs, X86_RSP, sp);
	regs_set(&start.regs, X86_RBP, bp);
	return unwind(s, &start);
}

static void check(struct scene *s, size_t i, kva_t pc, kva_t sp)
{
	assert_true(i < s->n);
	assert_u64(s->frames[i].regs.v[X86_RIP], pc);
	assert_u64(s->frames[i].regs.v[X86_RSP], sp);
}

/* A sleeping kernel thread: ret_from_fork called its function. The registers at the bottom belong
 * to no interrupted code. */
static void test_sleeper(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	put_frame(&s, SP, SP + 0x40, 0x286); // pushed by switch_to(): rbp, flags
	put_frame(&s, SP + 0x40, REGS - 16, RET_SCHEDULE);
	put_frame(&s, REGS - 16, 0xffff880003000000ULL, RET_FORK);
	put_regs(&s, REGS, TEXT, 0, 0xffff880003000000ULL);
	fix_mem_u64(&s.fk.mem, REGS + PT_RIP, 0);
	assert_int_equal(unwind_sleeper(&s, SP), VS_OK);
	assert_int_equal(s.n, 3);
	check(&s, 0, RET_SWITCH, SP + 16);
	check(&s, 1, RET_SCHEDULE, SP + 0x50);
	check(&s, 2, RET_FORK, REGS);
	assert_false(s.frames[0].interrupted);
	end(&s);
}

static void test_never_ran(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	assert_int_equal(unwind_sleeper(&s, REGS), VS_OK);
	assert_int_equal(s.n, 1);
	check(&s, 0, FORK, REGS);
	assert_true(s.frames[0].interrupted);
	end(&s);
}

/* Types that lack both the frame of 4.9 and its predecessor say nothing. */
static void test_two_calls_of_switch(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	put_call(&s, RET_SWITCH + 0x20, SWITCH);
	put_frame(&s, SP, SP + 0x40, 0x286);
	assert_int_equal(unwind_sleeper(&s, SP), VS_NOTFOUND);
	end(&s);
}

/* Entry code pushed the address of the saved registers, or of rbp in them, before it called the
 * interrupt handler. rbx and r12 to r15 are not saved. */
static void test_interrupt(void **state)
{
	static const int16_t offs[] = { PT_RBP, 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		kva_t regs = SP + 0x100, bp = SP + 0x300;
		struct scene s;

		setup(&s);
		put_frame(&s, SP + 0x40, bp, RET_ENTRY);
		fix_mem_u64(&s.fk.mem, SP + 0x50, regs + (uint64_t)offs[i]);
		put_regs(&s, regs, WAIT + 0x10, SP + 0x2c0, bp);
		put_frame(&s, bp, REGS - 16, RET_IDLE);
		put_frame(&s, REGS - 16, 0, 0); // as the code that starts a CPU leaves it
		assert_int_equal(unwind_from(&s, HANDLER + 0x10, SP, SP + 0x40), VS_OK);
		assert_int_equal(s.n, 4);
		check(&s, 1, RET_ENTRY, SP + 0x50);
		check(&s, 2, WAIT + 0x10, SP + 0x2c0);
		check(&s, 3, RET_IDLE, SP + 0x310);
		assert_u64(s.frames[2].regs_va, regs);
		assert_true(s.frames[2].interrupted);
		assert_true(regs_has(&s.frames[2].regs, X86_RAX));
		assert_u64(s.frames[2].regs.v[X86_RBP], bp);
		assert_false(regs_has(&s.frames[2].regs, X86_RBX));
		assert_false(regs_has(&s.frames[2].regs, X86_R12));
		end(&s);
	}
}

/* An exception saves all of them, at the stack pointer. */
static void test_exception(void **state)
{
	kva_t regs = SP + 0x50, bp = SP + 0x300;
	struct scene s;

	(void)state;
	setup(&s);
	put_frame(&s, SP + 0x40, bp, RET_ENTRY);
	put_regs(&s, regs, WAIT + 0x10, SP + 0x2c0, bp);
	put_frame(&s, bp, REGS - 16, RET_IDLE);
	put_frame(&s, REGS - 16, 0, 0);
	assert_int_equal(unwind_from(&s, HANDLER + 0x10, SP, SP + 0x40), VS_OK);
	assert_int_equal(s.n, 4);
	check(&s, 2, WAIT + 0x10, SP + 0x2c0);
	assert_u64(s.frames[2].regs.v[X86_RBX], 0x1234567800000000ULL + PT_RBX);
	end(&s);
}

/* The same for a call of NULL. */
static void test_void_call(void **state)
{
	kva_t regs = SP + 0x50, bp = SP + 0x300;
	struct scene s;

	(void)state;
	setup(&s);
	put_frame(&s, SP + 0x40, bp, RET_ENTRY);
	put_regs(&s, regs, 0, SP + 0x2c0, bp);
	fix_mem_u64(&s.fk.mem, regs + PT_CS, 0x10);
	fix_mem_u64(&s.fk.mem, regs + PT_SS, 0x18);
	fix_mem_u64(&s.fk.mem, SP + 0x2c0, RET_SCHEDULE);
	put_frame(&s, bp, REGS - 16, RET_IDLE);
	put_frame(&s, REGS - 16, 0, 0);
	assert_int_equal(unwind_from(&s, HANDLER + 0x10, SP, SP + 0x40), VS_OK);
	assert_int_equal(s.n, 5);
	check(&s, 2, 0, SP + 0x2c0);
	check(&s, 3, RET_SCHEDULE, SP + 0x2c8);
	check(&s, 4, RET_IDLE, SP + 0x310);
	end(&s);
}

/* The words where registers would be must contain the known frame pointer. */
static void test_entry_is_checked(void **state)
{
	kva_t regs = SP + 0x50, bp = SP + 0x300;
	struct scene s;

	(void)state;
	setup(&s);
	put_frame(&s, SP + 0x40, bp, RET_ENTRY);
	put_regs(&s, regs, WAIT + 0x10, SP + 0x2c0, bp + 8);
	assert_int_equal(unwind_from(&s, HANDLER + 0x10, SP, SP + 0x40), VS_UNSUPPORTED);
	assert_int_equal(s.n, 2);
	end(&s);
}

/* A system call: rsp is where r11 was saved; from 4.2 on, where all registers are. The user's rbp
 * was preserved through all frames. */
static void test_fast_path(void **state)
{
	static const int16_t offs[] = { PT_R11, 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		kva_t bp = REGS + (uint64_t)offs[i] - 16;
		struct scene s;

		setup(&s);
		put_regs(&s, REGS, USER_PC, USER_SP, 0xdead);
		put_frame(&s, bp, 0x77,
			  RET_ENTRY); // nothing was saved: this is the handler's frame
		assert_int_equal(unwind_from(&s, HANDLER + 0x10, SP, bp), VS_OK);
		assert_int_equal(s.n, 3);
		check(&s, 2, USER_PC, USER_SP);
		assert_u64(s.frames[2].regs.v[X86_RBP], 0x77);
		assert_false(regs_has(&s.frames[2].regs, X86_RBX));
		assert_true(regs_has(&s.frames[2].regs, X86_RDI));
		end(&s);
	}
}

/* Before 4.1, the user's stack pointer is elsewhere, and the slots for it, flags and segments are
 * from an earlier entry. Also tests code that saves callee-saved registers, too. */
static void test_fast_path_before_4_1(void **state)
{
	static const uint8_t save_r15[] = { 0x4c, 0x89, 0x3c, 0x24 };

	(void)state;
	for (int all = 0; all < 2; all++) {
		kva_t sp = all ? REGS : REGS + PT_R11;
		struct scene s;

		setup(&s);
		add_function(&s, "system_call", ENTRY + 0x10, false);
		fix_kernel_symbol(&s.fk, "old_rsp", 0x80);
		symtab_seal(s.fk.k.syms);
		if (all)
			fix_mem_put(&s.fk.mem, ENTRY + 0x14, save_r15, sizeof(save_r15));
		fix_mem_u64(&s.fk.mem, TASK + 40, USER_SP - 0x100);
		put_regs(&s, REGS, USER_PC, USER_SP, 0xdead);
		fix_mem_u64(&s.fk.mem, REGS + PT_CS, 0xffff880000001234ULL);
		fix_mem_u64(&s.fk.mem, REGS + PT_R11, 0x246);
		fix_mem_u64(&s.fk.mem, REGS + PT_EFLAGS, 0x202);
		put_frame(&s, sp - 16, 0x77, RET_ENTRY);
		assert_int_equal(unwind_from(&s, HANDLER + 0x10, SP, sp - 16), VS_OK);
		assert_int_equal(s.n, 3);
		check(&s, 2, USER_PC, USER_SP - 0x100);
		assert_u64(s.frames[2].regs.v[X86_EFLAGS], 0x246);
		assert_u64(s.frames[2].regs.v[X86_CS], 0x33);
		assert_int_equal(regs_has(&s.frames[2].regs, X86_RBX), all);
		assert_u64(s.frames[2].regs.v[X86_RBP], all ? 0xdead : 0x77);
		end(&s);
	}
}

/* clone() and similar calls pushed one more return address. */
static void test_saved_for_clone(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	put_frame(&s, REGS - 24, 0x77, RET_ENTRY);
	fix_mem_u64(&s.fk.mem, REGS - 8, RET_ENTRY);
	put_regs(&s, REGS, USER_PC, USER_SP, 0x77);
	assert_int_equal(unwind_from(&s, HANDLER + 0x10, SP, REGS - 24), VS_OK);
	assert_int_equal(s.n, 3);
	check(&s, 2, USER_PC, USER_SP);
	assert_u64(s.frames[2].regs.v[X86_RBX], 0x1234567800000000ULL + PT_RBX);
	end(&s);
}

/* Exception stacks before 5.1: the gates of 1 (debug), 2 (NMI), 8 and 18 have their numbers. As in
 * 3.10, stack 1 belongs to another exception, and the debug stack is twice as large. */
static void test_exception_stacks(void **state)
{
	static const uint8_t numbers[][2] = { { 8, 2 }, { 2, 3 }, { 1, 4 }, { 18, 5 } };
	static const kva_t tops[] = { 0x11000, 0x12000, 0x13000, 0x15000, 0x16000 };
	const kva_t area = TASK + 0x4000;
	struct stack_id list[8];
	struct scene s;

	(void)state;
	setup(&s);
	fix_mem_add(&s.fk.mem, IDT, 0x1000);
	fix_mem_add(&s.fk.mem, OFFSETS, 64);
	fix_mem_add(&s.fk.mem, area, 0x1000);
	fix_mem_u64(&s.fk.mem, OFFSETS + 8, area);
	for (int i = 0; i < 5; i++)
		fix_mem_u64(&s.fk.mem, area + 0x40 + (unsigned)i * 8, TASK + tops[i]);
	for (int i = 0; i < 4; i++)
		fix_mem_put(&s.fk.mem, IDT + numbers[i][0] * 16 + 4, &numbers[i][1], 1);
	assert_int_equal(stack_list(&s.fk.k, 1, list, 8), 4);
	assert_string_equal(list[0].name, "DOUBLEFAULT");
	assert_string_equal(list[1].name, "NMI");
	assert_u64(list[1].low, TASK + 0x12000);
	assert_u64(list[1].high, TASK + 0x13000);
	assert_string_equal(list[2].name, "DEBUG");
	assert_u64(list[2].low, TASK + 0x13000);
	assert_u64(list[2].high, TASK + 0x15000);
	assert_string_equal(list[3].name, "MCE");
	assert_int_equal(stack_identify(&s.fk.k, 1, 0, TASK + 0x12800).kind, STACK_EXCEPTION);
	assert_int_equal(stack_identify(&s.fk.k, 1, 0, TASK + 0x10800).kind, STACK_NONE);
	end(&s);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_sleeper),
		cmocka_unit_test(test_never_ran),
		cmocka_unit_test(test_two_calls_of_switch),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_exception),
		cmocka_unit_test(test_void_call),
		cmocka_unit_test(test_entry_is_checked),
		cmocka_unit_test(test_fast_path),
		cmocka_unit_test(test_fast_path_before_4_1),
		cmocka_unit_test(test_saved_for_clone),
		cmocka_unit_test(test_exception_stacks),
#endif
		{ 0 },
	};

	return _cmocka_run_group_tests("oldstack", tests, sizeof(tests) / sizeof(tests[0]) - 1,
				       NULL, NULL);
}
