/* cmd_bpf.c - bpf: loaded BPF programs and maps. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/kernel/walk.h"
#include "stub/monitor/cmd.h"

struct bpf {
	struct monitor *m;
	struct buf *out;
	bool maps, all; /* maps, not programs; every one with details */
	bool one;	/* only the one with id */
	uint64_t id;
	size_t found;
	type_ref types; /* enum bpf_prog_type or bpf_map_type */
};

/* The enumerator of a type without what all have in front: SOCKET_FILTER, HASH. */
static const char *type_name(const struct bpf *b, uint64_t value)
{
	size_t skip = strlen(b->maps ? "BPF_MAP_TYPE_" : "BPF_PROG_TYPE_");
	const char *name;
	int64_t v;

	for (uint32_t i = 0; types_enumerator_at(b->m->k->types, b->types, i, &name, &v); i++)
		if ((uint64_t)v == value && strlen(name) > skip)
			return name + skip;
	return "(unknown)";
}

static void put_name(const struct bpf *b, kva_t va, const char *type)
{
	struct member m;
	char name[17] = "";

	if (kernel_member(b->m->k, type, &m, NULL, "name", NULL) == VS_OK)
		(void)mem_read_str(b->m->k->mem, va + m.off, name, sizeof(name), NULL);
	for (char *c = name; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	buf_printf(b->out, "NAME: \"%s\"", name);
}

static void put_used_maps(const struct bpf *b, kva_t aux)
{
	uint64_t n = kernel_word(b->m->k, aux, "bpf_prog_aux", "used_map_cnt"), table, map;

	table = kernel_word(b->m->k, aux, "bpf_prog_aux", "used_maps");
	for (uint64_t i = 0; i < n && i < 64 && table; i++) // MAX_USED_MAPS
		if (mem_read_u64(b->m->k->mem, table + 8 * i, &map, NULL) == VS_OK)
			buf_printf(b->out, "%s%" PRIu64, i ? "," : "",
				   kernel_word(b->m->k, map, "bpf_map", "id"));
}

static void put_prog(const struct bpf *b, kva_t prog, uint64_t id)
{
	kva_t aux = kernel_word(b->m->k, prog, "bpf_prog", "aux");
	struct member m;
	uint8_t tag[8] = { 0 };

	if (kernel_member(b->m->k, "bpf_prog", &m, NULL, "tag", NULL) == VS_OK)
		(void)mem_read(b->m->k->mem, prog + m.off, tag, sizeof(tag), NULL);
	buf_printf(b->out, "%3" PRIu64 "  %16" PRIx64 " %16" PRIx64 " %-20s ", id, prog, aux,
		   type_name(b, kernel_word(b->m->k, prog, "bpf_prog", "type")));
	buf_hex(b->out, tag, sizeof(tag));
	buf_putc(b->out, ' ');
	put_used_maps(b, aux);
	buf_putc(b->out, '\n');
	if (!b->one && !b->all)
		return;
	buf_printf(b->out, "     XLATED: %" PRIu64 "  JITED: %" PRIu64 "  PAGES: %" PRIu64 "\n",
		   8 * kernel_word(b->m->k, prog, "bpf_prog", "len"),
		   kernel_word(b->m->k, prog, "bpf_prog", "jited_len"),
		   kernel_word(b->m->k, prog, "bpf_prog", "pages"));
	buf_printf(b->out, "     LOAD_TIME: %" PRIu64 " ns after boot\n",
		   kernel_word(b->m->k, aux, "bpf_prog_aux", "load_time"));
	buf_printf(b->out, "     GPL_COMPATIBLE: %s  ",
		   kernel_word(b->m->k, prog, "bpf_prog", "gpl_compatible") ? "yes" : "no");
	put_name(b, aux, "bpf_prog_aux");
	buf_printf(b->out, "  JITED_CODE: %" PRIx64 "\n\n",
		   kernel_word(b->m->k, prog, "bpf_prog", "bpf_func"));
}

static void put_map(const struct bpf *b, kva_t map, uint64_t id)
{
	buf_printf(b->out, "%3" PRIu64 "  %16" PRIx64 " %-20s %08" PRIx64 "\n", id, map,
		   type_name(b, kernel_word(b->m->k, map, "bpf_map", "map_type")),
		   kernel_word(b->m->k, map, "bpf_map", "map_flags"));
	if (!b->one && !b->all)
		return;
	buf_printf(b->out,
		   "     KEY_SIZE: %" PRIu64 "  VALUE_SIZE: %" PRIu64 "  MAX_ENTRIES: %" PRIu64
		   "\n     ",
		   kernel_word(b->m->k, map, "bpf_map", "key_size"),
		   kernel_word(b->m->k, map, "bpf_map", "value_size"),
		   kernel_word(b->m->k, map, "bpf_map", "max_entries"));
	put_name(b, map, "bpf_map");
	buf_puts(b->out, "\n\n");
}

static bool put_entry(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	struct bpf *b = ctx;

	(void)last;
	if (b->one && first != b->id)
		return true;
	b->found++;
	if (b->maps)
		put_map(b, entry, first);
	else
		put_prog(b, entry, first);
	return true;
}

static vs_status list(struct bpf *b, struct err *err)
{
	struct member xa;
	kva_t idr;
	vs_status st = kernel_need_types(b->m->k, err);

	if (st == VS_OK)
		st = types_find(b->m->k->types,
				b->maps ? "enum bpf_map_type" : "enum bpf_prog_type", &b->types,
				err);
	if (st == VS_OK)
		st = kernel_symbol(b->m->k, b->maps ? "map_idr" : "prog_idr", &idr, err);
	if (st == VS_OK)
		st = kernel_member(b->m->k, "idr", &xa, err, "idr_rt", NULL);
	if (st)
		return st;
	buf_puts(b->out, b->maps ? " ID      BPF_MAP      BPF_MAP_TYPE         MAP_FLAGS\n"
				 : " ID      BPF_PROG       BPF_PROG_AUX   BPF_PROG_TYPE        "
				   "TAG              "
				   "USED_MAPS\n");
	st = walk_xarray(b->m->k, idr + xa.off, put_entry, b, err);
	if (st == VS_OK && !b->found && b->one)
		return fail(err, VS_NOTFOUND, "no %s with ID %" PRIu64, b->maps ? "map" : "program",
			    b->id);
	if (!b->found)
		buf_puts(b->out, "     (none)\n");
	return st;
}

vs_status cmd_bpf(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct bpf b = { .m = m, .out = out };
	struct opt_state o = { 0 };
	bool chosen = false;
	vs_status st;
	int c;

	while ((c = cmd_option(a, &o, "PMp:m:", err)) > 0) {
		chosen = true;
		b.maps = c == 'M' || c == 'm';
		b.all = c == 'P' || c == 'M';
		b.one = !b.all;
		if (b.one && !cmd_number(o.arg, &b.id))
			return fail(err, VS_INVAL, "%s: not an ID", o.arg);
	}
	if (c < 0)
		return VS_INVAL;
	cmd_operands(a, &o);
	if (a->argc)
		return fail(err, VS_INVAL, "usage: bpf [-P | -M | -p ID | -m ID]");
	st = list(&b, err);
	if (chosen || st)
		return st;
	b.maps = true;
	b.found = 0;
	buf_putc(out, '\n');
	return list(&b, err);
}
