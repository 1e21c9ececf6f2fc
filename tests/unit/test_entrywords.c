// SPDX-License-Identifier: GPL-3.0-or-later
/* entrywords: what gdb sees of stacks that entry code before 4.2, or C code since 5.12, switched.
 * The rules are those of arch/x86/kernel/entry_64.S (INTR_FRAME, SAVE_ARGS_IRQ, call_softirq), made
 * by the assembler; the test computes their result as gdb would. */
#include "tests/unit/kernfix.h"
#include "tests/unit/modfix.h"

#include "arch/x86_64/x86_64.h"
#include "stub/elf/elffile.h"
#include "stub/gdb/kernelfile.h"
#include "stub/unwind/dwarfcfi.h"
#include "stub/unwind/entrywords.h"

#ifdef HAVE_LIBBPF

#define TEXT	   0xffffffff81000000ULL
#define TASK	   0xffff880001000000ULL
#define VARS	   (TASK + 0x1000)
#define STACK_SIZE 16384
#define IRQ_LOW	   0xffff88000fa00000ULL
#define IRQ_TOP	   (IRQ_LOW + STACK_SIZE)
#define WORD	   (IRQ_TOP - 64 - 8) /* first word that entry code pushes */
#define PC	   0xffffffff81000123ULL
#define WRONG_BY   8

/* Each function pushes and calls; its return address follows the call. */
static const char entry[] = "	.cfi_sections .debug_frame\n"
			    "	.globl irq, right, soft, ret_irq, ret_right, ret_soft, entry_end\n"
			    "	.macro interrupt larger\n"
			    "	.cfi_startproc simple\n"
			    "	.cfi_signal_frame\n"
			    "	.cfi_def_cfa rsp, 48 + \\larger\n"
			    "	.cfi_rel_offset rsp, 32\n"
			    "	.cfi_rel_offset rip, 8\n"
			    "	sub $88, %rsp\n"
			    "	.cfi_adjust_cfa_offset 88\n"
			    "	mov %rsp, %rsi\n"
			    "	.cfi_def_cfa_register rsi\n"
			    "	push %rsi\n"
			    "	.cfi_escape 0x0f, 6, 0x77, 0, 0x06, 0x08, 160 + 8 - 32, 0x22\n"
			    "	.endm\n"
			    "irq:	interrupt 8\n"
			    "	call handler\n"
			    "ret_irq: nop\n"
			    "	.cfi_endproc\n"
			    "right:	interrupt 0\n"
			    "	call handler\n"
			    "ret_right: nop\n"
			    "	.cfi_endproc\n"
			    "soft:	.cfi_startproc\n"
			    "	push %rbp\n"
			    "	.cfi_adjust_cfa_offset 8\n"
			    "	.cfi_rel_offset rbp, 0\n"
			    "	mov %rsp, %rbp\n"
			    "	.cfi_def_cfa_register rbp\n"
			    "	push %rbp\n"
			    "	call handler\n"
			    "ret_soft: leave\n"
			    "	ret\n"
			    "	.cfi_endproc\n"
			    "handler: ret\n"
			    "entry_end: nop\n"
			    "	.globl ret_c\n"
			    "	call handler\n"
			    "ret_c:	pop %rsp\n";

struct scene {
	struct fix_kernel fk;
	char dir[32];
	kva_t ret_irq, ret_right, ret_soft, ret_c, stack;
};

static bool take_symbol(void *ctx, const struct elf_symbol *sym)
{
	struct scene *s = ctx;

	if (strcmp(sym->name, "irq") == 0)
		fix_kernel_symbol(&s->fk, "__entry_text_start", sym->value);
	if (strcmp(sym->name, "soft") == 0 &&
	    !symtab_add(s->fk.k.syms, sym->name, sym->value, 0, 't'))
		abort();
	if (strcmp(sym->name, "entry_end") == 0)
		fix_kernel_symbol(&s->fk, "__entry_text_end", sym->value);
	if (strcmp(sym->name, "ret_irq") == 0)
		s->ret_irq = sym->value;
	if (strcmp(sym->name, "ret_right") == 0)
		s->ret_right = sym->value;
	if (strcmp(sym->name, "ret_soft") == 0)
		s->ret_soft = sym->value;
	if (strcmp(sym->name, "ret_c") == 0)
		s->ret_c = sym->value;
	return true;
}

