/* vmlinux.c - finds the kernel's ELF file by build-id: given by the user, opened by the gdb that
 * started vmstub, next to the dump, or where distributions install it. */
#include "stub/kernel/vmlinux.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/kernel/kernel.h"

#define MAX_NOTES (64u << 10)

static bool parse_hex_id(const char *s, struct build_id *ret)
{
	size_t n = strlen(s);

	if (n == 0 || n % 2 || n / 2 > BUILD_ID_MAX)
		return false;
	for (size_t i = 0; i < n / 2; i++) {
		unsigned byte;

		if (!isxdigit((unsigned char)s[2 * i]) || sscanf(s + 2 * i, "%2x", &byte) != 1)
			return false;
		ret->b[i] = (uint8_t)byte;
	}
	ret->len = n / 2;
	return true;
}

bool vmlinux_dump_build_id(struct kernel *k, struct build_id *ret)
{
	const char *id = vmcoreinfo_str(k->vmci, "BUILD-ID");

	return id && parse_hex_id(id, ret);
}

/* The build-id in the dump's memory where this vmlinux says its notes are: independent of
 * VMCOREINFO, whose BUILD-ID is garbage in several stable releases
 * (5.15.168, 6.1.113-118, 6.6.55-62, ...). */
static bool id_in_memory(struct kernel *k, struct elffile *f, struct build_id *ret)
{
	AUTO_FREE uint8_t *notes = NULL;
	struct elf_section sec;

	if (!k->have_slide || elffile_section(f, ".notes", &sec) || sec.size > MAX_NOTES)
		return false;
	notes = malloc(sec.size);
	return notes && mem_read(k->mem, sec.addr + k->slide, notes, sec.size, NULL) == VS_OK &&
	       build_id_from_notes(notes, sec.size, ret);
}

static vs_status check_id(struct kernel *k, struct elffile *f, const char *path, struct err *err)
{
	char have[2 * BUILD_ID_MAX + 1], want[2 * BUILD_ID_MAX + 1];
	struct build_id file, dump;

	elffile_build_id(f, &file);
	if (id_in_memory(k, f, &dump)) {
		if (build_id_equal(&file, &dump))
			return VS_OK;
	} else if (!vmlinux_dump_build_id(k, &dump)) {
		return VS_OK; // nothing to compare with
	}
	if (build_id_equal(&file, &dump))
		return VS_OK;
	if (vmlinux_dump_build_id(k, &dump) && build_id_equal(&file, &dump))
		return VS_OK;
	return fail(err, VS_NOMATCH, "%s: build-id %s, the dump's kernel has %s", path,
		    file.len ? build_id_str(&file, have) : "missing", build_id_str(&dump, want));
}

static vs_status try_file(struct kernel *k, const char *path, struct err *err)
{
	struct elffile *f;
	uint64_t vaddr, size;
	vs_status st = elffile_open(path, &f, err);

	if (st)
		return st;
	if (!elffile_load_segment(f, 0, &vaddr, &size) || vaddr < k->arch->image_base) {
		elffile_close(f);
		return fail(err, VS_NOMATCH, "%s: not a vmlinux", path);
	}
	st = check_id(k, f, path, err);
	if (st) {
		elffile_close(f);
		return st;
	}
	k->vmlinux = f;
	k->vmlinux_path = realpath(path, NULL);
	if (!k->vmlinux_path)
		k->vmlinux_path = strdup(path);
	if (k->vmlinux_path)
		return VS_OK;
	k->vmlinux = NULL;
	elffile_close(f);
	return fail(err, VS_NOMEM, "%s", path);
}

/* Files the process has open that could be a vmlinux. gdb keeps the file it was started with open,
 * so `gdb vmlinux` tells the path without being asked; the build-id decides. */
