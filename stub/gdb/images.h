// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* images.h - the ELF files that vmstub makes for gdb: kept in memory, with names in a private
 * folder. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/buf.h"
#include "stub/base/mem.h"
#include "stub/gdb/kernelfile.h"

struct images;
struct kernel;
struct linkdir;
struct module;

/* entry_first: gdb has no vmlinux yet, and takes one of our images as its main file. links is
 * borrowed; NULL: images have numbers instead of names. Returns NULL without memory. */
struct images *images_create(struct kernel *k, bool entry_first, struct linkdir *links);
void images_destroy(struct images *im);

/* Allows vmlinux as a debug file (kernelfile.h); by default it is not. Call it before
 * images_kernel_file(). */
void images_allow_debug_file(struct images *im, bool allow);
/* gdb asks for its main file through a connection on which vmlinux would take minutes. Offers an
 * image of the whole kernel instead, as if there were no vmlinux; verbs keep it. */
void images_spare_vmlinux(struct images *im);
/* gdb has read that image and kept it; or it has closed it again, as it has a vmlinux of its own,
 * which was only compared: then all is as if nothing had been spared. Later calls of
 * images_spare_vmlinux() do nothing. */
void images_settle(struct images *im, bool has_image);
/* Returns how gdb gets vmlinux. Only images_spare_vmlinux() and images_settle() change the answer.
 */
enum kernel_file images_kernel_file(struct images *im);
/* Does gdb use our unwind rules before those of vmlinux? */
bool images_rules_first(struct images *im);

/* Writes gdb's <library-list>: modules, and the entry image or vmlinux, unless that is gdb's main
 * file or its debug file. Builds all images in the list. */
vs_status images_library_list(struct images *im, struct buf *out, struct err *err);
/* Writes the path for qXfer:exec-file: vmlinux, or an image with the kernel's unwind rules, or,
 * without vmlinux, an image of the dump's own symbols. VS_NOTFOUND: there is none. */
vs_status images_exec_file(struct images *im, struct buf *out, struct err *err);

/* Returns the symbol of the image that ends backtraces at user mode, "" before it is first listed.
 * The image must be the last in the list. When the list gets new files, this image gets a new name,
 * too, so that gdb loads it after them; *renewed counts its names. */
const char *images_user_symbol(const struct images *im, unsigned *renewed);
/* Call it when gdb has loaded other files after that image: the next list gets it anew. */
void images_user_covered(struct images *im);

/* The program and the libraries of the task that the user chose: the next list has these, and not
 * those of another task. The first removes all, and returns whether there were any; the second adds
 * one, whose first segment is at start, and takes fd over, unless it returns false without memory.
 */
bool images_no_programs(struct images *im);
bool images_add_program(struct images *im, const char *path, uint64_t start, int fd);

/* Call it when a module's files change: the next list has it under a new name. */
void images_module_changed(struct images *im, struct module *m);

/* Opens an image by the name that gdb got; the caller closes *fd. VS_NOTFOUND for other names. */
vs_status images_open(struct images *im, const char *name, int *fd, struct err *err);

/* Gets the image of a module with debug information, for lines.c (lines_module_fn). */
vs_status images_module_fd(void *ctx, struct module *m, int *fd, struct err *err);
