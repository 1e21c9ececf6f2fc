// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_mount.c - mount: mounted file systems, and their open files and dirty inodes. */
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "stub/subsys/fs/fs.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/kernel/walk.h"
#include "stub/monitor/cmd.h"
#include "stub/monitor/table.h"

#define I_DIRTY 7 /* I_DIRTY_SYNC, I_DIRTY_DATASYNC, I_DIRTY_PAGES (include/linux/fs.h) */

/* An open file of some task. */
struct opened {
	kva_t file, sb;
};

struct mount_print {
	struct monitor *m;
	struct table t;
	const char *only; /* an address or name; NULL: all */
	bool files, inodes;
	VEC(struct opened) open; /* sorted by file system, each file once */
	bool oom;
};

static bool wanted(const struct mount_print *p, const struct fs_mount *mnt, const char *dir)
{
	char *end;
	kva_t va;

	if (!p->only || strcmp(p->only, mnt->device) == 0 || strcmp(p->only, dir) == 0)
		return true;
	va = strtoull(p->only, &end, 16);
	return !*end && va &&
	       (va == mnt->mount || va == mnt->path.mnt || va == mnt->sb || va == mnt->root);
}

static const struct table_def mount_table = {
	.name = "rows",
	.columns = {
		{ "mount", "", 16, COLUMN_ADDRESS0 },
		{ "superblock", " ", 16, COLUMN_ADDRESS0 },
		{ "type", " ", -6, COLUMN_TEXT },
		{ "device", " ", -9, COLUMN_TEXT },
		{ "directory", " ", 0, COLUMN_TEXT },
	},
};
static const struct table_def open_table = {
	.name = "open_files",
	.heading = "OPEN FILES:\n    DENTRY            INODE       TYPE  PATH\n",
	.if_rows = true,
	.columns = {
		{ "dentry", "", 16, COLUMN_ADDRESS0 },
		{ "inode", "  ", 16, COLUMN_ADDRESS0 },
		{ "type", "  ", -4, COLUMN_TEXT },
		{ "path", "  ", 0, COLUMN_TEXT },
	},
};
static const struct table_def dirty_table = {
	.name = "dirty_inodes",
	.heading = "DIRTY INODES:\n",
	.if_rows = true,
	.columns = { { "inode", "", 16, COLUMN_ADDRESS0 } },
};

static void put_open(struct mount_print *p, kva_t sb)
{
	struct table t;

	table_nest(&t, &open_table, &p->t);
	for (size_t i = 0; i < p->open.n; i++) {
		AUTO(buf) name = { 0 };
		struct fs_file f;
		struct err why;
		vs_status st;

		if (p->open.v[i].sb != sb || fs_file_load(p->m->k, p->open.v[i].file, &f, NULL))
			continue;
		table_uint(&t, f.path.dentry);
		table_uint(&t, f.inode);
		table_text(&t, fs_type_str(&f));
		st = fs_put_name(p->m->k, &f, &name, &why);
		table_text(&t, buf_str(&name));
		if (st)
			table_remark(&t, " ", "%s", why.msg);
		table_end_row(&t);
	}
	if (!t.rows)
		table_layout(&t, "OPEN FILES: (none)\n");
	table_end(&t);
}

struct dirty {
	struct kernel *k;
	struct table t;
	uint64_t off;
	unsigned unknown;
};

static bool put_if_dirty(void *ctx, kva_t node)
{
	struct dirty *d = ctx;
	uint64_t state;

	if (record_field_read(d->k, &inode_record, node - d->off, INODE_STATE, &state, NULL)) {
		d->unknown++;
	} else if (state & I_DIRTY) {
		table_uint(&d->t, node - d->off);
		table_end_row(&d->t);
	}
	return true;
}

static void put_dirty(struct mount_print *p, kva_t sb)
{
	struct kernel *k = p->m->k;
	struct dirty d = { .k = k };
	struct member head, node, state;
	struct err why;
	vs_status st = record_member(k, &inode_record, INODE_STATE, &state, &why);

	table_nest(&d.t, &dirty_table, &p->t);
	if (st == VS_OK)
		st = record_member(k, &inode_record, INODE_SB_LIST, &node, &why);
	if (st == VS_OK)
		st = record_member(k, &sb_record, SB_INODES, &head, &why);
	if (st == VS_OK) {
		d.off = node.off;
		st = walk_list(k, sb + head.off, put_if_dirty, &d, &why);
	}
	if (!st && !d.unknown && !d.t.rows)
		table_layout(&d.t, "DIRTY INODES: (none)\n");
	table_end(&d.t);
	if (st)
		table_remark(&p->t, "DIRTY INODES: ", "%s", why.msg);
	else if (d.unknown)
		table_remark(&p->t, "", "%u more inodes cannot be read", d.unknown);
}

