// SPDX-License-Identifier: GPL-3.0-or-later
/* vmtarget.c - the crashed kernel as an rsp_target. */
#include "stub/gdb/vmtarget.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/gdb/gdbmem.h"
#include "stub/gdb/images.h"
#include "stub/task/cpus.h"
#include "stub/kernel/kernel.h"
#include "stub/module/lines.h"
#include "stub/module/modules.h"
#include "stub/kernel/percpu.h"
#include "stub/unwind/rethook.h"
#include "stub/unwind/stack.h"
#include "stub/task/tasks.h"
#include "stub/monitor/monitor.h"
#include "stub/gdb/osdata.h"
#include "stub/rsp/target.h"
#include "stub/gdb/scripts.h"
#include "stub/gdb/servedfiles.h"
#include "stub/subsys/swap/swapped.h"
#include "stub/gdb/taskfiles.h"
#include "stub/gdb/threads.h"
#include "stub/gdb/userfiles.h"

struct vmtarget {
	struct kernel *k;
	struct images *images;
	struct monitor monitor;
	struct scripts scripts;
	struct rsp_target rsp;
	struct pulse pulse;
	bool local_gdb;
	bool explain; /* on connecting, that nothing runs */
	struct threads *threads;
	struct gdbmem *mem;
	struct userfiles user;
	struct taskfiles taskfiles;
	bool list_changed;     /* a chosen task has other files than the one before */
	unsigned user_renewed; /* images_user_symbol() when gdb last read the list */
	struct served_files served;
};

/* --- threads */

static uint64_t t_thread_next(void *ctx, uint64_t after)
{
	struct vmtarget *t = ctx;

	return threads_next(t->threads, after);
}

static uint64_t t_stop_thread(void *ctx)
{
	struct vmtarget *t = ctx;

	return threads_first_choice(t->threads);
}

static bool t_thread_alive(void *ctx, uint64_t tid)
{
	struct vmtarget *t = ctx;

	return threads_find(t->threads, tid) != NULL;
}

static vs_status need_view(struct vmtarget *t, uint64_t tid, struct thread_view **ret,
			   struct err *err)
{
	*ret = threads_find(t->threads, tid);
	return *ret ? VS_OK : fail(err, VS_NOTFOUND, "no thread %" PRIu64, tid);
}

/* Says why no registers were saved, and where the thread's registers come from instead. */
static void put_start(const struct thread_view *v, struct buf *out)
{
	if (!v->why.msg[0])
		return;
	buf_printf(out, ", %s", v->why.msg);
	if (v->has_regs && v->frame.how == HOW_FOUND)
		buf_printf(out, "; found on its stack: a call of %s(), which never returns",
			   v->frame.evidence);
	else if (v->has_regs)
		buf_puts(out, "; shown where it last entered the kernel from user mode");
}

static vs_status t_thread_extra(void *ctx, uint64_t tid, struct buf *out, struct err *err)
{
	struct vmtarget *t = ctx;
	struct thread_view *v;
	unsigned panicked;
	vs_status st = need_view(t, tid, &v, err);

	if (st)
		return st;
	if (v->has_task)
		buf_printf(out, "pid %d, %s, task %#" PRIx64, v->task.pid, task_state_str(&v->task),
			   v->task.va);
	else if (v->task_va)
		buf_printf(out, "pid ?, task %#" PRIx64 " cannot be read", v->task_va);
	if (cpu_panicked(t->k, &panicked, NULL) == VS_OK && panicked + 1 == tid)
		buf_puts(out, ", PANIC");
	put_start(v, out);
	return VS_OK;
}

static vs_status t_thread_name(void *ctx, uint64_t tid, struct buf *name, int *core,
			       struct err *err)
{
	struct vmtarget *t = ctx;
	struct thread_view *v;
	vs_status st = need_view(t, tid, &v, err);

	if (st)
		return st;
	if (tid < THREADS_TASK_BASE)
		buf_printf(name, "CPU %" PRIu64 " ", tid - 1);
	buf_puts(name, v->has_task ? v->task.comm : "?");
	*core = v->cpu == TASK_NO_CPU ? -1 : (int)v->cpu;
	return VS_OK;
}

/* --- registers */

/* Gets both sets of registers of a thread. */
static vs_status need_regs(struct vmtarget *t, uint64_t tid, const struct regs **regs,
			   struct kernel_regs *kr, struct err *err)
{
	struct thread_view *v;
	vs_status st = need_view(t, tid, &v, err);

