// SPDX-License-Identifier: GPL-3.0-or-later
/* dyncode, jit: code made at run time: the kernel's lists of it, and its unwind rules. */
#include "tests/unit/kernfix.h"

#include "arch/x86_64/linux/linux.h"
#include "stub/unwind/dyncode.h"

#define CODE 0xffffffffc0300000ULL

/* A program of 6.1 as its compiler wrote it: push at 7, mov at 8, leave at 23, return at 24. */
static const uint8_t program[] = {
	0x0f, 0x1f, 0x44, 0x00, 0x00,	    /* nop */
	0x66, 0x90,			    /* nop */
	0x55, 0x48, 0x89, 0xe5,		    /* push %rbp; mov %rsp,%rbp */
	0xb8, 0xa0, 0x86, 0x01, 0x00,	    /* mov $100000,%eax */
	0x48, 0x83, 0xe8, 0x01,		    /* sub $1,%rax */
	0x75, 0xfa,			    /* jne */
	0x90, 0xc9, 0xc3, 0xcc, 0xcc, 0xcc, /* nop; leave; ret */
};
#define PROGRAM_SIZE 25

static void check_rule(const struct mem *mem, kva_t end, unsigned at, unsigned start, unsigned stop,
		       int reg, int off)
{
	struct unwind_rule r;

	assert_int_equal(x86_jit_rule(mem, CODE, end, CODE + at, &r, NULL), VS_OK);
	assert_int_equal(r.kind, RULE_CALL);
	assert_int_equal(r.cfa_reg, reg);
	assert_int_equal(r.cfa_off, off);
	assert_u64(r.start, CODE + start);
	assert_u64(r.end, CODE + stop);
	assert_int_equal(r.bp, off == 8 ? RULE_BP_SAME : RULE_BP_AT_CFA);
	assert_int_equal(r.bp_off, off == 8 ? 0 : -16);
	assert_int_equal(r.how, HOW_FP);
}

static void test_program(void **state)
{
	kva_t end = CODE + PROGRAM_SIZE;
	struct mem_array a;
	struct unwind_rule r;

	(void)state;
	mem_array_init(&a, CODE, program, sizeof(program));
	check_rule(&a.mem, end, 0, 0, 8, X86_RSP, 8);
	check_rule(&a.mem, end, 7, 0, 8, X86_RSP, 8); // the push has not run yet
	check_rule(&a.mem, end, 8, 8, 11, X86_RSP, 16);
	check_rule(&a.mem, end, 11, 11, 24, X86_RBP, 16);
	check_rule(&a.mem, end, 23, 23, 24, X86_RBP, 16);
	check_rule(&a.mem, end, 24, 24, 25, X86_RSP, 8);
	assert_int_equal(x86_jit_rule(&a.mem, CODE, end, end, &r, NULL), VS_INVAL);
	assert_int_equal(x86_jit_rule(&a.mem, CODE, end, CODE - 1, &r, NULL), VS_INVAL);
}

/* With a return thunk, a jump out of the program replaces the return. */
static void test_return_thunk(void **state)
{
	uint8_t code[32];
	struct mem_array a;

	(void)state;
	memset(code, 0x90, sizeof(code));
	memcpy(code, program, 11);
	memcpy(code + 14, (uint8_t[]){ 0xc9, 0xe9, 2, 0, 0, 0 },
	       6); // inside the program: not a return
	memcpy(code + 23, (uint8_t[]){ 0xc9, 0xe9, 0, 0, 0x10, 0 }, 6);
	mem_array_init(&a, CODE, code, sizeof(code));
	check_rule(&a.mem, CODE + 32, 11, 11, 24, X86_RBP, 16);
	check_rule(&a.mem, CODE + 32, 15, 15, 24, X86_RBP, 16);
	check_rule(&a.mem, CODE + 32, 24, 24, 25, X86_RSP, 8);
	check_rule(&a.mem, CODE + 32, 25, 25, 32, X86_RBP, 16);
}

/* Even with lost pages, a return address must be inside the frame. */
static void test_unreadable_program(void **state)
{
	struct mem_array a;

	(void)state;
	mem_array_init(&a, CODE + 0x10000, program, sizeof(program));
	check_rule(&a.mem, CODE + 100, 40, 40, 100, X86_RBP, 16);
}

/* Detours as kernels write them: 5.10's starts with the stack pointer, later ones with a segment.
 */
