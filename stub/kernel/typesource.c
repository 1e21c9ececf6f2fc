// SPDX-License-Identifier: GPL-3.0-or-later
/* typesource.c - loads the kernel's types: from BTF in vmlinux or in the dump, which are equal,
 * else from the user's BTF, else from DWARF. */
#include "stub/kernel/typesource.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bigmem.h"
#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/vmlinux.h"

#define MAX_BTF_SIZE (64u << 20)

static vs_status btf_from_dump(struct kernel *k, struct err *err)
{
	kva_t start, end;
	void *data;
	vs_status st = kernel_symbol(k, "__start_BTF", &start, err);

	if (st == VS_OK)
		st = kernel_symbol(k, "__stop_BTF", &end, err);
	if (st)
		return st;
	if (end <= start || end - start > MAX_BTF_SIZE)
		return fail(err, VS_CORRUPT, "bad BTF range %#" PRIx64 " to %#" PRIx64, start, end);
	data = bigmem_alloc(end - start);
	if (!data)
		return fail(err, VS_NOMEM, "BTF");
	st = mem_read(k->mem, start, data, end - start, err);
	if (st) {
		free(data);
		return fail_ctx(err, st, "BTF");
	}
	return types_from_btf_in_place(data, end - start, data, &k->types, err);
}

static vs_status btf_from_vmlinux(struct kernel *k, struct err *err)
{
	struct elf_section sec;
	const void *data;
	size_t len;
	vs_status st = kernel_need_vmlinux(k, err);

	if (st)
		return st;
	st = elffile_section(k->vmlinux, ".BTF", &sec);
	if (st == VS_OK)
		st = elffile_data(k->vmlinux, sec.index, &data, &len, err);
	if (st)
		return fail(err, st, "%s has no .BTF section", k->vmlinux_path);
	// The file stays open as long as the kernel.
	return types_from_btf_in_place(data, len, NULL, &k->types, err);
}

/* Loads a file that contains only BTF, like /sys/kernel/btf/vmlinux. */
static vs_status btf_from_raw_file(struct kernel *k, const char *path, struct err *err)
{
	AUTO_FREE void *data = malloc(MAX_BTF_SIZE);
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return fail(err, VS_IO, "--btf %s: %s", path, strerror(errno));
	if (!data) {
		fclose(f);
		return fail(err, VS_NOMEM, "--btf %s: out of memory", path);
	}
	n = fread(data, 1, MAX_BTF_SIZE, f);
	fclose(f);
	return types_from_btf(data, n, &k->types, err);
}

static vs_status btf_from_user(struct kernel *k, struct err *err)
{
	const char *path = k->opt->btf;
	struct elf_section sec;
	struct elffile *f;
	const void *data;
	size_t len;
	vs_status st;

	if (!path)
		return VS_NOTFOUND;
	if (elffile_open(path, &f, NULL)) {
		st = btf_from_raw_file(k, path, err);
		return st ? fail_ctx(err, st, "--btf %s", path) : VS_OK;
	}
	st = elffile_section(f, ".BTF", &sec);
	if (st == VS_OK)
		st = elffile_data(f, sec.index, &data, &len, NULL);
	if (st)
		fail(err, st, "--btf %s: no .BTF section", path);
	else
		st = types_from_btf(data, len, &k->types, err);
	elffile_close(f);
	return st;
}

static vs_status dwarf_from_vmlinux(struct kernel *k, struct err *err)
{
	vs_status st = kernel_need_vmlinux(k, err);

	return st ? st
		  : types_from_dwarf(vmlinux_debug_path(k) ? vmlinux_debug_path(k)
							   : k->vmlinux_path,
				     &k->types, err);
}

static const struct {
	vs_status (*load)(struct kernel *k, struct err *err);
	const char *name;
} sources[] = {
	{ btf_from_vmlinux, "BTF of vmlinux" },
	{ btf_from_dump, "BTF in the dump" },
	{ btf_from_user, "BTF from --btf" },
	{ dwarf_from_vmlinux, "DWARF of vmlinux" },
};

/* On failure, reports what is wrong with the user's file, else with the dump's BTF. */
static vs_status load(struct kernel *k, void *owner, struct err *err)
{
	struct err why[sizeof(sources) / sizeof(sources[0])] = { 0 };

	(void)owner;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		k->types_from = sources[i].name;
		if (sources[i].load(k, &why[i]) == VS_OK)
			return VS_OK;
		if (sources[i].load == btf_from_user && k->opt->btf)
			log_warn("%s", why[i].msg);
	}
	k->types_from = NULL;
	return fail(err, VS_NOTFOUND, "no type information: %s", why[1].msg);
}

static void unload(struct kernel *k, void *owner)
{
	(void)owner;
	types_destroy(k->types);
	k->types = NULL;
}

const struct slot_ops kernel_types_slot_ops = { load, unload };
