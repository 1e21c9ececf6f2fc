// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* target.h - what the protocol server needs from its target. It knows nothing about kernels.
 * If a member is NULL, its packets get an empty reply ("not supported").
 * Every call gets rsp_target.ctx. Results are appended to `out`; on failure the session discards
 * them. Thread ids are positive. err is never NULL, except for mem_read. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"
#include "stub/base/pulse.h"

struct beacon;

struct rsp_stat {
	uint64_t size;
	uint32_t mode;	/* S_IFREG | permissions */
	uint64_t mtime; /* seconds since 1970 */
};

struct rsp_ops {
	/* Thread of the stop reply, which every gdb selects at first. Cannot fail. */
	uint64_t (*stop_thread)(void *ctx);
	bool (*thread_alive)(void *ctx, uint64_t tid);
	/* The tid after `after` in list order (0: the first); 0 at the end. */
	uint64_t (*thread_next)(void *ctx, uint64_t after);
	/* One line for `info threads` (qThreadExtraInfo): plain text. */
	vs_status (*thread_extra)(void *ctx, uint64_t tid, struct buf *out, struct err *err);
	/* Short name ("CPU 3 swapper/3") and core number for qXfer:threads; *core < 0: none. */
	vs_status (*thread_name)(void *ctx, uint64_t tid, struct buf *name, int *core,
				 struct err *err);

	/* All registers as a `g` reply: hex, or 'x' digits where the value is unknown. */
	vs_status (*regs_read)(void *ctx, uint64_t tid, struct buf *out, struct err *err);
	/* One register as a `p` reply (same text form). VS_NOTFOUND: no such register. */
	vs_status (*reg_read)(void *ctx, uint64_t tid, uint64_t regno, struct buf *out,
			      struct err *err);

	/* Memory as thread tid sees it. Partial results are normal. */
	struct mem_got (*mem_read)(void *ctx, uint64_t tid, uint64_t addr, void *dst, size_t len,
				   struct err *err);
	/* First match of pattern in [addr, addr + len): *found. NULL: the session searches with
	 * mem_read. Unreadable memory inside the range is skipped. It must return within 2 s:
	 * other clients than gdb may wait no longer, and take a late reply for another one. */
	vs_status (*mem_search)(void *ctx, uint64_t tid, uint64_t addr, uint64_t len,
				const void *pattern, size_t patlen, bool *found, uint64_t *at,
				struct err *err);

	/* A whole qXfer object ("features", "libraries", "exec-file", ...) with its annex. The
	 * session serves offset/length from this copy, and calls again when offset is 0.
	 * VS_UNSUPPORTED: empty reply; VS_NOTFOUND: E00. The session itself builds "threads". */
	vs_status (*xfer)(void *ctx, const char *object, const char *annex, struct buf *out,
			  struct err *err);
	/* NULL-terminated list of the objects xfer serves, for qSupported. */
	const char *const *xfer_objects;

	/* The features that gdb lists in qSupported, its first packet; n bytes. */
	void (*gdb_features)(void *ctx, const char *text, size_t n);

	/* gdb has requested non-stop mode, in which it sees one thread and asks for no offsets.
	 * May be NULL. */
	void (*non_stop)(void *ctx);

	/* The user has asked gdb to let the kernel run. A thread that gdb does not know yet, which
	 * is reported as the one that stopped; 0: none, and the user is told that nothing can run.
	 * May be NULL. */
	uint64_t (*new_thread)(void *ctx);

	/* gdb offers to look up symbols, as it does whenever it has loaded a file (name NULL), or
	 * answers about one (value 0: it has no such symbol). Append the name of the next symbol
	 * to look up, or nothing. */
	void (*symbols)(void *ctx, const char *name, uint64_t value, struct buf *ask);

	/* qOffsets reply ("TextSeg=...;DataSeg=..."); VS_NOTFOUND: empty reply. */
	vs_status (*offsets)(void *ctx, struct buf *out, struct err *err);

	/* A monitor command (qRcmd), as typed. Console text goes to out, even on failure: the
	 * session shows out and then err. It shows out line by line as it grows; buf_stopped(out)
	 * means that the user does not want the rest. tid is the thread selected for `g`. */
	vs_status (*monitor)(void *ctx, uint64_t tid, const char *cmd, struct buf *out,
			     struct err *err);

	/* vFile; the target restricts it to files that it offered (exec-file, libraries).
	 * file_open returns VS_NOTFOUND (ENOENT) for all others, or VS_UNSUPPORTED to treat the
	 * packet as unknown. The fds are the target's, >= 0. */
	vs_status (*file_open)(void *ctx, const char *name, int *fd, struct err *err);
	struct mem_got (*file_pread)(void *ctx, int fd, uint64_t off, void *dst, size_t len,
				     struct err *err);
	vs_status (*file_stat)(void *ctx, int fd, struct rsp_stat *st, struct err *err);
	void (*file_close)(void *ctx, int fd);
};

struct rsp_target {
	const struct rsp_ops *ops;
	void *ctx;		/* borrowed */
	bool machine_interface; /* gdb's front-end is no console: see h_run() */
	bool gdb_on_pipe;	/* gdb started vmstub and reads its standard error: errpipe.h */
	int terminal; /* gdb's terminal, for messages that gdb does not read; borrowed; -1: none */
	/* The target calls pulse() while it works, so that a monitor command can be stopped;
	 * borrowed, may be NULL. The session installs its callback during commands. */
	struct pulse *pulse;
	struct beacon *beacon; /* for a gdb that waits; borrowed, may be NULL */
	unsigned haste; /* for tests: the session's own waits are so many times shorter; 0: as usual
			 */
};
