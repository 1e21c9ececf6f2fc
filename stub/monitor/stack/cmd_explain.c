// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_explain.c - explain: why the kernel crashed, or what fault a task has. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/text.h"
#include "stub/module/bugtable.h"
#include "stub/module/lines.h"
#include "stub/module/modules.h"
#include "stub/monitor/stack/explain.h"
#include "stub/task/cpus.h"
#include "stub/unwind/rules.h"

#define LABEL_WIDTH 5
#define MAX_INLINED 32
#define MAX_SHARES  8

void explain_label(struct explain *x, const char *label)
{
	buf_printf(x->out, "%*s: ", LABEL_WIDTH, label);
}

void explain_put_place(struct explain *x, kva_t pc, kva_t shown)
{
	struct inlined inl[MAX_INLINED];
	struct addr_name n;
	size_t count = 0;

	if (!addr_lookup(x->m->k, pc, &n)) {
		buf_printf(x->out, "%" PRIx64, shown);
		return;
	}
	buf_printf(x->out, "%s+%" PRIu64, n.sym->name, shown - n.sym->va);
	cmd_put_owner(x->out, &n);
	if (lines_inlined(x->m->k, pc, inl, MAX_INLINED, &count, NULL) || !inl[0].at.file)
		return;
	buf_printf(x->out, "\n       %s: %d", inl[0].at.file, inl[0].at.line);
	if (count < 2)
		return;
	buf_printf(x->out, " in %s(), inlined", inl[0].func);
	// A function of a header says little without the line that used it.
	if (inl[count - 1].at.file && strcmp(inl[count - 1].at.file, inl[0].at.file) != 0)
		buf_printf(x->out, " at %s: %d", inl[count - 1].at.file, inl[count - 1].at.line);
}

bool explain_code(struct explain *x, kva_t va, struct code_at *c)
{
	struct kernel *k = x->m->k;
	struct addr_name n;

	if (!addr_lookup(k, va, &n))
		return false;
	*c = (struct code_at){ .k = k, .start = n.sym->va, .name = n.sym->name };
	c->end = symtab_end(n.mod ? n.mod->syms : k->syms, n.sym);
	if (c->end <= va || flow_open(k, c->start, c->end, &c->flow, NULL))
		c->flow = NULL;
	return true;
}

/* Functions on the stack that overflowed, with the bytes that their frames take. */
struct share {
	const struct symbol *sym;
	unsigned frames;
	uint64_t bytes;
};

static int by_bytes(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return x->bytes < y->bytes ? 1 : x->bytes > y->bytes ? -1 : 0;
}

static size_t stack_shares(struct explain *x, struct share *ret, size_t max)
{
	const struct fault *f = x->f;
	struct kernel *k = x->m->k;
	size_t n = 0;

	for (size_t i = f->at; i + 1 < f->n; i++) {
		kva_t sp = f->frames[i].regs.v[k->arch->sp];
		kva_t next = f->frames[i + 1].regs.v[k->arch->sp];
		kva_t pc = f->frames[i].regs.v[k->arch->pc];
		struct addr_name name;
		size_t j;

		if (next < sp || next > f->task.stack + task_stack_size(k) ||
		    !addr_lookup(k, f->frames[i].interrupted ? pc : pc - 1, &name))
			break;
		for (j = 0; j < n && ret[j].sym != name.sym; j++)
			;
		if (j == n && n == max)
			continue;
		if (j == n)
			ret[n++] = (struct share){ .sym = name.sym };
		ret[j].frames++;
		ret[j].bytes += next - sp;
	}
	qsort(ret, n, sizeof(*ret), by_bytes);
	return n;
}

