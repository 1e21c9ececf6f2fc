// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_vm.c - vm: a process's virtual memory. */
#include <inttypes.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/fs/fs.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/swap.h"
#include "stub/subsys/swap/swapped.h"
#include "stub/task/taskinfo.h"
#include "stub/task/vma.h"
#include "stub/monitor/data/object.h"

#define PAGE_BYTES    (1ULL << PAGE_SHIFT)
#define MAX_ELSEWHERE 262144 /* pages in swap areas, in files, or nowhere yet */

struct vm {
	struct monitor *m;
	bool pages, objects;
	struct object_style style;
	pa_t root;
	uint64_t printed; /* pages */
	struct swap_areas swaps;
	struct type_spec spec; /* with objects */
	struct buf *out;
	struct table areas;
};

static const struct table_def task_table = {
	.name = "rows",
	.columns = {
		CMD_TASK_COLUMNS,
		{ "mm", "       MM               PGD          RSS    TOTAL_VM\n", 16,
		  COLUMN_ADDRESS },
		{ "pgd", "  ", 16, COLUMN_ADDRESS },
		{ "rss_kb", "  ", 0, COLUMN_NUMBER },
		{ "total_vm_kb", "    ", 0, COLUMN_NUMBER },
	},
};
static const struct table_def area_table = {
	.name = "areas",
	.heading = "      VMA           START       END     FLAGS FILE\n",
	.columns = {
		{ "vma", "", 16, COLUMN_ADDRESS },
		{ "start", " ", 10, COLUMN_ADDRESS },
		{ "end", " ", 10, COLUMN_ADDRESS },
		{ "flags", " ", 7, COLUMN_ADDRESS },
		{ "file", " ", 0, COLUMN_TEXT },
	},
};

static void put_file(struct vm *v, kva_t file)
{
	struct fs_file f;

	if (file && fs_file_load(v->m->k, file, &f, NULL) == VS_OK) {
		buf_putc(v->out, ' ');
		(void)fs_put_path(v->m->k, &f.path, v->out, NULL);
	}
}

/* Where a page is that is not mapped: in a swap area, in its file, or not yet allocated. */
static void put_absent(struct vm *v, const struct vma *a, uint64_t va, const struct walk *w,
		       const struct err *why)
{
	unsigned type;
	uint64_t offset;

	if (w->nsteps && why->code == VS_SWAPPED &&
	    v->m->k->arch->swap_entry(w->step[w->nsteps - 1].entry, &type, &offset)) {
		swap_put_place(v->m->k, &v->swaps, type, offset, v->out);
		swapped_put_place(v->m->k, type, offset, v->out);
	} else if (why->code != VS_UNMAPPED) {
		buf_printf(v->out, "(%s)", why->msg);
	} else if (a->file) {
		buf_puts(v->out, "FILE:");
		put_file(v, a->file);
		buf_puts(v->out, "  OFFSET: ");
		buf_put_known(v->out, a->knows_pgoff, "%" PRIx64,
			      (a->pgoff << PAGE_SHIFT) + (va - a->start));
	} else {
		buf_puts(v->out, a->knows_file ? "(not mapped)" : "?");
	}
	buf_putc(v->out, '\n');
}

/* Prints pages without a page table in one line. Stops in a damaged area that has more pages than
 * memory, plus MAX_ELSEWHERE. */
static void put_pages(struct vm *v, const struct vma *a)
{
	uint64_t left = dump_info(v->m->k->dump)->max_pfn + MAX_ELSEWHERE, va, next;

	buf_puts(v->out, "VIRTUAL     PHYSICAL\n");
	for (va = a->start; va < a->end && !buf_stopped(v->out); va = next) {
		struct walk w = { 0 };
		struct err why;
		vs_status st = kmem_walk(v->m->k->kmem, v->root, va, &w, &why);

		if (v->printed++ >= left) {
			buf_printf(v->out,
				   "(more pages than memory: %" PRIx64 " to %" PRIx64 " omitted)\n",
				   va, a->end);
			break;
		}
		next = va + PAGE_BYTES;
		buf_printf(v->out, "%-10" PRIx64 "  ", va);
		if (st == VS_OK) {
			buf_printf(v->out, "%" PRIx64 "\n", w.pa);
			continue;
		}
		if (st == VS_UNMAPPED)
			next = kmem_next_mapped(v->m->k->kmem, v->root, va);
		if (next > a->end || next <= va)
			next = a->end;
		put_absent(v, a, va, &w, &why);
		if (next > va + PAGE_BYTES)
			buf_printf(v->out, "  the same up to %" PRIx64 "\n", next);
	}
	buf_putc(v->out, '\n');
}

static void put_area_file(struct vm *v, const struct vma *a, struct table *row)
{
	AUTO(buf) path = { 0 };
	struct fs_file f;

	if (!a->knows_file) {
		table_unknown(row);
	} else if (!a->file) { // anonymous
		table_hide(row, true);
		table_text(row, "");
	} else if (fs_file_load(v->m->k, a->file, &f, NULL)) {
		table_skip(row);
	} else {
		(void)fs_put_path(v->m->k, &f.path, &path, NULL);
		table_text(row, buf_str(&path));
	}
}

