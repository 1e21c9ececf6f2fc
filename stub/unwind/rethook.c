// SPDX-License-Identifier: GPL-3.0-or-later
/* rethook.c - finds the original return addresses that a tracer replaced, like
 * rethook_find_ret_addr() and ftrace_graph_ret_addr(), which the kernel's own unwinder calls
 * (unwind_recover_ret_addr()). */
#include "stub/unwind/rethook.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/task/task_record.h"
#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/unwind/kprobes.h"
#include "stub/kernel/percpu.h"
#include "stub/task/tasks.h"
#include "stub/kernel/walk.h"

#define MAX_NESTED	  8
#define MAX_GRAPH_WORDS	  512 /* SHADOW_STACK_SIZE, one page, since 6.11 */
#define MAX_GRAPH_DEPTH	  50  /* FTRACE_RETFUNC_DEPTH before */
#define GRAPH_OFFSET_MASK 0x3ff
#define MAX_SHOWN	  512 /* replaced per read; no stack has more */

enum { HOOK_RETHOOK, HOOK_KRETPROBE, HOOK_GRAPH, NHOOKS };

/* The functions whose address is on the stack: 73f9b911faa7 (5.18) based kretprobes on rethook,
 * adf8a61a940c (5.15) added the underscores. */
static const char *const hook_names[][2] = {
	[HOOK_RETHOOK] = { "arch_rethook_trampoline" },
	[HOOK_KRETPROBE] = { "__kretprobe_trampoline", "kretprobe_trampoline" },
	[HOOK_GRAPH] = { "return_to_handler" },
};
_Static_assert(sizeof(((struct kernel *)0)->hooks) == NHOOKS * sizeof(kva_t), "one each");

static vs_status find_hooks(struct kernel *k, void *owner, struct err *err)
{
	(void)owner;
	(void)err;
	for (size_t i = 0; i < NHOOKS; i++)
		for (size_t j = 0; j < 2 && !k->hooks[i] && hook_names[i][j]; j++)
			kernel_symbol(k, hook_names[i][j], &k->hooks[i], NULL);
	return VS_OK;
}

static const struct slot_ops hooks_slot_ops = { find_hooks, NULL };

static void load_hooks(struct kernel *k)
{
	(void)slot_need(k, &k->hooks_slot, &hooks_slot_ops, k, NULL);
}

struct search {
	struct kernel *k;
	struct member node, frame, ret; /* in one entry of the list */
	kva_t slot, trampoline;
	uint64_t found; /* 0: not yet */
};

/* If a function has several probes, all except the first have recorded the trampoline's address. */
static bool look_at(void *ctx, kva_t node)
{
	struct search *s = ctx;
	kva_t entry = node - s->node.off;
	uint64_t frame, ret;

	if (kernel_read_at(s->k, entry, &s->frame, &frame, NULL) == VS_OK && frame == s->slot &&
	    kernel_read_at(s->k, entry, &s->ret, &ret, NULL) == VS_OK && ret != s->trampoline)
		s->found = ret;
	return !s->found;
}

static bool search_members(struct search *s, const struct record_def *def, unsigned node,
			   unsigned frame, unsigned ret)
{
	return record_member(s->k, def, node, &s->node, NULL) == VS_OK &&
	       record_member(s->k, def, frame, &s->frame, NULL) == VS_OK &&
	       record_member(s->k, def, ret, &s->ret, NULL) == VS_OK;
}

static void search_task(struct search *s, kva_t task, enum task_field list)
{
	uint64_t first;

	if (task && record_field_read(s->k, &task_record, task, list, &first, NULL) == VS_OK &&
	    first)
		(void)walk_chain(s->k, first, 0, 0, look_at, s, NULL);
}

enum { NODE_LIST, NODE_FRAME, NODE_RET };
static const struct record_field node_fields[] = {
	[NODE_LIST] = { { "llist" }, RECORD_ADDRESS, "since 5.18, with kretprobes" },
	[NODE_FRAME] = { { "frame" }, RECORD_UINT, "since 5.18, with kretprobes" },
	[NODE_RET] = { { "ret_addr" }, RECORD_UINT, "since 5.18, with kretprobes" },
};
RECORD(rethook_node_record, "rethook_node", node_fields);

/* Searches the task's struct rethook_node list (54ecbe6f1ed5, 5.18). */
static uint64_t of_rethook(struct kernel *k, kva_t task, kva_t slot)
{
	struct search s = { .k = k, .slot = slot, .trampoline = k->hooks[HOOK_RETHOOK] };

	if (search_members(&s, &rethook_node_record, NODE_LIST, NODE_FRAME, NODE_RET))
		search_task(&s, task, TASK_RETHOOKS);
	return s.found;
}