void explain_stack(struct explain *x)
{
	const struct fault *f = x->f;
	kva_t sp = f->frames[f->at].regs.v[x->m->k->arch->sp];
	struct share shares[64] = { 0 };
	size_t n = stack_shares(x, shares, 64);

	if (!f->task.stack)
		return;
	explain_label(x, "STACK");
	buf_printf(x->out, "of PID %d, %" PRIx64 "-%" PRIx64 ": ", f->task.pid, f->task.stack,
		   f->task.stack + task_stack_size(x->m->k));
	if (sp < f->task.stack)
		buf_printf(x->out, "the stack pointer is %" PRIu64 " bytes below it\n",
			   f->task.stack - sp);
	else
		buf_printf(x->out, "%" PRIu64 " bytes are left\n", sp - f->task.stack);
	for (size_t i = 0; i < n && i < MAX_SHARES; i++)
		buf_printf(x->out, "       %" PRIu64 " bytes in %u frame%s of %s\n",
			   shares[i].bytes, shares[i].frames, shares[i].frames > 1 ? "s" : "",
			   shares[i].sym->name);
}

/* The frame whose function called that of frame i. */
static void put_caller(struct explain *x, size_t i)
{
	kva_t pc;

	if (i + 1 >= x->f->n || x->f->frames[i + 1].interrupted)
		return;
	pc = x->f->frames[i + 1].regs.v[x->m->k->arch->pc];
	explain_label(x, "CALL");
	explain_put_place(x, pc - 1, pc);
	buf_puts(x->out, "\n       [stack]\n");
}

static const char *function_of(struct explain *x, size_t i)
{
	const struct frame *f = &x->f->frames[i];
	kva_t pc = f->regs.v[x->m->k->arch->pc];
	struct addr_name n;

	return addr_lookup(x->m->k, f->interrupted ? pc : pc - 1, &n) ? n.sym->name : "";
}

/* Is frame i entry code of system calls? Frames of user mode have no symbol that would tell. */
static bool is_system_call(struct explain *x, size_t i)
{
	static const char *const starts[] = {
		"entry_SYSCALL", "entry_SYSENTER", "entry_INT80", "asm_int80", "system_call",
	};

	return BEGINS_WITH_ANY(function_of(x, i), starts);
}

/* Where the kernel was entered from: frame i, of user mode. */
static void put_user_code(struct explain *x, size_t i)
{
	kva_t pc = x->f->frames[i].regs.v[x->m->k->arch->pc];

	if (i && is_system_call(x, i - 1))
		buf_printf(x->out, "in a system call, which returns to user code at %" PRIx64, pc);
	else
		buf_printf(x->out, "the CPU ran user code at %" PRIx64, pc);
}

/* Who called panic(), and what that had interrupted. */
static void put_panic(struct explain *x)
{
	const struct fault *f = x->f;
	struct kernel *k = x->m->k;
	size_t i = f->panic + 1;
	kva_t pc = f->frames[i].regs.v[k->arch->pc];

	explain_label(x, "PANIC");
	buf_puts(x->out, "panic() was called by ");
	explain_put_place(x, f->frames[i].interrupted ? pc : pc - 1, pc);
	buf_putc(x->out, '\n');
	// That function found its stack overwritten.
	if (strcmp(function_of(x, i), "__stack_chk_fail") == 0)
		put_caller(x, i);
	for (; i < f->n; i++) {
		pc = f->frames[i].regs.v[k->arch->pc];
		if (!f->frames[i].interrupted || f->frames[i].how == HOW_NOTE)
			continue;
		explain_label(x, "WHILE");
		if (k->arch->regs_user_mode(&f->frames[i].regs))
			put_user_code(x, i);
		else
			explain_put_place(x, pc, pc);
		buf_putc(x->out, '\n');
		return;
	}
}

/* Returns false if the bug table has nothing for pc. */
static bool put_bug(struct explain *x, const char *label, kva_t pc)
{
	struct bug b;

	if (bug_find(x->m->k, pc, &b, NULL) || !b.file[0])
		return false;
	explain_label(x, label);
	buf_printf(x->out, "%s at %s: %u", b.warning ? "WARN()" : "BUG()", b.file, b.line);
	if (b.format[0]) {
		buf_puts(x->out, ", \"");
		for (const char *c = b.format; *c; c++)
			buf_putc(x->out, *c);
		buf_putc(x->out, '"');
	}
	buf_puts(x->out, "\n       [the kernel's table of bugs]\n");
	return true;
}

