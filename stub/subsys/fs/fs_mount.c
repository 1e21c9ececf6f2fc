/* fs_mount.c - the mounts of a namespace. */
#include <inttypes.h>
#include <string.h>

#include "stub/subsys/fs/fs.h"
#include "stub/kernel/kernel.h"
#include "stub/task/tasks.h"
#include "stub/kernel/walk.h"

#define MNT_CURSOR 0x10000000 /* 9f6c61f96f2d (5.8) to 2eea9ce4310d (6.8): a reader's bookmark */

static void read_text(struct kernel *k, kva_t va, char *dst, size_t cap)
{
	if (!va || mem_read_str(k->mem, va, dst, cap, NULL))
		dst[0] = '\0';
	for (; *dst; dst++)
		if ((unsigned char)*dst < 0x20 || *dst == 0x7f)
			*dst = '?';
}

vs_status fs_mount_load(struct kernel *k, kva_t mount, struct fs_mount *ret, struct err *err)
{
	struct fs_mount m = { .mount = mount };
	uint64_t type, name;
	struct member mnt;
	vs_status st = kernel_member(k, "mount", &mnt, err, "mnt", NULL);

	if (st == VS_OK)
		st = kernel_read_member(k, mount + mnt.off, "vfsmount", "mnt_root", &m.root, err);
	if (st == VS_OK)
		st = kernel_read_member(k, mount + mnt.off, "vfsmount", "mnt_sb", &m.sb, err);
	if (st)
		return fail_ctx(err, st, "mount %#" PRIx64, mount);
	m.path = (struct fs_path){ mount + mnt.off, m.root };
	if (kernel_read_member(k, m.sb, "super_block", "s_type", &type, NULL) == VS_OK &&
	    kernel_read_member(k, type, "file_system_type", "name", &name, NULL) == VS_OK)
		read_text(k, name, m.type, sizeof(m.type));
	if (kernel_read_member(k, mount, "mount", "mnt_devname", &name, NULL) == VS_OK)
		read_text(k, name, m.device, sizeof(m.device));
	*ret = m;
	return VS_OK;
}

struct mounts {
	struct kernel *k;
	uint64_t off; /* of the node in struct mount */
	bool cursors; /* the bit means something else in a tree */
	fs_mount_fn fn;
	void *ctx;
};

static bool each_node(void *ctx, kva_t node)
{
	struct mounts *s = ctx;
	struct fs_mount m = { .mount = node - s->off };
	uint64_t flags;

	if (s->cursors &&
	    kernel_read_member(s->k, m.mount, "mount", "mnt.mnt_flags", &flags, NULL) == VS_OK &&
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
	vs_status st = kernel_read_member(k, task, "task_struct", "nsproxy", &proxy, err);

	if (st == VS_OK && !proxy)
		return fail(err, VS_NOTFOUND, "the task has given up its namespaces");
	if (st == VS_OK)
		st = kernel_read_member(k, proxy, "nsproxy", "mnt_ns", &ns, err);
	if (st)
		return st;
	// 2eea9ce4310d ("mounts: keep list of mounts in an rbtree", 6.8).
	if (kernel_member(k, "mount", &node, NULL, "mnt_node", NULL) == VS_OK) {
		st = kernel_member(k, "mnt_namespace", &head, err, "mounts", NULL);
		s.off = node.off;
		return st ? st : walk_rbtree(k, ns + head.off, each_node, &s, err);
	}
	st = kernel_member(k, "mount", &node, err, "mnt_list", NULL);
	if (st == VS_OK)
		st = kernel_member(k, "mnt_namespace", &head, err, "list", NULL);
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

	if (kernel_read_member(k, dentry, "dentry", "d_sb", &s.sb, NULL) ||
	    task_by_pid(k, 1, &init, NULL) || fs_each_mount(k, init, is_of_sb, &s, NULL) || !s.mnt)
		return VS_NOTFOUND;
	*ret = s.mnt;
	return VS_OK;
}