enum { INSTANCE_LLIST, INSTANCE_HLIST, INSTANCE_FRAME, INSTANCE_RET };
static const struct record_field instance_fields[] = {
	[INSTANCE_LLIST] = { { "llist" }, RECORD_ADDRESS, "5.11 to 5.17, or without rethooks" },
	[INSTANCE_HLIST] = { { "hlist" }, RECORD_ADDRESS, "before 5.11" },
	[INSTANCE_FRAME] = { { "fp" }, RECORD_UINT, "without rethooks" },
	[INSTANCE_RET] = { { "ret_addr" }, RECORD_UINT, "without rethooks" },
};
RECORD(instance_record, "kretprobe_instance", instance_fields);

/* Searches struct kretprobe_instance: in the task since d741bf41d7c7 (5.11), before in a global
 * table. */
static uint64_t of_kretprobe(struct kernel *k, kva_t task, kva_t slot)
{
	struct search s = { .k = k, .slot = slot, .trampoline = k->hooks[HOOK_KRETPROBE] };
	kva_t table;

	if (search_members(&s, &instance_record, INSTANCE_LLIST, INSTANCE_FRAME, INSTANCE_RET))
		search_task(&s, task, TASK_KRETPROBES);
	else if (search_members(&s, &instance_record, INSTANCE_HLIST, INSTANCE_FRAME,
				INSTANCE_RET) &&
		 kernel_symbol(k, "kretprobe_inst_table", &table, NULL) == VS_OK)
		walk_hlists(k, table, KPROBE_TABLE_SIZE, look_at, &s);
	return s.found;
}

enum { GRAPH_SLOT, GRAPH_RET };
static const struct record_field graph_fields[] = {
	[GRAPH_SLOT] = { { "retp" }, RECORD_UINT, "with the function graph tracer" },
	[GRAPH_RET] = { { "ret" }, RECORD_UINT, "with the function graph tracer" },
};
RECORD(graph_record, "ftrace_ret_stack", graph_fields);

/* Since 42675b723b48 (6.11) task_struct.ret_stack has words instead of structs. */
static bool graph_is_words(struct kernel *k)
{
	struct type_info info;
	struct type_field f;
	type_ref task;

	if (types_find(k->types, "struct task_struct", &task, NULL) ||
	    types_field(k->types, task, "ret_stack", &f, NULL))
		return false;
	types_info(k->types, types_strip(k->types, f.type), &info);
	types_info(k->types, types_strip(k->types, info.target), &info);
	return info.kind == TYPE_INT;
}

/* Searches the stack of entries from its top: structs, or structs that are each followed by a word
 * whose low bits say how many words back the struct starts. */
static uint64_t of_graph(struct kernel *k, kva_t task, kva_t slot)
{
	struct search s = { .k = k, .slot = slot, .trampoline = k->hooks[HOOK_GRAPH] };
	uint64_t stack, top, size, word;
	bool words;

	if (!task || record_field_read(k, &task_record, task, TASK_RET_STACK, &stack, NULL) ||
	    record_field_read(k, &task_record, task, TASK_RET_TOP, &top, NULL) || !stack ||
	    types_size(k->types, "ftrace_ret_stack", &size, NULL) || size < 8 || size % 8 ||
	    record_member(k, &graph_record, GRAPH_SLOT, &s.frame, NULL) ||
	    record_member(k, &graph_record, GRAPH_RET, &s.ret, NULL))
		return 0;
	words = graph_is_words(k);
	top = (uint32_t)top; // -1 before 6.11: empty
	if (!words)
		for (uint32_t n = (uint32_t)top + 1; n && n <= MAX_GRAPH_DEPTH && !s.found; n--)
			look_at(&s, stack + (n - 1) * size);
	while (words && top && top <= MAX_GRAPH_WORDS && !s.found) {
		if (mem_read_u64(k->mem, stack + 8 * (top - 1), &word, NULL))
			break;
		word &= GRAPH_OFFSET_MASK;
		if (word < size / 8 || word > top - 1)
			break;
		top -= 1 + word;
		look_at(&s, stack + 8 * top);
	}
	return s.found;
}

static uint64_t (*const finders[])(struct kernel *k, kva_t task, kva_t slot) = {
	[HOOK_RETHOOK] = of_rethook,
	[HOOK_KRETPROBE] = of_kretprobe,
	[HOOK_GRAPH] = of_graph,
};

static int hook_at(struct kernel *k, uint64_t pc)
{
	load_hooks(k);
	for (int i = 0; i < NHOOKS; i++)
		if (k->hooks[i] && k->hooks[i] == pc)
			return i;
	return -1;
}

