// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_bpf.c - bpf: loaded BPF programs and maps. */
#include <inttypes.h>
#include <string.h>

#include "stub/subsys/sys/bpf.h"
#include "stub/monitor/cmd.h"

struct bpf {
	struct monitor *m;
	struct buf *out;
	bool maps, all; /* maps instead of programs; details of each */
	bool one;	/* only the one with id */
	uint64_t id;
	size_t found;
	type_ref types; /* enum bpf_prog_type or bpf_map_type */
};

/* The enumerator of a type without the common prefix: SOCKET_FILTER, HASH. */
static const char *type_name(const struct bpf *b, const struct record *r, unsigned field)
{
	size_t skip = strlen(b->maps ? "BPF_MAP_TYPE_" : "BPF_PROG_TYPE_");
	const char *name;
	uint64_t value;
	int64_t v;

	if (!record_get(r, field, &value))
		return "?";
	for (uint32_t i = 0; types_enumerator_at(b->m->k->types, b->types, i, &name, &v); i++)
		if ((uint64_t)v == value && strlen(name) > skip)
			return name + skip;
	return "(unknown)";
}

static void put_name(const struct bpf *b, const struct record *r, unsigned field)
{
	char name[17];

	(void)record_string(r, field, name, sizeof(name));
	buf_printf(b->out, "NAME: \"%s\"", name);
}

static void put_used_maps(const struct bpf *b, const struct record *aux)
{
	kva_t maps[BPF_MAX_MAPS];
	size_t n;
	bool all = bpf_used_maps(aux, maps, &n);

	for (size_t i = 0; i < n; i++) {
		struct record map;

		record_read(b->m->k, &bpf_map_record, maps[i], RECORD_BIT(BPF_MAP_ID), &map);
		buf_puts(b->out, i ? "," : "");
		cmd_put_field(b->out, &map, BPF_MAP_ID, "%" PRIu64);
	}
	if (!all)
		buf_puts(b->out, n ? ",?" : "?");
}

static void put_prog(const struct bpf *b, kva_t va, uint64_t id)
{
	struct record prog, aux;
	uint64_t tag, gpl;

	record_read(b->m->k, &bpf_prog_record, va, RECORD_ALL, &prog);
	record_read(b->m->k, &bpf_aux_record, record_pointer(&prog, BPF_PROG_AUX), RECORD_ALL,
		    &aux);
	buf_printf(b->out, "%3" PRIu64 "  %16" PRIx64, id, va);
	cmd_put_field(b->out, &prog, BPF_PROG_AUX, " %16" PRIx64);
	buf_printf(b->out, " %-20s ", type_name(b, &prog, BPF_PROG_TYPE));
	if (record_get(&prog, BPF_PROG_TAG, &tag))
		buf_hex(b->out, &tag, sizeof(tag));
	else
		buf_printf(b->out, "%-16s", "?");
	buf_putc(b->out, ' ');
	put_used_maps(b, &aux);
	buf_putc(b->out, '\n');
	if (!b->one && !b->all)
		return;
	buf_puts(b->out, "     XLATED: ");
	buf_put_known(b->out, record_knows(&prog, BPF_PROG_LEN), "%" PRIu64,
		      8 * record_pointer(&prog, BPF_PROG_LEN));
	buf_puts(b->out, "  JITED: ");
	cmd_put_field(b->out, &prog, BPF_PROG_JITED_LEN, "%" PRIu64);
	buf_puts(b->out, "  PAGES: ");
	cmd_put_field(b->out, &prog, BPF_PROG_PAGES, "%" PRIu64);
	buf_puts(b->out, "\n     LOAD_TIME: ");
	cmd_put_field(b->out, &aux, BPF_AUX_LOAD_TIME, "%" PRIu64);
	buf_printf(b->out, " ns after boot\n     GPL_COMPATIBLE: %s  ",
		   !record_get(&prog, BPF_PROG_GPL, &gpl) ? "?"
		   : gpl				  ? "yes"
							  : "no");
	put_name(b, &aux, BPF_AUX_NAME);
	buf_puts(b->out, "  JITED_CODE: ");
	cmd_put_field(b->out, &prog, BPF_PROG_FUNC, "%" PRIx64);
	buf_puts(b->out, "\n\n");
}

