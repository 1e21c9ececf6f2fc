// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_fuser.c - fuser: the tasks that use a file. */
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/fs/fs.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/subsys/net/net.h"
#include "stub/task/vma.h"
#include "stub/monitor/task/tasksel.h"

/* Most tasks have the same root, and map the same libraries. */
#define KNOWN_PATHS 256

enum { USE_ROOT = 1, USE_CWD = 2, USE_FD = 4, USE_MMAP = 8 };

struct fuser {
	struct monitor *m;
	struct table t;
	const char *name; /* NULL: the inode is asked for */
	kva_t inode;
	struct {
		struct fs_path path;
		bool same;
	} known[KNOWN_PATHS];
	unsigned uses; /* of the task that is looked at */
	kva_t mm;      /* whose areas were looked at last, */
	bool maps;     /* and whether one is the file */
	size_t unread; /* places that may use the file */
	vs_status st;
	struct err why;
};

static void note_unread(struct fuser *u, vs_status st, const struct err *why)
{
	u->unread++;
	fail_first(&u->st, &u->why, st, why);
}

/* Is the file, whose name is not that asked for, a unix socket with that name? */
static bool is_socket_named(struct fuser *u, const struct fs_file *f)
{
	struct kernel *k = u->m->k;
	AUTO(buf) name = { 0 };
	struct record file, socket, sock;
	uint64_t family;

	if (!f->file || !S_ISSOCK(f->mode))
		return false;
	record_read(k, &file_record, f->file, RECORD_BIT(FILE_PRIVATE), &file);
	record_read(k, &socket_record, record_pointer(&file, FILE_PRIVATE), RECORD_ALL, &socket);
	record_read(k, &sock_record, record_pointer(&socket, SOCKET_SK), RECORD_ALL, &sock);
	return record_get(&sock, SOCK_FAMILY, &family) && family == AF_UNIX &&
	       net_unix_name(k, sock.va, &name, NULL) == VS_OK &&
	       strcmp(buf_str(&name), u->name) == 0;
}

/* The name asked for may lack the protocol: "TCP socket:[123]". */
static bool is_same(const struct fuser *u, const struct fs_file *f, const char *name)
{
	const char *blank = S_ISSOCK(f->mode) ? strchr(name, ' ') : NULL;

	return strcmp(name, u->name) == 0 || (blank && strcmp(blank + 1, u->name) == 0);
}

/* f: its path and inode. */
static bool is_named(struct fuser *u, const struct fs_file *f)
{
	size_t slot = (f->path.dentry ^ f->path.dentry >> 12 ^ f->path.mnt >> 6) / 64 % KNOWN_PATHS;
	AUTO(buf) name = { 0 };
	struct err why;
	vs_status st;

	if (u->known[slot].path.dentry == f->path.dentry && u->known[slot].path.mnt == f->path.mnt)
		return u->known[slot].same;
	st = fs_put_name(u->m->k, f, &name, &why);
	if (st) {
		note_unread(u, st, &why);
		return false;
	}
	u->known[slot].path = f->path;
	u->known[slot].same = is_same(u, f, buf_str(&name)) || is_socket_named(u, f);
	return u->known[slot].same;
}

static bool is_file(struct fuser *u, kva_t file)
{
	struct fs_file f;
	struct err why;
	vs_status st = fs_file_load(u->m->k, file, &f, &why);

	if (st)
		note_unread(u, st, &why);
	else if (!u->name)
		return f.inode == u->inode;
	else
		return is_named(u, &f);
	return false;
}

static bool is_path(struct fuser *u, const struct fs_path *path)
{
	struct fs_file f = { .path = *path };
	struct err why;
	kva_t inode;
	vs_status st = fs_dentry_inode(u->m->k, path->dentry, &inode, &why);

	if (st) {
		note_unread(u, st, &why);
		return false;
	}
	if (!u->name)
		return inode == u->inode;
	if (inode)
		(void)fs_inode_load(u->m->k, inode, &f, NULL);
	return is_named(u, &f);
}

static bool take_fd(void *ctx, unsigned fd, kva_t file)
{
	struct fuser *u = ctx;

	(void)fd;
	if (is_file(u, file))
		u->uses |= USE_FD;
	return !(u->uses & USE_FD);
}

static bool take_area(void *ctx, const struct vma *v)
{
	struct fuser *u = ctx;

	if (!v->knows_file)
		u->unread++;
	else if (v->file && is_file(u, v->file))
		u->maps = true;
	return !u->maps;
}

