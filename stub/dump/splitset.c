// SPDX-License-Identifier: GPL-3.0-or-later
/* splitset.c - implements splitset.h. Opening a set, and what is wrong with one: kdump.c. */
#include "stub/dump/splitset.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/dump/file.h"
#include "stub/dump/kdump.h"

struct split_member {
	struct file *f;
	struct kdump_file k;
};

/* Opening a flattened file reads the headers of all its records, which is too much for a look. */
static bool is_plain_kdump(const char *path)
{
	char magic[8];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is = fd >= 0 && pread(fd, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
		  memcmp(magic, "KDUMP   ", sizeof(magic)) == 0;

	if (fd >= 0)
		close(fd);
	return is;
}

struct split_member *split_member_read(const char *path)
{
	struct split_member *m = is_plain_kdump(path) ? calloc(1, sizeof(*m)) : NULL;

	if (!m)
		return NULL;
	if (file_open(path, &m->f, NULL) == VS_OK) {
		m->k.f = m->f;
		if (kdump_read_headers(&m->k, NULL) == VS_OK && m->k.split)
			return m;
	}
	split_member_free(m);
	return NULL;
}

bool split_member_same(const struct split_member *a, const struct split_member *b)
{
	if (!a || !b || !kdump_same_dump(&a->k, &b->k) || file_same(a->f, b->f))
		return false;
	return a->k.end_pfn <= b->k.start_pfn || b->k.end_pfn <= a->k.start_pfn;
}

void split_member_free(struct split_member *m)
{
	if (!m)
		return;
	if (m->f)
		file_close(m->f);
	free(m);
}