static vs_status try_open_files(struct kernel *k, pid_t pid)
{
	char dir[64], link[128], path[4096];
	struct dirent *e;
	vs_status st = VS_NOTFOUND;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/fd", (int)pid);
	d = opendir(dir);
	while (d && st && (e = readdir(d))) {
		ssize_t n;

		snprintf(link, sizeof(link), "%s/%.20s", dir, e->d_name);
		n = readlink(link, path, sizeof(path) - 1);
		if (n <= 0)
			continue;
		path[n] = '\0';
		if (path[0] == '/' && strncmp(path, "/dev/", 5) && strncmp(path, "/proc/", 6))
			st = try_file(k, path, NULL);
	}
	if (d)
		closedir(d);
	return st;
}

static pid_t parent_of(pid_t pid)
{
	char path[64], line[512];
	FILE *f;
	int ppid = 0;
	char *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	// The name in parentheses may hold anything; fields start after the last ')'.
	if (fgets(line, sizeof(line), f) && (p = strrchr(line, ')')) &&
	    sscanf(p + 1, " %*c %d", &ppid) != 1)
		ppid = 0;
	fclose(f);
	return ppid;
}

static vs_status try_parents(struct kernel *k)
{
	pid_t pid = getppid();

	// gdb runs "target remote | ..." through a shell, which may or may not stay in between.
	for (int i = 0; i < 2 && pid > 1; i++, pid = parent_of(pid))
		if (try_open_files(k, pid) == VS_OK)
			return VS_OK;
	return VS_NOTFOUND;
}

static vs_status try_next_to_dump(struct kernel *k)
{
	const char *path = dump_info(k->dump)->path;
	const char *slash = strrchr(path, '/');
	int dirlen = slash ? (int)(slash - path) : 1;
	const char *dir = slash ? path : ".";
	struct buf b = { 0 };
	vs_status st;

	buf_printf(&b, "%.*s/vmlinux", dirlen, dir);
	st = try_file(k, buf_str(&b), NULL);
	if (st) {
		buf_printf(&b, "-%s", k->release);
		st = try_file(k, buf_str(&b), NULL);
	}
	buf_deinit(&b);
	return st;
}

static vs_status try_installed(struct kernel *k)
{
	static const char *const patterns[] = {
		"/usr/lib/debug/boot/vmlinux-%s",
		"/usr/lib/debug/lib/modules/%s/vmlinux",
		"/usr/lib/debug/lib/modules/%s/vmlinux.debug",
		"/usr/lib/debug/usr/lib/modules/%s/vmlinux",
		"/lib/modules/%s/build/vmlinux",
		"/lib/modules/%s/vmlinux",
		"/boot/vmlinux-%s",
		"vmlinux",
	};
	char path[512], hex[2 * BUILD_ID_MAX + 1];
	struct build_id id;

	// The release comes from the dump: it must not lead out of these folders.
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (strchr(k->release, '/') || !k->release[0])
			break;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), patterns[i], k->release);
#pragma GCC diagnostic pop
		if (try_file(k, path, NULL) == VS_OK)
			return VS_OK;
	}
	if (!vmlinux_dump_build_id(k, &id))
		return VS_NOTFOUND;
	build_id_str(&id, hex);
	snprintf(path, sizeof(path), "/usr/lib/debug/.build-id/%.2s/%s.debug", hex, hex + 2);
	return try_file(k, path, NULL);
}

vs_status vmlinux_load(struct kernel *k, struct err *err)
{
	char hex[2 * BUILD_ID_MAX + 1] = "unknown";
	struct build_id id;

	if (k->opt->vmlinux) {
		struct err why;

		if (try_file(k, k->opt->vmlinux, &why) == VS_OK)
			return VS_OK;
		log_error("%s; going on without it", why.msg);
		*err = why;
		return VS_NOTFOUND;
	}
	if (try_parents(k) == VS_OK || try_next_to_dump(k) == VS_OK || try_installed(k) == VS_OK)
		return VS_OK;
	if (vmlinux_dump_build_id(k, &id))
		build_id_str(&id, hex);
	return fail(err, VS_NOTFOUND,
		    "no vmlinux found for %s (build-id %s); --vmlinux FILE names it",
		    k->release[0] ? k->release : "this kernel", hex);
}