	if (st)
		return st;
	*regs = &v->frame.regs;
	*kr = (struct kernel_regs){ 0 };
	if (v->cpu != TASK_NO_CPU) {
		kr->v[KREG_CPU] = v->cpu;
		kr->known |= 1u << KREG_CPU;
	}
	if (t->k->have_slide) {
		kr->v[KREG_SLIDE] = t->k->slide;
		kr->known |= 1u << KREG_SLIDE;
	}
	if (v->has_task) {
		kr->v[KREG_PID] = (uint32_t)v->task.pid;
		kr->known |= 1u << KREG_PID;
	}
	return VS_OK;
}

static vs_status t_regs_read(void *ctx, uint64_t tid, struct buf *out, struct err *err)
{
	struct vmtarget *t = ctx;
	const struct regs *regs;
	struct kernel_regs kr;
	vs_status st = need_regs(t, tid, &regs, &kr, err);

	if (st == VS_OK)
		t->k->arch->gdb_regs(regs, &kr, out);
	return st;
}

static vs_status t_reg_read(void *ctx, uint64_t tid, uint64_t regno, struct buf *out,
			    struct err *err)
{
	struct vmtarget *t = ctx;
	const struct regs *regs;
	struct kernel_regs kr;
	vs_status st = need_regs(t, tid, &regs, &kr, err);

	if (st == VS_OK && !t->k->arch->gdb_reg(regs, &kr, regno, out))
		st = fail(err, VS_NOTFOUND, "no register %" PRIu64, regno);
	return st;
}

/* --- memory */

static struct mem_got t_mem_read(void *ctx, uint64_t tid, uint64_t addr, void *dst, size_t len,
				 struct err *err)
{
	struct vmtarget *t = ctx;

	struct thread_view *v = threads_find(t->threads, tid);

	if (v && v->has_task && addr < t->k->arch->user_end)
		taskfiles_check(&t->taskfiles, t->k, v->task_va, v->task.mm);
	return gdbmem_read(t->mem, v, addr, dst, len, err);
}

/* --- objects */

static vs_status list_libraries(struct vmtarget *t, struct buf *out, struct err *err)
{
	vs_status st = images_library_list(t->images, out, err);
	unsigned renewed;

	images_user_symbol(t->images, &renewed);
	if (renewed != t->user_renewed)
		userfiles_renewed(&t->user);
	t->user_renewed = renewed;
	gdbmem_list_read(t->mem);
	return st;
}

/* Recognises gdb 10, which lacks memory tagging. With vmlinux as a debug file, it shows NULL as the
 * first per-CPU variable in some kernels, as it sorts sections with equal addresses differently. */
static void t_gdb_features(void *ctx, const char *text, size_t n)
{
	static const char since_11[] = "memory-tagging+";
	struct vmtarget *t = ctx;

	images_allow_debug_file(t->images, memmem(text, n, since_11, sizeof(since_11) - 1) != NULL);
	// Where there are buttons, it may not be seen that a request was refused, or why. (DAP's
	// adapter shows nothing that gdb prints while it connects, so there it is not said.)
	if (t->rsp.gdb_on_pipe && t->explain)
		log_warn("note: this is a crash dump: continue and step stop again at once where "
			 "they are, and breakpoints are never hit; monitor help lists what can be "
			 "asked");
}

static void t_symbols(void *ctx, const char *name, uint64_t value, struct buf *ask)
{
	struct vmtarget *t = ctx;
	unsigned renewed;
	const char *image = images_user_symbol(t->images, &renewed);

	if (!renewed) // gdb has not read the list yet
		return;
	userfiles_take(&t->user, image, name, value, ask);
	if (t->user.behind)
		images_user_covered(t->images);
	if (t->user.tell && !gdbmem_list_awaited(t->mem))
		log_warn("note: backtraces still end at user mode; to see frames of the program "
			 "whose "
			 "symbols gdb has loaded, type sharedlibrary");
	t->user.tell = false;
}

static vs_status t_xfer(void *ctx, const char *object, const char *annex, struct buf *out,
			struct err *err)
{
	struct vmtarget *t = ctx;

	if (strcmp(object, "features") == 0) {
		if (strcmp(annex, "target.xml") != 0)
			return fail(err, VS_NOTFOUND, "no feature file %s", annex);
		t->k->arch->target_xml(out);
		return VS_OK;
	}
	if (strcmp(object, "libraries") == 0)
		return list_libraries(t, out, err);
	if (strcmp(object, "exec-file") == 0 && !t->local_gdb && !t->rsp.gdb_on_pipe &&
	    !t->k->opt->full)
		images_spare_vmlinux(t->images);
	if (strcmp(object, "exec-file") == 0)
		return images_exec_file(t->images, out, err);
	if (strcmp(object, "osdata") == 0)
		return osdata_put(t->k, annex, out, err);
	return fail(err, VS_UNSUPPORTED, "no object %s", object);
}

