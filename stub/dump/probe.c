// SPDX-License-Identifier: GPL-3.0-or-later
/* probe.c - recognizes dump formats by their magic.
 * In: the first bytes of a (possibly flattened) file. Out: the reader, or for other known formats
 * an error with advice. */
#include "stub/dump/probe.h"

#include <inttypes.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/dump/file.h"
#include "stub/dump/flat/flat.h"
#include "stub/dump/raw.h"

#define PROBE_BYTES 64

static const struct probe probe_elf = { .name = "ELF",
					.one_file = "an ELF dump",
					.open = elfcore_open };
static const struct probe probe_lime = { .name = "LiME",
					 .one_file = "a LiME image",
					 .open = lime_open };
static const struct probe probe_qevm = { .name = "QEMU stream",
					 .one_file = "a QEMU stream",
					 .open = qevm_open };
static const struct probe probe_avml = { .name = "AVML",
					 .one_file = "an AVML image",
					 .open = avml_open };
static const struct probe probe_vmss = {
	.name = "a VMware suspend file",
	.one_file = "a VMware suspend file",
	.open = vmss_open,
	.memory_beside = true,
};
const struct probe probe_raw = { .name = "raw memory", .open = raw_open };
static const struct probe probe_kdump = { .name = "kdump-compressed", .open = kdump_open };

struct magic {
	const char *bytes;
	size_t len;
	const struct probe *probe; /* NULL: known but not supported */
	const char *name;
	const char *advice; /* may hold one %s for the path */
};

#define MAGIC(text) (text), sizeof(text) - 1

static const struct magic table[] = {
	{ MAGIC("\177ELF"), &probe_elf, NULL, NULL },
	{ MAGIC("KDUMP   "), &probe_kdump, NULL, NULL },
	{ MAGIC("DISKDUMP"), &probe_kdump, NULL, NULL },
	{ MAGIC("makedumpfile\0"), NULL, "flattened file inside a flattened file",
	  "unwrap the outer one: makedumpfile -R out < %s" },
	{ MAGIC("\x1f\x8b"), NULL, "gzip-compressed file",
	  "unpack it first: gzip -d %s, or use --unpack" },
	{ MAGIC("\xfd"
		"7zXZ\0"),
	  NULL, "xz-compressed file", "unpack it first: xz -d %s, or use --unpack" },
	{ MAGIC("\x28\xb5\x2f\xfd"), NULL, "zstd-compressed file",
	  "unpack it first: zstd -d %s, or use --unpack" },
	{ MAGIC("BZh"), NULL, "bzip2-compressed file", "unpack it first: bzip2 -d %s" },
	{ MAGIC("\x89LZO\0\r\n\x1a\n"), NULL, "lzop-compressed file",
	  "unpack it first: lzop -d %s" },
	{ MAGIC("\x04\x22\x4d\x18"), NULL, "lz4-compressed file", "unpack it first: lz4 -d %s" },
	{ MAGIC("PK\x03\x04"), NULL, "zip archive", "unpack it first: unzip %s" },
	{ MAGIC("QEVM"), &probe_qevm, NULL, NULL },
	{ MAGIC("LibvirtQemudSave"), &probe_qevm, NULL, NULL },
	{ MAGIC("LibvirtQemudPart"), NULL, "unfinished libvirt save file",
	  "virsh dump --memory-only makes a dump vmstub reads" },
	{ MAGIC("\xed\xeb\x0f\xf0"), NULL, "Xen xc_core dump", "crash reads it" },
	{ MAGIC("\xee\xeb\x0f\xf0"), NULL, "Xen HVM xc_core dump", "crash reads it" },
	{ MAGIC("LinuxGuestRecord"), NULL, "Xen save file", "use xl dump-core instead" },
	{ MAGIC("\xed\x23\x8f\x61\x73\x01\x19\xa8"), NULL, "LKCD dump", "crash reads it" },
	{ MAGIC("\xcd\x23\x8f\x61\x73\x01\x19\xa8"), NULL, "LKCD live dump", "crash reads it" },
	{ MAGIC("\xa8\x19\x01\x73\x61\x8f\x23\xfd"), NULL, "s390 standalone dump",
	  "only x86_64 is supported" },
	{ MAGIC("\xd2\xbe\xd2\xbe"), &probe_vmss, NULL, NULL },
	{ MAGIC("\xd0\xbe\xd0\xbe"), NULL, "VMware suspend file (old)",
	  "vmss2core -N makes an ELF core of it" },
	{ MAGIC("\xd3\xbe\xd3\xbe"), &probe_vmss, NULL, NULL },
	{ MAGIC("\xd1\xba\xd1\xba"), &probe_vmss, NULL, NULL },
	{ MAGIC("\xd2\xba\xd2\xba"), &probe_vmss, NULL, NULL },
	{ MAGIC("sadump\0\0"), NULL, "sadump dump", "convert it to a kdump with makedumpfile -c" },
	{ MAGIC("PAGEDU64"), NULL, "Windows crash dump", "not a Linux dump" },
	{ MAGIC("PAGEDUMP"), NULL, "Windows crash dump", "not a Linux dump" },
	{ MAGIC("EMiL"), &probe_lime, NULL, NULL },
	{ MAGIC("\x14\x20\x28\x01"), NULL, "saved state of Hyper-V (.vmrs)",
	  "Microsoft's saved state dump provider reads it; to make a dump, crash the guest with "
	  "Debug-VM -InjectNonMaskableInterrupt and kdump in it" },
	{ MAGIC("AVML"), &probe_avml, NULL, NULL },
	{ MAGIC("\xdd\xcc\x8b\x9a"), NULL, "Mission Critical dump", "crash reads it" },
};

