// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* archs.h - the architectures that vmstub knows, in one list. */
#include "stub/arch.h"

struct dump_info;

/* The architecture of a dump, which its ELF header (e_machine) or the name of the machine in its
 * kdump header tells. VS_UNSUPPORTED: none of the list. */
vs_status arch_of_dump(const struct dump_info *info, const struct arch_ops **ret, struct err *err);
