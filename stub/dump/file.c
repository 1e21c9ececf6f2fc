// SPDX-License-Identifier: GPL-3.0-or-later
/* file.c - the bytes of one dump file, plain or flattened, by logical offset.
 * In: a path. Out: bounded reads. Not here: the index of flattened files (flat.c). */
#include "stub/dump/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "stub/base/bytes.h"
#include "stub/dump/flat/flat.h"
#include "stub/dump/flat/flatmap.h"
#include "stub/dump/safecopy.h"

struct file {
	char *path;
	int fd;
	uint64_t size; /* logical */
	dev_t dev;
	ino_t ino;
	bool proc;
	struct flat *flat; /* NULL: a plain file */
	uint8_t *map;	   /* NULL: read with pread; else mapped bytes, only for safecopy() */
	size_t mapped;	   /* bytes mapped, of the file on disk */
	/* Borrowed files that follow each other, of which this one consists; NULL: it is none. */
	struct file *const *part;
	size_t nparts;
};

int64_t fd_pread(int fd, void *dst, size_t len, uint64_t off)
{
	size_t have = 0;

	if (off > INT64_MAX || len > INT64_MAX - off)
		return 0;
	while (have < len) {
		ssize_t n = pread(fd, (char *)dst + have, len - have, (off_t)(off + have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (int64_t)have;
}

/* Checks the type of the file and determines its size. */
static vs_status file_check_type(struct file *f, struct err *err)
{
	struct stat st;
	struct statfs fs;
	off_t end;

	if (fstat(f->fd, &st) < 0)
		return fail(err, VS_IO, "%s: %s", f->path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fail(err, VS_INVAL, "%s: is a directory, not a dump file", f->path);
	if (S_ISFIFO(st.st_mode))
		return fail(err, VS_INVAL,
			    "%s: is a FIFO; a dump must be seekable, save the stream to a file "
			    "first, or "
			    "use --unpack",
			    f->path);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return fail(err, VS_INVAL, "%s: is neither a regular file nor a block device",
			    f->path);
	end = S_ISBLK(st.st_mode) ? lseek(f->fd, 0, SEEK_END) : st.st_size;
	if (end < 0)
		return fail(err, VS_IO, "%s: size: %s", f->path, strerror(errno));
	if (end == 0)
		return fail(err, VS_CORRUPT, "%s: file size 0, not a dump", f->path);
	f->size = (uint64_t)end;
	f->dev = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
	f->ino = st.st_ino;
	f->proc = fstatfs(f->fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	return VS_OK;
}

/* Maps the file, which reads nothing yet; if that fails, pread is used. Files on procfs cannot be
 * mapped, or only in parts. */
static void file_map(struct file *f)
{
	void *p;

	if (f->proc || f->size > SIZE_MAX)
		return;
	p = mmap(NULL, (size_t)f->size, PROT_READ, MAP_SHARED, f->fd, 0);
	if (p == MAP_FAILED)
		return;
	safecopy_prepare();
	f->map = p;
	f->mapped = (size_t)f->size;
}

static vs_status file_load(struct file *f, struct err *err)
{
	uint8_t magic[FLAT_MAGIC_LEN] = { 0 };
	vs_status st;

	// O_NONBLOCK: opening a FIFO without a writer would hang
	if (f->fd < 0)
		f->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd < 0)
		return fail(err, VS_IO, "%s: %s", f->path, strerror(errno));
	st = file_check_type(f, err);
	if (st)
		return st;
	if (fd_pread(f->fd, magic, sizeof(magic), 0) < 0)
		return fail(err, VS_IO, "%s: read: %s", f->path, strerror(errno));
	file_map(f);
	if (!flat_magic_ok(magic))
		return VS_OK;
	st = flat_create(f->fd, f->size, f->path, FLATMAP_ENTRIES, &f->flat, err);
	if (st)
		return st;
	f->size = flat_size(f->flat);
	flat_use_map(f->flat, f->map);
	return VS_OK;
}

vs_status file_open(const char *path, struct file **ret, struct err *err)
{
	return file_open_fd(path, -1, ret, err);
}

vs_status file_open_fd(const char *path, int fd, struct file **ret, struct err *err)
{
	struct file *f = calloc(1, sizeof(*f));
	vs_status st;

	if (!f || !(f->path = strdup(path))) {
		free(f);
		if (fd >= 0)
			close(fd);
		return fail(err, VS_NOMEM, "%s: out of memory", path);
	}
	f->fd = fd;
	st = file_load(f, err);
	if (st) {
		file_close(f);
		return st;
	}
	*ret = f;
	return VS_OK;
}

vs_status file_join(struct file *const *files, size_t n, struct file **ret, struct err *err)
{
	struct file *f = calloc(1, sizeof(*f));

	if (!f || !(f->path = strdup(files[0]->path))) {
		free(f);
		return fail(err, VS_NOMEM, "%s: out of memory", files[0]->path);
	}
	f->fd = -1;
	f->part = files;
	f->nparts = n;
	for (size_t i = 0; i < n; i++) {
		if (add_ovf(f->size, files[i]->size, &f->size)) {
			file_close(f);
			return fail(err, VS_INVAL, "%s: %zu files of more than 2^64 bytes",
				    files[0]->path, n);
		}
	}
	*ret = f;
	return VS_OK;
}

/* The file that has the byte at *off, which becomes the place in it; *start is where it begins.
 * NULL past the end. There are few: one for each NUMA node. */
static struct file *find_part(const struct file *f, uint64_t *off, uint64_t *start)
{
	*start = 0;
	for (size_t i = 0; i < f->nparts; i++) {
		if (*off < f->part[i]->size)
			return f->part[i];
		*off -= f->part[i]->size;
		*start += f->part[i]->size;
	}
	return NULL;
}

void file_close(struct file *f)
{
	if (!f)
		return;
	flat_destroy(f->flat);
	if (f->map)
		munmap(f->map, f->mapped);
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f);
}

const char *file_path(const struct file *f)
{
	return f->path;
}

uint64_t file_size(const struct file *f)
{
	return f->size;
}

bool file_is_flat(const struct file *f)
{
	return f->flat;
}

bool file_is_cut(const struct file *f)
{
	return f->flat && flat_is_cut(f->flat);
}

bool file_is_proc(const struct file *f)
{
	return f->proc;
}

bool file_is_mapped(const struct file *f)
{
	return f->map && !f->flat;
}

bool file_has_writer(const struct file *f)
{
	for (size_t i = 0; i < f->nparts; i++)
		if (file_has_writer(f->part[i]))
			return true;
	if (f->part)
		return false;
	// The kernel refuses a read lease on a file that is open, or mapped, for writing.
	if (fcntl(f->fd, F_SETLEASE, F_RDLCK) < 0)
		return errno == EAGAIN;
	fcntl(f->fd, F_SETLEASE, F_UNLCK);
	return false;
}

bool file_same(const struct file *a, const struct file *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

/* The same for files that follow each other. */
static vs_status read_parts(struct file *f, uint64_t off, void *dst, size_t len, size_t *got,
			    struct err *err)
{
	vs_status st = VS_OK;

	*got = 0;
	while (*got < len && st == VS_OK) {
		uint64_t at = off + *got, start;
		struct file *part = find_part(f, &at, &start);
		size_t n = 0;

		if (!part)
			break;
		st = file_read_some(part, at, (uint8_t *)dst + *got, len - *got, &n, err);
		*got += n;
		if (!n)
			break;
	}
	return st;
}

vs_status file_read_some(struct file *f, uint64_t off, void *dst, size_t len, size_t *got,
			 struct err *err)
{
	int64_t n;

	if (off >= f->size) {
		*got = 0;
		return VS_OK;
	}
	if (len > f->size - off)
		len = (size_t)(f->size - off);
	if (f->part)
		return read_parts(f, off, dst, len, got, err);
	if (file_is_mapped(f) && safecopy(dst, f->map + off, len)) {
		*got = len;
		return VS_OK;
	}
	// not mapped, or a page of the mapping cannot be read: pread gives the reason
	n = f->flat ? flat_read(f->flat, off, dst, len) : fd_pread(f->fd, dst, len, off);
	if (n < 0)
		return fail(err, VS_IO, "%s: read of %zu bytes at %#" PRIx64 ": %s", f->path, len,
			    off, strerror(errno));
	*got = (size_t)n;
	return VS_OK;
}

vs_status file_read(struct file *f, uint64_t off, void *dst, size_t len, struct err *err)
{
	size_t got;
	vs_status st = file_read_some(f, off, dst, len, &got, err);

	if (st)
		return st;
	if (got < len)
		return fail(err, VS_LOST,
			    "%s: %zu bytes at %#" PRIx64
			    " reach past the end of the file (%#" PRIx64 ")",
			    f->path, len, off, f->size);
	return VS_OK;
}

uint64_t file_next_data(struct file *f, uint64_t off)
{
	uint64_t at = off, start;
	struct file *part = find_part(f, &at, &start);
	off_t next;

	if (part)
		return start + file_next_data(part, at);
	if (f->flat)
		return flat_next_data(f->flat, off);
	if (off >= f->size)
		return f->size;
	next = lseek(f->fd, (off_t)off, SEEK_DATA);
	if (next >= 0)
		return (uint64_t)next;
	return errno == ENXIO ? f->size : off; // ENXIO: only a hole is left
}
