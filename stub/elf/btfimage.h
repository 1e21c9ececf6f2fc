// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btfimage.h - adds debug information from BTF to an image. */
#include "stub/elf/btfdwarf.h"
#include "stub/elf/elfwrite.h"

/* Adds the sections and stores their numbers for btfimage_fill(). Call it before layout. */
void btfimage_add(struct elfwrite *w, const struct btfdwarf *d,
		  uint16_t sections[BTFDWARF_SECTIONS]);
/* Fills in the sections. Call it after layout. */
void btfimage_fill(struct elfwrite *w, const struct btfdwarf *d,
		   const uint16_t sections[BTFDWARF_SECTIONS]);