static bool put_mount(void *ctx, const struct fs_mount *mnt)
{
	struct mount_print *p = ctx;
	struct table *t = &p->t;
	AUTO(buf) dir = { 0 };
	struct err why;
	vs_status st = fs_put_path(p->m->k, &mnt->path, &dir, &why);

	if (!wanted(p, mnt, buf_str(&dir)))
		return true;
	if (!t->rows || p->files || p->inodes)
		table_layout(t, "%s     MOUNT           SUPERBLK     TYPE   DEVNAME   DIRNAME\n",
			     t->rows ? "\n" : "");
	table_uint(t, mnt->mount);
	table_uint(t, mnt->sb);
	table_text(t, mnt->type[0] ? mnt->type : NULL);
	table_text(t, mnt->device[0] ? mnt->device : NULL);
	table_text(t, buf_str(&dir));
	if (st)
		table_remark(t, " ", "%s", why.msg);
	if (p->files || p->inodes)
		table_layout(t, "\n");
	if (p->files)
		put_open(p, mnt->sb);
	if (p->inodes)
		put_dirty(p, mnt->sb);
	table_end_row(t);
	return true;
}

/* --- -f: since 3.19 superblocks do not list open files; collect them from the tasks */

static bool add_open(void *ctx, unsigned fd, kva_t file)
{
	struct mount_print *p = ctx;
	struct fs_file f;

	(void)fd;
	if (fs_file_load(p->m->k, file, &f, NULL) == VS_OK &&
	    !vec_push(&p->open, ((struct opened){ file, f.sb })))
		p->oom = true;
	return !p->oom;
}

static int by_sb_and_file(const void *a, const void *b)
{
	const struct opened *x = a, *y = b;

	if (x->sb != y->sb)
		return x->sb < y->sb ? -1 : 1;
	return x->file < y->file ? -1 : x->file > y->file;
}

static vs_status collect_open(struct mount_print *p, struct err *err)
{
	AUTO_FREE kva_t *list = NULL;
	size_t n = 0, kept = 0;
	vs_status st = tasks_list(p->m->k, &list, &n, err);

	for (size_t i = 0; i < n && !p->oom; i++)
		(void)fs_each_fd(p->m->k, list[i], add_open, p, NULL);
	if (p->oom)
		return fail(err, VS_NOMEM, "out of memory");
	if (p->open.n)
		qsort(p->open.v, p->open.n, sizeof(p->open.v[0]), by_sb_and_file);
	for (size_t i = 0; i < p->open.n; i++)
		if (!kept || p->open.v[kept - 1].file != p->open.v[i].file)
			p->open.v[kept++] = p->open.v[i];
	p->open.n = kept;
	return st;
}

static vs_status parse(struct monitor *m, struct args *a, struct mount_print *p, kva_t *task,
		       struct err *err)
{
	const char *who = cmd_value(a, "n");

	p->files = cmd_has(a, "f");
	p->inodes = cmd_has(a, "i");
	p->only = a->argv[0];
	// init's namespace is the first one
	return cmd_find_task(m, who ? who : "1", task, err);
}

static vs_status put_mounts(struct mount_print *p, kva_t task, struct buf *out, struct err *err)
{
	vs_status st;

	table_begin(&p->t, &mount_table, p->m, out);
	st = fs_each_mount(p->m->k, task, put_mount, p, err);
	table_end(&p->t);
	return st;
}

static vs_status cmd_mount(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct mount_print p = { .m = m };
	struct err open_err;
	kva_t task;
	vs_status st = parse(m, a, &p, &task, err), open_st = VS_OK;

	if (st == VS_OK && p.files)
		open_st = collect_open(&p, &open_err);
	if (st == VS_OK)
		st = put_mounts(&p, task, out, err);
	if (st == VS_OK && !p.t.rows)
		st = fail(err, VS_NOTFOUND, "%s: no such mount", p.only ? p.only : "the namespace");
	if (st == VS_OK && open_st)
		st = fail(err, open_st, "not all open files: %s", open_err.msg);
	vec_free(&p.open);
	return st;
}

static const struct cmd_opt options[] = {
	{ "n", "PID | TASK", .help = "in the mount namespace of this task (default: of init)" },
	{ "f", .help = "with open files of all tasks" },
	{ "i", .help = "with dirty inodes" },
	{ 0 },
};

const struct cmd verb_mount = {
	.name = "mount",
	.run = cmd_mount,
	.brief = "mounted file systems",
	.synopsis = "mount [-f] [-i] [-n PID | TASK] [ADDRESS | DEVICE | DIR]",
	.help = "Show all, or those given by DEVICE, DIR or ADDRESS of a struct mount or "
		"super_block.\n",
	.example = "  mount /proc\n"
		   "       MOUNT           SUPERBLK     TYPE   DEVNAME   DIRNAME\n"
		   "  ffff8933011c3e00 ffff893301346800 proc   proc      /proc\n",
	.options = options,
	.operands = OPERANDS(0, 1),
	.json = true,
};
