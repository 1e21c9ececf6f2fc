// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_files.c - files: a task's open files, root and working directory. */
#include <inttypes.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/fs/fs.h"
#include "stub/monitor/cmd.h"

struct files_print {
	struct monitor *m;
	struct buf *out;
	bool cache; /* -c */
	unsigned n;
};

static void put_header(struct files_print *p)
{
	if (p->n++)
		return;
	buf_puts(p->out,
		 p->cache ? " FD      INODE          I_MAPPING     NRPAGES TYPE PATH\n"
			  : " FD       FILE            DENTRY           INODE       TYPE PATH\n");
}

static bool put_file(void *ctx, unsigned fd, kva_t file)
{
	struct files_print *p = ctx;
	struct fs_file f = { .file = file };
	struct err why;

	put_header(p);
	if (fs_file_load(p->m->k, file, &f, &why)) {
		buf_printf(p->out, "%3u %016" PRIx64 " (%s)\n", fd, file, why.msg);
		return true;
	}
	if (p->cache) {
		buf_printf(p->out, "%3u %016" PRIx64, fd, f.inode);
		buf_put_known(p->out, f.knows_mapping || !f.inode, " %016" PRIx64, f.mapping);
		buf_put_known(p->out, f.knows_npages || !f.inode, " %7" PRIu64, f.npages);
	} else {
		buf_printf(p->out, "%3u %016" PRIx64 " %016" PRIx64 " %016" PRIx64, fd, file,
			   f.path.dentry, f.inode);
	}
	buf_printf(p->out, " %s ", fs_type_str(&f));
	if (fs_put_name(p->m->k, &f, p->out, &why))
		buf_printf(p->out, " (%s)", why.msg);
	buf_putc(p->out, '\n');
	return true;
}

static void put_dir(struct monitor *m, const char *label, const struct fs_path *dir,
		    struct buf *out)
{
	struct err why;

	buf_puts(out, label);
	if (fs_put_path(m->k, dir, out, &why))
		buf_printf(out, " (%s)", why.msg);
}

static vs_status files_of_task(struct monitor *m, kva_t va, bool cache, struct buf *out,
			       struct err *err)
{
	struct files_print p = { .m = m, .out = out, .cache = cache };
	struct fs_path root, pwd;
	struct err why;
	struct task t;
	vs_status st = task_load(m->k, va, &t, err);

	if (st)
		return st;
	cmd_task_line(&t, out);
	if (fs_of_task(m->k, va, &root, &pwd, &why) == VS_OK) {
		put_dir(m, "ROOT: ", &root, out);
		put_dir(m, "    CWD: ", &pwd, out);
		buf_putc(out, '\n');
	} else {
		buf_printf(out, "(%s)\n", why.msg);
	}
	st = fs_each_fd(m->k, va, put_file, &p, err);
	if (st == VS_NOTFOUND)
		st = VS_OK;
	if (!p.n && st == VS_OK)
		buf_puts(out, "No open files\n");
	return st;
}

/* -d: describes a dentry. */
static vs_status dentry(struct monitor *m, const char *text, struct buf *out, struct err *err)
{
	struct fs_file f = { 0 };
	struct err why;
	kva_t inode;
	vs_status st = cmd_address(m, text, &f.path.dentry, err);

	if (st == VS_OK)
		st = fs_dentry_inode(m->k, f.path.dentry, &inode, err);
	if (st)
		return st;
	if (inode)
		(void)fs_inode_load(m->k, inode, &f, NULL);
	buf_puts(out, "     DENTRY           INODE           SUPERBLK     TYPE PATH\n");
	f.inode = inode;
	buf_printf(out, "%016" PRIx64 " %016" PRIx64, f.path.dentry, inode);
	buf_put_known(out, f.sb || !inode, " %016" PRIx64, f.sb);
	buf_printf(out, " %s ", inode ? fs_type_str(&f) : "N/A ");
	// A dentry does not say which of its file system's mounts is meant; use the first one.
	(void)fs_mount_of(m->k, f.path.dentry, &f.path.mnt);
	if (fs_put_path(m->k, &f.path, out, &why))
		buf_printf(out, " (%s)", why.msg);
	buf_putc(out, '\n');
	return VS_OK;
}

static vs_status cmd_files(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	bool cache = cmd_has(a, "c");
	vs_status st = VS_OK;
	kva_t va;

	if (cmd_has(a, "d"))
		return dentry(m, cmd_value(a, "d"), out, err);
	if (a->argc == 0) {
		st = cmd_selected_task(m, &va, err);
		return st ? st : files_of_task(m, va, cache, out, err);
	}
	for (int i = 0; i < a->argc && st == VS_OK; i++) {
		if (i)
			buf_putc(out, '\n');
		st = cmd_find_task(m, a->argv[i], &va, err);
		if (st == VS_OK)
			st = files_of_task(m, va, cache, out, err);
	}
	return st;
}

static const struct cmd_opt options[] = {
	{ "c", .help = "each file's inode and address space, with its pages in the page cache" },
	{ "d", "DENTRY", .help = "describe a dentry", OPERANDS(0, 0) },
	{ 0 },
};

const struct cmd verb_files = {
	.name = "files",
	.run = cmd_files,
	.brief = "open files of a task",
	.synopsis = "files [-c] [PID | TASK]...\n"
		    "  files -d DENTRY",
	.help = "Paths start at the root of the mount namespace, not at the task's root "
		"directory.\n",
	.example = "  files 121\n"
		   "  PID: 121      TASK: ffff893301db4380  CPU: 2    COMMAND: \"w_files\"\n"
		   "  ROOT: /    CWD: /tmp\n"
		   "   FD       FILE            DENTRY           INODE       TYPE PATH\n"
		   "    3 ffff893301d7ef00 ffff893301abe240 ffff893301d8ce80 REG  /tmp/w_plain\n",
	.options = options,
	.operands = OPERANDS(0, OPERANDS_ANY),
	.tasks = TASKS_ONE,
};
