// SPDX-License-Identifier: GPL-3.0-or-later
/* trace.c - the frames of a crash below those of panic(), and what kind of crash it was. */
#include <stdlib.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/module/modules.h"
#include "stub/report/parts.h"
#include "stub/triage/fault.h"
#include "stub/unwind/addrname.h"
#include "stub/unwind/rules.h"
#include "stub/unwind/stack_start.h"

/* The compiler and linker add ".isra.0", ".constprop.0", ".part.0", ".cold", ".llvm.123" to the
 * names of functions that they split, clone or change; these differ from build to build. */
static const char *plain_name(struct crash_report *r, const char *name)
{
	size_t len = strcspn(name, ".");

	return len && name[len] ? crash_printf(r, "%.*s", (int)len, name) : name;
}

static struct crash_frame frame_of(struct kernel *k, const struct frame *f, struct crash_report *r)
{
	struct crash_frame c = { .times = 1, .exact = f->interrupted };
	struct addr_name n;
	bool found;

	c.pc = f->regs.v[k->arch->pc];
	found = addr_lookup(k, c.exact ? c.pc : c.pc - 1, &n);
	// Generated code has an owner, but no module. Boot code was freed, but the first task's
	// return addresses still point into it; a jump to it is to no code.
	c.code = kernel_is_text(k, c.pc) || (found && n.owner && !n.mod) ||
		 (!c.exact && code_is_boot(k, c.pc - 1));
	if (n.owner && c.code)
		c.module = crash_copy(r, n.owner);
	if (found && c.code) {
		c.function = crash_copy(r, n.sym->name);
		c.plain = plain_name(r, c.function);
		c.offset = c.pc - n.sym->va;
	}
	return c;
}

static bool same_function(const struct crash_frame *a, const struct crash_frame *b)
{
	return a->function && b->function && strcmp(a->function, b->function) == 0 &&
	       !a->module == !b->module && (!a->module || strcmp(a->module, b->module) == 0);
}

vs_status crash_unwind(struct kernel *k, const struct task *t, struct frame **ret, size_t *n,
		       struct err *err)
{
	*n = 0;
	*ret = calloc(STACK_MAX_FRAMES, sizeof(**ret));
	if (!*ret)
		return fail(err, VS_NOMEM, "out of memory");
	return stack_of_task(k, t, *ret, STACK_MAX_FRAMES, n, err);
}

bool crash_add_frames(struct kernel *k, const struct frame *frames, size_t from, size_t n,
		      struct crash_report *r, struct crash_frames *to)
{
	for (size_t i = from; i < n; i++) {
		struct crash_frame c;

		if (k->arch->regs_user_mode(&frames[i].regs))
			break;
		c = frame_of(k, &frames[i], r);
		if (to->n && !c.exact && same_function(&c, &to->v[to->n - 1])) {
			to->v[to->n - 1].times++;
			continue;
		}
		if (to->n == CRASH_FRAMES)
			return false;
		if (!vec_push(to, (c)))
			r->no_memory = true;
	}
	return true;
}

/* Panic messages that identify the cause, as they stand in the kernel's source. */
static const struct {
	const char *text, *kind;
} panics[] = {
	{ "softlockup:", "soft-lockup" },
	{ "Hard LOCKUP", "hard-lockup" },
	{ "hung_task: blocked tasks", "hung-task" },
	{ "RCU Stall", "rcu-stall" },
	{ "Out of memory", "oom" },
	{ "System is deadlocked on memory", "oom" },
	{ "achine check", "machine-check" },
	{ "stack-protector:", "stack-protector" },
	{ "sysrq triggered crash", "sysrq" },
	{ "KASAN: panic_on_warn", "kasan" },
	{ "kasan.fault=", "kasan" },
	{ "panic_on_warn", "warning" },
	{ "Attempted to kill init", "init-died" },
	{ "Unable to mount root fs", "no-root" },
	{ "NMI", "nmi" },
};

static const char *kind_of_panic(const struct fault *f)
{
	for (size_t i = 0; i < sizeof(panics) / sizeof(panics[0]); i++)
		if (strstr(f->report.panic, panics[i].text))
			return panics[i].kind;
	return "panic";
}

#define PAGE_SIZE 4096

static const char *kind_of_fault(const struct fault *f, bool in_code)
{
	bool null = f->report.has_address && f->report.address < PAGE_SIZE;

	switch (f->kind) {
	case FAULT_PAGE:
		return in_code ? (null ? "null" : "page") : (null ? "jump-to-null" : "bad-jump");
	case FAULT_PROTECTION:
		return "protection";
	case FAULT_STACK:
		return "stack-overflow";
	case FAULT_INVALID_OPCODE:
		return "bug";
	case FAULT_DIVIDE:
		return "divide";
	case FAULT_BREAKPOINT:
		return "breakpoint";
	default:
		return "fault";
	}
}

void crash_take_trace(struct kernel *k, const struct fault *f, struct crash_report *r)
{
	bool fault = f->kind != FAULT_NONE;

	if (!fault && !f->panicked) {
		const char *why =
			f->broken ? f->why.msg : "neither a fault nor a call of panic() was found";

		crash_miss(r, "kind", why);
		crash_miss(r, "trace", why);
		return;
	}
	r->trace_whole =
		crash_add_frames(k, f->frames, fault ? f->at : f->panic + 1, f->n, r, &r->trace) &&
		!f->broken;
	if (f->broken)
		crash_miss(r, "trace", f->why.msg);
	r->kind = fault ? kind_of_fault(f, r->trace.n && r->trace.v[0].code) : kind_of_panic(f);
}
