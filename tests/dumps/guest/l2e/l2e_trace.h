/* SPDX-License-Identifier: GPL-2.0 */
/* l2e_trace.h - an event with a field of each kind. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM l2e

#if !defined(L2E_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define L2E_TRACE_H

#include <linux/tracepoint.h>
#include <linux/version.h>

#ifndef l2e_assign
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define l2e_assign(dst, src) __assign_str(dst, src)
#else
#define l2e_assign(dst, src) __assign_str(dst)
#endif
#endif

TRACE_DEFINE_ENUM(L2E_RED);
TRACE_DEFINE_ENUM(L2E_GREEN);

/* clang-format off */
TRACE_EVENT(l2e_all,
	TP_PROTO(int nr, const char *name, void *fn),
	TP_ARGS(nr, name, fn),
	TP_STRUCT__entry(
		__field(int, nr)
		__field(s8, small)
		__field(u64, big)
		__field(unsigned int, flags)
		__field(int, color)
		__field(void *, fn)
		__array(char, text, 8)
		__array(u8, octets, 4)
		__string(name, name)
		__dynamic_array(u16, words, nr % 4)
	),
	TP_fast_assign(
		int i;

		__entry->nr = nr;
		__entry->small = -nr;
		__entry->big = 0x123456789abcdefULL + nr;
		__entry->flags = nr;
		__entry->color = nr % 2 ? L2E_RED : L2E_GREEN;
		__entry->fn = fn;
		memcpy(__entry->text, "octets\0", 8);
		memset(__entry->octets, 0xa0 + nr, 4);
		l2e_assign(name, name);
		for (i = 0; i < nr % 4; i++)
			((u16 *)__get_dynamic_array(words))[i] = 100 * i + nr;
	),
	TP_printk("nr=%d small=%d big=%llx half=%d flags=%s color=%s fn=%ps text=%s name=%s octets=%s words=%s %s",
		  __entry->nr, __entry->small, __entry->big, __entry->nr / 2,
		  __print_flags(__entry->flags, "|", { 1, "ONE" }, { 2, "TWO" }, { 4, "FOUR" }),
		  __print_symbolic(__entry->color, { L2E_RED, "red" }, { L2E_GREEN, "green" }),
		  __entry->fn, __entry->text, __get_str(name), __print_hex(__entry->octets, 4),
		  __print_array(__get_dynamic_array(words), __get_dynamic_array_len(words) / 2, 2),
		  __entry->nr > 3 ? "many" : "few")
);
/* clang-format on */

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE l2e_trace
#include <trace/define_trace.h>