/* Repeats the lookup, because one tracer may have recorded another one's address. */
vs_status rethook_return(struct kernel *k, kva_t task, kva_t slot, uint64_t *pc, struct err *err)
{
	uint64_t at = *pc;

	for (int n = 0; n < MAX_NESTED; n++) {
		int hook = hook_at(k, at);

		if (hook < 0) {
			*pc = at;
			return VS_OK;
		}
		if (kernel_need_types(k, NULL) || (at = finders[hook](k, task, slot)) == 0)
			return fail(err, VS_NOTFOUND,
				    "the return address at %#" PRIx64
				    " was replaced by %s, and no list has the original",
				    slot, symtab_lookup(k->syms, k->hooks[hook])->name);
	}
	return fail(err, VS_CORRUPT, "the return address at %#" PRIx64 " was replaced too often",
		    slot);
}

/* A trampoline starts with the stack pointer just above the function's return address, and
 * preserves rbp. ORC never covers that of the graph tracer, and before 5.15 not those of
 * kretprobes. */
vs_status rethook_rule(struct kernel *k, kva_t pc, struct unwind_rule *ret)
{
	const struct symbol *s = symtab_lookup(k->syms, pc);
	struct pushed at;

	if (!s || hook_at(k, s->va) < 0 || !k->arch->pushed(k->mem, s->va, pc, &at))
		return VS_NOTFOUND;
	*ret = (struct unwind_rule){ .start = at.start,
				     .end = at.end,
				     .kind = RULE_CALL,
				     .cfa_reg = (int16_t)k->arch->sp,
				     .cfa_off = (int16_t)at.bytes,
				     .pc = s->va };
	return VS_OK;
}

/* --- for gdb */

vs_status rethook_gdb_rule(struct kernel *k, kva_t pc, struct unwind_rule *ret)
{
	vs_status st = rethook_rule(k, pc, ret);

	if (st == VS_OK && ret->pc != k->hooks[HOOK_KRETPROBE])
		*ret = (struct unwind_rule){ .start = ret->start,
					     .end = ret->end,
					     .kind = RULE_END };
	return st;
}

bool rethook_code(struct kernel *k, unsigned i, kva_t *ret)
{
	load_hooks(k);
	if (i < NHOOKS)
		*ret = k->hooks[i];
	return i < NHOOKS;
}

/* Looks up a slot on a stack that is not a task's own: its owner is a CPU's current task. */
static bool known_to_running(struct kernel *k, kva_t slot, uint64_t *pc)
{
	kva_t task;

	for (unsigned cpu = 0; cpu < percpu_ncpus(k); cpu++) {
		uint64_t found = *pc;

		if (task_current(k, cpu, &task, NULL) ||
		    rethook_return(k, task, slot, &found, NULL))
			continue;
		*pc = found;
		return true;
	}
	return false;
}

static bool is_on_stack(struct kernel *k, kva_t task, kva_t slot)
{
	uint64_t stack;

	return task && task_stack(k, task, &stack, NULL) == VS_OK &&
	       slot - stack < task_stack_size(k);
}

static void show_word(struct kernel *k, kva_t slot, uint64_t *pc)
{
	AUTO_FREE kva_t *list = NULL;
	size_t n = 0;

	// Try the last task first: a backtrace reads one stack at a time.
	if (!is_on_stack(k, k->hook_task, slot)) {
		if (known_to_running(k, slot, pc))
			return;
		k->hook_task = 0;
		tasks_list(k, &list, &n, NULL);
		for (size_t i = 0; i < n && !k->hook_task; i++)
			if (is_on_stack(k, list[i], slot))
				k->hook_task = list[i];
	}
	(void)rethook_return(k, k->hook_task, slot, pc, NULL);
}

void rethook_show(struct kernel *k, kva_t va, void *data, size_t len)
{
	size_t at = (8 - va % 8) % 8;
	unsigned tried = 0;

	for (; at + 8 <= len && tried < MAX_SHOWN; at += 8) {
		uint64_t word, shown;

		memcpy(&word, (char *)data + at, 8);
		if (!k->arch->is_kernel_va(word))
			continue;
		shown = word;
		// This trampoline stores its stack pointer there while the handler runs.
		if (hook_at(k, word) < 0 && word == va + at + 8)
			shown = k->hooks[HOOK_KRETPROBE];
		if (hook_at(k, shown) < 0)
			continue;
		tried++;
		word = shown;
		show_word(k, va + at, &shown);
		if (shown != word)
			memcpy((char *)data + at, &shown, 8);
	}
}
