// SPDX-License-Identifier: GPL-3.0-or-later
/* notes.c - parses ELF notes: {namesz, descsz, type, name, desc}, padded to 4 bytes.
 * In: a file range. Out: names, types and copied descriptions. Not here: what they mean (arch). */
#include "stub/dump/notes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/file.h"
#include "stub/dump/window.h"

#define NOTE_HEADER   12
#define NOTE_NAME_MAX 1024
#define NOTES_MAX     (4 * 65536) /* PRSTATUS, QEMU and others of 65536 CPUs */
#define PRSTATUS_MAX  65536
#define LOADS_MAX     65536		  /* PT_NOTE segments */
#define STEPS_MAX     (8 * NOTES_MAX)	  /* notes parsed in all segments and attempts */
#define DESC_KEEP     4096		  /* QEMU 440, PRSTATUS 336; vmstub needs no longer ones */
#define KEEP_TOTAL    (128 * 1024 * 1024) /* bytes of all descriptions */
#define WINDOW_BYTES  (64 * 1024)
#define DESC_MIN      64	  /* of VMCOREINFO in memory */
#define DESC_MAX      (64 * 1024) /* one page so far */

void notes_deinit(struct notes *ns)
{
	vec_free(&ns->v);
	arena_deinit(&ns->arena);
}

bool notes_add(struct notes *ns, const char *name, uint32_t type, const void *desc, size_t len)
{
	struct dump_note note = { .type = type, .len = len };
	uint8_t *copy = ns->v.n < NOTES_MAX ? arena_alloc(&ns->arena, len + 1) : NULL;

	if (!copy)
		return false;
	memcpy(copy, desc, len);
	memcpy(note.name, name, strnlen(name, sizeof(note.name) - 1));
	note.desc = copy;
	return vec_push(&ns->v, note);
}

bool note_is_vmcoreinfo(const uint8_t head[NOTE_INFO_HEAD])
{
	uint32_t descsz = load_u32(head + 4);

	return load_u32(head) == 11 && descsz >= DESC_MIN && descsz <= DESC_MAX &&
	       load_u32(head + 8) == 0 && memcmp(head + 12, "VMCOREINFO", 11) == 0 &&
	       memcmp(head + 24, "OSRELEASE=", 10) == 0;
}

const struct dump_note *notes_find(const struct notes *ns, const char *name)
{
	for (size_t i = 0; i < ns->v.n; i++) {
		if (strcmp(ns->v.v[i].name, name) == 0)
			return &ns->v.v[i];
	}
	return NULL;
}

struct walk {
	struct window w;
	uint64_t pos, end;
	uint64_t align;
	/* the current note */
	char name[NOTE_NAME_MAX + 1];
	uint32_t type;
	uint64_t desc_off;
	uint32_t desc_len;
};

static uint64_t pad(uint64_t n, uint64_t align)
{
	return (n + align - 1) & ~(align - 1);
}

/* Parse the note at w->pos and advance. VS_END: no more notes; VS_CORRUPT: malformed. */
static vs_status walk_next(struct walk *w, struct err *err)
{
	uint64_t left = w->end - w->pos, head, body;
	uint32_t namesz, descsz;
	const uint8_t *p;
	struct bytes b;
	vs_status st;

	if (left < NOTE_HEADER)
		return VS_END;
	st = window_get(&w->w, w->pos, NOTE_HEADER, &p, err);
	if (st)
		return st;
	b = bytes_of(p, NOTE_HEADER);
	namesz = bytes_u32(&b);
	descsz = bytes_u32(&b);
	w->type = bytes_u32(&b);
	if (namesz == 0)
		return VS_END; // the kernel's end marker, or zero padding
	head = pad(NOTE_HEADER + (uint64_t)namesz, w->align);
	body = head + descsz;
	if (namesz > NOTE_NAME_MAX || body > left)
		return fail(err, VS_CORRUPT,
			    "%s: note at %#" PRIx64 ": n_namesz %u, n_descsz %u, but %" PRIu64
			    " bytes are left",
			    file_path(w->w.f), w->pos, namesz, descsz, left);
	st = window_get(&w->w, w->pos + NOTE_HEADER, namesz, &p, err);
	if (st)
		return st;
	memcpy(w->name, p, namesz);
	w->name[namesz] = '\0';
	w->desc_off = w->pos + head;
	w->desc_len = descsz;
	// the last note may lack its padding
	w->pos += pad(body, w->align) < left ? pad(body, w->align) : left;
	return VS_OK;
}

