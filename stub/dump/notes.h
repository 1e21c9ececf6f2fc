// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* notes.h - ELF notes of a dump, copied out of the file. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/arena.h"
#include "stub/base/err.h"
#include "stub/base/vec.h"
#include "stub/dump/dump.h"

struct file;

#define NOTE_PRSTATUS	    1u
#define NOTE_TASKSTRUCT	    4u /* CORE: only /proc/kcore and netdump */
#define NOTE_XEN_CRASH_INFO 0x1000001u
#define VMCOREINFO_MAX	    (1024 * 1024)

struct notes {
	VEC(struct dump_note) v;
	struct arena arena; /* holds the descriptions */
	size_t kept;	    /* bytes of descriptions in the arena */
	size_t nprstatus;
	size_t nloads, steps; /* work done, bounded */
	bool warned;
};

void notes_deinit(struct notes *ns);

/* Append the notes in [off, off + len) of f, clipped to the file. align is the segment's p_align.
 * A malformed note ends the list with a warning. Descriptions longer than a limit (device dumps)
 * are truncated. Fails only with VS_NOMEM. */
vs_status notes_load(struct notes *ns, struct file *f, uint64_t off, uint64_t len, uint64_t align,
		     struct err *err);

#define NOTE_INFO_HEAD 34 /* bytes for note_is_vmcoreinfo() */

/* Is this the start of a VMCOREINFO note in the kernel's memory? {namesz 11, descsz, type 0,
 * "VMCOREINFO\0" padded to 12, text that begins with OSRELEASE=} */
bool note_is_vmcoreinfo(const uint8_t head[NOTE_INFO_HEAD]);

/* Append a note that is not in the file, with a copy of desc. False without memory, or if there are
 * too many. */
bool notes_add(struct notes *ns, const char *name, uint32_t type, const void *desc, size_t len);

/* First note with that name, or NULL. */
const struct dump_note *notes_find(const struct notes *ns, const char *name);
