// SPDX-License-Identifier: GPL-3.0-or-later
/* kernelfile.c - chooses how gdb gets vmlinux. */
#include "stub/gdb/kernelfile.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/elf/elffile.h"
#include "stub/gdb/linkdir.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/vmlinux.h"

/* gdb's debug-file-directory is PREFIX/lib/debug; packages only use /usr/lib/debug. */
static bool gdb_of_packages(pid_t pid)
{
	static const char folder[] = "/usr/bin/";
	char link[64], path[512];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	n = readlink(link, path, sizeof(path));
	return n > (ssize_t)sizeof(folder) && memcmp(path, folder, sizeof(folder) - 1) == 0;
}

/* Does the link in which gdb looks for this build-id lead to a file with this build-id and with
 * DWARF? */
static bool installed(const struct build_id *id)
{
	struct build_id found;
	struct elffile *f;
	AUTO(buf) path = { 0 };
	bool ok;

	if (elffile_open(build_id_debug_path(NULL, id, &path), &f, NULL))
		return false;
	elffile_build_id(f, &found);
	ok = build_id_equal(id, &found) && elffile_has_section(f, ".debug_info");
	elffile_close(f);
	return ok;
}

static bool link_debug(struct kernel *k, struct linkdir *links, const char *hex, int *fd)
{
	*fd = open(k->vmlinux_path, O_RDONLY | O_CLOEXEC);
	if (*fd >= 0 && linkdir_add_debug(links, hex, *fd))
		return true;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return false;
}

enum kernel_file kernel_file_choose(struct kernel *k, bool entry_first, bool debug_allowed,
				    struct linkdir *links, int *fd)
{
	char hex[2 * BUILD_ID_MAX + 1];
	struct build_id id;

	*fd = -1;
	if (kernel_need_vmlinux(k, NULL))
		return KERNEL_FILE_NONE;
	elffile_build_id(k->vmlinux, &id);
	build_id_str(&id, hex);
	// As a debug file, a stripped vmlinux would hide the types in the image.
	debug_allowed &= id.len > 2 && elffile_has_debug_info(k->vmlinux);
	if (debug_allowed && entry_first && link_debug(k, links, hex, fd))
		return KERNEL_FILE_DEBUG;
	if (debug_allowed && k->opt->gdb_pid && !vmlinux_gdb_has(k) &&
	    gdb_of_packages(k->opt->gdb_pid) && installed(&id))
		return KERNEL_FILE_DEBUG;
	return entry_first ? KERNEL_FILE_LIBRARY : KERNEL_FILE_MAIN;
}

bool kernel_file_rules_first(enum kernel_file f)
{
	return f == KERNEL_FILE_LIBRARY || f == KERNEL_FILE_NONE;
}

bool kernel_file_moves_percpu(enum kernel_file f)
{
	return f == KERNEL_FILE_MAIN || f == KERNEL_FILE_LIBRARY;
}
