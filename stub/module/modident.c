// SPDX-License-Identifier: GPL-3.0-or-later
/* modident.c - recognizes a module's file without a build-id. */
#include "stub/module/modident.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

#define TYPE_FUNC 2 /* STT_FUNC */

enum { MODULE_SRCVERSION };
static const struct record_field version_fields[] = {
	[MODULE_SRCVERSION] = { { "srcversion" }, RECORD_POINTER },
};
RECORD(module_version_record, "module", version_fields);

/* A value of .modinfo, which holds NUL-terminated "key=value"; NULL: none. */
static const char *modinfo(struct elffile *f, const char *key)
{
	struct elf_section s;
	const void *data;
	size_t len, keylen = strlen(key);

	if (elffile_section(f, ".modinfo", &s) || elffile_data(f, s.index, &data, &len, NULL))
		return NULL;
	for (const char *p = data, *end = p + len; p < end;) {
		size_t n = strnlen(p, (size_t)(end - p));

		if (p + n == end)
			return NULL; // without a NUL
		if (n > keylen && strncmp(p, key, keylen) == 0 && p[keylen] == '=')
			return p + keylen + 1;
		p += n + 1;
	}
	return NULL;
}

static vs_status check_release(struct kernel *k, struct elffile *f, struct err *err)
{
	const char *magic = modinfo(f, "vermagic");
	size_t n = strlen(k->release);

	if (!magic || !n)
		return fail(err, VS_NOTFOUND, "no vermagic to compare");
	if (strncmp(magic, k->release, n) == 0 && (!magic[n] || magic[n] == ' '))
		return VS_OK;
	return fail(err, VS_NOMATCH, "vermagic %.*s, the kernel is %s", (int)strcspn(magic, " "),
		    magic, k->release);
}

/* A checksum of the source that modpost writes into .modinfo of modules with a version, or of all
 * (CONFIG_MODULE_SRCVERSION_ALL), and the kernel keeps for sysfs. *compared: both are there. */
static vs_status check_source(struct kernel *k, const struct module *m, struct elffile *f,
			      bool *compared, struct err *err)
{
	const char *theirs = modinfo(f, "srcversion");
	char ours[64];
	struct record r;
	uint64_t va;

	*compared = false;
	record_read(k, &module_version_record, m->va, RECORD_ALL, &r);
	if (!record_get(&r, MODULE_SRCVERSION, &va))
		return VS_OK;
	if (!va)
		snprintf(ours, sizeof(ours), "none");
	else if (!record_string(&r, MODULE_SRCVERSION, ours, sizeof(ours)))
		return VS_OK;
	if (!theirs)
		theirs = "none";
	*compared = va != 0;
	if (strcmp(theirs, ours) == 0)
		return VS_OK;
	return fail(err, VS_NOMATCH, "no build-id, srcversion %.40s, the module's is %s", theirs,
		    ours);
}

/* The sizes of the file's functions, as values of symbols. */
static bool add_function(void *ctx, const struct elf_symbol *s)
{
	return s->type != TYPE_FUNC || !s->section || !s->size ||
	       symtab_add(ctx, s->name, s->size, 0, 'A');
}

struct comparison {
	const struct symtab *file;
	size_t equal;
	bool found;
	uint64_t size; /* of the function that is looked for */
	char differs[128];
};

static bool same_size(void *ctx, const struct symbol *s)
{
	struct comparison *c = ctx;

	c->found = s->va == c->size;
	return !c->found;
}

static bool compare_symbol(void *ctx, const struct mod_symbol *s)
{
	struct comparison *c = ctx;

	if (tolower((unsigned char)s->type) != 't' || !s->size)
		return true;
	c->found = false;
	c->size = s->size;
	symtab_each_named(c->file, s->name, same_size, c);
	if (c->found) {
		c->equal++;
		return true;
	}
	memcpy(c->differs, s->name, sizeof(c->differs));
	return false;
}

vs_status modident_matches(struct kernel *k, struct module *m, struct elffile *f, bool *source,
			   struct err *err)
{
	struct symtab *file;
	struct comparison c = { 0 };
	vs_status st = check_release(k, f, err);

	if (st == VS_OK)
		st = check_source(k, m, f, source, err);
	if (st)
		return st;
	file = symtab_create();
	c.file = file;
	if (!file)
		return fail(err, VS_NOMEM, "out of memory");
	st = elffile_symbols(f, add_function, file, err);
	if (st == VS_OK && !symtab_seal(file))
		st = fail(err, VS_NOMEM, "out of memory");
	if (st == VS_OK)
		st = modsyms_each(k, m, compare_symbol, &c, err);
	if (st == VS_OK && c.differs[0])
		st = fail(err, VS_NOMATCH, "no build-id, and %s differs from the module's",
			  c.differs);
	else if (st == VS_OK && !c.equal)
		st = fail(err, VS_NOTFOUND, "no functions to compare");
	symtab_destroy(file);
	return st;
}
