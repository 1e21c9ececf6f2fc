// SPDX-License-Identifier: GPL-3.0-or-later
/* gdbmem.c - memory as gdb sees it. In this order: the mailbox and $task, per-CPU variables, the
 * dump's memory, and return addresses that tracers replaced. Words above the stacks are patched in
 * kernel memory itself (stack_install_overlay()), as kbt's unwinder needs them, too. */
#include "stub/gdb/gdbmem.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/gdb/images.h"
#include "stub/gdb/threads.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/module/modules.h"
#include "stub/unwind/entrywords.h"
#include "stub/unwind/rethook.h"

/* Below the highest page, whose addresses are ERR_PTR() values (include/linux/err.h). Linux ends
 * its fixed mappings 2 MiB below the end of the address space (arch/x86/include/asm/fixmap.h). */
#define MAILBOX 0xffffffffffffe000ULL
_Static_assert(GDBMEM_TASK + 8 == MAILBOX, "no address between them");

struct gdbmem {
	struct kernel *k;      /* borrowed */
	struct images *images; /* borrowed */
	uint32_t thread;       /* for the mailbox */
	struct percpu_window window;
	bool window_tried, have_window;
	bool task_script;  /* gdb has read the third byte of mailbox.thread */
	bool evaluates;	   /* gdb has read the second byte of it */
	bool list_awaited; /* gdb has read mailbox.list but not yet the list of libraries */
	bool lost_told;	   /* tell_lost_slide() has warned */
};

struct gdbmem *gdbmem_create(struct kernel *k, struct images *images)
{
	struct gdbmem *g = calloc(1, sizeof(*g));

	if (g) {
		g->k = k;
		g->images = images;
	}
	return g;
}

void gdbmem_destroy(struct gdbmem *g)
{
	free(g);
}

void gdbmem_chosen(struct gdbmem *g, uint32_t number)
{
	g->thread = number;
}

void gdbmem_add(struct gdbmem *g, uint32_t flag)
{
	g->thread |= flag;
}

void gdbmem_answer(struct gdbmem *g, uint32_t answer)
{
	g->thread = answer;
}

bool gdbmem_can_evaluate(struct gdbmem *g)
{
	bool can = g->evaluates;

	g->evaluates = false;
	return can;
}

bool gdbmem_task_script(struct gdbmem *g)
{
	bool read = g->task_script;

	g->task_script = false;
	return read;
}

bool gdbmem_list_awaited(const struct gdbmem *g)
{
	return g->list_awaited;
}

void gdbmem_list_read(struct gdbmem *g)
{
	g->list_awaited = false;
}

static bool in_module_percpu(struct gdbmem *g, uint64_t addr)
{
	struct modules *mods;

	if (kernel_need_modules(g->k, &mods, NULL))
		return false;
	for (size_t i = 0; i < mods->n; i++)
		if (mods->v[i].percpu &&
		    addr - (mods->v[i].percpu + g->window.bias) < mods->v[i].percpu_size)
			return true;
	return false;
}

/* Redirects addresses of per-CPU symbols to the data of the selected thread's CPU. */
static uint64_t percpu_redirect(struct gdbmem *g, const struct thread_view *v, uint64_t addr)
{
	uint64_t off;

	if (!g->window_tried) {
		g->window_tried = true;
		g->have_window =
			percpu_gdb_window(g->k,
					  kernel_file_moves_percpu(images_kernel_file(g->images)),
					  &g->window, NULL) == VS_OK;
	}
	// All modules' per-CPU data is near the window, too: they share one chunk.
	if (!g->have_window || !v || addr - g->window.start > 1ULL << 30)
		return addr;
	if (addr >= g->window.end && !in_module_percpu(g, addr))
		return addr;
	// Without KASLR, a zero-based window starts at the NULL page, where an access is a bug.
	if (addr < 4096 || percpu_offset(g->k, v->cpu, &off, NULL))
		return addr;
	return addr - g->window.bias + off;
}

/* Values for gdb scripts, which cannot parse the text of a verb. */
struct mailbox {
	uint32_t thread;    /* gdb's number of the thread that `monitor task` chose, GDBMEM_HELD; or
			     * what scripts_run() answers */
	uint32_t list;	    /* a script reads it before it makes gdb read the list of libraries */
	uint64_t banner;    /* address of linux_banner; 0: unknown */
	char symbols[4096]; /* the command that loads the kernel's symbols at the right addresses */
};

