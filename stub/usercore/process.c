// SPDX-License-Identifier: GPL-3.0-or-later
/* process.c - collects a process: threads, registers, memory areas, pages. */
#include "stub/usercore/process.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/subsys/fs/fs.h"
#include "stub/task/cpus.h"
#include "stub/unwind/stack.h"
#include "stub/unwind/stack_start.h"

#define MAX_AREAS (1u << 20) /* vm.max_map_count is 65530, unless someone raised it */
/* include/linux/mm.h: unchanged since 2.6 */
#define VM_ACCESS 0x7
#define VM_IO	  0x4000

/* --- threads */

/* Registers of a thread that a CPU was running. On the stack they are from its last entry to the
 * kernel, so not current if it was in user mode without any entry after that. */
static bool running_regs(struct kernel *k, struct process_thread *t, unsigned cpu)
{
	struct frame *frames, at, user;
	bool found = false, known = false;
	size_t n = 0;

	if (cpu_frame(k, cpu, &at, &t->why) == VS_OK) {
		if (k->arch->regs_user_mode(&at.regs)) {
			t->regs = at.regs;
			return true;
		}
		known = true;
		frames = calloc(STACK_MAX_FRAMES, sizeof(*frames));
		if (!frames)
			return false;
		if (stack_unwind(k, t->task.va, &at, frames, STACK_MAX_FRAMES, &n, &t->why) ==
			    VS_OK &&
		    n && k->arch->regs_user_mode(&frames[n - 1].regs)) {
			t->regs = frames[n - 1].regs;
			found = true;
		}
		free(frames);
	}
	if (!found && stack_user_regs(k, &t->task, &user)) {
		t->regs = user.regs;
		found = true;
	}
	if (found && known)
		k->arch->os->user_switched_regs(k, t->task.va, &at.regs, &t->regs);
	return found;
}

static void load_regs(struct kernel *k, struct process_thread *t)
{
	struct frame user;
	kva_t current;

	for (unsigned cpu = 0; cpu < percpu_ncpus(k) && !t->on_cpu; cpu++) {
		t->on_cpu = task_current(k, cpu, &current, NULL) == VS_OK && current == t->task.va;
		if (t->on_cpu)
			t->has_regs = running_regs(k, t, cpu);
	}
	if (!t->on_cpu && t->task.stack && stack_user_regs(k, &t->task, &user)) {
		t->has_regs = true;
		t->regs = user.regs;
	}
	if (!t->has_regs && !t->why.msg[0])
		fail(&t->why, VS_NOTFOUND, "its stack has no registers of user mode");
	if (t->has_regs && !t->on_cpu)
		k->arch->os->user_switched_regs(k, t->task.va, NULL, &t->regs);
}

static vs_status load_threads(struct process *p, kva_t first, struct err *err)
{
	kva_t *list = NULL;
	size_t n = 0;

	p->threads_st = task_threads(p->k, first, &list, &n, &p->threads_why);
	p->thread = calloc(n + 1, sizeof(*p->thread));
	if (!p->thread) {
		free(list);
		return fail(err, VS_NOMEM, "out of memory");
	}
	for (size_t i = 0; i <= n; i++) {
		struct process_thread *t = &p->thread[p->nthreads];
		kva_t va = i ? list[i - 1] : first;

		if ((i && va == first) || task_load(p->k, va, &t->task, &p->threads_why))
			continue;
		// The first thread may have ended before the others.
		if (!t->task.mm)
			continue;
		load_regs(p->k, t);
		p->nthreads++;
	}
	free(list);
	return VS_OK;
}

/* --- areas */

static bool add_area(void *ctx, const struct vma *v)
{
	struct process *p = ctx;
	uint64_t after = p->nareas ? p->area[p->nareas - 1].vma.end : 0;

	if (v->start < after || v->end <= v->start || v->end > p->k->arch->user_end ||
	    (v->start | v->end) % PROCESS_PAGE || p->nareas >= MAX_AREAS) {
		p->bad_areas++;
		return p->bad_areas < MAX_AREAS;
	}
	struct {
		struct process_area *v;
		size_t n, cap;
	} areas = { p->area, p->nareas, p->cap_areas };

	if (!vec_push(&areas, ((struct process_area){ .vma = *v }))) {
		p->areas_st = VS_NOMEM;
		return false;
	}
	p->area = areas.v;
	p->nareas = areas.n;
	p->cap_areas = areas.cap;
	return true;
}