static bool put_area(void *ctx, const struct vma *a)
{
	struct vm *v = ctx;
	struct table *row = &v->areas;
	struct err why;

	if (v->objects) {
		if (type_spec_put(v->m, &v->spec, v->m->k->mem, a->va, &v->style, v->out, &why))
			buf_printf(v->out, "(%s)\n", why.msg);
		return true;
	}
	table_layout(row, "%s", v->pages && row->rows ? area_table.heading : "");
	table_uint(row, a->va);
	table_uint(row, a->start);
	table_uint(row, a->end);
	table_known(row, a->knows_flags, a->flags);
	put_area_file(v, a, row);
	table_end_row(row);
	if (v->pages)
		put_pages(v, a);
	return true;
}

static vs_status put_mm(struct vm *v, const struct task *t, struct err *err)
{
	struct type_spec spec;
	vs_status st = type_spec_parse(v->m, "struct ", "mm_struct", &spec, err);

	if (st)
		return st;
	st = type_spec_put(v->m, &spec, v->m->k->mem, t->mm, &v->style, v->out, err);
	type_spec_deinit(&spec);
	return st;
}

/* A size in text: right-aligned with its unit. */
static void put_size(bool known, uint64_t pages, int width, struct table *row)
{
	uint64_t kb = pages << (PAGE_SHIFT - 10);

	if (known)
		table_show(row, "%" PRIu64 "k", kb);
	else
		table_show(row, "%*s", width, "?");
	table_known(row, known, kb);
}

static void put_memory(struct vm *v, const struct task *t, struct table *row)
{
	struct task_memory used = { 0 };
	struct err why = { 0 };
	uint64_t pgd = 0;
	bool knows_used = task_memory_load(v->m->k, t, &used, &why) == VS_OK, knows_pgd = true;

	if (t->mm)
		knows_pgd =
			record_field_read(v->m->k, &mm_record, t->mm, MM_PGD, &pgd, &why) == VS_OK;
	cmd_task_cells(t, row);
	table_known(row, task_knows(t, TASK_MM), t->mm);
	table_known(row, knows_pgd && task_knows(t, TASK_MM), pgd);
	put_size(knows_used, used.rss, 2, row);
	put_size(knows_used, used.total_vm, 3, row);
	if (!knows_used || !knows_pgd)
		table_remark(row, "\n", "%s", why.msg);
	table_layout(row, "\n");
}

static vs_status put_areas(struct vm *v, const struct task *t, struct table *row, struct err *err)
{
	vs_status st = v->pages && t->mm ? task_page_root(v->m->k, t->va, &v->root, err) : VS_OK;

	table_hide(row, st || !t->mm || v->objects);
	table_nest(&v->areas, &area_table, row);
	if (st == VS_OK && t->mm)
		st = vma_each(v->m->k, t->mm, put_area, v, err);
	table_end(&v->areas);
	return st;
}

static vs_status put_task(struct vm *v, const struct task *t, struct err *err)
{
	struct table row;
	vs_status st;

	table_begin(&row, &task_table, v->m, v->out);
	put_memory(v, t, &row);
	st = put_areas(v, t, &row, err);
	table_end_row(&row);
	table_end(&row);
	return st;
}

static vs_status run_for(struct vm *v, const char *who, bool mm, struct err *err)
{
	struct task t;
	kva_t va;
	vs_status st = who ? cmd_find_task(v->m, who, &va, err) : cmd_selected_task(v->m, &va, err);

	if (st == VS_OK)
		st = task_load(v->m->k, va, &t, err);
	if (st)
		return st;
	if (!mm)
		return put_task(v, &t, err);
	cmd_task_line(&t, v->out);
	return t.mm ? put_mm(v, &t, err) : VS_OK;
}

static vs_status cmd_vm(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct vm v = { .m = m, .out = out };
	char form;
	vs_status st = cmd_one_of(a, "pmv", &form, err);

	v.pages = form == 'p';
	v.objects = form == 'v';
	v.style.hex = cmd_has(a, "x");
	if (st == VS_OK && v.objects)
		st = type_spec_parse(m, "struct ", "vm_area_struct", &v.spec, err);
	for (int i = 0; st == VS_OK && (i < a->argc || i == 0); i++) {
		if (i)
			buf_putc(out, '\n');
		st = run_for(&v, a->argc ? a->argv[i] : NULL, form == 'm', err);
	}
	type_spec_deinit(&v.spec);
	return st;
}

static const struct cmd_opt options[] = {
	{ "p", .help = "also each page's physical address, or its place in a swap area or file",
	  .plain = true },
	{ "m", .help = "the mm_struct", .plain = true },
	{ "v", .help = "each vm_area_struct", .plain = true },
	{ "x", .help = "integers in hexadecimal", .plain = true },
	{ "d", .help = "integers in decimal (default)", .plain = true },
	{ 0 },
};

const struct cmd verb_vm = {
	.name = "vm",
	.run = cmd_vm,
	.brief = "a process's virtual memory",
	.synopsis = "vm [-p | -m | -v] [-x | -d] [PID | TASK]...",
	.help = "Print its memory areas: address of the vm_area_struct, range, flags and file.\n",
	.example = "  vm 132\n"
		   "        VMA           START       END     FLAGS FILE\n"
		   "  ff4a5aa2dfed2980     400000     401000 8000071 /bin/workers\n",
	.options = options,
	.operands = OPERANDS(0, OPERANDS_ANY),
	.tasks = TASKS_ONE,
	.json = true,
};
