// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* typesource.h - loads the kernel's types. */
#include "stub/kernel/slot.h"

/* For k->types_slot: fills k->types and k->types_from. VS_NOTFOUND. */
extern const struct slot_ops kernel_types_slot_ops;
