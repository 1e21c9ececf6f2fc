// SPDX-License-Identifier: GPL-3.0-or-later
/* fs.c - open files and their names. Mounts are in fs_mount.c. */
#include "stub/subsys/fs/fs.h"

#include <inttypes.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/task/task_record.h"

#define MAX_PARTS 4096 /* names in a path: PATH_MAX would not hold more */
#define MAX_NAME  4096 /* NAME_MAX is 255; some drivers give pseudo files longer names */
#define MAX_FDS	  (16u << 20)

/* --- paths */

/* Prepends a dentry's name to path. */
static vs_status prepend_name(struct kernel *k, kva_t dentry, struct buf *path, struct err *err)
{
	char name[MAX_NAME];
	AUTO(buf) longer = { 0 };
	uint64_t text, len;
	struct record r;
	vs_status st;

	record_read(k, &dentry_record, dentry,
		    RECORD_BIT(DENTRY_NAME) | RECORD_BIT(DENTRY_NAME_LEN), &r);
	st = record_need(&r, DENTRY_NAME, &text, err);
	if (st == VS_OK)
		st = record_need(&r, DENTRY_NAME_LEN, &len, err);
	if (st)
		return st;
	if (len >= sizeof(name))
		return fail(err, VS_CORRUPT, "dentry %#" PRIx64 ": name of %" PRIu64 " bytes",
			    dentry, len);
	st = mem_read(k->mem, text, name, len, err);
	if (st)
		return fail_ctx(err, st, "name of dentry %#" PRIx64, dentry);
	buf_putc(&longer, '/');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		buf_putc(&longer, c < 0x20 || c == 0x7f ? '?' : name[i]);
	}
	buf_put(&longer, path->p, path->len);
	// Swap the buffers rather than copy again.
	struct buf swap = *path;

	*path = longer;
	longer = swap;
	return path->oom ? fail(err, VS_NOMEM, "out of memory") : VS_OK;
}

/* Moves p from the root of a mount to its mount point: the parent's vfsmount and a dentry there.
 * VS_NOTFOUND at the top. */
static vs_status mount_up(struct kernel *k, struct fs_path *p, struct err *err)
{
	struct member mnt;
	struct record r;
	uint64_t parent, point;
	vs_status st = record_member(k, &mount_record, MOUNT_MNT, &mnt, err);

	if (st)
		return st;
	record_read(k, &mount_record, p->mnt - mnt.off,
		    RECORD_BIT(MOUNT_PARENT) | RECORD_BIT(MOUNT_POINT), &r);
	st = record_need(&r, MOUNT_PARENT, &parent, err);
	if (st == VS_OK)
		st = record_need(&r, MOUNT_POINT, &point, err);
	if (st)
		return st;
	if (parent == r.va || !parent)
		return VS_NOTFOUND;
	*p = (struct fs_path){ parent + mnt.off, point };
	return VS_OK;
}

/* One step towards the root. VS_NOTFOUND: at the root. */
static vs_status step_up(struct kernel *k, struct fs_path *p, struct buf *path, struct err *err)
{
	uint64_t parent, root = 0;
	vs_status st = VS_OK;

	if (p->mnt)
		st = record_field_read(k, &vfsmount_record, p->mnt, VFSMOUNT_ROOT, &root, err);
	if (st == VS_OK && p->mnt && p->dentry == root)
		return mount_up(k, p, err);
	if (st == VS_OK)
		st = record_field_read(k, &dentry_record, p->dentry, DENTRY_PARENT, &parent, err);
	if (st)
		return st;
	if (parent == p->dentry || !parent)
		return VS_NOTFOUND;
	st = prepend_name(k, p->dentry, path, err);
	if (st == VS_OK)
		p->dentry = parent;
	return st;
}

/* Like d_unlinked(): the dentry is no longer in the name hash, and is not a root. */
static bool is_deleted(struct kernel *k, kva_t dentry)
{
	uint64_t pprev, parent;
	struct record r;

	record_read(k, &dentry_record, dentry,
		    RECORD_BIT(DENTRY_HASHED) | RECORD_BIT(DENTRY_PARENT), &r);
	return record_get(&r, DENTRY_HASHED, &pprev) && record_get(&r, DENTRY_PARENT, &parent) &&
	       !pprev && parent != dentry;
}