static void load_files(struct process *p)
{
	for (size_t i = 0; i < p->nareas; i++) {
		struct process_area *a = &p->area[i];
		struct buf path = { 0 };
		struct fs_file f;

		if (!a->vma.file || fs_file_load(p->k, a->vma.file, &f, NULL))
			continue;
		a->inode = f.inode;
		(void)fs_put_name(p->k, &f, &path, NULL);
		if (path.len && !path.oom)
			a->path = strdup(buf_str(&path));
		buf_deinit(&path);
	}
}

vs_status process_load_areas(struct kernel *k, kva_t task, struct process *ret, struct err *err)
{
	struct process *p = ret;
	struct task t;
	vs_status st = task_load(k, task, &t, err);

	*p = (struct process){ .k = k };
	if (st == VS_OK && !t.mm)
		st = fail(err, VS_INVAL, "PID %d, %s, has no memory: it is %s", t.pid, t.comm,
			  task_is_kernel(&t) ? "a kernel thread" : "dead");
	if (st == VS_OK)
		st = task_page_root(k, task, &p->root, err);
	if (st)
		return st;
	p->mm = t.mm;
	st = vma_each(k, p->mm, add_area, p, &p->areas_why);
	if (st == VS_OK && p->areas_st)
		st = fail(&p->areas_why, p->areas_st, "out of memory");
	p->areas_st = st;
	if (!p->nareas && st)
		return fail(err, st, "%s", p->areas_why.msg);
	load_files(p);
	return VS_OK;
}

vs_status process_load(struct kernel *k, int32_t pid, struct process *ret, struct err *err)
{
	kva_t task = 0;
	vs_status st = kernel_need_types(k, err);

	*ret = (struct process){ .k = k };
	if (st == VS_OK)
		st = task_by_pid(k, pid, &task, err);
	if (st == VS_OK)
		st = process_load_areas(k, task, ret, err);
	return st ? st : load_threads(ret, task, err);
}

void process_free(struct process *p)
{
	for (size_t i = 0; i < p->nareas; i++)
		free(p->area[i].path);
	free(p->area);
	free(p->thread);
	file_pages_free(&p->pages);
}

/* --- pages */

enum { MM_VDSO, MM_VDSO_IMAGE };
static const struct record_field vdso_fields[] = {
	[MM_VDSO] = { { "context.vdso" }, RECORD_POINTER },
	// a62c34bd2a8a (3.16)
	[MM_VDSO_IMAGE] = { { "context.vdso_image" }, RECORD_POINTER },
};
RECORD(mm_vdso_record, "mm_struct", vdso_fields);

enum { VDSO_DATA, VDSO_SIZE };
static const struct record_field vdso_image_fields[] = {
	[VDSO_DATA] = { { "data" }, RECORD_POINTER },
	[VDSO_SIZE] = { { "size" }, RECORD_UINT },
};
RECORD(vdso_image_record, "vdso_image", vdso_image_fields);

/* [vdso] gets its pages when they are first used, from the kernel's image of it. */
static bool read_vdso(struct process *p, uint64_t va, void *dst)
{
	struct record mm, image;
	uint64_t start, size, data;

	record_read(p->k, &mm_vdso_record, p->mm, RECORD_ALL, &mm);
	record_read(p->k, &vdso_image_record, record_pointer(&mm, MM_VDSO_IMAGE), RECORD_ALL,
		    &image);
	return record_get(&mm, MM_VDSO, &start) && record_get(&image, VDSO_SIZE, &size) &&
	       record_get(&image, VDSO_DATA, &data) && va >= start && size >= PROCESS_PAGE &&
	       va - start <= size - PROCESS_PAGE &&
	       mem_read(p->k->mem, data + (va - start), dst, PROCESS_PAGE, NULL) == VS_OK;
}

