// SPDX-License-Identifier: GPL-3.0-or-later
/* system.c - the part of a report about the kernel and the machine. */
#include <ctype.h>
#include <string.h>

#include "stub/base/buf.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/report/parts.h"
#include "stub/subsys/sys/boot.h"
#include "stub/subsys/sys/dmi.h"
#include "stub/subsys/sys/taint.h"

static const char *uts(struct kernel *k, enum boot_name name, const char *field,
		       struct crash_report *r)
{
	char text[65];
	struct err why;

	if (boot_utsname(k, name, text, sizeof(text), &why) == VS_OK)
		return crash_copy(r, text);
	if (name == BOOT_RELEASE && k->release[0])
		return crash_copy(r, k->release);
	crash_miss(r, field, why.msg);
	return NULL;
}

/* "DMI_SYS_VENDOR" becomes "sys_vendor". */
static void take_dmi(void *ctx, const char *name, const char *text)
{
	struct crash_report *r = ctx;
	char lower[64];
	size_t n = 0;

	if (strncmp(name, "DMI_", 4) == 0)
		name += 4;
	for (; name[n] && n + 1 < sizeof(lower); n++)
		lower[n] = (char)tolower((unsigned char)name[n]);
	lower[n] = '\0';
	if (!vec_push(&r->dmi, ((struct crash_text){ crash_copy(r, lower), crash_copy(r, text) })))
		r->no_memory = true;
}

static void take_taint(struct kernel *k, struct crash_report *r)
{
	struct buf letters = { 0 };
	struct err why;
	vs_status st = taint_mask(k, &r->taint, &why);

	r->have_taint = st == VS_OK;
	if (st == VS_OK)
		st = taint_put(k, r->taint, &letters, &why);
	if (st == VS_OK)
		r->taint_letters = crash_copy(r, buf_str(&letters));
	else
		crash_miss(r, "taint", why.msg);
	for (const char *c = r->taint_letters; c && *c; c++) {
		const char *words = taint_words(*c);

		if (!vec_push(&r->taint_words,
			      (words ? words : crash_printf(r, "unknown flag %c", *c))))
			r->no_memory = true;
	}
	buf_deinit(&letters);
}

void crash_take_system(struct kernel *k, struct crash_report *r)
{
	const struct dump_info *info = dump_info(k->dump);
	struct boot_times t = { 0 };
	char panic[256];
	struct err why;

	r->file = crash_copy(r, info->path);
	r->format = crash_copy(r, info->format);
	r->incomplete = info->incomplete;
	r->live = info->live;
	r->release = uts(k, BOOT_RELEASE, "release", r);
	r->version = uts(k, BOOT_VERSION, "version", r);
	r->nodename = uts(k, BOOT_NODENAME, "nodename", r);
	r->arch = uts(k, BOOT_MACHINE, "arch", r);
	if (dmi_each(k, take_dmi, r, &why))
		crash_miss(r, "machine", why.msg);
	else if (!r->dmi.n)
		crash_miss(r, "machine", "the firmware gave no DMI strings");
	r->cpus = percpu_ncpus(k);
	if (!r->cpus)
		crash_miss(r, "cpus", "the number of CPUs is unknown");
	if (boot_times_load(k, &t, &why))
		crash_miss(r, "time", why.msg);
	r->time = t.now;
	r->uptime = t.uptime;
	if (!r->uptime)
		crash_miss(r, "uptime_seconds", "the time since boot is unknown");
	take_taint(k, r);
	if (boot_panic_message(k, panic, sizeof(panic), &why) == VS_OK)
		r->panic = crash_copy(r, panic);
	else
		crash_miss(r, "panic", why.msg);
}
