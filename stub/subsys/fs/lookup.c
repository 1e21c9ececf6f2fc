// SPDX-License-Identifier: GPL-3.0-or-later
/* lookup.c - finds a file by its path: goes through the inodes of all file systems, as the names
 * that memory lacks would break a search from the root. */
#include "stub/subsys/fs/lookup.h"

#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/fs/fs.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/subsys/fs/inodes.h"

struct lookup {
	struct kernel *k;
	const char *path;
	const char *name; /* its last part */
	size_t name_len;
	uint64_t alias_off; /* of the list nodes in dentries */
	kva_t inode;	    /* that is looked at */
	kva_t found;	    /* 0: not yet */
};

/* Most names differ, so that their paths need not be made. */
static bool same_name(struct lookup *l, kva_t dentry)
{
	char name[256];
	struct record r;
	uint64_t len, text;

	record_read(l->k, &dentry_record, dentry,
		    RECORD_BIT(DENTRY_NAME) | RECORD_BIT(DENTRY_NAME_LEN), &r);
	return record_get(&r, DENTRY_NAME_LEN, &len) && record_get(&r, DENTRY_NAME, &text) &&
	       len == l->name_len && len < sizeof(name) &&
	       mem_read(l->k->mem, text, name, len, NULL) == VS_OK &&
	       memcmp(name, l->name, len) == 0;
}

static bool take_name(void *ctx, kva_t node)
{
	struct lookup *l = ctx;
	struct fs_path path = { .dentry = node - l->alias_off };
	AUTO(buf) text = { 0 };

	if (!same_name(l, path.dentry))
		return true;
	if (fs_mount_of(l->k, path.dentry, &path.mnt))
		path.mnt = 0;
	if (fs_put_path(l->k, &path, &text, NULL) == VS_OK && strcmp(buf_str(&text), l->path) == 0)
		l->found = l->inode;
	return !l->found;
}

static bool take_inode(void *ctx, kva_t inode, vs_status *st, struct err *err)
{
	struct lookup *l = ctx;
	uint64_t names;

	l->inode = inode;
	*st = record_field_read(l->k, &inode_record, inode, INODE_NAMES, &names, err);
	if (*st == VS_OK)
		*st = walk_hlist(l->k, names, take_name, l, err);
	return !l->found;
}

/* The last part of the path, which fs_put_path() may have appended to. */
static void split(struct lookup *l, const char *path)
{
	const char *slash = strrchr(path, '/');

	l->path = path;
	l->name = slash ? slash + 1 : path;
	l->name_len = fs_path_len(l->name);
}

vs_status fs_lookup(struct kernel *k, const char *path, kva_t *ret, bool *incomplete,
		    struct err *err)
{
	struct lookup l = { .k = k };
	const struct inodes_visit visit = { .inode = take_inode, .ctx = &l };
	struct member alias;
	struct err why;
	vs_status unread, st = kernel_need_types(k, err);

	*incomplete = false;
	split(&l, path);
	if (st == VS_OK)
		st = record_member(k, &dentry_record, DENTRY_ALIAS, &alias, err);
	if (st)
		return st;
	l.alias_off = alias.off;
	st = inodes_each(k, &visit, &unread, &why);
	if (st) {
		if (err)
			*err = why;
		return st;
	}
	*ret = l.found;
	*incomplete = unread != VS_OK;
	if (l.found)
		return VS_OK;
	return unread ? fail(err, VS_NOTFOUND,
			     "no file with this path is among those that can be "
			     "read: %s",
			     why.msg)
		      : fail(err, VS_NOTFOUND, "no file with this path is in memory");
}