static const uint8_t detour[] = {
	0x6a, 0x18, 0x54, 0x9c, 0x0f, 0x1f, 0x00,	      /* push $24; push %rsp; pushf; nop */
	0x48, 0x83, 0xec, 0x18,				      /* sub $24,%rsp */
	0x57, 0x56, 0x52, 0x51, 0x50, 0x41, 0x50, 0x41, 0x51, /* push %rdi ... %r9 */
	0x41, 0x52, 0x41, 0x53, 0x53, 0x55, 0x41, 0x54,	      /* %r10, %r11, %rbx, %rbp, %r12 */
	0x41, 0x55, 0x41, 0x56, 0x41, 0x57,		      /* %r13, %r14, %r15 */
	0x48, 0x89, 0xe6,				      /* mov %rsp,%rsi */
	0x48, 0xbf, 0x00, 0x10, 0x00, 0x82, 0xff, 0xff, 0xff, 0xff, /* mov $probe,%rdi */
	0xe8, 0x00, 0x00, 0x00, 0x00,				    /* call */
	0x48, 0x8b, 0x94, 0x24, 0x90, 0x00, 0x00, 0x00,		    /* mov 0x90(%rsp),%rdx */
	0x48, 0x89, 0x94, 0x24, 0xa0, 0x00, 0x00, 0x00,		    /* mov %rdx,0xa0(%rsp) */
	0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5d, 0x5b, /* pop %r15 ... %rbx */
	0x41, 0x5b, 0x41, 0x5a, 0x41, 0x59, 0x41, 0x58,		    /* %r11 ... %r8 */
	0x58, 0x59, 0x5a, 0x5e, 0x5f, 0x48, 0x83, 0xc4, 0x18,	    /* ...; add $24,%rsp */
	0x48, 0x83, 0xc4, 0x10, 0x9d,				    /* add $16,%rsp; popf */
};
#define DETOUR_ARGS 37
#define DETOUR_CALL 47
#define DETOUR_COPY sizeof(detour)

static void check_pushed(const struct mem *mem, unsigned at, unsigned start, unsigned end,
			 unsigned bytes)
{
	struct pushed p = { 0 };

	assert_true(x86_pushed(mem, CODE, CODE + at, &p));
	assert_u64(p.start, CODE + start);
	assert_u64(p.end, CODE + end);
	assert_int_equal(p.bytes, bytes);
}

static void test_pushed(void **state)
{
	static const uint8_t others[] = {
		0x66, 0x66, 0x90,			  /* a nop of 5.10 */
		0x48, 0x81, 0xec, 0xa8, 0x00, 0x00, 0x00, /* sub $0xa8,%rsp */
		0x48, 0x89, 0x44, 0x24, 0x50,		  /* mov %rax,0x50(%rsp) */
		0x48, 0x89, 0xc4,			  /* mov %rax,%rsp */
	};
	struct mem_array a;
	struct pushed p;

	(void)state;
	mem_array_init(&a, CODE, detour, sizeof(detour));
	check_pushed(&a.mem, 0, 0, 2, 0);
	check_pushed(&a.mem, 3, 3, 4, 16);
	check_pushed(&a.mem, DETOUR_CALL, DETOUR_CALL, DETOUR_CALL + 5, 168);
	check_pushed(&a.mem, DETOUR_CALL + 4, DETOUR_CALL, DETOUR_CALL + 5, 168);
	check_pushed(&a.mem, sizeof(detour) - 1, sizeof(detour) - 1, sizeof(detour), 8);
	assert_false(x86_pushed(&a.mem, CODE, CODE + sizeof(detour), &p));
	assert_false(x86_pushed(&a.mem, CODE, CODE - 1, &p));
	mem_array_init(&a, CODE, others, sizeof(others));
	check_pushed(&a.mem, 10, 10, 15, 0xa8);
	assert_false(x86_pushed(&a.mem, CODE, CODE + 15, &p)); // then the stack is unknown
}

#ifdef HAVE_LIBBPF

#define DATA	 0xffffffff82000000ULL
#define CALL	 0xffffffff81001000ULL /* ftrace_caller; the other one follows */
#define HEADS	 DATA
#define TEMPLATE 0xffffffff81800000ULL
#define TABLE	 (DATA + 0x200)
#define PROBE	 (DATA + 0x1000) /* as in the detour */

