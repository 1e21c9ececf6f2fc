// SPDX-License-Identifier: GPL-3.0-or-later
/* vmlinux.c - finds the kernel's ELF file by build-id: given by the user, opened by the gdb that
 * started vmstub, next to the dump, or where distributions install it. */
#include "stub/kernel/vmlinux.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/base/debuginfod.h"
#include "stub/base/log.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/layout.h"
#include "stub/kernel/vmid.h"

/* If the dump does not have the slide, uses this file's, provided that the kernel's memory is then
 * recognized. */
static vs_status adopt_slide(struct kernel *k, struct elffile *f, const char *path, struct err *err)
{
	enum vmid_evidence evidence;
	uint64_t slide;

	if (k->have_slide || !layout_slide_of(k, f, &slide))
		return VS_OK;
	k->slide = slide;
	k->have_slide = true;
	if (vmid_check(k, f, path, &evidence, NULL) == VS_OK &&
	    (evidence == VMID_MEMORY || evidence == VMID_BANNER))
		return VS_OK;
	k->slide = 0;
	k->have_slide = false;
	return fail(err, VS_NOMATCH,
		    "%s: neither its build-id nor its banner is in the kernel image at %#" PRIx64,
		    path, k->image_start);
}

static vs_status try_file(struct kernel *k, const char *path, struct err *err)
{
	struct elffile *f;
	uint64_t vaddr, size;
	vs_status st = elffile_open(path, &f, err);

	if (st)
		return st;
	if (!elffile_load_segment(f, 0, &vaddr, &size) || vaddr < k->arch->os->image_base) {
		elffile_close(f);
		return fail(err, VS_NOMATCH, "%s: not a vmlinux", path);
	}
	st = adopt_slide(k, f, path, err);
	if (st == VS_OK)
		st = vmid_check(k, f, path, &k->vmlinux_evidence, err);
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

/* Called for each file that gdb may use for symbols; true ends the search. */
typedef bool (*gdb_file_fn)(struct kernel *k, const char *path);

static bool takes_file(struct kernel *k, const char *path)
{
	return try_file(k, path, NULL) == VS_OK;
}

/* Tries a path of process pid; relative ones start in its working directory. */
static bool ask_path_of(struct kernel *k, pid_t pid, const char *path, gdb_file_fn fn)
{
	struct buf b = { 0 };
	bool found;

	if (path[0] != '/')
		buf_printf(&b, "/proc/%d/cwd/", (int)pid);
	buf_puts(&b, path);
	found = fn(k, buf_str(&b));
	buf_deinit(&b);
	return found;
}

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return fopen(path, "re");
}

/* For `gdb vmlinux` and `gdb --symbols=vmlinux`: tries the words of gdb's command line. */
static bool ask_command_line(struct kernel *k, pid_t pid, gdb_file_fn fn)
{
	bool found = false;
	char *word = NULL;
	size_t cap = 0;
	FILE *f = open_proc(pid, "cmdline");

	for (int n = 0; f && !found && n < 1000 && getdelim(&word, &cap, '\0', f) > 0; n++) {
		const char *value = strchr(word, '=');

		if (n == 0)
			continue;
		found = ask_path_of(k, pid, word[0] == '-' && value ? value + 1 : word, fn);
	}
	free(word);
	if (f)
		fclose(f);
	return found;
}

/* For `file vmlinux` typed later: gdb maps the sections that it reads. */
static bool ask_mappings(struct kernel *k, pid_t pid, gdb_file_fn fn)
{
	bool found = false;
	char *line = NULL, last[4096] = "";
	size_t cap = 0;
	FILE *f = open_proc(pid, "maps");

	for (int n = 0; f && !found && n < 100000 && getline(&line, &cap, f) > 0; n++) {
		char *path = strchr(line, '/');

		if (!path)
			continue;
		path[strcspn(path, "\n")] = '\0';
		if (strncmp(path, "/usr/lib/x86_64", 15) == 0 || strcmp(path, last) == 0)
			continue;
		snprintf(last, sizeof(last), "%s", path);
		found = fn(k, path);
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}

/* Tries the files that the gdb which started vmstub has opened. */
static bool ask_gdb(struct kernel *k, gdb_file_fn fn)
{
	pid_t pid = k->opt->gdb_pid;

	return pid && (ask_command_line(k, pid, fn) || ask_mappings(k, pid, fn));
}

static bool same_as_vmlinux(struct kernel *k, const char *path)
{
	struct stat a, b;

	return stat(path, &a) == 0 && stat(k->vmlinux_path, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

bool vmlinux_gdb_has(struct kernel *k)
{
	return k->vmlinux_path && ask_gdb(k, same_as_vmlinux);
}

/* Tries a file with the right name, and remembers it if it belongs to another kernel. */
static vs_status consider(struct kernel *k, const char *path)
{
	struct err why;
	vs_status st = try_file(k, path, &why);

	if (st && access(path, F_OK) == 0)
		buf_printf(&k->vmlinux_others, "%s\n", why.msg);
	return st;
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
	st = consider(k, buf_str(&b));
	if (st) {
		buf_printf(&b, "-%s", k->release);
		st = consider(k, buf_str(&b));
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
	char path[512], debug[BUILD_ID_PATH_MAX];
	struct build_id id;

	// The release comes from the dump, so it must not lead out of these folders.
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (strchr(k->release, '/') || !k->release[0])
			break;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), patterns[i], k->release);
#pragma GCC diagnostic pop
		if (consider(k, path) == VS_OK)
			return VS_OK;
	}
	if (!vmid_of_dump(k, &id))
		return VS_NOTFOUND;
	return consider(k, build_id_debug_path(&id, debug));
}

/* What debuginfod's client has fetched before, or fetches now. */
static vs_status try_debuginfod(struct kernel *k)
{
	char path[DEBUGINFOD_PATH_MAX];
	struct build_id id;
	struct err why;

	if (k->opt->no_debuginfod || !vmid_of_dump(k, &id))
		return VS_NOTFOUND;
	if (debuginfod_cached(id.b, id.len, path))
		return consider(k, path);
	if (!k->opt->fetch)
		return VS_NOTFOUND;
	if (debuginfod_fetch(id.b, id.len, "vmlinux", path, &why)) {
		log_warn("%s", why.msg);
		return VS_NOTFOUND;
	}
	return consider(k, path);
}

static vs_status load(struct kernel *k, void *owner, struct err *err)
{
	char hex[2 * BUILD_ID_MAX + 1] = "unknown";
	struct build_id id;

	(void)owner;
	if (k->opt->vmlinux) {
		struct err why;

		if (try_file(k, k->opt->vmlinux, &why) == VS_OK)
			return VS_OK;
		log_error("%s; continuing without it", why.msg);
		*err = why;
		return VS_NOTFOUND;
	}
	if (ask_gdb(k, takes_file) || try_next_to_dump(k) == VS_OK || try_installed(k) == VS_OK ||
	    try_debuginfod(k) == VS_OK)
		return VS_OK;
	if (vmid_of_dump(k, &id))
		build_id_str(&id, hex);
	return fail(err, VS_NOTFOUND, "no vmlinux found for %s (build-id %s); use --vmlinux FILE",
		    k->release[0] ? k->release : "this kernel", hex);
}

static void unload(struct kernel *k, void *owner)
{
	(void)owner;
	elffile_close(k->vmlinux);
	free(k->vmlinux_path);
	buf_deinit(&k->vmlinux_others);
	k->vmlinux = NULL;
	k->vmlinux_path = NULL;
}

const struct slot_ops vmlinux_slot_ops = { load, unload };
