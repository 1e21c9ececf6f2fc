// SPDX-License-Identifier: GPL-3.0-or-later
/* btf.c - reads the records of BTF where they lie. */
#include "stub/base/btf.h"

#define MAGIC	   0xeb9f
#define MIN_HEADER 24

vs_status btf_find_sections(const void *data, size_t len, struct btf_sections *ret, struct err *err)
{
	struct bytes b = bytes_of(data, len);
	uint16_t magic = bytes_u16(&b);
	uint8_t version = bytes_u8(&b);
	uint32_t head, type_off, type_len, str_off, str_len;

	bytes_skip(&b, 1);
	head = bytes_u32(&b);
	type_off = bytes_u32(&b);
	type_len = bytes_u32(&b);
	str_off = bytes_u32(&b);
	str_len = bytes_u32(&b);
	if (b.bad || magic != MAGIC || version != 1 || head < MIN_HEADER || head > len)
		return fail(err, VS_CORRUPT, "%zu bytes are not BTF", len);
	if (!range_ok(type_off, type_len, len - head) || !range_ok(str_off, str_len, len - head))
		return fail(err, VS_CORRUPT, "the sections of this BTF do not fit in %zu bytes",
			    len);
	*ret = (struct btf_sections){ (const uint8_t *)data + head + type_off, type_len,
				      (const uint8_t *)data + head + str_off, str_len };
	return VS_OK;
}

/* Bytes after the common 12. */
static uint64_t more_bytes(enum btf_kind kind, uint32_t count)
{
	switch (kind) {
	case BTF_INT:
	case BTF_VAR:
	case BTF_DECL_TAG:
		return 4;
	case BTF_ARRAY:
		return 12;
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_DATASEC:
	case BTF_ENUM64:
		return UINT64_C(12) * count;
	case BTF_ENUM:
	case BTF_FUNC_PROTO:
		return UINT64_C(8) * count;
	default:
		return 0;
	}
}

uint64_t btf_record_length(const uint8_t *p, size_t left)
{
	struct btf_record r;
	uint64_t more;

	if (left < BTF_RECORD_MIN)
		return 0;
	r = btf_record_at(p);
	more = more_bytes(r.kind, r.count);
	if (r.kind == BTF_VOID || r.kind >= BTF_KINDS || more > left - BTF_RECORD_MIN)
		return 0;
	return BTF_RECORD_MIN + more;
}

struct btf_raw_member btf_member_of(const struct btf_record *r, uint32_t i)
{
	const uint8_t *p = r->more + UINT64_C(12) * i;
	uint32_t place = load_u32(p + 8);

	return (struct btf_raw_member){
		.name = load_u32(p),
		.type = load_u32(p + 4),
		.bit = r->flag ? place & 0xffffff : place,
		.width = r->flag ? place >> 24 : 0,
	};
}

uint32_t btf_enumerators(const struct btf_record *r)
{
	return r->kind == BTF_ENUM && r->size > sizeof(uint32_t) ? 0 : r->count;
}

int64_t btf_enumerator_of(const struct btf_record *r, uint32_t i, bool is_signed, uint32_t *name)
{
	const uint8_t *p = r->more + (size_t)i * (r->kind == BTF_ENUM64 ? 12 : 8);

	*name = load_u32(p);
	if (r->kind == BTF_ENUM64)
		return (int64_t)load_u64(p + 4);
	return is_signed ? (int64_t)(int32_t)load_u32(p + 4) : (int64_t)load_u32(p + 4);
}

/* -1 or -22 are more likely than 4294967295 or 4294967274, but 0x80000000 and other values far
 * below 0 are flags, masks and magic numbers: on 6.1, where BTF has signs, this guess is right for
 * 9 of 10 enums that have such a value. */
static bool looks_signed(const struct btf_record *r)
{
	for (uint32_t i = 0; i < r->count; i++) {
		int32_t value = (int32_t)load_u32(r->more + (size_t)i * 8 + 4);

		if (value < 0 && value >= -65536)
			return true;
	}
	return false;
}

bool btf_enum_is_signed(const struct btf_record *r, bool signed_enums)
{
	return r->flag || (!signed_enums && r->kind == BTF_ENUM && looks_signed(r));
}

uint32_t btf_parameter_of(const struct btf_record *r, uint32_t i, uint32_t *name)
{
	*name = load_u32(r->more + (size_t)i * 8);
	return load_u32(r->more + (size_t)i * 8 + 4);
}

uint32_t btf_element_of(const struct btf_record *r, uint32_t *count)
{
	*count = load_u32(r->more + 8);
	return load_u32(r->more);
}

uint32_t btf_int_word(const struct btf_record *r)
{
	return load_u32(r->more);
}
