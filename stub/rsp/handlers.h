// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* handlers.h - the handlers in the table of commands.c (struct command).
 * Private to stub/rsp. */
#include "stub/base/buf.h"
#include "stub/base/bytes.h"
#include "stub/base/err.h"

struct session;

#define RSP_HANDLER(name)                                                                          \
	vs_status name(struct session *s, struct bytes args, struct buf *reply, struct err *err)

/* h_session.c */
RSP_HANDLER(h_no_ack);
RSP_HANDLER(h_lldb);
RSP_HANDLER(h_extended);
RSP_HANDLER(h_detach);
RSP_HANDLER(h_kill);
RSP_HANDLER(h_restart);
RSP_HANDLER(h_symbol);
RSP_HANDLER(h_offsets);
/* h_mem.c */
RSP_HANDLER(h_mem_hex);
RSP_HANDLER(h_mem_binary);
RSP_HANDLER(h_mem_write);
RSP_HANDLER(h_mem_search);
RSP_HANDLER(h_mem_crc);
/* h_regs.c */
RSP_HANDLER(h_regs_read);
RSP_HANDLER(h_reg_read);
RSP_HANDLER(h_regs_write);
/* h_thread.c */
RSP_HANDLER(h_stop_reason);
RSP_HANDLER(h_thread_select);
RSP_HANDLER(h_thread_resume_select);
RSP_HANDLER(h_thread_alive);
RSP_HANDLER(h_thread_current);
RSP_HANDLER(h_thread_first);
RSP_HANDLER(h_thread_more);
RSP_HANDLER(h_thread_extra);
RSP_HANDLER(h_attached);
/* h_run.c */
RSP_HANDLER(h_run);
RSP_HANDLER(h_interrupt);
RSP_HANDLER(h_breakpoint);
RSP_HANDLER(h_run_actions);
#define RUN_REFUSED "The kernel in a crash dump cannot run."
/* h_nonstop.c */
RSP_HANDLER(h_non_stop);
RSP_HANDLER(h_stopped);
/* A vCont in non-stop mode, and the notification after its reply if s->notify is set. */
vs_status nonstop_resume(struct session *s, struct bytes args, struct err *err);
void nonstop_notification(struct session *s, struct buf *out);
/* h_xfer.c */
RSP_HANDLER(h_xfer_threads);
RSP_HANDLER(h_xfer);
/* h_file.c */
RSP_HANDLER(h_file_setfs);
RSP_HANDLER(h_file_open);
RSP_HANDLER(h_file_pread);
RSP_HANDLER(h_file_fstat);
RSP_HANDLER(h_file_close);
RSP_HANDLER(h_file_stat);
RSP_HANDLER(h_file_readlink);
RSP_HANDLER(h_file_refuse);
/* h_rcmd.c */
RSP_HANDLER(h_rcmd);
