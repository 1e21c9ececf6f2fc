// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* archs.h - the list of architectures that vmstub supports. */
#include "stub/arch.h"

struct dump_info;

/* Finds a dump's architecture by its ELF header (e_machine) or the machine name in its kdump
 * header. VS_UNSUPPORTED: it is not in the list. */
vs_status arch_of_dump(const struct dump_info *info, const struct arch_ops **ret, struct err *err);
