// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* addrname.h - the name of an address: of the kernel, of a module, or of generated code. */
#include "stub/symbols/symtab.h"

struct kernel;
struct module;

struct addr_name {
	const struct symbol *sym;
	uint64_t off;
	const struct module *mod; /* NULL: vmlinux */
	const char *owner;	  /* shown in brackets: the module's name, "bpf", or NULL */
};

/* Returns false if no symbol covers va; mod and owner are set nevertheless. */
bool addr_lookup(struct kernel *k, kva_t va, struct addr_name *ret);
