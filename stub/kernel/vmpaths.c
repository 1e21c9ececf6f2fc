// SPDX-License-Identifier: GPL-3.0-or-later
/* vmpaths.c - where a vmlinux, or its separate debug file, may be. */
#include "stub/kernel/vmpaths.h"

#include <stdio.h>
#include <string.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"

/* "%" stands for the release. Compressed files come last, because unpacking them takes time. SUSE
 * installs /boot/vmlinux-*.gz and .xz; objcopy --only-keep-debug makes .debug by convention. */
static const char *const beside_dump[] = { "vmlinux",	      "vmlinux-%",    "vmlinux.debug",
					   "vmlinux-%.debug", "vmlinux.zst",  "vmlinux-%.zst",
					   "vmlinux.gz",      "vmlinux-%.gz", "vmlinux.xz",
					   "vmlinux-%.xz" };
static const char *const installed[] = {
	"/usr/lib/debug/boot/vmlinux-%",
	"/usr/lib/debug/boot/vmlinux-%.debug",
	"/usr/lib/debug/lib/modules/%/vmlinux",
	"/usr/lib/debug/lib/modules/%/vmlinux.debug",
	"/usr/lib/debug/usr/lib/modules/%/vmlinux",
	"/usr/lib/debug/usr/lib/modules/%/vmlinux.debug",
	"/lib/modules/%/build/vmlinux",
	"/lib/modules/%/vmlinux",
	"/boot/vmlinux-%",
	"/boot/vmlinux-%.zst",
	"/boot/vmlinux-%.gz",
	"/boot/vmlinux-%.xz",
	"/lib/modules/%/vmlinux.zst",
	"/lib/modules/%/vmlinux.gz",
	"/lib/modules/%/vmlinux.xz",
};

static bool call(struct kernel *k, const char *dir, size_t dirlen, const char *pattern,
		 bool (*fn)(struct kernel *k, const char *path))
{
	const char *percent = strchr(pattern, '%');
	AUTO(buf) b = { 0 };

	// The release comes from the dump, so it must not lead out of these folders.
	if (percent && (!k->release[0] || strchr(k->release, '/')))
		return false;
	buf_printf(&b, "%.*s", (int)dirlen, dir);
	if (percent)
		buf_printf(&b, "%.*s%s%s", (int)(percent - pattern), pattern, k->release,
			   percent + 1);
	else
		buf_puts(&b, pattern);
	return fn(k, buf_str(&b));
}

bool vmpaths_each(struct kernel *k, bool (*fn)(struct kernel *k, const char *path))
{
	const char *dump = dump_info(k->dump)->path;
	const char *slash = strrchr(dump, '/');
	const char *root = k->opt->sysroot ? k->opt->sysroot : "";
	bool done = false;

	for (size_t i = 0; !done && i < sizeof(beside_dump) / sizeof(beside_dump[0]); i++)
		done = call(k, slash ? dump : "./", slash ? (size_t)(slash - dump) + 1 : 2,
			    beside_dump[i], fn);
	for (size_t i = 0; !done && i < sizeof(installed) / sizeof(installed[0]); i++)
		done = call(k, root, strlen(root), installed[i], fn);
	return done || call(k, "", 0, "vmlinux", fn); // in the working directory
}