static void put_trap(struct explain *x)
{
	const struct fault *f = x->f;
	kva_t pc = f->frames[f->at].regs.v[x->m->k->arch->pc];

	if (f->kind == FAULT_INVALID_OPCODE && put_bug(x, "FAULT", pc)) {
		// The function only checks what its caller has.
		if (strncmp(function_of(x, f->at), "__list_", 7) == 0)
			put_caller(x, f->at);
		return;
	}
	explain_label(x, "FAULT");
	buf_puts(x->out, f->kind == FAULT_INVALID_OPCODE
				 ? "an invalid instruction, which BUG() uses"
				 : "a breakpoint instruction where no debugger set one");
	buf_puts(x->out, "\n       [instruction]\n");
}

/* The frame of the log's "... func+0x1c/0x40", from the one of panic() on; the number of frames: it
 * is not on the stack. *at: that place in it. */
static size_t frame_in_log(struct explain *x, kva_t *at)
{
	const struct fault *f = x->f;
	const char *plus = strstr(f->report.fault, "+0x"), *name = plus;
	struct addr_name n;

	while (name && name > f->report.fault && name[-1] != ' ')
		name--;
	for (size_t i = 0; name && i < f->n; i++) {
		kva_t pc = f->frames[i].regs.v[x->m->k->arch->pc];

		if (!addr_lookup(x->m->k, f->frames[i].interrupted ? pc : pc - 1, &n) ||
		    strlen(n.sym->name) != (size_t)(plus - name) ||
		    strncmp(n.sym->name, name, (size_t)(plus - name)) != 0)
			continue;
		*at = n.sym->va + strtoull(plus + 3, NULL, 16);
		return i;
	}
	return f->n;
}

static void put_warning(struct explain *x)
{
	kva_t at;

	if (frame_in_log(x, &at) < x->f->n)
		(void)put_bug(x, "BUG", at);
}

/* Does a function belong to the checkers whose reports are quoted? */
static bool is_checker(const char *name)
{
	static const char *const starts[] = {
		"__asan_",  "kasan_",	  "__kasan_",
		"__ubsan_", "ubsan_",	  "__msan_",
		"kmsan_",   "end_report", "check_panic_on_warn",
	};

	return BEGINS_WITH_ANY(name, starts);
}

/* Which code the checker complains of: the one that its report names, or that called it. What an
 * exception of the checker interrupted is told anyhow. */
static void put_checked(struct explain *x)
{
	const struct fault *f = x->f;
	bool in_log;
	kva_t pc, at;
	size_t i = frame_in_log(x, &at);

	in_log = i < f->n;
	if (!in_log)
		for (i = f->panic + 1; i < f->n && is_checker(function_of(x, i));)
			i++;
	if (i >= f->n || f->frames[i].interrupted)
		return;
	pc = f->frames[i].regs.v[x->m->k->arch->pc];
	explain_label(x, "AT");
	explain_put_place(x, pc - 1, pc);
	buf_printf(x->out, "\n       [%sstack]\n", in_log ? "the log, and " : "");
}

static void put_reason(struct explain *x)
{
	switch (x->f->report.kind) {
	case REPORT_WARNING:
		put_warning(x);
		break;
	case REPORT_CHECKER:
		put_checked(x);
		break;
	case REPORT_SOFT_LOCKUP:
	case REPORT_HARD_LOCKUP:
		explain_lockup(x);
		break;
	case REPORT_NMI:
		explain_nmi(x);
		break;
	case REPORT_RCU_STALL:
		explain_stall(x);
		break;
	case REPORT_HUNG_TASK:
		explain_hung(x);
		break;
	case REPORT_MCE:
		explain_machine_check(x);
		break;
	case REPORT_OOM:
		explain_oom(x);
		break;
	default:
		break;
	}
}

static void put_log(struct explain *x)
{
	const struct report *r = &x->f->report;

	if (r->cause[0]) {
		explain_label(x, "LOG");
		buf_printf(x->out, "%s\n", r->cause);
	}
	if (r->fault[0]) {
		explain_label(x, "LOG");
		buf_printf(x->out, "%s\n", r->fault);
	}
	for (const char *p = r->more; *p;) {
		size_t len = strcspn(p, "\n");

		buf_printf(x->out, "       %.*s\n", (int)len, p);
		p += len + (p[len] == '\n');
	}
	if (r->panic[0]) {
		explain_label(x, "LOG");
		buf_printf(x->out, "%s\n", r->panic);
	}
}

