// SPDX-License-Identifier: GPL-3.0-or-later
/* sys_symbols.c - sys -s: which files symbols, types and lines come from, and what to install if
 * they are missing. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/vmlinux.h"
#include "stub/module/modules.h"
#include "stub/module/sources.h"
#include "stub/monitor/sys/sys_parts.h"
#include "stub/subsys/sys/boot.h"

static void put_others(const char *lines, struct buf *out)
{
	while (*lines) {
		int n = (int)strcspn(lines, "\n");

		sys_put_label(out, "NOT");
		buf_printf(out, "%.*s\n", n, lines);
		lines += n + (lines[n] == '\n');
	}
}

static bool put_vmlinux(struct kernel *k, struct buf *out)
{
	struct source_dirs built;
	struct err why;
	bool lines;

	sys_put_label(out, "VMLINUX");
	if (kernel_need_vmlinux(k, &why)) {
		buf_printf(out, "(none: %s)\n", why.msg);
		put_others(buf_str(&k->vmlinux_others), out);
		return false;
	}
	lines = vmlinux_debug_path(k);
	buf_printf(out, "%s%s\n", k->vmlinux_name,
		   lines ? "" : "  (stripped: no lines, locals or inlined functions)");
	sys_put_label(out, "MATCHED BY");
	buf_printf(out, "%s\n", vmid_evidence_text(k->vmlinux_evidence));
	if (k->vmlinux_debug) {
		sys_put_label(out, "DEBUG FILE");
		buf_printf(out, "%s\n", k->vmlinux_debug);
	}
	put_others(buf_str(&k->vmlinux_others), out);
	if (lines && sources_built_in(k, &built, NULL) == VS_OK)
		for (size_t i = 0; i < built.n; i++) {
			sys_put_label(out, "BUILT IN");
			buf_printf(out, "%s\n", built.v[i]);
		}
	return lines;
}

static void put_sources(struct kernel *k, struct buf *out)
{
	struct err why;
	kva_t end;
	bool only_code;

	sys_put_label(out, "SYMBOLS");
	if (kernel_need_syms(k, &why) == VS_OK)
		buf_printf(out, "%zu of %s%s\n", symtab_count(k->syms),
			   k->syms_from_dump ? "the dump's kallsyms" : "vmlinux",
			   kernel_named_end(k, &end, &only_code, NULL) == VS_OK && only_code
				   ? "  (functions only: no CONFIG_KALLSYMS_ALL)"
				   : "");
	else
		buf_printf(out, "(none: %s)\n", why.msg);
	sys_put_label(out, "TYPES");
	if (kernel_need_types(k, &why) == VS_OK)
		buf_printf(out, "%s\n", k->types_from);
	else
		buf_printf(out, "(none: %s)\n", why.msg);
}

/* Packages with the kernel's debug information. A mark in the release, or in the version that
 * `uname -v` prints, shows the distribution. */
static const struct package {
	const char *mark;
	bool in_release;
	const char *before, *after; /* the command before and after the release */
} packages[] = {
	{ "Debian", false, "apt install linux-image-", "-dbg" },
	{ "-amd64", true, "apt install linux-image-", "-dbg" }, // if the version is unknown
	{ "-Ubuntu", false, "apt install linux-image-unsigned-",
	  "-dbgsym  (from the archive of debug symbols)" },
	{ ".fc", true, "dnf debuginfo-install kernel-core-", "" },
	{ ".el7", true, "debuginfo-install kernel-", "" },
	{ ".el6", true, "debuginfo-install kernel-", "" },
	{ ".el", true, "dnf debuginfo-install kernel-", "" },
	{ ".amzn", true, "dnf debuginfo-install kernel-", "" },
	{ "-default", true, "zypper install kernel-default-debuginfo  (version ", ")" },
	{ "-arch", true, "a debuginfod server has the files of ", "" },
};

static void put_package(struct kernel *k, struct buf *out)
{
	char version[65] = "";

	if (k->opt->dump_only || k->opt->no_vmlinux)
		return;
	boot_utsname(k, BOOT_VERSION, version, sizeof(version), NULL);
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
		const struct package *p = &packages[i];

		if (!strstr(p->in_release ? k->release : version, p->mark))
			continue;
		sys_put_label(out, "INSTALL");
		buf_printf(out, "%s%s%s\n", p->before, k->release, p->after);
		return;
	}
}

static void put_module(struct kernel *k, struct module *m, struct buf *out)
{
	struct err why = { .msg = "" };

	sys_put_label(out, "MODULE");
	if (module_need_file(k, m, &why) || (!m->path && !m->debug_path)) {
		buf_printf(out, "%s: (none%s%s)\n", m->name, *m->file_why ? ": " : "", m->file_why);
		return;
	}
	buf_printf(out, "%s: %s%s%s\n", m->name, m->path ? m->path : "",
		   m->path && m->debug_path ? ", " : "", m->debug_path ? m->debug_path : "");
	if (m->by_functions) {
		sys_put_label(out, "MATCHED BY");
		buf_printf(out,
			   "vermagic, %snames and sizes of functions (the file has no build-id)\n",
			   m->by_source ? "srcversion, " : "");
	}
}

vs_status sys_put_symbols(struct monitor *m, struct buf *out, struct err *err)
{
	char hex[2 * BUILD_ID_MAX + 1] = "(unknown)";
	struct modules *mods;
	struct build_id id;
	struct err why;

	(void)err;
	sys_put_label(out, "RELEASE");
	buf_printf(out, "%s\n", m->k->release[0] ? m->k->release : "(unknown)");
	sys_put_label(out, "BUILD ID");
	// A few stable releases wrote garbage into VMCOREINFO; a file was compared with memory.
	if (kernel_need_vmlinux(m->k, NULL) == VS_OK)
		elffile_build_id(m->k->vmlinux, &id);
	else if (!vmid_of_dump(m->k, &id))
		id.len = 0;
	if (id.len)
		build_id_str(&id, hex);
	buf_printf(out, "%s\n", hex);
	if (!put_vmlinux(m->k, out))
		put_package(m->k, out);
	put_sources(m->k, out);
	if (kernel_need_modules(m->k, &mods, &why)) {
		sys_put_label(out, "MODULES");
		buf_printf(out, "(none: %s)\n", why.msg);
		return VS_OK;
	}
	for (size_t i = 0; i < mods->n; i++)
		put_module(m->k, &mods->v[i], out);
	return VS_OK;
}
