/* cmd_log.c - log: the kernel's messages, as dmesg prints them. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "stub/kernel/boot.h"
#include "stub/kernel/printk.h"
#include "stub/monitor/cmd.h"

struct log_print {
	struct buf *out;
	bool no_time, wall_time, level, caller;
	int64_t boot; /* time of day at time 0 of the log, seconds; 0 unknown */
};

static void put_prefix(struct log_print *p, const struct log_record *r)
{
	uint64_t sec = r->ts_nsec / 1000000000, usec = r->ts_nsec / 1000 % 1000000;

	if (p->wall_time && p->boot) {
		time_t t = (time_t)(p->boot + (int64_t)sec);
		char text[64];
		struct tm tm;

		localtime_r(&t, &tm);
		strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Z %Y", &tm);
		buf_printf(p->out, "[%s] ", text);
	} else if (!p->no_time) {
		buf_printf(p->out, "[%5" PRIu64 ".%06" PRIu64 "] ", sec, usec);
	}
	if (p->caller && r->caller_id)
		buf_printf(p->out, "[%c%5u] ", r->caller_id & 0x80000000 ? 'C' : 'T',
			   r->caller_id & 0x7fffffff);
	if (p->level)
		buf_printf(p->out, "<%u>", r->level);
}

static void print_record(void *ctx, const struct log_record *r)
{
	struct log_print *p = ctx;
	size_t start = p->out->len, indent;

	put_prefix(p, r);
	indent = p->out->len - start;
	for (size_t i = 0; i < r->len; i++) {
		unsigned char c = (unsigned char)r->text[i];

		if (c == '\n') {
			buf_putc(p->out, '\n');
			for (size_t j = 0; j < indent; j++)
				buf_putc(p->out, ' ');
		} else {
			// The log is the crashed machine's text: nothing of it may steer a
			// terminal.
			buf_putc(p->out, isprint(c) || c == '\t' || c >= 0x80 ? (char)c : '?');
		}
	}
	buf_putc(p->out, '\n');
}

vs_status cmd_log(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct log_print p = { .out = out };
	struct opt_state s = { 0 };
	struct boot_times times;
	int c;

	while ((c = cmd_option(a, &s, "tTmc", err)) > 0) {
		p.no_time |= c == 't';
		p.wall_time |= c == 'T';
		p.level |= c == 'm';
		p.caller |= c == 'c';
	}
	if (c < 0)
		return VS_INVAL;
	if (p.wall_time && boot_times_load(m->k, &times, NULL) == VS_OK)
		p.boot = (int64_t)(times.now - times.uptime);
	return printk_each(m->k, print_record, &p, err);
}