static void put_symbols_command(struct gdbmem *g, char *text, size_t cap)
{
	AUTO(buf) path = { 0 };
	struct err err;

	if (images_exec_file(g->images, &path, &err) == VS_OK)
		snprintf(text, cap, "add-symbol-file %s -o %#" PRIx64, buf_str(&path), g->k->slide);
}

static struct mem_got read_mailbox(struct gdbmem *g, uint64_t addr, void *dst, size_t len,
				   struct err *err)
{
	struct mailbox box = { .thread = g->thread };
	size_t off = (size_t)(addr - MAILBOX), n = sizeof(box) - off;

	g->task_script |= off == offsetof(struct mailbox, thread) + 2;
	g->evaluates |= off == offsetof(struct mailbox, thread) + 1;
	g->list_awaited |= off == offsetof(struct mailbox, list);
	if (off + len > offsetof(struct mailbox, banner)) {
		if (kernel_symbol(g->k, "linux_banner", &box.banner, NULL))
			box.banner = 0;
		put_symbols_command(g, box.symbols, sizeof(box.symbols));
	}
	if (n > len)
		n = len;
	memcpy(dst, (const char *)&box + off, n);
	if (n < len)
		fail(err, VS_UNMAPPED, "nothing is mapped there");
	return (struct mem_got){ n, n < len ? VS_UNMAPPED : VS_OK };
}

static struct mem_got read_task(const struct thread_view *v, void *dst, struct err *err)
{
	if (!v || !v->task_va) {
		fail(err, VS_UNMAPPED, "the task on this CPU is unknown");
		return (struct mem_got){ 0, VS_UNMAPPED };
	}
	memcpy(dst, &v->task_va, sizeof(v->task_va));
	return (struct mem_got){ sizeof(v->task_va), VS_OK };
}

void gdbmem_tell_slide(struct gdbmem *g, const char *why)
{
	char command[4096] = "add-symbol-file vmlinux -o OFFSET";

	if (g->lost_told || !g->k->slide || !g->k->have_slide)
		return;
	g->lost_told = true;
	put_symbols_command(g, command, sizeof(command));
	log_warn("%s Then type symbol-file, %s, and sharedlibrary", why, command);
}

/* gdb asks for offsets only when it connects. After `file` or `symbol-file` it has the kernel's
 * symbols at their link addresses, and reads nearly all variables from unmapped memory. */
static void tell_lost_slide(struct gdbmem *g, uint64_t addr)
{
	kva_t lo, hi;
	char why[160];

	if (g->lost_told || !g->k->slide || !g->k->have_slide ||
	    kernel_symbol(g->k, "_text", &lo, NULL) || kernel_symbol(g->k, "_end", &hi, NULL) ||
	    addr < lo - g->k->slide || addr >= hi - g->k->slide)
		return;
	snprintf(why, sizeof(why),
		 "gdb reads %#" PRIx64 ", where the kernel would be without KASLR: did a command "
		 "such as file or symbol-file load its symbols again?",
		 addr);
	gdbmem_tell_slide(g, why);
}

/* Replaces stack words for gdb's unwinder, which does not know tracers and old entry code. */
static void show_stack_words(struct gdbmem *g, uint64_t addr, void *data, size_t len)
{
	rethook_show(g->k, addr, data, len);
	entrywords_show(g->k, addr, data, len, images_rules_first(g->images));
}

struct mem_got gdbmem_read(struct gdbmem *g, const struct thread_view *v, uint64_t addr, void *dst,
			   size_t len, struct err *err)
{
	struct mem_got got;

	if (addr - MAILBOX < sizeof(struct mailbox))
		return read_mailbox(g, addr, dst, len, err);
	if (addr == GDBMEM_TASK && len == sizeof(v->task_va))
		return read_task(v, dst, err);
	addr = percpu_redirect(g, v, addr);
	got = kmem_read_as(g->k->kmem, v ? v->user_root : 0, addr, dst, len, err);
	if (got.why && !got.len)
		tell_lost_slide(g, addr);
	if (g->k->arch->is_kernel_va(addr))
		show_stack_words(g, addr, dst, got.len);
	return got;
}