#define DELETED " (deleted)"

size_t fs_path_len(const char *path)
{
	size_t len = strlen(path), end = strlen(DELETED);

	return len > end && strcmp(path + len - end, DELETED) == 0 ? len - end : len;
}

/* Files that never had a place in a directory: memory that processes share, memfd_create(). The
 * kernel names them by simple_dname() in fs/libfs.c: by their dentry, which has no parent. */
static bool put_unplaced(struct kernel *k, kva_t dentry, struct buf *out)
{
	AUTO(buf) name = { 0 };
	uint64_t ops, dname;
	kva_t simple;

	if (kernel_symbol(k, "simple_dname", &simple, NULL) ||
	    record_field_read(k, &dentry_record, dentry, DENTRY_OP, &ops, NULL) || !ops ||
	    record_field_read(k, &dentry_operations_record, ops, DENTRY_OP_DNAME, &dname, NULL) ||
	    dname != simple || prepend_name(k, dentry, &name, NULL))
		return false;
	buf_printf(out, "%s" DELETED, buf_str(&name));
	return true;
}

vs_status fs_put_path(struct kernel *k, const struct fs_path *p, struct buf *out, struct err *err)
{
	AUTO(buf) path = { 0 };
	struct fs_path at = *p;
	vs_status st = VS_OK;

	if (put_unplaced(k, p->dentry, out))
		return VS_OK;
	for (int parts = 0; st == VS_OK; parts++) {
		st = step_up(k, &at, &path, err);
		if (st == VS_OK && parts >= MAX_PARTS)
			st = fail(err, VS_CORRUPT, "path of more than %d names", MAX_PARTS);
	}
	if (st != VS_NOTFOUND)
		buf_puts(out, "...");
	buf_puts(out, path.len ? buf_str(&path) : st == VS_NOTFOUND ? "/" : "");
	if (is_deleted(k, p->dentry))
		buf_puts(out, DELETED);
	return st == VS_NOTFOUND ? VS_OK : fail_ctx(err, st, "path");
}

vs_status fs_put_dentry(struct kernel *k, kva_t dentry, struct buf *out, struct err *err)
{
	return fs_put_path(k, &(struct fs_path){ 0, dentry }, out, err);
}

enum { FS_ROOT_MNT, FS_ROOT_DENTRY, FS_PWD_MNT, FS_PWD_DENTRY };
static const struct record_field fs_fields[] = {
	[FS_ROOT_MNT] = { { "root.mnt" }, RECORD_POINTER },
	[FS_ROOT_DENTRY] = { { "root.dentry" }, RECORD_POINTER },
	[FS_PWD_MNT] = { { "pwd.mnt" }, RECORD_POINTER },
	[FS_PWD_DENTRY] = { { "pwd.dentry" }, RECORD_POINTER },
};
RECORD(fs_record, "fs_struct", fs_fields);

static vs_status need_path(const struct record *r, unsigned mnt, unsigned dentry,
			   struct fs_path *ret, struct err *err)
{
	struct fs_path p;
	vs_status st = record_need(r, mnt, &p.mnt, err);

	if (st == VS_OK)
		st = record_need(r, dentry, &p.dentry, err);
	if (st == VS_OK)
		*ret = p;
	return st;
}

vs_status fs_of_task(struct kernel *k, kva_t task, struct fs_path *root, struct fs_path *pwd,
		     struct err *err)
{
	struct record r;
	uint64_t fs;
	vs_status st = record_field_read(k, &task_record, task, TASK_FS, &fs, err);

	if (st == VS_OK && !fs)
		return fail(err, VS_NOTFOUND, "no open files: the task is exiting");
	if (st)
		return st;
	record_read(k, &fs_record, fs, RECORD_ALL, &r);
	st = need_path(&r, FS_ROOT_MNT, FS_ROOT_DENTRY, root, err);
	return st ? st : need_path(&r, FS_PWD_MNT, FS_PWD_DENTRY, pwd, err);
}

/* --- files */