static void load_entry(struct scene *s)
{
	struct elf_section text;
	char path[64];
	const void *code;
	size_t len;

	strcpy(s->dir, "/tmp/vmstub-words-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(path, sizeof(path), "%s/entry.s", s->dir);
	write_file(path, entry, strlen(entry));
	assert_int_equal(
		run("cd %s && as -o entry.o entry.s && ld -e 0 -Ttext=%#llx -o vmlinux entry.o",
		    s->dir, TEXT),
		0);
	snprintf(path, sizeof(path), "%s/vmlinux", s->dir);
	assert_int_equal(elffile_open(path, &s->fk.k.vmlinux, NULL), VS_OK);
	s->fk.k.vmlinux_path = strdup(path);
	slot_fill(&s->fk.k, &s->fk.k.vmlinux_slot, VS_OK, NULL);
	assert_int_equal(elffile_symbols(s->fk.k.vmlinux, take_symbol, s, NULL), VS_OK);
	assert_int_equal(elffile_section(s->fk.k.vmlinux, ".text", &text), VS_OK);
	assert_int_equal(elffile_data(s->fk.k.vmlinux, text.index, &code, &len, NULL), VS_OK);
	memset(fix_mem_add(&s->fk.mem, TEXT, 4096), 0x90, 4096);
	fix_mem_put(&s->fk.mem, TEXT, code, len);
}

/* Sets up a CPU that runs TASK, whose stack is below or above the IRQ stack. */
static void setup(struct scene *s, kva_t stack)
{
	static const struct fix_field task[] = { { "stack", "u64", .off = 8 }, { 0 } };
	struct fix_mem *mem = &s->fk.mem;
	struct btf *b = fix_btf_new();

	*s = (struct scene){ .stack = stack };
	fix_kernel_init(&s->fk, "");
	load_entry(s);
	fix_btf_struct(b, "task_struct", 128, task);
	fix_kernel_types(&s->fk, fix_btf_types(b));
	fix_mem_add(mem, TASK, 128);
	fix_mem_add(mem, VARS, 64);
	fix_mem_add(mem, stack, STACK_SIZE);
	fix_mem_add(mem, IRQ_LOW, STACK_SIZE);
	fix_mem_u64(mem, TASK + 8, stack);
	fix_mem_u64(mem, VARS, 1);
	fix_mem_u64(mem, VARS + 16, TASK);
	fix_mem_u64(mem, VARS + 24, IRQ_TOP - 64);
	fix_kernel_symbol(&s->fk, "_stext", TEXT);
	fix_kernel_symbol(&s->fk, "_etext", TEXT + 4096);
	fix_kernel_symbol(&s->fk, "nr_cpu_ids", VARS);
	fix_kernel_symbol(&s->fk, "__per_cpu_offset", VARS + 8);
	fix_kernel_symbol(&s->fk, "current_task", VARS + 16);
	fix_kernel_symbol(&s->fk, "irq_stack_ptr", VARS + 24);
	symtab_seal(s->fk.k.syms);
}

static void end(struct scene *s)
{
	char *path = (char *)s->fk.k.vmlinux_path;
	struct elffile *f = s->fk.k.vmlinux;

	s->fk.k.vmlinux_path = NULL;
	s->fk.k.vmlinux = NULL;
	fix_kernel_deinit(&s->fk);
	elffile_close(f);
	free(path);
	run("rm -r %s", s->dir);
}

/* Returns the word at va from a read that starts `before` bytes below it. */
static uint64_t shown(struct scene *s, kva_t va, size_t before, bool own_rules)
{
	uint8_t data[64];
	uint64_t word;

	assert_int_equal(mem_read(s->fk.k.mem, va - before, data, before + 8, NULL), VS_OK);
	entrywords_show(&s->fk.k, va - before, data, before + 8, own_rules);
	memcpy(&word, data + before, 8);
	return word;
}

/* Writes what an interrupt pushes: the address regs of its saved registers, and the return address.
 */
static void put_interrupt(struct scene *s, kva_t regs, kva_t word_at, kva_t ret)
{
	struct fix_mem *mem = &s->fk.mem;

	fix_mem_u64(mem, regs + PT_RIP, PC);
	fix_mem_u64(mem, regs + PT_CS, 0x10);
	fix_mem_u64(mem, regs + PT_EFLAGS, 0x246);
	fix_mem_u64(mem, regs + PT_RSP, regs + PT_SIZE);
	fix_mem_u64(mem, regs + PT_SS, 0x18);
	fix_mem_u64(mem, word_at, regs + PT_RBP);
	fix_mem_u64(mem, word_at - 8, ret);
}

/* gdb's rule for the saved pc, as an offset from the word. The CFA is word + SS + 8 - RBP; the
 * offset counts from a frame that is larger by WRONG_BY. */
#define CFI_PC (160 + 8 - 32 - 40 - WRONG_BY)

static void test_interrupt(void **state)
{
	kva_t stack = IRQ_LOW - 0x10000, regs = stack + 0x3000;
	uint64_t word, pc;
	struct scene s;

	(void)state;
	setup(&s, stack);
	put_interrupt(&s, regs, WORD, s.ret_irq);
	for (size_t before = 0; before <= 32; before += 4) {
		word = shown(&s, WORD, before, false);
		assert_u64(word, regs + PT_RBP + WRONG_BY);
		assert_int_equal(mem_read_u64(s.fk.k.mem, word + CFI_PC, &pc, NULL), VS_OK);
		assert_u64(pc, PC);
	}
	assert_u64(shown(&s, WORD, 8, true), regs + PT_RBP); // our own rule is correct
	assert_u64(shown(&s, WORD - 8, 8, false), s.ret_irq);
	end(&s);
}

/* No change: a correct rule, missing registers, a return address in other code, ORC. */
static void test_interrupt_left_alone(void **state)
{
	kva_t stack = IRQ_LOW - 0x10000, regs = stack + 0x3000;
	struct scene s;

	(void)state;
	setup(&s, stack);
	put_interrupt(&s, regs, WORD, s.ret_right);
	assert_u64(shown(&s, WORD, 8, false), regs + PT_RBP);
	put_interrupt(&s, regs, WORD, s.ret_irq + 1); // not after a call
	assert_u64(shown(&s, WORD, 8, false), regs + PT_RBP);
	put_interrupt(&s, regs, WORD, s.ret_soft); // a rule that does not use the word
	assert_u64(shown(&s, WORD, 8, false), regs + PT_RBP);
	put_interrupt(&s, regs, WORD, s.ret_irq);
	fix_mem_u64(&s.fk.mem, regs + PT_CS, 0x77);
	assert_u64(shown(&s, WORD, 8, false), regs + PT_RBP);
	put_interrupt(&s, regs, WORD, s.ret_irq);
	slot_fill(&s.fk.k, &s.fk.k.unwind_slot, VS_OK, NULL);
	assert_u64(shown(&s, WORD, 8, false), regs + PT_RBP);
	end(&s);
}

/* Code in which no frame pointer leads to the caller, wherever it lies. */
static void test_what_is_entry(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, IRQ_LOW - 0x10000);
	assert_true(dwarf_is_entry(&s.fk.k, s.ret_irq - 1));
	assert_false(dwarf_is_entry(&s.fk.k, s.ret_soft - 1));
	assert_false(dwarf_is_entry(&s.fk.k, TEXT + 0x800)); // nothing is said of it
	end(&s);
}