static bool name_is(const char *name, const char *want)
{
	return strcmp(name, want) == 0;
}

/* Copy the current note into ns. VS_UNSUPPORTED: a limit is reached. */
static vs_status keep_note(struct notes *ns, struct walk *w, struct err *err)
{
	bool info = name_is(w->name, "VMCOREINFO") || name_is(w->name, "VMCOREINFO_XEN");
	bool prstatus = name_is(w->name, "CORE") && w->type == NOTE_PRSTATUS;
	size_t len = w->desc_len, max = info ? VMCOREINFO_MAX : DESC_KEEP;
	struct dump_note note = { .type = w->type };
	uint8_t *copy;

	if (len > max)
		len = max;
	if (ns->v.n >= NOTES_MAX || (prstatus && ns->nprstatus >= PRSTATUS_MAX) ||
	    len > KEEP_TOTAL - ns->kept) {
		return fail(err, VS_UNSUPPORTED,
			    "%s: more than %zu notes (%zu NT_PRSTATUS), the rest is ignored",
			    file_path(w->w.f), ns->v.n, ns->nprstatus);
	}
	copy = arena_alloc(&ns->arena, len + 1);
	if (!copy)
		return fail(err, VS_NOMEM, "%s: no memory for notes", file_path(w->w.f));
	if (file_read(w->w.f, w->desc_off, copy, len, NULL))
		return VS_END;
	// vmstub knows no longer names; keep their first 15 bytes
	memcpy(note.name, w->name, strnlen(w->name, sizeof(note.name) - 1));
	note.desc = copy;
	note.len = len;
	if (!vec_push(&ns->v, note))
		return fail(err, VS_NOMEM, "%s: no memory for notes", file_path(w->w.f));
	ns->kept += len;
	ns->nprstatus += prstatus;
	return VS_OK;
}

/* Does a walk with this alignment reach the end without a malformed note? */
static bool walk_is_clean(struct notes *ns, struct walk *w, uint64_t off, uint64_t align)
{
	vs_status st = VS_OK;

	w->pos = off;
	w->align = align;
	while (st == VS_OK && ns->steps++ < STEPS_MAX)
		st = walk_next(w, NULL);
	return st != VS_CORRUPT;
}

/* Copies all notes from w->pos on. Returns VS_END, or why it stopped before the end. */
static vs_status walk_all(struct notes *ns, struct walk *w, struct err *err)
{
	vs_status st = VS_OK;

	while (!st && ns->steps++ < STEPS_MAX) {
		st = walk_next(w, err);
		if (!st)
			st = keep_note(ns, w, err);
	}
	return st ? st : VS_END;
}

/* Warns only once per dump: a hostile file could cause a warning per segment. */
static void warn_once(struct notes *ns, const char *text)
{
	if (!ns->warned)
		log_warn("%s; %zu notes kept", text, ns->v.n);
	ns->warned = true;
}

vs_status notes_load(struct notes *ns, struct file *f, uint64_t off, uint64_t len, uint64_t align,
		     struct err *err)
{
	struct walk w = { .align = 4 };
	struct err why = { 0 };
	vs_status st;

	if (off >= file_size(f) || len < NOTE_HEADER)
		return VS_OK;
	if (ns->nloads++ >= LOADS_MAX || ns->steps >= STEPS_MAX) {
		warn_once(ns, "too many notes or PT_NOTE segments, the rest is ignored");
		return VS_OK;
	}
	if (len > file_size(f) - off)
		len = file_size(f) - off;
	w.end = off + len;
	st = window_init(&w.w, f, 4096, WINDOW_BYTES, err);
	if (st)
		return st;
	// writers of vmcores pad to 4 whatever p_align says; other files may follow p_align
	if (align == 8 && !walk_is_clean(ns, &w, off, 4) && walk_is_clean(ns, &w, off, 8))
		w.align = 8;
	else
		w.align = 4;
	w.pos = off;
	st = walk_all(ns, &w, &why);
	window_deinit(&w.w);
	if (st == VS_NOMEM)
		return fail(err, st, "%s", why.msg);
	if (st != VS_END)
		warn_once(ns, why.msg);
	return VS_OK;
}
