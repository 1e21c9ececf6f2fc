// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_files.c - files: a task's open files, root and working directory. */
#include <inttypes.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/fs/fs.h"
#include "stub/monitor/cmd.h"

static const struct table_def task_table = {
	.name = "rows",
	.columns = {
		CMD_TASK_COLUMNS,
		{ "root", "ROOT: ", 0, COLUMN_TEXT },
		{ "cwd", "    CWD: ", 0, COLUMN_TEXT },
	},
};
static const struct table_def file_table = {
	.name = "files",
	.heading = " FD       FILE            DENTRY           INODE       TYPE PATH\n",
	.if_rows = true,
	.columns = {
		{ "fd", "", 3, COLUMN_NUMBER },
		{ "file", " ", 16, COLUMN_ADDRESS0 },
		{ "dentry", " ", 16, COLUMN_ADDRESS0 },
		{ "inode", " ", 16, COLUMN_ADDRESS0 },
		{ "type", " ", -4, COLUMN_TEXT },
		{ "path", " ", 0, COLUMN_TEXT },
	},
};
static const struct table_def cache_table = {
	.name = "files",
	.heading = " FD      INODE          I_MAPPING     NRPAGES TYPE PATH\n",
	.if_rows = true,
	.columns = {
		{ "fd", "", 3, COLUMN_NUMBER },
		{ "file", NULL, 0, COLUMN_ADDRESS },
		{ "inode", " ", 16, COLUMN_ADDRESS0 },
		{ "mapping", " ", 16, COLUMN_ADDRESS0 },
		{ "pages", " ", 7, COLUMN_NUMBER },
		{ "type", " ", -4, COLUMN_TEXT },
		{ "path", " ", 0, COLUMN_TEXT },
	},
};

struct files_print {
	struct monitor *m;
	struct table t;
	bool cache; /* -c */
};

static bool put_file(void *ctx, unsigned fd, kva_t file)
{
	struct files_print *p = ctx;
	struct fs_file f = { .file = file };
	AUTO(buf) name = { 0 };
	struct err why;
	vs_status st = fs_file_load(p->m->k, file, &f, &why);

	table_uint(&p->t, fd);
	table_uint(&p->t, file);
	if (st && p->cache)
		table_layout(&p->t, " %016" PRIx64, file);
	if (st) {
		table_remark(&p->t, " ", "%s", why.msg);
		table_end_row(&p->t);
		return true;
	}
	if (p->cache) {
		table_uint(&p->t, f.inode);
		table_known(&p->t, f.knows_mapping || !f.inode, f.mapping);
		table_known(&p->t, f.knows_npages || !f.inode, f.npages);
	} else {
		table_uint(&p->t, f.path.dentry);
		table_uint(&p->t, f.inode);
	}
	table_text(&p->t, fs_type_str(&f));
	st = fs_put_name(p->m->k, &f, &name, &why);
	table_text(&p->t, buf_str(&name));
	if (st)
		table_remark(&p->t, " ", "%s", why.msg);
	table_end_row(&p->t);
	return true;
}

static void put_path(struct monitor *m, const struct fs_path *path, struct table *row)
{
	AUTO(buf) text = { 0 };
	struct err why;
	vs_status st = fs_put_path(m->k, path, &text, &why);

	table_text(row, buf_str(&text));
	if (st)
		table_remark(row, " ", "%s", why.msg);
}

static vs_status put_task(struct files_print *p, const struct task *t, struct table *row,
			  struct err *err)
{
	struct fs_path root, pwd;
	struct err why;
	vs_status st;

	cmd_task_cells(t, row);
	if (fs_of_task(p->m->k, t->va, &root, &pwd, &why) == VS_OK) {
		put_path(p->m, &root, row);
		put_path(p->m, &pwd, row);
	} else {
		table_remark(row, "", "%s", why.msg);
	}
	table_layout(row, "\n");
	table_nest(&p->t, p->cache ? &cache_table : &file_table, row);
	st = fs_each_fd(p->m->k, t->va, put_file, p, err);
	if (st == VS_NOTFOUND)
		st = VS_OK;
	if (!p->t.rows && st == VS_OK)
		table_layout(row, "No open files\n");
	table_end(&p->t);
	return st;
}

static vs_status files_of_task(struct monitor *m, kva_t va, bool cache, struct buf *out,
			       struct err *err)
{
	struct files_print p = { .m = m, .cache = cache };
	struct table row;
	struct task t;
	vs_status st = task_load(m->k, va, &t, err);

	if (st)
		return st;
	table_begin(&row, &task_table, m, out);
	st = put_task(&p, &t, &row, err);
	table_end_row(&row);
	table_end(&row);
	return st;
}

/* --- -d: describes a dentry */

static const struct table_def dentry_table = {
	.name = "rows",
	.heading = "     DENTRY           INODE           SUPERBLK     TYPE PATH\n",
	.columns = {
		{ "dentry", "", 16, COLUMN_ADDRESS0 },
		{ "inode", " ", 16, COLUMN_ADDRESS0 },
		{ "superblock", " ", 16, COLUMN_ADDRESS0 },
		{ "type", " ", -4, COLUMN_TEXT },
		{ "path", " ", 0, COLUMN_TEXT },
	},
};

static vs_status dentry(struct monitor *m, const char *text, struct buf *out, struct err *err)
{
	struct fs_file f = { 0 };
	struct table t;
	kva_t inode;
	vs_status st = cmd_address(m, text, &f.path.dentry, err);

	if (st == VS_OK)
		st = fs_dentry_inode(m->k, f.path.dentry, &inode, err);
	if (st)
		return st;
	if (inode)
		(void)fs_inode_load(m->k, inode, &f, NULL);
	// A dentry does not say which of its file system's mounts is meant; use the first one.
	(void)fs_mount_of(m->k, f.path.dentry, &f.path.mnt);
	table_begin(&t, &dentry_table, m, out);
	table_uint(&t, f.path.dentry);
	table_uint(&t, inode);
	table_known(&t, f.sb || !inode, f.sb);
	if (!inode)
		table_show(&t, "N/A");
	table_text(&t, inode ? fs_type_str(&f) : NULL);
	put_path(m, &f.path, &t);
	table_end_row(&t);
	table_end(&t);
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
	.json = true,
};
