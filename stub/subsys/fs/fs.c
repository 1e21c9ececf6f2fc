/* fs.c - open files and their names. Mounts are in fs_mount.c. */
#include "stub/subsys/fs/fs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"

#define MAX_PARTS 4096 /* names in a path: PATH_MAX would not hold more */
#define MAX_NAME  4096 /* NAME_MAX is 255; names of pseudo files are made longer by some drivers */
#define MAX_FDS	  (16u << 20)

/* --- paths */

/* One name, in front of what is in path already. */
static vs_status prepend_name(struct kernel *k, kva_t dentry, struct buf *path, struct err *err)
{
	char name[MAX_NAME];
	AUTO(buf) longer = { 0 };
	uint64_t text, len;
	struct member m;
	// 61bc2c33e1b8 (6.16): the writable name is __d_name, d_name a read-only view of it.
	vs_status st = kernel_read_member(k, dentry, "dentry", "d_name.name", &text, err);

	if (st == VS_OK)
		st = kernel_member(k, "dentry", &m, err, "d_name.len", NULL);
	if (st == VS_OK)
		st = kernel_read_at(k, dentry, &m, &len, err);
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
	// What buf holds is swapped rather than copied again.
	struct buf swap = *path;

	*path = longer;
	longer = swap;
	return path->oom ? fail(err, VS_NOMEM, "out of memory") : VS_OK;
}

/* The mount a struct vfsmount is in: its parent's vfsmount and the dentry it stands on. VS_NOTFOUND
 * at the top. */
static vs_status mount_up(struct kernel *k, struct fs_path *p, struct err *err)
{
	struct member mnt;
	uint64_t parent, point;
	vs_status st = kernel_member(k, "mount", &mnt, err, "mnt", NULL);
	kva_t mount;

	if (st)
		return st;
	mount = p->mnt - mnt.off;
	st = kernel_read_member(k, mount, "mount", "mnt_parent", &parent, err);
	if (st == VS_OK)
		st = kernel_read_member(k, mount, "mount", "mnt_mountpoint", &point, err);
	if (st)
		return st;
	if (parent == mount || !parent)
		return VS_NOTFOUND;
	*p = (struct fs_path){ parent + mnt.off, point };
	return VS_OK;
}

/* One step towards the root. VS_NOTFOUND: there. */
static vs_status step_up(struct kernel *k, struct fs_path *p, struct buf *path, struct err *err)
{
	uint64_t parent, root = 0;
	vs_status st = VS_OK;

	if (p->mnt)
		st = kernel_read_member(k, p->mnt, "vfsmount", "mnt_root", &root, err);
	if (st == VS_OK && p->mnt && p->dentry == root)
		return mount_up(k, p, err);
	if (st == VS_OK)
		st = kernel_read_member(k, p->dentry, "dentry", "d_parent", &parent, err);
	if (st)
		return st;
	if (parent == p->dentry || !parent)
		return VS_NOTFOUND;
	st = prepend_name(k, p->dentry, path, err);
	if (st == VS_OK)
		p->dentry = parent;
	return st;
}

/* d_unlinked(): not in the hash of names any more, and no root. */
static bool is_deleted(struct kernel *k, kva_t dentry)
{
	uint64_t pprev, parent;

	return kernel_read_member(k, dentry, "dentry", "d_hash.pprev", &pprev, NULL) == VS_OK &&
	       kernel_read_member(k, dentry, "dentry", "d_parent", &parent, NULL) == VS_OK &&
	       !pprev && parent != dentry;
}

vs_status fs_put_path(struct kernel *k, const struct fs_path *p, struct buf *out, struct err *err)
{
	AUTO(buf) path = { 0 };
	struct fs_path at = *p;
	vs_status st = VS_OK;

	for (int parts = 0; st == VS_OK; parts++) {
		st = step_up(k, &at, &path, err);
		if (st == VS_OK && parts >= MAX_PARTS)
			st = fail(err, VS_CORRUPT, "path of more than %d names", MAX_PARTS);
	}
	if (st != VS_NOTFOUND)
		buf_puts(out, "...");
	buf_puts(out, path.len ? buf_str(&path) : st == VS_NOTFOUND ? "/" : "");
	if (is_deleted(k, p->dentry))
		buf_puts(out, " (deleted)");
	return st == VS_NOTFOUND ? VS_OK : fail_ctx(err, st, "path");
}

vs_status fs_put_dentry(struct kernel *k, kva_t dentry, struct buf *out, struct err *err)
{
	return fs_put_path(k, &(struct fs_path){ 0, dentry }, out, err);
}

static vs_status read_path(struct kernel *k, kva_t va, const char *type, const char *member,
			   struct fs_path *ret, struct err *err)
{
	char mnt[64], dentry[64];
	struct fs_path p;
	vs_status st;

	snprintf(mnt, sizeof(mnt), "%s.mnt", member);
	snprintf(dentry, sizeof(dentry), "%s.dentry", member);
	st = kernel_read_member(k, va, type, mnt, &p.mnt, err);
	if (st == VS_OK)
		st = kernel_read_member(k, va, type, dentry, &p.dentry, err);
	if (st == VS_OK)
		*ret = p;
	return st;
}

vs_status fs_of_task(struct kernel *k, kva_t task, struct fs_path *root, struct fs_path *pwd,
		     struct err *err)
{
	uint64_t fs;
	vs_status st = kernel_read_member(k, task, "task_struct", "fs", &fs, err);