vs_status fs_inode_load(struct kernel *k, kva_t inode, struct fs_file *ret, struct err *err)
{
	struct record r;
	uint64_t mode;
	vs_status st;

	record_read(k, &inode_record, inode,
		    RECORD_BIT(INODE_MODE) | RECORD_BIT(INODE_INO) | RECORD_BIT(INODE_SB) |
			    RECORD_BIT(INODE_MAPPING),
		    &r);
	st = record_need(&r, INODE_MODE, &mode, err);
	if (st)
		return fail_ctx(err, st, "inode %#" PRIx64, inode);
	ret->inode = inode;
	ret->knows_inode = true;
	ret->mode = (uint32_t)mode;
	ret->knows_ino = record_get(&r, INODE_INO, &ret->ino);
	ret->sb = record_pointer(&r, INODE_SB);
	ret->knows_mapping = record_get(&r, INODE_MAPPING, &ret->mapping);
	// An inode without a mapping has no pages.
	ret->knows_npages =
		ret->knows_mapping &&
		(!ret->mapping || record_field_read(k, &mapping_record, ret->mapping,
						    MAPPING_NRPAGES, &ret->npages, NULL) == VS_OK);
	return VS_OK;
}

vs_status fs_file_load(struct kernel *k, kva_t file, struct fs_file *ret, struct err *err)
{
	struct fs_file f = { .file = file };
	struct record r;
	vs_status st;

	record_read(k, &file_record, file, RECORD_ALL, &r);
	st = need_path(&r, FILE_MNT, FILE_DENTRY, &f.path, err);
	if (st == VS_OK)
		st = record_need(&r, FILE_INODE, &f.inode, err);
	if (st)
		return fail_ctx(err, st, "file %#" PRIx64, file);
	if (f.inode)
		(void)fs_inode_load(k, f.inode, &f, NULL);
	*ret = f;
	return VS_OK;
}

vs_status fs_dentry_inode(struct kernel *k, kva_t dentry, kva_t *ret, struct err *err)
{
	vs_status st = record_field_read(k, &dentry_record, dentry, DENTRY_INODE, ret, err);

	return st ? fail_ctx(err, st, "dentry %#" PRIx64, dentry) : VS_OK;
}

const char *fs_type_str(const struct fs_file *f)
{
	if (f->inode && !f->knows_inode)
		return NULL;
	switch (f->mode & 0170000) { // S_IFMT
	case 0140000:
		return "SOCK";
	case 0120000:
		return "LNK";
	case 0100000:
		return "REG";
	case 0060000:
		return "BLK";
	case 0040000:
		return "DIR";
	case 0020000:
		return "CHR";
	case 0010000:
		return "FIFO";
	default:
		return "UNKN";
	}
}

bool fs_type_of_sb(struct kernel *k, kva_t sb, char *dst, size_t cap)
{
	struct record r;
	uint64_t type;

	if (!sb || record_field_read(k, &sb_record, sb, SB_TYPE, &type, NULL))
		return false;
	record_read(k, &fs_type_record, type, RECORD_ALL, &r);
	return record_string(&r, FS_TYPE_NAME, dst, cap);
}

enum { SOCKET_SK, SOCKET_INODE };
static const struct record_field socket_fields[] = {
	[SOCKET_SK] = { { "socket.sk" }, RECORD_POINTER },
	[SOCKET_INODE] = { { "vfs_inode" }, RECORD_ADDRESS },
};
RECORD(socket_alloc_record, "socket_alloc", socket_fields);

enum { SOCK_PROTO };
static const struct record_field sock_fields[] = {
	[SOCK_PROTO] = { { "__sk_common.skc_prot" }, RECORD_POINTER },
};
RECORD(sock_proto_record, "sock", sock_fields);

enum { PROTO_NAME };
static const struct record_field proto_fields[] = { [PROTO_NAME] = { { "name" }, RECORD_ADDRESS } };
RECORD(proto_record, "proto", proto_fields);

/* "TCP ": the protocol's name. Nothing if the struct socket has no sock any more. */
static void put_protocol(struct kernel *k, kva_t inode, struct buf *out)
{
	struct member in;
	struct record r;
	uint64_t sk, proto;
	char name[33];

	if (record_member(k, &socket_alloc_record, SOCKET_INODE, &in, NULL))
		return;
	if (record_field_read(k, &socket_alloc_record, inode - in.off, SOCKET_SK, &sk, NULL) ||
	    (sk && record_field_read(k, &sock_proto_record, sk, SOCK_PROTO, &proto, NULL))) {
		buf_puts(out, "? ");
		return;
	}
	if (!sk)
		return;
	record_read(k, &proto_record, proto, RECORD_ALL, &r);
	(void)record_string(&r, PROTO_NAME, name, sizeof(name));
	buf_printf(out, "%s ", name);
}