static void look_at(struct fuser *u, const struct task *t)
{
	struct kernel *k = u->m->k;
	struct fs_path root, pwd;
	struct err why;
	vs_status st = fs_of_task(k, t->va, &root, &pwd, &why);

	u->uses = 0;
	if (st == VS_OK && is_path(u, &root))
		u->uses |= USE_ROOT;
	if (st == VS_OK && is_path(u, &pwd))
		u->uses |= USE_CWD;
	if (st && st != VS_NOTFOUND) // it is exiting
		note_unread(u, st, &why);
	st = fs_each_fd(k, t->va, take_fd, u, &why);
	if (st && st != VS_NOTFOUND)
		note_unread(u, st, &why);
	if (!task_knows(t, TASK_MM))
		u->unread++;
	if (t->mm && t->mm != u->mm) {
		u->mm = t->mm;
		u->maps = false;
		st = vma_each(k, t->mm, take_area, u, &why);
		if (st)
			note_unread(u, st, &why);
	}
	if (t->mm && u->maps)
		u->uses |= USE_MMAP;
}

static const struct table_def table = {
	.name = "rows",
	.heading = " PID         TASK        COMM             USAGE\n",
	.if_rows = true,
	.columns = {
		{ "pid", "", 5, COLUMN_NUMBER },
		{ "task", "  ", 16, COLUMN_ADDRESS0 },
		{ "command", "  \"", 0, COLUMN_TEXT, "\"" },
		{ "usage", " ", 0, COLUMN_TEXT },
	},
};

static void put_task(struct fuser *u, const struct task *t)
{
	static const char *const names[] = { "root", "cwd", "fd", "mmap" };
	AUTO(buf) uses = { 0 };
	size_t len = strlen(t->comm);

	for (unsigned i = 0; i < 4; i++)
		if (u->uses >> i & 1)
			buf_printf(&uses, "%s%s", uses.len ? " " : "", names[i]);
	table_int(&u->t, t->pid);
	table_uint(&u->t, t->va);
	table_text(&u->t, t->comm);
	table_layout(&u->t, "%*s", len < 14 ? (int)(14 - len) : 0, "");
	table_text(&u->t, buf_str(&uses));
	table_end_row(&u->t);
}

static void put_end(struct fuser *u, const char *what, size_t lost, struct buf *out)
{
	if (!u->t.rows)
		buf_printf(out, "No users of %s found\n", what);
	if (u->unread)
		buf_printf(out, "(%zu places that may use it cannot be read%s%s)\n", u->unread,
			   u->st ? "; the first: " : "", u->st ? u->why.msg : "");
	if (lost)
		buf_printf(out, "(%zu tasks cannot be read)\n", lost);
}

static vs_status cmd_fuser(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct fuser u = { .m = m };
	struct tasksel s = { .nstates = 0 };
	const char *what = a->argv[0];
	vs_status st = kernel_need_types(m->k, err);

	if (st)
		return st;
	if (*what == '/' || strchr(what, ':'))
		u.name = what;
	else if ((st = cmd_address(m, what, &u.inode, err)))
		return st;
	st = tasksel_load(m, &s, NULL, 0, err);
	table_begin(&u.t, &table, m, out);
	for (size_t i = 0; i < s.tasks.n && !buf_stopped(out); i++) {
		look_at(&u, &s.tasks.v[i]);
		if (u.uses)
			put_task(&u, &s.tasks.v[i]);
	}
	table_end(&u.t);
	put_end(&u, what, s.lost, out);
	st = tasksel_end(&s, st, err);
	tasksel_deinit(&s);
	return st;
}

const struct cmd verb_fuser = {
	.name = "fuser",
	.run = cmd_fuser,
	.brief = "tasks that use a file",
	.synopsis = "fuser PATH | INODE",
	.help = "USAGE says how: it is the root or working directory, open (fd), or mapped (mmap). "
		"PATH\n"
		"is a name as files prints it (/tmp/x, pipe:[123]), or that of a unix socket; "
		"INODE "
		"is the\n"
		"address of a struct inode, which finds the file under all its names.\n",
	.example = "  fuser /tmp/w_plain\n"
		   "   PID         TASK        COMM             USAGE\n"
		   "    123  ffff888a86605a00  \"w_files\"        fd\n",
	.operands = OPERANDS(1, 1),
	.json = true,
};
