// SPDX-License-Identifier: GPL-3.0-or-later
/* cached.c - files that have pages in memory. */
#include "stub/subsys/fs/cached.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/subsys/fs/fs.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/subsys/fs/inodes.h"

struct search {
	struct kernel *k;
	struct cached_file *v;
	size_t n, max;
	char type[32]; /* of the file system that is walked */
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

static bool take_inode(void *ctx, kva_t inode, vs_status *st, struct err *err)
{
	struct search *s = ctx;
	struct cached_file f = { .inode = inode };
	uint64_t mapping;

	*st = record_field_read(s->k, &inode_record, inode, INODE_MAPPING, &mapping, err);
	if (*st == VS_OK && mapping)
		*st = record_field_read(s->k, &mapping_record, mapping, MAPPING_NRPAGES, &f.pages,
					err);
	if (*st || !f.pages)
		return true;
	memcpy(f.type, s->type, sizeof(f.type));
	// devtmpfs is a tmpfs, or without CONFIG_TMPFS a ramfs, which is not swapped either way.
	f.shmem = strcmp(f.type, "tmpfs") == 0 || strcmp(f.type, "devtmpfs") == 0 ||
		  strcmp(f.type, "rootfs") == 0;
	insert(s, &f);
	return true;
}

/* Pages of block devices are buffers, and those of hugetlbfs huge pages. */
static bool take_sb(void *ctx, kva_t sb)
{
	struct search *s = ctx;

	(void)fs_type_of_sb(s->k, sb, s->type, sizeof(s->type));
	return strcmp(s->type, "bdev") != 0 && strcmp(s->type, "hugetlbfs") != 0;
}

vs_status cached_files(struct kernel *k, struct cached_file *ret, size_t max, size_t *n,
		       struct err *err)
{
	struct search s = { .k = k, .v = ret, .max = max };
	const struct inodes_visit visit = { take_sb, take_inode, &s };
	vs_status unread, st = inodes_each(k, &visit, &unread, err);

	*n = s.n;
	return st ? st : unread;
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
