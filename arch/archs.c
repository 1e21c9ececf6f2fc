// SPDX-License-Identifier: GPL-3.0-or-later
/* archs.c - the list of architectures. A new one needs a line here and a folder, see
 * stub/linux_arch.h. */
#include "arch/archs.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "stub/dump/dump.h"

static const struct arch_ops *const archs[] = {
	&arch_x86_64,
};
#define NARCHS (sizeof(archs) / sizeof(archs[0]))

/* Returns the usual name of an unsupported machine. */
static const char *machine_name(unsigned machine)
{
	static const struct {
		unsigned machine;
		const char *name;
	} names[] = {
		{ EM_386, "i386" },    { EM_ARM, "arm" },     { EM_AARCH64, "aarch64" },
		{ EM_PPC, "ppc" },     { EM_PPC64, "ppc64" }, { EM_S390, "s390" },
		{ EM_RISCV, "riscv" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].machine == machine)
			return names[i].name;
	}
	return "unknown";
}

static vs_status not_known(const struct dump_info *info, struct err *err)
{
	char known[256] = "";
	size_t len = 0;

	for (size_t i = 0; i < NARCHS && len < sizeof(known); i++)
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "",
					archs[i]->name);
	if (info->elf_machine)
		return fail(err, VS_UNSUPPORTED, "%s: e_machine %u (%s), only %s is supported",
			    info->path, info->elf_machine, machine_name(info->elf_machine), known);
	return fail(err, VS_UNSUPPORTED, "%s: machine \"%.65s\", only %s is supported", info->path,
		    info->machine, known);
}

vs_status arch_of_dump(const struct dump_info *info, const struct arch_ops **ret, struct err *err)
{
	for (size_t i = 0; i < NARCHS; i++) {
		if (info->elf_machine ? info->elf_machine != archs[i]->elf_machine
				      : strcmp(info->machine, archs[i]->name) != 0)
			continue;
		*ret = archs[i];
		return VS_OK;
	}
	if (info->elf_machine || info->machine[0])
		return not_known(info, err);
	*ret = archs[0]; // a kdump header without a machine name
	return VS_OK;
}