static enum process_page state_of(vs_status st)
{
	return st == VS_EXCLUDED ? PAGE_FILTERED : st == VS_SWAPPED ? PAGE_IN_SWAP : PAGE_MISSING;
}

/* A page that the page tables do not have yet: it is in its file. */
static enum process_page read_file_page(struct process *p, const struct process_area *a,
					uint64_t va, void *dst, uint64_t *end, struct err *err)
{
	uint64_t index, next;
	vs_status st;
	bool zero;

	if (!a->inode || !a->vma.knows_pgoff ||
	    __builtin_add_overflow(a->vma.pgoff, (va - a->vma.start) / PROCESS_PAGE, &index)) {
		fail(err, VS_NOTFOUND, "its file cannot be read");
		return PAGE_MISSING;
	}
	if (p->pages_inode != a->inode) {
		file_pages_free(&p->pages);
		p->pages_inode = a->inode;
		p->pages_st = file_pages_load(p->k, a->inode, &p->pages, &p->pages_why);
	}
	if (p->pages_st) {
		fail(err, p->pages_st, "%s", p->pages_why.msg);
		return PAGE_MISSING;
	}
	st = file_page_read(p->k, &p->pages, index, dst, &zero, err);
	if (zero || st == VS_NOTFOUND) { // the same up to the next page that is there
		next = file_pages_next(&p->pages, index);
		if (zero && next > (p->pages.size + PROCESS_PAGE - 1) / PROCESS_PAGE)
			next = (p->pages.size + PROCESS_PAGE - 1) / PROCESS_PAGE;
		if (next - index < (*end - va) / PROCESS_PAGE)
			*end = va + (next - index) * PROCESS_PAGE;
		return zero ? PAGE_ZEROS : PAGE_ON_DISK;
	}
	*end = va + PROCESS_PAGE;
	return st ? state_of(st) : PAGE_SAVED;
}

enum process_page process_read_page(struct process *p, const struct process_area *a, uint64_t va,
				    void *dst, uint64_t *end, struct err *err)
{
	struct mem_got got;
	struct err why;

	*end = a->vma.end;
	if (a->vma.flags & VM_IO)
		return PAGE_DEVICE;
	got = kmem_read_as(p->k->kmem, p->root, va, dst, PROCESS_PAGE, &why);
	if (got.why != VS_UNMAPPED) {
		if (got.why)
			fail(err, got.why, "%s", why.msg);
		*end = va + PROCESS_PAGE;
		return got.why ? state_of(got.why) : PAGE_SAVED;
	}
	*end = kmem_next_mapped(p->k->kmem, p->root, va);
	if (*end > a->vma.end || *end <= va)
		*end = a->vma.end;
	if (a->vma.knows_flags && !(a->vma.flags & VM_ACCESS))
		return PAGE_RESERVED;
	if (a->vma.knows_ops && !a->vma.ops)
		return PAGE_ZEROS;
	if (a->vma.file)
		return read_file_page(p, a, va, dst, end, err);
	*end = va + PROCESS_PAGE;
	return read_vdso(p, va, dst) ? PAGE_SAVED : PAGE_ON_DISK;
}

static const struct process_area *area_at(const struct process *p, uint64_t va)
{
	size_t lo = 0, hi = p->nareas;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->area[mid].vma.end <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->nareas && p->area[lo].vma.start <= va ? &p->area[lo] : NULL;
}

bool process_read(struct process *p, uint64_t va, uint8_t *dst, size_t len, struct err *why)
{
	uint8_t page[PROCESS_PAGE];

	while (len) {
		uint64_t base = va & ~(PROCESS_PAGE - 1), end;
		const struct process_area *a = area_at(p, base);
		size_t off = (size_t)(va - base),
		       n = PROCESS_PAGE - off < len ? PROCESS_PAGE - off : len;

		if (!a || process_read_page(p, a, base, page, &end, why) != PAGE_SAVED)
			return false;
		memcpy(dst, page + off, n);
		va += n;
		dst += n;
		len -= n;
	}
	return true;
}