static void put_inode_number(const struct fs_file *f, const char *what, struct buf *out)
{
	buf_printf(out, "%s:[", what);
	buf_put_known(out, f->knows_ino, "%" PRIu64, f->ino);
	buf_putc(out, ']');
}

vs_status fs_put_name(struct kernel *k, const struct fs_file *f, struct buf *out, struct err *err)
{
	char fs[32];

	(void)fs_type_of_sb(k, f->sb, fs, sizeof(fs));
	if (strcmp(fs, "pipefs") == 0) {
		put_inode_number(f, "pipe", out);
	} else if (strcmp(fs, "sockfs") == 0) {
		put_protocol(k, f->inode, out);
		put_inode_number(f, "socket", out);
	} else if (strcmp(fs, "anon_inodefs") == 0) {
		AUTO(buf) name = { 0 };
		// The dentry of an anonymous inode has a name such as "[eventfd]" and no parent.
		vs_status st = prepend_name(k, f->path.dentry, &name, err);

		if (st)
			return st;
		buf_printf(out, "anon_inode:%s", buf_str(&name) + 1);
	} else {
		return fs_put_path(k, &f->path, out, err);
	}
	return VS_OK;
}

/* --- open files */

enum { FILES_TABLE };
static const struct record_field files_fields[] = { [FILES_TABLE] = { { "fdt" }, RECORD_POINTER } };
RECORD(files_record, "files_struct", files_fields);

enum { FDTABLE_MAX, FDTABLE_FD, FDTABLE_OPEN };
static const struct record_field fdtable_fields[] = {
	[FDTABLE_MAX] = { { "max_fds" }, RECORD_UINT },
	[FDTABLE_FD] = { { "fd" }, RECORD_POINTER },
	[FDTABLE_OPEN] = { { "open_fds" }, RECORD_POINTER },
};
RECORD(fdtable_record, "fdtable", fdtable_fields);

struct fd_table {
	uint64_t max, fds, open;
};

static vs_status fd_table(struct kernel *k, kva_t task, struct fd_table *t, struct err *err)
{
	uint64_t files, fdt;
	struct record r;
	vs_status st = record_field_read(k, &task_record, task, TASK_FILES, &files, err);

	if (st == VS_OK && !files)
		return fail(err, VS_NOTFOUND, "no open files: the task is exiting");
	if (st == VS_OK)
		st = record_field_read(k, &files_record, files, FILES_TABLE, &fdt, err);
	if (st == VS_OK) {
		record_read(k, &fdtable_record, fdt, RECORD_ALL, &r);
		st = record_need(&r, FDTABLE_MAX, &t->max, err);
	}
	if (st == VS_OK)
		st = record_need(&r, FDTABLE_FD, &t->fds, err);
	if (st == VS_OK)
		st = record_need(&r, FDTABLE_OPEN, &t->open, err);
	if (st)
		return fail_ctx(err, st, "open files");
	if (t->max > MAX_FDS)
		return fail(err, VS_CORRUPT, "table of %" PRIu64 " open files", t->max);
	return VS_OK;
}

vs_status fs_each_fd(struct kernel *k, kva_t task, fs_fd_fn fn, void *ctx, struct err *err)
{
	struct fd_table t;
	vs_status st = fd_table(k, task, &t, err);

	if (st)
		return st;
	for (uint64_t base = 0; base < t.max; base += 64) {
		uint64_t bits, file;

		st = mem_read_u64(k->mem, t.open + base / 8, &bits, err);
		for (; st == VS_OK && bits; bits &= bits - 1) {
			uint64_t fd = base + (unsigned)__builtin_ctzll(bits);

			st = mem_read_u64(k->mem, t.fds + fd * 8, &file, err);
			// A reserved descriptor has no file yet.
			if (st == VS_OK && file && !fn(ctx, (unsigned)fd, file))
				return VS_OK;
		}
		if (st)
			return fail_ctx(err, st, "open files from %" PRIu64, base);
	}
	return VS_OK;
}