static bool is_code(struct explain *x, kva_t pc)
{
	struct addr_name n;

	// Generated code has an owner, but no module.
	return kernel_is_text(x->m->k, pc) || (addr_lookup(x->m->k, pc, &n) && n.owner && !n.mod);
}

static void put_fault(struct explain *x)
{
	const struct fault *f = x->f;
	kva_t pc = f->frames[f->at].regs.v[x->m->k->arch->pc];

	if (!is_code(x, pc)) {
		explain_fetch(x);
		return;
	}
	explain_label(x, "AT");
	explain_put_place(x, pc, pc);
	buf_putc(x->out, '\n');
	switch (f->kind) {
	case FAULT_INVALID_OPCODE:
	case FAULT_BREAKPOINT:
		put_trap(x);
		break;
	case FAULT_DIVIDE:
		explain_divide(x);
		break;
	default:
		explain_access(x);
		break;
	}
	if (f->kind == FAULT_STACK)
		explain_stack(x);
}

static vs_status panic_task(struct monitor *m, kva_t *ret, struct err *err)
{
	unsigned cpu;
	vs_status st = cpu_panicked(m->k, &cpu, err);

	return st ? st : task_current(m->k, cpu, ret, err);
}

static vs_status cmd_explain(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct fault f = { 0 };
	struct explain x = { m, &f, out };
	kva_t task = 0, panicked = 0;
	vs_status st = panic_task(m, &panicked, err);

	if (a->argc)
		st = cmd_find_task(m, a->argv[0], &task, err);
	else
		task = panicked;
	if (st == VS_OK)
		st = fault_find(m->k, task, task == panicked, &f, err);
	if (st)
		return st;
	explain_label(&x, "TASK");
	cmd_task_line(&f.task, out);
	put_log(&x);
	if (f.kind != FAULT_NONE)
		put_fault(&x);
	else if (f.panicked)
		put_panic(&x);
	else
		buf_puts(out, "neither a fault nor a call of panic() was found on its stack\n");
	if (f.kind == FAULT_NONE)
		put_reason(&x);
	if (f.kind == FAULT_NONE && f.broken)
		buf_printf(out, "(the rest of its stack is unknown: %s)\n", f.why.msg);
	free(f.frames);
	return VS_OK;
}

const struct cmd verb_explain = {
	.name = "explain",
	.run = cmd_explain,
	.brief = "why the kernel crashed",
	.synopsis = "explain [PID | TASK]",
	.help = "Explain the fault: the access that failed, what its address is, the variable and "
		"member\n"
		"in the source, and where the bad pointer came from, with the state of its slab "
		"object;\n"
		"or who called panic(), and for what: the BUG() or WARN(), the CPU or task that "
		"a\n"
		"watchdog found with the lock it waits for, or the machine check.\n"
		"With a task, explain the fault on its stack.\n"
		"Brackets say on what each statement rests. What the dump does not show is left "
		"out.\n",
	.example = "  explain\n"
		   "     AT: l2w_vdev_lookup+82 [l2w]\n"
		   "         /root/l2w/vdev.c: 50 in vdev_count_hit(), inlined\n"
		   "  FAULT: read of 4 bytes at 10: 16 bytes after NULL\n"
		   "         [registers and instruction; the log agrees]\n"
		   "   CODE: 0: a read in kernel mode; no page is there\n"
		   "         [error code in the log]\n"
		   "   INSN: mov    0x10(%rdx),%esi\n"
		   "         rdx = 0\n"
		   "   WHAT: stats->errors: stats is NULL, and errors is at offset 16 of struct "
		   "l2w_stats\n"
		   "         [debug information]\n"
		   "   FROM: l2w_vdev_lookup+74: mov    0x30(%rax),%rdx\n"
		   "         which loaded vdev->stats\n"
		   "         from ffffffffc03bc0d0 (l2w_vdevs[1].stats), which still holds that "
		   "value\n"
		   "         [instructions]\n",
	.operands = OPERANDS(0, 1),
};