/* gdb moves the per-CPU section with the rest, and nothing can prevent it. */
static void tell_percpu_offset(struct vmtarget *t)
{
	kva_t start;

	if (t->k->slide && kernel_file_moves_percpu(images_kernel_file(t->images)) &&
	    kernel_symbol(t->k, "__per_cpu_start", &start, NULL) == VS_OK &&
	    start < t->k->arch->os->image_base)
		log_warn("note: gdb adds the KASLR offset to the addresses of per-CPU variables, "
			 "too; in pointer arithmetic write &VARIABLE - $kaslr_offset "
			 "(vmgdb does not need this)");
}

static vs_status t_offsets(void *ctx, struct buf *out, struct err *err)
{
	struct vmtarget *t = ctx;
	uint64_t text, data, size;

	// gdb asks for offsets when it has chosen its main file, which it keeps open.
	images_settle(t->images, served_any(&t->served));
	// The entry image is at its true address, and vmlinux is a library. For an image of the
	// whole kernel at its true address, the offsets below are right, too.
	if (images_kernel_file(t->images) == KERNEL_FILE_LIBRARY)
		return VS_NOTFOUND;
	tell_percpu_offset(t);
	if (images_kernel_file(t->images) != KERNEL_FILE_NONE &&
	    kernel_need_vmlinux(t->k, NULL) == VS_OK &&
	    elffile_load_segment(t->k->vmlinux, 0, &text, &size) &&
	    elffile_load_segment(t->k->vmlinux, 1, &data, &size)) {
		text += t->k->slide;
		data += t->k->slide;
	} else if (kernel_symbol(t->k, "_text", &text, err) ||
		   kernel_symbol(t->k, "_sdata", &data, err)) {
		return VS_NOTFOUND;
	}
	buf_printf(out, "TextSeg=%" PRIx64 ";DataSeg=%" PRIx64, text, data);
	return VS_OK;
}

/* In non-stop mode, gdb never asks for offsets, which its main file needs; a library needs none. */
static void t_non_stop(void *ctx)
{
	struct vmtarget *t = ctx;

	log_warn("note: gdb is in non-stop mode, where it shows only the crashed thread; for all "
		 "CPUs type set non-stop off before connecting (in Emacs, set "
		 "gdb-non-stop-setting to nil)");
	images_allow_debug_file(t->images, false);
	images_settle(t->images, false); // as what gdb has would not be known
	if (images_kernel_file(t->images) != KERNEL_FILE_LIBRARY)
		gdbmem_tell_slide(
			t->mem, "In that mode gdb does not ask for the KASLR offset either: let it "
				"connect first.");
}

/* --- monitor */

static void module_changed(void *ctx, struct module *m)
{
	struct vmtarget *t = ctx;

	images_module_changed(t->images, m);
}

/* gdb's adapter for the Debug Adapter Protocol takes a new thread for a running one until the next
 * stop, and refuses everything until then (_new_thread() of gdb/python/lib/gdb/dap/events.py, 14 to
 * 18). So a thread for it first appears in a stop. */
static vs_status choose_task(void *ctx, kva_t task, unsigned *number, struct buf *about,
			     struct err *err)
{
	struct vmtarget *t = ctx;
	uint64_t tid;
	vs_status st = threads_of_task(t->threads, task, &tid, number, err);

	if (st == VS_OK && !t->monitor.alone)
		t->list_changed |= taskfiles_choose(&t->taskfiles, t->k, t->images, task, about);

	if (st == VS_OK)
		gdbmem_chosen(t->mem, *number | (threads_have_held(t->threads) ? GDBMEM_HELD : 0));
	return st;
}

static uint64_t t_new_thread(void *ctx)
{
	struct vmtarget *t = ctx;

	return threads_show_held(t->threads);
}

static void select_thread(struct vmtarget *t, uint64_t tid)
{
	struct thread_view *v = threads_find(t->threads, tid);

	t->monitor.cpu = v && v->cpu != TASK_NO_CPU ? v->cpu : 0;
	t->monitor.task = v && v->has_task ? v->task_va : 0;
	t->monitor.pc =
		v && regs_has(&v->frame.regs, t->k->arch->pc) ? v->frame.regs.v[t->k->arch->pc] : 0;
}

static vs_status t_monitor(void *ctx, uint64_t tid, const char *cmd, struct buf *out,
			   struct err *err)
{
	struct vmtarget *t = ctx;
	bool may_ask = gdbmem_can_evaluate(t->mem), script = gdbmem_task_script(t->mem);
	bool held = threads_have_held(t->threads);
	uint32_t answer;
	vs_status st;

	gdbmem_chosen(t->mem, 0);
	select_thread(t, tid);
	st = scripts_run(&t->scripts, &t->monitor, cmd, may_ask, &answer, out, err);
	if (answer)
		gdbmem_answer(t->mem, answer);
	if (t->list_changed && script)
		gdbmem_add(t->mem, GDBMEM_LIBRARIES);
	else if (t->list_changed)
		buf_puts(out, "Type sharedlibrary to load its symbols.\n");
	t->list_changed = false;
	if (!held && !script && threads_have_held(t->threads))
		buf_puts(out, "Type stepi to select it.\n");
	return st;
}