static void put_map(const struct bpf *b, kva_t va, uint64_t id)
{
	struct record map;

	record_read(b->m->k, &bpf_map_record, va, RECORD_ALL, &map);
	buf_printf(b->out, "%3" PRIu64 "  %16" PRIx64 " %-20s", id, va,
		   type_name(b, &map, BPF_MAP_TYPE));
	cmd_put_field(b->out, &map, BPF_MAP_FLAGS, " %08" PRIx64);
	buf_putc(b->out, '\n');
	if (!b->one && !b->all)
		return;
	buf_puts(b->out, "     KEY_SIZE: ");
	cmd_put_field(b->out, &map, BPF_MAP_KEY_SIZE, "%" PRIu64);
	buf_puts(b->out, "  VALUE_SIZE: ");
	cmd_put_field(b->out, &map, BPF_MAP_VALUE_SIZE, "%" PRIu64);
	buf_puts(b->out, "  MAX_ENTRIES: ");
	cmd_put_field(b->out, &map, BPF_MAP_MAX_ENTRIES, "%" PRIu64);
	buf_puts(b->out, "\n     ");
	put_name(b, &map, BPF_MAP_NAME);
	buf_puts(b->out, "\n\n");
}

static bool put_entry(void *ctx, uint64_t id, kva_t object)
{
	struct bpf *b = ctx;

	if (b->one && id != b->id)
		return true;
	b->found++;
	if (b->maps)
		put_map(b, object, id);
	else
		put_prog(b, object, id);
	return true;
}

static vs_status list(struct bpf *b, struct err *err)
{
	vs_status st = kernel_need_types(b->m->k, err);

	if (st == VS_OK)
		st = types_find(b->m->k->types,
				b->maps ? "enum bpf_map_type" : "enum bpf_prog_type", &b->types,
				err);
	if (st)
		return st;
	buf_puts(b->out, b->maps ? " ID      BPF_MAP      BPF_MAP_TYPE         MAP_FLAGS\n"
				 : " ID      BPF_PROG       BPF_PROG_AUX   BPF_PROG_TYPE        "
				   "TAG              "
				   "USED_MAPS\n");
	st = bpf_each(b->m->k, b->maps, put_entry, b, err);
	if (st == VS_OK && !b->found && b->one)
		return fail(err, VS_NOTFOUND, "no %s with ID %" PRIu64, b->maps ? "map" : "program",
			    b->id);
	if (st == VS_OK && !b->found)
		buf_puts(b->out, "     (none)\n");
	return st;
}

static vs_status cmd_bpf(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct bpf b = { .m = m, .out = out };
	char form = cmd_last(a, "PMpm");
	vs_status st;

	b.maps = form == 'M' || form == 'm';
	b.all = form == 'P' || form == 'M';
	b.one = form == 'p' || form == 'm';
	if (b.one) {
		const char *id = cmd_value(a, b.maps ? "m" : "p");

		if (!cmd_number(id, &b.id))
			return fail(err, VS_INVAL, "%s: not an ID", id);
	}
	st = list(&b, err);
	if (form || st)
		return st;
	b.maps = true;
	b.found = 0;
	buf_putc(out, '\n');
	return list(&b, err);
}

static const struct cmd_opt options[] = {
	{ "P", .help = "all programs, with details" },
	{ "M", .help = "all maps, with details" },
	{ "p", "ID", .help = "the program with this ID" },
	{ "m", "ID", .help = "the map with this ID" },
	{ 0 },
};

const struct cmd verb_bpf = {
	.name = "bpf",
	.run = cmd_bpf,
	.brief = "BPF programs and maps",
	.synopsis = "bpf [-P | -M | -p ID | -m ID]",
	.example = "  bpf -M\n"
		   "   ID      BPF_MAP      BPF_MAP_TYPE         MAP_FLAGS\n"
		   "    1  ff40e9129ffbd400 HASH                 00000000\n"
		   "       KEY_SIZE: 4  VALUE_SIZE: 8  MAX_ENTRIES: 77\n"
		   "       NAME: \"w_map\"\n",
	.options = options,
};
