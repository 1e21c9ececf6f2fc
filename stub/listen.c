// SPDX-License-Identifier: GPL-3.0-or-later
/* listen.c - `vmstub --listen`: serves one gdb after another on a socket, until a signal arrives.
 * Not here: the socket itself (base/listener.c), the protocol (rsp/). */
#include "stub/listen.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/base/peer.h"
#include "stub/gdb/vmtarget.h"
#include "stub/kernel/kernel.h"
#include "stub/rsp/session.h"
#include "stub/rsp/target.h"

/* A signal has asked vmstub to end. */
static volatile sig_atomic_t asked_to_end;
/* The connection that the signal ends; -1: none. */
static volatile sig_atomic_t client = -1;

static void end_listening(int sig)
{
	(void)sig;
	asked_to_end = 1;
	if (client >= 0)
		shutdown(client, SHUT_RDWR);
}

/* Blocks the signals that end vmstub; *before has those that were blocked before. */
static void handle_signals(sigset_t *before)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction end = { .sa_handler = end_listening }, had;
	sigset_t block;

	sigemptyset(&block);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		sigaction(ends[i], NULL, &had);
		if (had.sa_handler == SIG_IGN) // nohup, or in the background of a script
			continue;
		sigaction(ends[i], &end, NULL);
		sigaddset(&block, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &block, before);
	signal(SIGPIPE, SIG_IGN);
}

vs_status listen_start(const char *where, struct listener *l, sigset_t *before, struct err *err)
{
	AUTO(buf) told = { 0 };
	bool others;
	vs_status st = listener_open(where, l, &told, &others, err);

	if (st)
		return st;
	handle_signals(before);
	if (others)
		log_warn("warning: everybody who can reach %s can read this dump; for an encrypted "
			 "connection, listen on a unix socket and forward it with ssh",
			 where);
	// gdbserver's words, which IDEs wait for.
	fprintf(stderr, "Listening on %s\n", buf_str(&told));
	return VS_OK;
}

/* Serves one gdb on a connection. */
static vs_status serve_client(int fd, const sigset_t *before, struct kernel *k,
			      const struct vmtarget_options *target, struct err *err)
{
	struct vmtarget *t = vmtarget_create(k, target);
	sigset_t blocked;
	vs_status st;

	if (!t)
		return fail(err, VS_NOMEM, "out of memory");
	client = fd;
	sigprocmask(SIG_SETMASK, before, &blocked);
	st = rsp_serve(vmtarget_rsp(t), fd, fd, err);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	client = -1;
	vmtarget_destroy(t);
	return st;
}

vs_status listen_serve(const struct listener *l, const sigset_t *before, bool once,
		       struct dump *dump, struct kernel **k, struct kernel_options *opt,
		       struct vmtarget_options *target, struct err *err)
{
	const struct arch_ops *arch = (*k)->arch;

	for (;;) {
		AUTO(buf) who = { 0 };
		int fd;
		vs_status st = listener_accept(l, before, &fd, &who, err);

		if (st)
			return st == VS_END ? VS_OK : st;
		fprintf(stderr, "Remote debugging from %s\n", buf_str(&who));
		opt->gdb_pid = peer_connected_gdb(fd);
		target->local_gdb = opt->gdb_pid != 0;
		target->front_end = peer_front_end(opt->gdb_pid);
		st = serve_client(fd, before, *k, target, err);
		close(fd);
		if (asked_to_end)
			return VS_OK;
		if (once || st == VS_NOMEM)
			return st;
		if (st)
			log_error("%s", err->msg);
		kernel_close(*k);
		*k = NULL;
		st = kernel_open(dump, arch, opt, k, err);
		if (st)
			return st;
	}
}
