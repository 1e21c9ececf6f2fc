// SPDX-License-Identifier: GPL-3.0-or-later
/* vmlinux.c - finds the kernel's ELF file and its separate debug file: given by the user, opened by
 * the gdb that started vmstub, next to the dump, where distributions install it, or from
 * debuginfod. */
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
#include "stub/elf/debuglink.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/layout.h"
#include "stub/kernel/vmid.h"
#include "stub/kernel/vmpaths.h"

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

/* Opens a file and checks that it is the crashed kernel's. */
static vs_status open_file(struct kernel *k, const char *path, struct elffile **ret,
			   enum vmid_evidence *evidence, struct err *err)
{
	struct elffile *f;
	uint64_t vaddr, size;
	vs_status st = elffile_open(path, &f, err);

	if (st)
		return st;
	if (!elffile_load_segment(f, 0, &vaddr, &size) || vaddr < k->arch->os->image_base)
		st = fail(err, VS_NOMATCH, "%s: not a vmlinux", path);
	if (st == VS_OK)
		st = adopt_slide(k, f, path, err);
	if (st == VS_OK)
		st = vmid_check(k, f, path, evidence, err);
	if (st)
		elffile_close(f);
	else
		*ret = f;
	return st;
}

static void forget_file(struct kernel *k)
{
	elffile_close(k->vmlinux);
	free(k->vmlinux_path);
	free(k->vmlinux_name);
	if (k->vmlinux_unpacked)
		close(k->vmlinux_fd);
	k->vmlinux = NULL;
	k->vmlinux_path = k->vmlinux_name = NULL;
	k->vmlinux_unpacked = false;
}

/* Unpacks a compressed file into memory, where gdb and libdw can read it. */
static vs_status unpack(struct kernel *k, struct elffile **f, struct err *err)
{
	char path[64];
	vs_status st = elffile_to_memfd(*f, "vmlinux", &k->vmlinux_fd, err);

	elffile_close(*f);
	*f = NULL;
	if (st)
		return st;
	k->vmlinux_unpacked = true;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), k->vmlinux_fd);
	k->vmlinux_path = strdup(path);
	return elffile_open(path, f, err);
}

/* Uses this file as vmlinux, instead of any other. Takes f. */
static vs_status use_file(struct kernel *k, struct elffile *f, const char *path, struct err *err)
{
	vs_status st = VS_OK;

	forget_file(k);
	k->vmlinux_name = realpath(path, NULL);
	if (!k->vmlinux_name)
		k->vmlinux_name = strdup(path);
	if (elffile_is_packed(f))
		st = unpack(k, &f, err);
	else if (k->vmlinux_name)
		k->vmlinux_path = strdup(k->vmlinux_name);
	k->vmlinux = f;
	if (st == VS_OK && k->vmlinux_path && k->vmlinux_name)
		return VS_OK;
	forget_file(k);
	return st ? fail_ctx(err, st, "%s", path) : fail(err, VS_NOMEM, "%s", path);
}

static vs_status try_file(struct kernel *k, const char *path, struct err *err)
{
	struct elffile *f;
	vs_status st = open_file(k, path, &f, &k->vmlinux_evidence, err);

	return st ? st : use_file(k, f, path, err);
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
static bool consider(struct kernel *k, const char *path)
{
	struct err why;
	vs_status st;

	if (access(path, F_OK))
		return false;
	st = try_file(k, path, &why);
	if (st)
		buf_printf(&k->vmlinux_others, "%s\n", why.msg);
	return st == VS_OK;
}

/* Calls fn for the files that a debug package installs for the dump's build-id, or that
 * debuginfod's client has fetched before, or fetches now. */
static bool by_build_id(struct kernel *k, bool (*fn)(struct kernel *k, const char *path))
{
	char path[DEBUGINFOD_PATH_MAX];
	AUTO(buf) debug = { 0 };
	struct build_id id;
	struct err why;

	if (!vmid_of_dump(k, &id))
		return false;
	if (fn(k, build_id_debug_path(k->opt->sysroot, &id, &debug)))
		return true;
	if (k->opt->no_debuginfod)
		return false;
	if (debuginfod_cached(id.b, id.len, path))
		return fn(k, path);
	if (!k->opt->fetch)
		return false;
	if (debuginfod_fetch(id.b, id.len, "vmlinux", path, &why)) {
		log_warn("%s", why.msg);
		return false;
	}
	return fn(k, path);
}

/* --- the separate debug file of a stripped vmlinux */

/* Uses a file with debug information. gdb follows its own search for the file that it has open, so
 * that one stays; vmstub then reads lines from this one. */
static bool take_debug(struct kernel *k, const char *path)
{
	enum vmid_evidence evidence;
	struct elffile *f;

	if (access(path, F_OK) || open_file(k, path, &f, &evidence, NULL))
		return false;
	if (!elffile_has_debug_info(f) || evidence == VMID_NONE) {
		elffile_close(f);
		return false;
	}
	if (!vmlinux_gdb_has(k))
		return use_file(k, f, path, NULL) == VS_OK;
	k->vmlinux_debug = elffile_is_packed(f) ? NULL : realpath(path, NULL);
	elffile_close(f);
	return k->vmlinux_debug;
}

static bool take_linked(void *k, const char *path)
{
	return take_debug(k, path);
}

static void find_debug(struct kernel *k)
{
	if (elffile_has_debug_info(k->vmlinux) ||
	    debuglink_each(k->vmlinux, k->vmlinux_name, k->opt->sysroot, take_linked, k))
		return;
	if (!vmpaths_each(k, take_debug))
		(void)by_build_id(k, take_debug);
}

const char *vmlinux_debug_path(struct kernel *k)
{
	if (k->vmlinux_debug)
		return k->vmlinux_debug;
	return k->vmlinux && elffile_has_debug_info(k->vmlinux) ? k->vmlinux_path : NULL;
}

/* --- the slot */

static vs_status find(struct kernel *k, struct err *err)
{
	char hex[2 * BUILD_ID_MAX + 1] = "unknown";
	struct build_id id;

	if (k->opt->vmlinux) {
		struct err why;

		if (try_file(k, k->opt->vmlinux, &why) == VS_OK)
			return VS_OK;
		log_error("%s; continuing without it", why.msg);
		*err = why;
		return VS_NOTFOUND;
	}
	if (ask_gdb(k, takes_file)) // else gdb would see types twice
		return VS_OK;
	if (k->opt->dump_only || k->opt->no_vmlinux)
		return fail(err, VS_NOTFOUND, "%s",
			    k->opt->dump_only ? "--symbols=dump" : "--vmlinux none");
	if (vmpaths_each(k, consider) || by_build_id(k, consider))
		return VS_OK;
	if (vmid_of_dump(k, &id))
		build_id_str(&id, hex);
	return fail(err, VS_NOTFOUND, "no vmlinux found for %s (build-id %s); use --vmlinux FILE",
		    k->release[0] ? k->release : "this kernel", hex);
}

static vs_status load(struct kernel *k, void *owner, struct err *err)
{
	vs_status st = find(k, err);

	(void)owner;
	if (st == VS_OK)
		find_debug(k);
	return st == VS_OK && !k->vmlinux ? fail(err, VS_NOMEM, "vmlinux") : st;
}

static void unload(struct kernel *k, void *owner)
{
	(void)owner;
	forget_file(k);
	free(k->vmlinux_debug);
	k->vmlinux_debug = NULL;
	buf_deinit(&k->vmlinux_others);
}

const struct slot_ops vmlinux_slot_ops = { load, unload };