vs_status vmtarget_exec(struct vmtarget *t, const char *lines, struct buf *out, monitor_done done,
			void *ctx, struct err *err)
{
	t->monitor.alone = true;
	select_thread(t, t_stop_thread(t));
	return monitor_run_list(&t->monitor, lines, out, done, ctx, err);
}

bool vmtarget_quit(const struct vmtarget *t)
{
	return t->monitor.quit;
}

bool vmtarget_scroll_off(const struct vmtarget *t)
{
	return t->monitor.scroll_off;
}

/* --- files */

static vs_status t_file_open(void *ctx, const char *name, int *fd, struct err *err)
{
	struct vmtarget *t = ctx;

	// With the default sysroot, gdb opens this name to find out whether the target serves
	// files; if not, it opens them itself (remote_target::filesystem_is_local() in
	// gdb/remote.c).
	if (t->local_gdb && strcmp(name, "just probing") == 0)
		return fail(err, VS_UNSUPPORTED, "gdb can open files itself");
	return served_open(&t->served, t->images, name, fd, err);
}

static struct mem_got t_file_pread(void *ctx, int fd, uint64_t off, void *dst, size_t len,
				   struct err *err)
{
	struct vmtarget *t = ctx;

	return served_pread(&t->served, fd, off, dst, len, err);
}

static vs_status t_file_stat(void *ctx, int fd, struct rsp_stat *ret, struct err *err)
{
	const struct vmtarget *t = ctx;

	return served_stat(&t->served, fd, ret, err);
}

static void t_file_close(void *ctx, int fd)
{
	struct vmtarget *t = ctx;

	served_close(&t->served, fd);
}

static const char *const xfer_objects[] = { "features", "libraries", "exec-file", "osdata", NULL };

static const struct rsp_ops ops = {
	.stop_thread = t_stop_thread,
	.thread_alive = t_thread_alive,
	.thread_next = t_thread_next,
	.thread_extra = t_thread_extra,
	.thread_name = t_thread_name,
	.regs_read = t_regs_read,
	.reg_read = t_reg_read,
	.mem_read = t_mem_read,
	.xfer = t_xfer,
	.xfer_objects = xfer_objects,
	.symbols = t_symbols,
	.gdb_features = t_gdb_features,
	.offsets = t_offsets,
	.non_stop = t_non_stop,
	.new_thread = t_new_thread,
	.monitor = t_monitor,
	.file_open = t_file_open,
	.file_pread = t_file_pread,
	.file_stat = t_file_stat,
	.file_close = t_file_close,
};

struct vmtarget *vmtarget_create(struct kernel *k, const struct vmtarget_options *opt)
{
	struct vmtarget *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->k = k;
	t->local_gdb = opt->local_gdb;
	t->explain = opt->front_end == PEER_MI || opt->front_end == PEER_BESIDE;
	t->user.user_end = k->arch->user_end;
	t->rsp = (struct rsp_target){ .ops = &ops,
				      .ctx = t,
				      .gdb_on_pipe = opt->gdb_on_pipe,
				      .terminal = opt->terminal,
				      .machine_interface = opt->front_end == PEER_MI,
				      .pulse = &t->pulse,
				      .beacon = opt->beacon };
	kmem_set_pulse(k->kmem, &t->pulse);
	served_init(&t->served);
	t->images = images_create(k, opt->entry_first, opt->links);
	if (!t->images || lines_set_modules(k, images_module_fd, t->images)) {
		vmtarget_destroy(t);
		return NULL;
	}
	t->threads = threads_create(k, opt->all_tasks);
	t->mem = gdbmem_create(k, t->images);
	if (!t->threads || !t->mem) {
		vmtarget_destroy(t);
		return NULL;
	}
	if (opt->front_end == PEER_DAP)
		threads_hold_new(t->threads);
	t->monitor = (struct monitor){
		.k = k, .module_changed = module_changed, .choose_task = choose_task, .ctx = t
	};
	stack_install_overlay(k);
	swapped_install(k);
	return t;
}

void vmtarget_destroy(struct vmtarget *t)
{
	if (!t)
		return;
	kmem_set_pulse(t->k->kmem, NULL);
	lines_close(t->k); // reads images
	gdbmem_destroy(t->mem);
	images_destroy(t->images);
	served_deinit(&t->served);
	threads_destroy(t->threads);
	free(t);
}

const struct rsp_target *vmtarget_rsp(struct vmtarget *t)
{
	return &t->rsp;
}
