// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btfimage.h - debug information from BTF as sections of an image. */
#include "stub/elf/btfdwarf.h"
#include "stub/elf/elfwrite.h"

/* Add the sections, before layout; their numbers are kept for fill. */
void btfimage_add(struct elfwrite *w, const struct btfdwarf *d,
		  uint16_t sections[BTFDWARF_SECTIONS]);
/* Fill them in, after layout. */
void btfimage_fill(struct elfwrite *w, const struct btfdwarf *d,
		   const uint16_t sections[BTFDWARF_SECTIONS]);