	if (st == VS_OK && !fs)
		return fail(err, VS_NOTFOUND, "the task has given up its files");
	if (st == VS_OK)
		st = read_path(k, fs, "fs_struct", "root", root, err);
	if (st == VS_OK)
		st = read_path(k, fs, "fs_struct", "pwd", pwd, err);
	return st;
}

/* --- files */

vs_status fs_inode_load(struct kernel *k, kva_t inode, struct fs_file *ret, struct err *err)
{
	uint64_t mode;
	vs_status st = kernel_read_member(k, inode, "inode", "i_mode", &mode, err);

	if (st)
		return fail_ctx(err, st, "inode %#" PRIx64, inode);
	ret->inode = inode;
	ret->mode = (uint32_t)mode;
	ret->ino = kernel_word(k, inode, "inode", "i_ino");
	ret->sb = kernel_word(k, inode, "inode", "i_sb");
	ret->mapping = kernel_word(k, inode, "inode", "i_mapping");
	if (ret->mapping)
		ret->npages = kernel_word(k, ret->mapping, "address_space", "nrpages");
	return VS_OK;
}

vs_status fs_file_load(struct kernel *k, kva_t file, struct fs_file *ret, struct err *err)
{
	struct fs_file f = { .file = file };
	// dd37978c50bc (3.9): f_inode caches f_path.dentry->d_inode.
	vs_status st = read_path(k, file, "file", "f_path", &f.path, err);

	if (st == VS_OK)
		st = kernel_read_member(k, file, "file", "f_inode", &f.inode, err);
	if (st)
		return fail_ctx(err, st, "file %#" PRIx64, file);
	if (f.inode)
		(void)fs_inode_load(k, f.inode, &f, NULL);
	*ret = f;
	return VS_OK;
}

vs_status fs_dentry_inode(struct kernel *k, kva_t dentry, kva_t *ret, struct err *err)
{
	vs_status st = kernel_read_member(k, dentry, "dentry", "d_inode", ret, err);

	return st ? fail_ctx(err, st, "dentry %#" PRIx64, dentry) : VS_OK;
}

const char *fs_type_str(uint32_t mode)
{
	switch (mode & 0170000) { // S_IFMT
	case 0140000:
		return "SOCK";
	case 0120000:
		return "LNK ";
	case 0100000:
		return "REG ";
	case 0060000:
		return "BLK ";
	case 0040000:
		return "DIR ";
	case 0020000:
		return "CHR ";
	case 0010000:
		return "FIFO";
	default:
		return "UNKN";
	}
}

static bool fs_name(struct kernel *k, kva_t sb, char *dst, size_t cap)
{
	uint64_t type, name;

	return sb && kernel_read_member(k, sb, "super_block", "s_type", &type, NULL) == VS_OK &&
	       kernel_read_member(k, type, "file_system_type", "name", &name, NULL) == VS_OK &&
	       mem_read_str(k->mem, name, dst, cap, NULL) == VS_OK;
}

/* "TCP ": the protocol's own name. Nothing for a socket whose owner let go of it. */
static void put_protocol(struct kernel *k, kva_t inode, struct buf *out)
{
	struct member in, proto_name;
	uint64_t sk, proto;
	char name[33];

	if (kernel_member(k, "socket_alloc", &in, NULL, "vfs_inode", NULL) ||
	    kernel_read_member(k, inode - in.off, "socket_alloc", "socket.sk", &sk, NULL) || !sk ||
	    kernel_read_member(k, sk, "sock", "__sk_common.skc_prot", &proto, NULL) ||
	    kernel_member(k, "proto", &proto_name, NULL, "name", NULL) ||
	    mem_read_str(k->mem, proto + proto_name.off, name, sizeof(name), NULL))
		return;
	for (char *c = name; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	buf_printf(out, "%s ", name);
}

vs_status fs_put_name(struct kernel *k, const struct fs_file *f, struct buf *out, struct err *err)
{
	char fs[32] = "";

	if (!fs_name(k, f->sb, fs, sizeof(fs)))
		fs[0] = '\0';
	if (strcmp(fs, "pipefs") == 0) {
		buf_printf(out, "pipe:[%" PRIu64 "]", f->ino);
	} else if (strcmp(fs, "sockfs") == 0) {
		put_protocol(k, f->inode, out);
		buf_printf(out, "socket:[%" PRIu64 "]", f->ino);
	} else if (strcmp(fs, "anon_inodefs") == 0) {
		AUTO(buf) name = { 0 };
		// All share one parentless dentry each, named "[eventfd]" and the like.
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

struct fd_table {
	uint64_t max, fds, open;
};

static vs_status fd_table(struct kernel *k, kva_t task, struct fd_table *t, struct err *err)
{
	uint64_t files, fdt;
	vs_status st = kernel_read_member(k, task, "task_struct", "files", &files, err);

	if (st == VS_OK && !files)
		return fail(err, VS_NOTFOUND, "the task has given up its files");
	if (st == VS_OK)
		st = kernel_read_member(k, files, "files_struct", "fdt", &fdt, err);
	if (st == VS_OK)
		st = kernel_read_member(k, fdt, "fdtable", "max_fds", &t->max, err);
	if (st == VS_OK)
		st = kernel_read_member(k, fdt, "fdtable", "fd", &t->fds, err);
	if (st == VS_OK)
		st = kernel_read_member(k, fdt, "fdtable", "open_fds", &t->open, err);
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
			// Reserved, not yet filled.
			if (st == VS_OK && file && !fn(ctx, (unsigned)fd, file))
				return VS_OK;
		}
		if (st)
			return fail_ctx(err, st, "open files from %" PRIu64, base);
	}
	return VS_OK;
}
