// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* vmid.h - the identity of the crashed kernel: its build-id and its banner, against a vmlinux. */
#include "stub/elf/elffile.h"

struct kernel;

/* By what a vmlinux was recognized. */
enum vmid_evidence {
	VMID_NONE,   /* nothing could be compared */
	VMID_MEMORY, /* the build-id in the dump's memory */
	VMID_INFO,   /* the build-id in VMCOREINFO (since 5.9) */
	VMID_BANNER, /* no build-ids to compare, but the same linux_banner */
};

/* Gets the build-id from the kernel's notes in memory, else from VMCOREINFO. False if neither has
 * it. */
bool vmid_of_dump(struct kernel *k, struct build_id *ret);

/* Is this file the crashed kernel's? VS_NOMATCH: no, err says what differs. */
vs_status vmid_check(struct kernel *k, struct elffile *f, const char *path, enum vmid_evidence *ret,
		     struct err *err);

/* Describes the evidence for people. */
const char *vmid_evidence_text(enum vmid_evidence e);