/* call_softirq on a task's stack: the function that it calls pushes rbp on the IRQ stack. */
static uint64_t softirq(struct scene *s, kva_t bp)
{
	fix_mem_u64(&s->fk.mem, WORD, bp);
	fix_mem_u64(&s->fk.mem, WORD - 8, s->ret_soft);
	fix_mem_u64(&s->fk.mem, WORD - 16, bp);
	assert_u64(shown(s, WORD, 8, false), bp);
	assert_u64(shown(s, WORD - 16, 8, false), shown(s, WORD - 16, 8, true));
	return shown(s, WORD - 16, 8, true);
}

static void test_softirq(void **state)
{
	kva_t low = IRQ_LOW - 0x10000, high = IRQ_LOW + 0x10000;
	struct scene s;

	(void)state;
	setup(&s, low);
	assert_u64(softirq(&s, low + 0x3f00), X86_ALIAS_BASE + ((low + 0x3f00) & X86_ALIAS_MASK));
	assert_u64(softirq(&s, low - 0x3f00), low - 0x3f00); // not that task's stack
	assert_u64(softirq(&s, WORD + 16), WORD + 16);	     // no switch of stacks
	end(&s);
	setup(&s, high);
	assert_u64(softirq(&s, high + 0x3f00),
		   high + 0x3f00); // a higher address, which gdb accepts
	end(&s);
}

