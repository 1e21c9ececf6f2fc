// SPDX-License-Identifier: GPL-3.0-or-later
/* inodes.c - implements inodes.h: super_blocks, and the list of inodes of each. */
#include "stub/subsys/fs/inodes.h"

#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/fs/fs_record.h"

struct inodes {
	struct kernel *k;
	const struct inodes_visit *visit;
	uint64_t inode_off, sb_off; /* of the list nodes */
	bool stopped;
	vs_status st; /* the first failure */
	struct err why;
};

static bool take_inode(void *ctx, kva_t node)
{
	struct inodes *w = ctx;
	vs_status st = VS_OK;
	struct err why;

	w->stopped = !w->visit->inode(w->visit->ctx, node - w->inode_off, &st, &why);
	fail_first(&w->st, &w->why, st, &why);
	return !w->stopped;
}

static bool take_sb(void *ctx, kva_t node)
{
	struct inodes *w = ctx;
	kva_t sb = node - w->sb_off;
	uint64_t list;
	struct err why;
	vs_status st;

	if (w->visit->sb && !w->visit->sb(w->visit->ctx, sb))
		return true;
	st = record_field_read(w->k, &sb_record, sb, SB_INODES, &list, &why);
	if (st == VS_OK)
		st = walk_list(w->k, list, take_inode, w, &why);
	fail_first(&w->st, &w->why, st, &why);
	return !w->stopped;
}

vs_status inodes_each(struct kernel *k, const struct inodes_visit *visit, vs_status *unread,
		      struct err *err)
{
	struct inodes w = { .k = k, .visit = visit };
	struct member inode, sb;
	struct err why;
	kva_t head;
	vs_status st = kernel_need_types(k, err);

	*unread = VS_OK;
	if (st == VS_OK)
		st = kernel_symbol(k, "super_blocks", &head, err);
	if (st == VS_OK)
		st = record_member(k, &inode_record, INODE_SB_LIST, &inode, err);
	if (st == VS_OK)
		st = record_member(k, &sb_record, SB_LIST, &sb, err);
	if (st)
		return st;
	w.inode_off = inode.off;
	w.sb_off = sb.off;
	st = walk_list(k, head, take_sb, &w, &why);
	fail_first(&w.st, &w.why, st, &why);
	if (w.st && err)
		*err = w.why;
	*unread = w.st;
	return VS_OK;
}
