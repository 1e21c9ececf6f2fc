// SPDX-License-Identifier: GPL-3.0-or-later
/* btfimage.c - adds debug information from BTF to an image. */
#include "stub/elf/btfimage.h"

#include <string.h>

void btfimage_add(struct elfwrite *w, const struct btfdwarf *d,
		  uint16_t sections[BTFDWARF_SECTIONS])
{
	for (int i = 0; i < BTFDWARF_SECTIONS; i++)
		sections[i] = d->section[i].len
				      ? elfwrite_section(w, btfdwarf_section_name(i), SHT_PROGBITS,
							 0, 0, d->section[i].len)
				      : 0;
}

void btfimage_fill(struct elfwrite *w, const struct btfdwarf *d,
		   const uint16_t sections[BTFDWARF_SECTIONS])
{
	for (int i = 0; i < BTFDWARF_SECTIONS; i++)
		if (sections[i])
			memcpy(elfwrite_content(w, sections[i]), d->section[i].p,
			       d->section[i].len);
}