/* Types as in 5.10 to 7.3, except for offsets and lengths. */
static struct types *make_types(void)
{
	static const struct fix_field list[] = { { "next", "u64", .off = 0 },
						 { "prev", "u64", .off = 8 },
						 { 0 } };
	static const struct fix_field ksym[] = { { "start", "u64", .off = 0 },
						 { "end", "u64", .off = 8 },
						 { "name", "u8", .off = 16, .n = 32 },
						 { "lnode", "list_head", .off = 48 },
						 { 0 } };
	static const struct fix_field ops[] = { { "flags", "u64", .off = 0 },
						{ "list", "list_head", .off = 8 },
						{ "trampoline", "u64", .off = 24 },
						{ "trampoline_size", "u64", .off = 32 },
						{ 0 } };
	static const struct fix_field cache[] = { { "pages", "list_head", .off = 8 },
						  { "insn_size", "u64", .off = 24 },
						  { 0 } };
	static const struct fix_field page[] = { { "list", "list_head", .off = 0 },
						 { "insns", "u64", .off = 16 },
						 { "slot_used", "u8", .off = 40 },
						 { 0 } };
	static const struct fix_field ainsn[] = { { "insn", "u64", .off = 0 },
						  { "size", "u8", .off = 9 },
						  { 0 } };
	static const struct fix_field hlist[] = { { "next", "u64", .off = 0 }, { 0 } };
	static const struct fix_field kprobe[] = { { "hlist", "hlist_node", .off = 0 },
						   { "addr", "u64", .off = 40 },
						   { "ainsn", "arch_specific_insn", .off = 88 },
						   { 0 } };
	static const struct fix_field optinsn[] = { { "insn", "u64", .off = 8 },
						    { "size", "u64", .off = 16 },
						    { 0 } };
	static const struct fix_field op[] = { { "kp", "kprobe", .off = 0 },
					       { "optinsn", "arch_optimized_insn", .off = 128 },
					       { 0 } };
	struct btf *b = fix_btf_new();

	fix_btf_struct(b, "list_head", 16, list);
	fix_btf_struct(b, "bpf_ksym", 64, ksym);
	fix_btf_struct(b, "ftrace_ops", 64, ops);
	fix_btf_struct(b, "kprobe_insn_cache", 64, cache);
	fix_btf_struct(b, "kprobe_insn_page", 64, page);
	fix_btf_struct(b, "arch_specific_insn", 16, ainsn);
	fix_btf_struct(b, "hlist_node", 16, hlist);
	fix_btf_struct(b, "kprobe", 128, kprobe);
	fix_btf_struct(b, "arch_optimized_insn", 24, optinsn);
	fix_btf_struct(b, "optimized_kprobe", 152, op);
	if (btf__add_enum(b, NULL, 4) < 0 || btf__add_enum_value(b, "FTRACE_OPS_FL_SAVE_REGS", 4))
		abort();
	return fix_btf_types(b);
}

static const char *const heads[] = { "bpf_kallsyms", "ftrace_ops_trampoline_list",
				     "kprobe_insn_slots", "kprobe_optinsn_slots" };

/* Returns the head of list i, at HEADS + i * 32; those of kprobes are 8 bytes further. */
static kva_t head_of(unsigned i)
{
	return HEADS + i * 32 + (i >= 2 ? 8 : 0);
}

/* Makes object n at DATA + 0x1000 + n * 64, with its list_head at off, the only one in list i. */
static kva_t only_one(struct fix_kernel *fk, unsigned i, unsigned n, unsigned off)
{
	kva_t object = DATA + 0x1000 + n * 64;

	fix_mem_u64(&fk->mem, head_of(i), object + off);
	fix_mem_u64(&fk->mem, object + off, head_of(i));
	return object;
}

static void put_ksym(struct fix_kernel *fk, kva_t object, kva_t start, kva_t end, const char *name)
{
	fix_mem_u64(&fk->mem, object, start);
	fix_mem_u64(&fk->mem, object + 8, end);
	for (size_t i = 0; i <= strlen(name); i += 8) {
		uint64_t word = 0;

		memcpy(&word, name + i, strlen(name + i) < 8 ? strlen(name + i) : 8);
		fix_mem_u64(&fk->mem, object + 16 + i, word);
	}
}

static void put_ops(struct fix_kernel *fk, kva_t object, uint64_t flags, kva_t start, uint64_t size)
{
	fix_mem_u64(&fk->mem, object, flags);
	fix_mem_u64(&fk->mem, object + 24, start);
	fix_mem_u64(&fk->mem, object + 32, size);
}