/* The same without vmlinux: the code keeps a frame. */
static void test_softirq_alone(void **state)
{
	kva_t low = IRQ_LOW - 0x10000, bp = low + 0x3f00, alias = bp & X86_ALIAS_MASK;
	struct scene s;

	(void)state;
	alias += X86_ALIAS_BASE;
	setup(&s, low);
	slot_forget(&s.fk.k, &s.fk.k.dwarf_slot);
	slot_fill(&s.fk.k, &s.fk.k.vmlinux_slot, VS_NOTFOUND, "none");
	slot_fill(&s.fk.k, &s.fk.k.framep_slot, VS_OK, NULL);
	assert_u64(softirq(&s, bp), alias);
	end(&s);
	setup(&s, low);
	slot_fill(&s.fk.k, &s.fk.k.vmlinux_slot, VS_NOTFOUND, "none");
	slot_fill(&s.fk.k, &s.fk.k.framep_slot, VS_NOTFOUND, "no frame pointers");
	assert_u64(softirq(&s, bp), bp);
	end(&s);
}

/* C code leaves its stack pointer in the top word of the IRQ stack, and calls a function that
 * pushes rbp. */
static uint64_t switched_by_c(struct scene *s, kva_t sp, kva_t bp)
{
	fix_mem_u64(&s->fk.mem, IRQ_TOP - 8, sp);
	fix_mem_u64(&s->fk.mem, IRQ_TOP - 16, s->ret_c);
	fix_mem_u64(&s->fk.mem, IRQ_TOP - 24, bp);
	return shown(s, IRQ_TOP - 24, 8, false);
}

static void test_switch_by_c(void **state)
{
	kva_t low = IRQ_LOW - 0x10000, high = IRQ_LOW + 0x10000, bp = low + 0x3f00;
	struct scene s;

	(void)state;
	setup(&s, low);
	assert_u64(switched_by_c(&s, bp - 32, bp), X86_ALIAS_BASE + (bp & X86_ALIAS_MASK));
	assert_u64(switched_by_c(&s, bp, bp), X86_ALIAS_BASE + (bp & X86_ALIAS_MASK));
	assert_u64(switched_by_c(&s, bp + 8, bp), bp); // a frame below the stack pointer
	assert_u64(switched_by_c(&s, low - 32, low - 16), low - 16); // not that task's stack
	assert_u64(switched_by_c(&s, bp - STACK_SIZE, bp), bp);
	assert_u64(switched_by_c(&s, bp - 32, bp + 1), bp + 1);
	s.ret_c++; // not after a call
	assert_u64(switched_by_c(&s, bp - 32, bp), bp);
	end(&s);
	setup(&s, high);
	bp = high + 0x3f00;
	assert_u64(switched_by_c(&s, bp - 32, bp), bp);
	end(&s);
}

/* Further down the IRQ stack, frame pointers are as they are. */
static void test_only_at_the_top(void **state)
{
	kva_t low = IRQ_LOW - 0x10000, bp = low + 0x3f00;
	struct scene s;

	(void)state;
	setup(&s, low);
	fix_mem_u64(&s.fk.mem, IRQ_TOP - 8, bp - 32);
	fix_mem_u64(&s.fk.mem, IRQ_TOP - 24, s.ret_c);
	fix_mem_u64(&s.fk.mem, IRQ_TOP - 32, bp);
	assert_u64(shown(&s, IRQ_TOP - 32, 8, false), bp);
	end(&s);
}

#endif

/* Only where gdb has vmlinux as a library behind our image, or none, are our rules in effect; a
 * debug file's come before those of its own file. */
static void test_whose_rules(void **state)
{
	(void)state;
	assert_true(kernel_file_rules_first(KERNEL_FILE_NONE));
	assert_true(kernel_file_rules_first(KERNEL_FILE_LIBRARY));
	assert_false(kernel_file_rules_first(KERNEL_FILE_DEBUG));
	assert_false(kernel_file_rules_first(KERNEL_FILE_MAIN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_interrupt),	cmocka_unit_test(test_interrupt_left_alone),
		cmocka_unit_test(test_what_is_entry),	cmocka_unit_test(test_softirq),
		cmocka_unit_test(test_softirq_alone),	cmocka_unit_test(test_switch_by_c),
		cmocka_unit_test(test_only_at_the_top),
#endif
		cmocka_unit_test(test_whose_rules),	{ 0 },
	};

	return _cmocka_run_group_tests("entrywords", tests, sizeof(tests) / sizeof(tests[0]) - 1,
				       NULL, NULL);
}
