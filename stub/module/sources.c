// SPDX-License-Identifier: GPL-3.0-or-later
/* sources.c - where the kernel was built, and its source files on this machine.
 * Debian builds in linux-6.1.192/debian/build/build_amd64_none_cloud-amd64, names files of C code
 * relative to the sources (-fmacro-prefix-map), and those of assembly by their absolute names. */
#include "stub/module/sources.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/module/lines.h"

#define UNITS 200 /* to look at: the first ones are assembly and C code */

/* Keeps a folder of len bytes, in its place by length. */
static void add_dir(struct source_dirs *d, const char *dir, size_t len)
{
	size_t at = 0;

	while (len > 1 && dir[len - 1] == '/')
		len--;
	if (len == 0 || len >= sizeof(d->v[0]) || (len == 1 && (*dir == '.' || *dir == '/')))
		return;
	for (; at < d->n && strlen(d->v[at]) >= len; at++)
		if (strlen(d->v[at]) == len && memcmp(d->v[at], dir, len) == 0)
			return;
	if (d->n == SOURCES_DIRS)
		return;
	memmove(d->v[at + 1], d->v[at], (d->n - at) * sizeof(d->v[0]));
	memcpy(d->v[at], dir, len);
	d->v[at][len] = '\0';
	d->n++;
}

static void add_unit(struct source_dirs *d, Dwarf_Die *cu)
{
	Dwarf_Attribute attr;
	const char *dir = dwarf_formstring(dwarf_attr(cu, DW_AT_comp_dir, &attr));
	const char *name = dwarf_diename(cu);
	const char *arch = name && name[0] == '/' ? strstr(name, "/arch/") : NULL;

	if (dir)
		add_dir(d, dir, strlen(dir));
	if (arch)
		add_dir(d, name, (size_t)(arch - name));
}

vs_status sources_built_in(struct kernel *k, struct source_dirs *ret, struct err *err)
{
	struct source_dirs d = { .n = 0 };
	Dwarf_CU *unit = NULL;
	Dwarf_Die cu;
	Dwarf *dw;
	uint64_t link_pc;
	kva_t stext;
	vs_status st = kernel_symbol_quick(k, "_stext", &stext, err);

	if (st == VS_OK)
		st = lines_dwarf(k, stext, &dw, &link_pc, err);
	if (st)
		return st;
	for (int i = 0; i < UNITS; i++) {
		if (dwarf_get_units(dw, unit, &unit, NULL, NULL, &cu, NULL))
			break;
		add_unit(&d, &cu);
	}
	if (!d.n)
		return fail(err, VS_NOTFOUND, "no compilation folder in debug information");
	*ret = d;
	return VS_OK;
}

/* Opens the file of this name below the user's folder. */
static FILE *open_below(struct kernel *k, const char *name)
{
	AUTO(buf) path = { 0 };
	struct source_dirs d = { .n = 0 };

	(void)sources_built_in(k, &d, NULL);
	for (size_t i = 0; i < d.n; i++) {
		size_t n = strlen(d.v[i]);

		if (strncmp(name, d.v[i], n) == 0 && name[n] == '/') {
			name += n + 1;
			break;
		}
	}
	buf_printf(&path, "%s/%s", k->opt->source, name);
	return fopen(buf_str(&path), "re");
}

FILE *sources_open(struct kernel *k, const char *name)
{
	FILE *f = k->opt->source ? open_below(k, name) : NULL;

	return f ? f : fopen(name, "re");
}
