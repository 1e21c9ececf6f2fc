// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* typesource.h - where the kernel's types come from. */
#include "stub/kernel/slot.h"

/* Of k->types_slot: fills k->types and k->types_from. VS_NOTFOUND. */
extern const struct slot_ops kernel_types_slot_ops;
