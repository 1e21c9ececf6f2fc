// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* images.h - the ELF files vmstub makes for gdb: kept in memory, named under a private folder,
 * handed out by name. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/buf.h"
#include "stub/base/mem.h"
#include "stub/gdb/kernelfile.h"

struct images;
struct kernel;
struct linkdir;
struct module;

/* entry_first: gdb has no vmlinux of its own, and takes an image of ours as its main file. links is
 * borrowed; NULL: images have no names but numbers. NULL without memory. */
struct images *images_create(struct kernel *k, bool entry_first, struct linkdir *links);
void images_destroy(struct images *im);

/* May vmlinux be a debug file (kernelfile.h)? No, unless said so before it is first asked for. */
void images_allow_debug_file(struct images *im, bool allow);
/* How gdb comes by vmlinux; the same answer every time. */
enum kernel_file images_kernel_file(struct images *im);
/* Does gdb ask our unwind rules before those of vmlinux? */
bool images_rules_first(struct images *im);

/* gdb's <library-list>: modules; the entry image, or vmlinux, unless it is gdb's main file or that
 * one's debug file. Images are built as listed. */
vs_status images_library_list(struct images *im, struct buf *out, struct err *err);
/* Path for qXfer:exec-file: vmlinux, or an image with the kernel's unwind rules, or without a
 * vmlinux an image of the dump's own symbols. VS_NOTFOUND: none. */
vs_status images_exec_file(struct images *im, struct buf *out, struct err *err);

/* The symbol by which gdb knows the image with the rule that ends traces at user mode, as it was
 * listed last; "" before. That image stands last in the list; when other files are new there, it
 * gets a new name, too, so that gdb loads it behind them: *renewed counts its names. */
const char *images_user_symbol(const struct images *im, unsigned *renewed);
/* gdb has loaded other files behind that image: list it anew. */
void images_user_covered(struct images *im);

/* A module's files changed: list it anew, under another name. */
void images_module_changed(struct images *im, struct module *m);

/* Was this name offered to gdb? Opens it: a descriptor of the caller's. VS_NOTFOUND for all others.
 */
vs_status images_open(struct images *im, const char *name, int *fd, struct err *err);

/* The image of a module with debug information, for lines.c (lines_module_fn). */
vs_status images_module_fd(void *ctx, struct module *m, int *fd, struct err *err);
