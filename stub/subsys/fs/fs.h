// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* fs.h - open files, paths and mounts. */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

/* A struct path: a dentry in a mount. mnt is a struct vfsmount. */
struct fs_path {
	kva_t mnt, dentry;
};

/* The path from the root of the mount namespace, not from the task's root. " (deleted)" follows the
 * path of a removed file, as in /proc. If a part cannot be read, the path begins with "...", and
 * err says why. */
vs_status fs_put_path(struct kernel *k, const struct fs_path *p, struct buf *out, struct err *err);
/* The length of such a path without that. */
size_t fs_path_len(const char *path);
/* The path within the file system, for a dentry without a mount. */
vs_status fs_put_dentry(struct kernel *k, kva_t dentry, struct buf *out, struct err *err);

/* Root and current directory of a task. VS_NOTFOUND: it has none, because it is exiting. */
vs_status fs_of_task(struct kernel *k, kva_t task, struct fs_path *root, struct fs_path *pwd,
		     struct err *err);

struct fs_file {
	kva_t file, inode, sb, mapping;
	struct fs_path path;
	uint32_t mode; /* S_IFMT and permissions */
	uint64_t ino;
	uint64_t npages; /* in the page cache */
	/* Whether mode (knows_inode), ino, mapping and npages are known; an unknown sb is 0. */
	bool knows_inode, knows_ino, knows_mapping, knows_npages;
};
/* Fails if the file cannot be read. If its inode cannot, knows_... are false. */
vs_status fs_file_load(struct kernel *k, kva_t file, struct fs_file *ret, struct err *err);
vs_status fs_inode_load(struct kernel *k, kva_t inode, struct fs_file *ret, struct err *err);
vs_status fs_dentry_inode(struct kernel *k, kva_t dentry, kva_t *ret, struct err *err);
/* "REG", "DIR", "SOCK", ... as in crash; NULL: unknown. */
const char *fs_type_str(const struct fs_file *f);
/* "ext4", "pipefs", ...; false and "?" if it cannot be read. */
bool fs_type_of_sb(struct kernel *k, kva_t sb, char *dst, size_t cap);
/* The name in /proc/PID/fd: a path, "pipe:[INODE]", "anon_inode:[eventfd]"; for sockets with the
 * protocol before it: "TCP socket:[INODE]". */
vs_status fs_put_name(struct kernel *k, const struct fs_file *f, struct buf *out, struct err *err);

/* Calls fn for the open files of a task until it returns false. */
typedef bool (*fs_fd_fn)(void *ctx, unsigned fd, kva_t file);
vs_status fs_each_fd(struct kernel *k, kva_t task, fs_fd_fn fn, void *ctx, struct err *err);

struct fs_mount {
	kva_t mount, sb, root; /* struct mount, struct super_block, its top dentry */
	struct fs_path path;   /* its root, for fs_put_path() */
	char type[32], device[128];
};
typedef bool (*fs_mount_fn)(void *ctx, const struct fs_mount *m);
/* Calls fn for the mounts in a task's namespace until it returns false. If a mount can only be read
 * in part, fn gets that part. */
vs_status fs_each_mount(struct kernel *k, kva_t task, fs_mount_fn fn, void *ctx, struct err *err);
/* The first mount (struct vfsmount) of the dentry's file system in init's namespace. */
vs_status fs_mount_of(struct kernel *k, kva_t dentry, kva_t *ret);
vs_status fs_mount_load(struct kernel *k, kva_t mount, struct fs_mount *ret, struct err *err);
