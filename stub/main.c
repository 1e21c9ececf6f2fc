// SPDX-License-Identifier: GPL-3.0-or-later
/* main.c - start and end. Exit codes: 0 success, 1 failure, 2 usage error. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arch/archs.h"
#include "stub/arch.h"
#include "stub/base/listener.h"
#include "stub/base/log.h"
#include "stub/base/sandbox.h"
#include "stub/dump/dump.h"
#include "stub/exec.h"
#include "stub/gcore.h"
#include "stub/gdb/linkdir.h"
#include "stub/gdb/vmtarget.h"
#include "stub/kernel/kernel.h"
#include "stub/listen.h"
#include "stub/module/modules.h"
#include "stub/open.h"
#include "stub/options.h"
#include "stub/pager.h"
#include "stub/reports.h"
#include "stub/rsp/beacon.h"
#include "stub/rsp/session.h"

static int exit_code(vs_status st)
{
	return st == VS_OK ? 0 : st == VS_INVAL ? EXIT_USAGE : EXIT_FAILED;
}

/* Ends the session as if gdb had gone, so that everything is cleaned up. */
static void end_session(int sig)
{
	(void)sig;
	close(STDIN_FILENO);
}

static void handle_signals(void)
{
	struct sigaction end = { .sa_handler = end_session }; // no SA_RESTART: read() must return

	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGHUP, &end, NULL);
	// gdb starts vmstub in a new session (pipe_open() in gdb/ser-pipe.c, 10 to 18), but other
	// programs in between may not. Ctrl-C is for gdb, which passes it on in its next request.
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static int serve(struct vmtarget *t)
{
	struct err err;

	handle_signals();
	if (isatty(STDIN_FILENO))
		fputs("vmstub: waiting for gdb on standard input; to use it, type\n"
		      "  gdb vmlinux -ex 'target remote | vmstub VMCORE'\n",
		      stderr);
	if (rsp_serve(vmtarget_rsp(t), STDIN_FILENO, STDOUT_FILENO, &err)) {
		log_error("%s", err.msg);
		return EXIT_FAILED;
	}
	return 0;
}

/* Takes gdb's first packet before leaving. Otherwise gdb, which writes it blindly, prints "Broken
 * pipe" over our message. */
static void take_first_packet(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char bytes[4096];

	if (poll(&in, 1, 2000) > 0 && read(STDIN_FILENO, bytes, sizeof(bytes)) < 0)
		return;
}

/* From here on, no files need to be written and no programs started. */
static void drop_rights(const struct options *o)
{
	struct err err;

	if (!o->no_sandbox && sandbox_enter(&err))
		log_info("no sandbox: %s", err.msg);
}

/* Look for all files now: later no network is to be had. */
static void fetch_files(struct options *o, struct kernel *k)
{
	struct modules *mods;

	if (!o->kernel.fetch)
		return;
	kernel_need_vmlinux(k, NULL);
	if (kernel_need_modules(k, &mods, NULL) == VS_OK)
		for (size_t i = 0; i < mods->n; i++)
			module_need_file(k, &mods->v[i], NULL);
	o->kernel.fetch = false;
}

static int listen_for_gdb(struct options *o, struct dump *dump, struct kernel **k)
{
	struct listener l;
	sigset_t before;
	struct err err;
	int code;
	vs_status st = listen_start(o->listen, &l, &before, &err);

	if (st) {
		log_error("--listen: %s", err.msg);
		return st == VS_INVAL ? EXIT_USAGE : EXIT_FAILED;
	}
	drop_rights(o);
	st = listen_serve(&l, &before, o->once, dump, k, &o->kernel, &o->target, &err);
	if (st)
		log_error("%s", err.msg);
	code = st ? EXIT_FAILED : 0;
	listener_close(&l);
	return code;
}

/* t: NULL for `help` alone. */
static int run_verbs(struct vmtarget *t, const struct options *o)
{
	const struct exec_input in = {
		.rc = o->rc, .file = o->input, .lines = o->exec, .terminal = o->terminal
	};

	return exit_code(exec_run(t, &in));
}