/* Writes a page of kprobes with one used slot. */
static void put_page(struct fix_kernel *fk, unsigned list, kva_t at)
{
	kva_t page = only_one(fk, list, list + 1, 0);

	fix_mem_u64(&fk->mem, page + 16, at);
	fix_mem_u64(&fk->mem, page + 40, 2);
}

/* Four empty lists. */
static void setup(struct fix_kernel *fk)
{
	fix_kernel_init(fk, "");
	fix_mem_add(&fk->mem, DATA, 0x2000);
	for (unsigned i = 0; i < 4; i++) {
		fix_kernel_symbol(fk, heads[i], HEADS + i * 32);
		fix_mem_u64(&fk->mem, head_of(i), head_of(i));
	}
	fix_kernel_symbol(fk, "kprobe_table", TABLE);
	fix_kernel_symbol(fk, "_stext", CALL - 0x1000);
	fix_kernel_symbol(fk, "_etext", CALL + 0x1000);
	fix_kernel_symbol(fk, "optprobe_template_entry", TEMPLATE);
	fix_kernel_symbol(fk, "optprobe_template_val", TEMPLATE + DETOUR_ARGS);
	fix_kernel_symbol(fk, "optprobe_template_call", TEMPLATE + DETOUR_CALL);
	fix_kernel_symbol(fk, "optprobe_template_end", TEMPLATE + DETOUR_COPY);
	fix_kernel_symbol(fk, "ftrace_caller", CALL);
	fix_kernel_symbol(fk, "ftrace_caller_end", CALL + 0x90);
	fix_kernel_symbol(fk, "ftrace_regs_caller", CALL + 0x100);
	fix_kernel_symbol(fk, "ftrace_regs_caller_end", CALL + 0x200);
	assert_true(symtab_seal(fk->k.syms));
	fix_kernel_types(fk, make_types());
}

static void done(struct fix_kernel *fk)
{
	fix_kernel_deinit(fk);
}

static void test_lists(void **state)
{
	struct fix_kernel fk;
	struct dyncodes *d;
	const struct symbol *s;
	const char *owner;
	kva_t second;

	(void)state;
	setup(&fk);
	put_ksym(&fk, only_one(&fk, 0, 0, 48), CODE + 0x100, CODE + 0x180, "bpf_prog_12_one");
	second = DATA + 0x1000 + 64; // in the ring after the first
	put_ksym(&fk, second, CODE, CODE + 0x40, "bpf_trampoline_7");
	fix_mem_u64(&fk.mem, DATA + 0x1000 + 48, second + 48);
	fix_mem_u64(&fk.mem, second + 48, head_of(0));
	put_ops(&fk, only_one(&fk, 1, 2, 8), 4 | 1, CODE + 0x2000, 0x108);
	put_page(&fk, 2, CODE + 0x5000);
	put_page(&fk, 3, CODE + 0x7000);

	assert_int_equal(kernel_need_dyncodes(&fk.k, &d, NULL), VS_OK);
	assert_int_equal(d->n, 5);
	assert_int_equal(dyncode_at(&fk.k, CODE + 0x3f)->kind, DYNCODE_BPF);
	assert_null(dyncode_at(&fk.k, CODE + 0x40));
	assert_u64(dyncode_after(&fk.k, CODE + 0x40)->start, CODE + 0x100);
	assert_int_equal(dyncode_at(&fk.k, CODE + 0x2000)->kind, DYNCODE_FTRACE);
	assert_u64(dyncode_at(&fk.k, CODE + 0x2000)->origin, CALL + 0x100);
	assert_int_equal(dyncode_at(&fk.k, CODE + 0x7fff)->kind, DYNCODE_KPROBE);
	assert_null(dyncode_after(&fk.k, CODE + 0x8000));
	s = dyncode_symbol(&fk.k, CODE + 0x17f, &owner);
	assert_string_equal(s->name, "bpf_prog_12_one");
	assert_u64(s->va, CODE + 0x100);
	assert_string_equal(owner, "bpf");
	s = dyncode_symbol(&fk.k, CODE + 0x2001, &owner);
	assert_string_equal(s->name, "ftrace_trampoline");
	assert_null(dyncode_symbol(&fk.k, CODE + 0x180, &owner));
	done(&fk);
}

