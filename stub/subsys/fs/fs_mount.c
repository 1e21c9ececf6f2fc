// SPDX-License-Identifier: GPL-3.0-or-later
/* fs_mount.c - the mounts of a namespace. */
#include <inttypes.h>
#include <string.h>

#include "stub/subsys/fs/fs.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/kernel/kernel.h"
#include "stub/task/tasks.h"
#include "stub/kernel/walk.h"

#define MNT_CURSOR 0x10000000 /* 9f6c61f96f2d (5.8) to 2eea9ce4310d (6.8): a reader's bookmark */

vs_status fs_mount_load(struct kernel *k, kva_t mount, struct fs_mount *ret, struct err *err)
{
	struct fs_mount m = { .mount = mount };
	struct record r, mnt = { 0 };
	kva_t va;
	vs_status st;

	record_read(k, &mount_record, mount, RECORD_BIT(MOUNT_MNT) | RECORD_BIT(MOUNT_DEVICE), &r);
	st = record_need(&r, MOUNT_MNT, &va, err);
	if (st == VS_OK) {
		record_read(k, &vfsmount_record, va, RECORD_ALL, &mnt);
		st = record_need(&mnt, VFSMOUNT_ROOT, &m.root, err);
	}
	if (st == VS_OK)
		st = record_need(&mnt, VFSMOUNT_SB, &m.sb, err);
	if (st)
		return fail_ctx(err, st, "mount %#" PRIx64, mount);
	m.path = (struct fs_path){ va, m.root };
	(void)fs_type_of_sb(k, m.sb, m.type, sizeof(m.type));
	if (record_knows(&r, MOUNT_DEVICE) && !record_pointer(&r, MOUNT_DEVICE))
		strcpy(m.device, "none"); // as in the kernel
	else
		(void)record_string(&r, MOUNT_DEVICE, m.device, sizeof(m.device));
	*ret = m;
	return VS_OK;
}

struct mounts {
	struct kernel *k;
	uint64_t off; /* of the node in struct mount */
	bool cursors; /* lists may hold cursors; with trees MNT_CURSOR means something else */
	fs_mount_fn fn;
	void *ctx;
};

static bool each_node(void *ctx, kva_t node)
{
	struct mounts *s = ctx;
	struct fs_mount m = { .mount = node - s->off };
	struct member mnt;
	uint64_t flags;

	if (s->cursors && record_member(s->k, &mount_record, MOUNT_MNT, &mnt, NULL) == VS_OK &&
	    record_field_read(s->k, &vfsmount_record, m.mount + mnt.off, VFSMOUNT_FLAGS, &flags,
			      NULL) == VS_OK &&
	    flags & MNT_CURSOR)
		return true;
	(void)fs_mount_load(s->k, m.mount, &m, NULL);
	return s->fn(s->ctx, &m);
}

vs_status fs_each_mount(struct kernel *k, kva_t task, fs_mount_fn fn, void *ctx, struct err *err)
{
	struct mounts s = { .k = k, .fn = fn, .ctx = ctx };
	struct member node, head;
	uint64_t proxy, ns;
	vs_status st = record_field_read(k, &task_record, task, TASK_NSPROXY, &proxy, err);

	if (st == VS_OK && !proxy)
		return fail(err, VS_NOTFOUND, "no namespaces: the task is exiting");
	if (st == VS_OK)
		st = record_field_read(k, &nsproxy_record, proxy, NSPROXY_MNT, &ns, err);
	if (st)
		return st;
	if (record_member(k, &mount_record, MOUNT_NODE, &node, NULL) == VS_OK) {
		st = record_member(k, &mnt_ns_record, MNT_NS_TREE, &head, err);
		s.off = node.off;
		return st ? st : walk_rbtree(k, ns + head.off, each_node, &s, err);
	}
	st = record_member(k, &mount_record, MOUNT_LIST, &node, err);
	if (st == VS_OK)
		st = record_member(k, &mnt_ns_record, MNT_NS_LIST, &head, err);
	s.off = node.off;
	s.cursors = true;
	return st ? st : walk_list(k, ns + head.off, each_node, &s, err);
}

struct of_sb {
	kva_t sb, mnt;
};

static bool is_of_sb(void *ctx, const struct fs_mount *m)
{
	struct of_sb *s = ctx;

	if (m->sb == s->sb)
		s->mnt = m->path.mnt;
	return !s->mnt;
}

vs_status fs_mount_of(struct kernel *k, kva_t dentry, kva_t *ret)
{
	struct of_sb s = { 0 };
	kva_t init;

	if (record_field_read(k, &dentry_record, dentry, DENTRY_SB, &s.sb, NULL) ||
	    task_by_pid(k, 1, &init, NULL) || fs_each_mount(k, init, is_of_sb, &s, NULL) || !s.mnt)
		return VS_NOTFOUND;
	*ret = s.mnt;
	return VS_OK;
}
