// SPDX-License-Identifier: GPL-3.0-or-later
/* cached.c - files that have pages in memory. */
#include "stub/subsys/fs/cached.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/fs/fs.h"
#include "stub/subsys/fs/fs_record.h"

struct search {
	struct kernel *k;
	struct cached_file *v;
	size_t n, max;
	uint64_t inode_off, sb_off; /* of the list nodes */
	char type[32];		    /* of the file system that is walked */
	vs_status st;
	struct err why;
};

/* v is sorted, the largest first. */
static void insert(struct search *s, const struct cached_file *f)
{
	size_t i = s->n < s->max ? s->n++ : s->max;

	if (i == s->max) {
		if (s->v[i - 1].pages >= f->pages)
			return;
		i--;
	}
	for (; i && s->v[i - 1].pages < f->pages; i--)
		s->v[i] = s->v[i - 1];
	s->v[i] = *f;
}

static bool take_inode(void *ctx, kva_t node)
{
	struct search *s = ctx;
	struct cached_file f = { .inode = node - s->inode_off };
	uint64_t mapping;
	struct err why;
	vs_status st =
		record_field_read(s->k, &inode_record, f.inode, INODE_MAPPING, &mapping, &why);

	if (st == VS_OK && mapping)
		st = record_field_read(s->k, &mapping_record, mapping, MAPPING_NRPAGES, &f.pages,
				       &why);
	fail_first(&s->st, &s->why, st, &why);
	if (st || !f.pages)
		return true;
	memcpy(f.type, s->type, sizeof(f.type));
	// devtmpfs is a tmpfs, or without CONFIG_TMPFS a ramfs, which is not swapped either way.
	f.shmem = strcmp(f.type, "tmpfs") == 0 || strcmp(f.type, "devtmpfs") == 0 ||
		  strcmp(f.type, "rootfs") == 0;
	insert(s, &f);
	return true;
}

static bool take_sb(void *ctx, kva_t node)
{
	struct search *s = ctx;
	kva_t sb = node - s->sb_off;
	uint64_t inodes;
	struct err why;
	vs_status st = record_field_read(s->k, &sb_record, sb, SB_INODES, &inodes, &why);

	(void)fs_type_of_sb(s->k, sb, s->type, sizeof(s->type));
	// Their pages are buffers, and huge pages.
	if (strcmp(s->type, "bdev") == 0 || strcmp(s->type, "hugetlbfs") == 0)
		return true;
	if (st == VS_OK)
		st = walk_list(s->k, inodes, take_inode, s, &why);
	fail_first(&s->st, &s->why, st, &why);
	return true;
}

vs_status cached_files(struct kernel *k, struct cached_file *ret, size_t max, size_t *n,
		       struct err *err)
{
	struct search s = { .k = k, .v = ret, .max = max };
	struct member inode, sb;
	struct err why;
	kva_t head;
	vs_status st = kernel_need_types(k, err);

	*n = 0;
	if (st == VS_OK)
		st = kernel_symbol(k, "super_blocks", &head, err);
	if (st == VS_OK)
		st = record_member(k, &inode_record, INODE_SB_LIST, &inode, err);
	if (st == VS_OK)
		st = record_member(k, &sb_record, SB_LIST, &sb, err);
	if (st)
		return st;
	s.inode_off = inode.off;
	s.sb_off = sb.off;
	st = walk_list(k, head, take_sb, &s, &why);
	fail_first(&s.st, &s.why, st, &why);
	*n = s.n;
	if (s.st && err)
		*err = s.why;
	return s.st;
}

bool cached_put_path(struct kernel *k, const struct cached_file *f, struct buf *out)
{
	struct fs_path path = { 0 };
	AUTO(buf) text = { 0 };
	struct member alias;
	uint64_t names, first;

	if (record_field_read(k, &inode_record, f->inode, INODE_NAMES, &names, NULL) ||
	    mem_read_u64(k->mem, names, &first, NULL) || !first ||
	    record_member(k, &dentry_record, DENTRY_ALIAS, &alias, NULL))
		return false;
	path.dentry = first - alias.off;
	if (fs_mount_of(k, path.dentry, &path.mnt) == VS_OK) {
		if (fs_put_path(k, &path, &text, NULL))
			return false;
	} else if (fs_put_dentry(k, path.dentry, &text, NULL)) {
		return false;
	}
	buf_puts(out, buf_str(&text));
	return text.len > 0;
}