static vs_status refuse(const struct magic *m, const char *path, struct err *err)
{
	const char *at = strstr(m->advice, "%s");

	if (!at)
		return fail(err, VS_UNSUPPORTED, "%s: %s: %s", path, m->name, m->advice);
	return fail(err, VS_UNSUPPORTED, "%s: %s: %.*s%s%s", path, m->name, (int)(at - m->advice),
		    m->advice, path, at + 2);
}

/* Is it text that begins with a time, "[    0.000000] "? */
static bool is_log(const uint8_t *head, size_t n)
{
	size_t i = 1, dots = 0;

	if (n < 16 || head[0] != '[')
		return false;
	for (; i < n && (head[i] == ' ' || head[i] == '.' || (head[i] >= '0' && head[i] <= '9'));
	     i++)
		dots += head[i] == '.';
	return dots == 1 && i >= 10 && i + 1 < n && head[i] == ']' && head[i + 1] == ' ';
}

vs_status probe_file(struct file *f, const struct probe **ret, struct err *err)
{
	uint8_t head[PROBE_BYTES] = { 0 };
	const char *path = file_path(f);
	size_t got;
	vs_status st = file_read_some(f, 0, head, sizeof(head), &got, err);

	if (st)
		return st;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct magic *m = &table[i];

		if (got < m->len || memcmp(head, m->bytes, m->len) != 0)
			continue;
		if (!m->probe)
			return refuse(m, path, err);
		*ret = m->probe;
		return VS_OK;
	}
	if (file_is_cut(f))
		return fail(err, VS_CORRUPT, "%s: flattened file cut before its dump header", path);
	if (is_log(head, got))
		return fail(
			err, VS_UNSUPPORTED,
			"%s: text of a kernel's log, as makedumpfile --dump-dmesg writes it, and "
			"not a dump",
			path);
	if (raw_possible(f)) {
		*ret = &probe_raw;
		return VS_OK;
	}
	return fail(err, VS_CORRUPT,
		    "%s: not a crash dump: %" PRIu64
		    " bytes, starting %02x %02x %02x %02x %02x %02x %02x %02x",
		    path, file_size(f), head[0], head[1], head[2], head[3], head[4], head[5],
		    head[6], head[7]);
}