/* Lists that break, form a cycle, or contain nonsense. */
static void test_broken_lists(void **state)
{
	struct fix_kernel fk;
	struct dyncodes *d;
	kva_t first = DATA + 0x1000;

	(void)state;
	setup(&fk);
	put_ksym(&fk, only_one(&fk, 0, 0, 48), CODE, CODE + 0x40, "bpf\x01prog");
	fix_mem_u64(&fk.mem, first + 48, first + 48); // a cycle of itself
	fix_mem_u64(&fk.mem, head_of(1), 0x1234);     // not a kernel address
	put_ops(&fk, only_one(&fk, 2, 2, 0), 0, 0, 0);
	fix_mem_u64(&fk.mem, head_of(3), 0xffff888000000000ULL); // not in the dump
	assert_int_equal(kernel_need_dyncodes(&fk.k, &d, NULL), VS_OK);
	assert_int_equal(d->n, 1);
	assert_string_equal(symtab_at(d->syms, 0)->name, "bpf?prog");
	done(&fk);

	setup(&fk);
	put_ksym(&fk, only_one(&fk, 0, 0, 48), CODE + 0x40, CODE, "backwards");
	put_ops(&fk, only_one(&fk, 1, 2, 8), 0, CODE, ~0ULL - CODE);
	assert_int_equal(kernel_need_dyncodes(&fk.k, &d, NULL), VS_OK);
	assert_int_equal(d->n, 0);
	assert_null(dyncode_at(&fk.k, CODE));
	done(&fk);
}

/* Rows of the original code: 0x20 bytes each, with a CFA that is 8 larger in each. */
static vs_status fake_find(const struct unwind_table *t, kva_t pc, struct unwind_rule *ret,
			   struct err *err)
{
	kva_t row = (pc - CALL) / 0x20;

	(void)t;
	(void)err;
	*ret = (struct unwind_rule){ .start = CALL + row * 0x20,
				     .end = CALL + row * 0x20 + 0x20,
				     .kind = RULE_CALL,
				     .cfa_reg = X86_RSP,
				     .cfa_off = (int16_t)(row * 8 + 8) };
	return VS_OK;
}

static void test_trampoline_rules(void **state)
{
	struct arch_ops arch = arch_x86_64;
	struct fix_kernel fk;
	const struct dyncode *d;
	struct unwind_rule r;

	(void)state;
	setup(&fk);
	struct linux_arch_ops os = linux_x86_64;
	struct orc_ops orc = *os.orc;

	orc.find = fake_find;
	os.orc = &orc;
	arch.os = &os;
	fk.k.arch = &arch;
	slot_fill(&fk.k, &fk.k.unwind_slot, VS_OK, NULL);
	put_ops(&fk, only_one(&fk, 1, 2, 8), 1, CODE, 0x98);
	d = dyncode_at(&fk.k, CODE);
	assert_non_null(d);
	assert_int_equal(dyncode_rule(&fk.k, d, CODE + 0x25, &r, NULL), VS_OK);
	assert_u64(r.start, CODE + 0x20);
	assert_u64(r.end, CODE + 0x40);
	assert_int_equal(r.cfa_off, 16);
	assert_int_equal(dyncode_rule(&fk.k, d, CODE + 0x8f, &r, NULL), VS_OK);
	assert_u64(r.end, CODE + 0x90); // the copy ends within the row
	assert_int_equal(dyncode_rule(&fk.k, d, CODE + 0x90, &r, NULL), VS_OK);
	assert_u64(r.start, CODE + 0x90);
	assert_u64(r.end, CODE + 0x98);
	assert_int_equal(r.cfa_off, 8);
	done(&fk);
}

static void expect_copy(struct fix_kernel *fk, kva_t pc, unsigned off, kva_t original,
			unsigned saved, bool clobbered)
{
	struct unwind_rule r;

	assert_int_equal(dyncode_rule(&fk->k, dyncode_at(&fk->k, pc), pc, &r, NULL), VS_OK);
	assert_int_equal(r.kind, RULE_COPY);
	assert_true(r.start <= pc && pc < r.end);
	assert_int_equal(r.cfa_reg, X86_RSP);
	assert_int_equal(r.cfa_off, off);
	assert_u64(r.pc, original);
	assert_int_equal(r.saved, saved);
	assert_int_equal(r.clobbered, clobbered);
}