/* Serves the gdb on standard input, or runs the verbs of --exec. */
static int serve_or_exec(struct options *o, struct kernel *k)
{
	struct vmtarget *t;
	int code = EXIT_FAILED;

	drop_rights(o);
	t = vmtarget_create(k, &o->target);
	if (!t)
		log_error("out of memory");
	else
		code = options_without_gdb(o) ? run_verbs(t, o) : serve(t);
	vmtarget_destroy(t);
	return code;
}

/* Writes a process as a core file, which must be opened first. */
static int write_core(struct options *o, struct kernel *k, char *const *paths, size_t n)
{
	const struct vmtarget_options alone = { .terminal = -1 };
	int fd = gcore_open(&o->gcore, paths, n), code;
	struct vmtarget *t;

	if (fd < 0)
		return EXIT_FAILED;
	drop_rights(o);
	t = vmtarget_create(k, &alone); // with it, files of modules are read
	if (!t) {
		close(fd);
		log_error("out of memory");
		return EXIT_FAILED;
	}
	code = gcore_run(&o->gcore, k, fd);
	vmtarget_destroy(t);
	return code;
}

/* Opens dump and kernel; the caller closes what is not NULL, even after a failure. */
static vs_status open_kernel(struct options *o, const char *const *paths, size_t n,
			     struct dump **dump, struct kernel **k, struct err *err)
{
	const struct arch_ops *arch;
	vs_status st = open_dump(&o->open, paths, n, dump, err);

	if (st == VS_OK && o->zero_excluded)
		dump_zero_excluded(*dump);
	if (st == VS_OK)
		st = arch_of_dump(dump_info(*dump), &arch, err);
	if (st == VS_OK)
		st = kernel_open(*dump, arch, &o->kernel, k, err);
	if (st == VS_OK)
		fetch_files(o, *k);
	return st;
}

/* What gdb needs, and nobody else. */
static void expect_gdb(struct options *o)
{
	if (options_without_gdb(o))
		return;
	o->target.links = linkdir_start(o->link_dir); // before the thread, because it forks
	o->target.beacon = beacon_start();
}

static int run(struct options *o, char *const *paths, size_t n)
{
	struct dump *dump = NULL;
	struct kernel *k = NULL;
	int code = EXIT_FAILED;
	struct err err;
	vs_status st;

	expect_gdb(o);
	if (o->target.local_gdb) // it waits already
		beacon_on(o->target.beacon, STDOUT_FILENO);
	st = open_kernel(o, (const char *const *)paths, n, &dump, &k, &err);
	beacon_off(o->target.beacon);
	if (st) {
		log_error("%s", err.msg);
		if (o->target.local_gdb)
			take_first_packet();
	} else {
		// running tasks have no registers here, so only sleeping tasks are interesting
		o->target.all_tasks |= dump_info(dump)->live;
		code = o->gcore.wanted ? write_core(o, k, paths, n)
		       : o->listen     ? listen_for_gdb(o, dump, &k)
				       : serve_or_exec(o, k);
	}
	kernel_close(k);
	dump_close(dump);
	beacon_end(o->target.beacon);
	linkdir_end(o->target.links);
	if (o->target.terminal >= 0)
		close(o->target.terminal);
	return code;
}

/* Does the output go through a pager? Not if whoever writes the commands may wait for answers. */
static bool is_paged(const struct options *o)
{
	return (o->exec || o->input) && !o->no_pager && !(o->exec && strcmp(o->exec, "-") == 0) &&
	       !(o->input && strcmp(o->input, "-") == 0) && pager_wanted();
}

/* Does what the options ask for with these files. */
static int work(struct options *o, char **files, int n)
{
	size_t dumps;

	if (!n)
		return run_verbs(NULL, o);
	dumps = (size_t)options_take_vmlinux(o, files, n);
	if (!o->reports.format)
		return run(o, files, dumps);
	o->reports.open = o->open;
	return reports_run(&o->reports, &o->kernel, o->no_sandbox, files, dumps);
}

int main(int argc, char **argv)
{
	struct options o = { .kernel = { 0 } };
	int code = options_parse(argc, argv, &o);

	if (code < 0 && (!is_paged(&o) || pager_split(&o.terminal, &code)))
		code = work(&o, argv + optind, argc - optind);
	options_deinit(&o);
	return code;
}