/* Makes slot 1 of a page the detour of the probe at CALL + 0x40, which moved 6 bytes. */
static void put_detour(struct fix_kernel *fk)
{
	kva_t page = only_one(fk, 3, 4, 0);

	fix_mem_u64(&fk->mem, HEADS + 3 * 32 + 24, 128);
	fix_mem_u64(&fk->mem, page + 16, CODE);
	fix_mem_u64(&fk->mem, page + 40, 0x200); // only that slot is used
	memcpy(fix_mem_add(&fk->mem, CODE, 4096) + 128, detour, sizeof(detour));
	fix_mem_u64(&fk->mem, PROBE + 40, CALL + 0x40);
	fix_mem_u64(&fk->mem, PROBE + 136, CODE + 128);
	fix_mem_u64(&fk->mem, PROBE + 144, 6);
}

static void test_detour(void **state)
{
	const kva_t at = CODE + 128;
	struct fix_kernel fk;
	struct dyncodes *d;

	(void)state;
	setup(&fk);
	put_detour(&fk);
	assert_int_equal(kernel_need_dyncodes(&fk.k, &d, NULL), VS_OK);
	assert_int_equal(d->n, 1);
	assert_int_equal(d->v[0].kind, DYNCODE_DETOUR);
	assert_u64(d->v[0].start, at);
	expect_copy(&fk, at, 0, CALL + 0x40, 0, false);
	expect_copy(&fk, at + 3, 16, CALL + 0x40, 0, false);
	expect_copy(&fk, at + DETOUR_CALL + 4, 168, CALL + 0x40, 168, false); // within the handler
	expect_copy(&fk, at + DETOUR_CALL + 21, 168, CALL + 0x40, 168, false);
	expect_copy(&fk, at + DETOUR_CALL + 23, 160, CALL + 0x40, 0, true);
	expect_copy(&fk, at + DETOUR_COPY + 4, 0, CALL + 0x44, 0, false);
	expect_copy(&fk, at + DETOUR_COPY + 6, 0, CALL + 0x46, 0, false); // the jump back
	done(&fk);

	// If the probe does not point back, it belongs to another detour, or is not a probe.
	setup(&fk);
	put_detour(&fk);
	fix_mem_u64(&fk.mem, PROBE + 136, CODE);
	assert_int_equal(dyncode_at(&fk.k, at)->kind, DYNCODE_KPROBE);
	done(&fk);
}

static void test_slot(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup(&fk);
	fix_mem_u64(&fk.mem, HEADS + 2 * 32 + 24, 16);
	fix_mem_u64(&fk.mem, only_one(&fk, 2, 3, 0) + 16, CODE);
	fix_mem_u64(&fk.mem, DATA + 0x1000 + 3 * 64 + 40, 0x0202); // slots 0 and 1
	fix_mem_u64(&fk.mem, TABLE + 8 * 5, PROBE + 0x200);
	fix_mem_u64(&fk.mem, PROBE + 0x200 + 40, CALL + 0x80);
	fix_mem_u64(&fk.mem, PROBE + 0x200 + 88, CODE + 16);
	fix_mem_u64(&fk.mem, PROBE + 0x200 + 96, 0x300); // 3 bytes long
	expect_copy(&fk, CODE + 16, 0, CALL + 0x80, 0, false);
	expect_copy(&fk, CODE + 19, 0, CALL + 0x83, 0, false);
	assert_int_equal(dyncode_at(&fk.k, CODE)->kind, DYNCODE_KPROBE);
	assert_null(dyncode_at(&fk.k, CODE + 32));
	done(&fk);
}

/* Frames in slots of kprobes are unknown: do not guess. */
static void test_kprobe_rule(void **state)
{
	struct fix_kernel fk;
	struct unwind_rule r;

	(void)state;
	setup(&fk);
	put_page(&fk, 3, CODE);
	assert_int_equal(dyncode_rule(&fk.k, dyncode_at(&fk.k, CODE + 5), CODE + 5, &r, NULL),
			 VS_OK);
	assert_int_equal(r.kind, RULE_UNDEFINED);
	done(&fk);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_pushed),
		cmocka_unit_test(test_return_thunk),
		cmocka_unit_test(test_unreadable_program),
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_broken_lists),
		cmocka_unit_test(test_trampoline_rules),
		cmocka_unit_test(test_kprobe_rule),
		cmocka_unit_test(test_detour),
		cmocka_unit_test(test_slot),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
