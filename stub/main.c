// SPDX-License-Identifier: GPL-3.0-or-later
/* main.c - options and start. Exit codes: 0 success, 1 failure, 2 usage error. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch/archs.h"
#include "stub/arch.h"
#include "stub/base/buf.h"
#include "stub/base/bytes.h"
#include "stub/base/debuginfod.h"
#include "stub/base/listener.h"
#include "stub/base/log.h"
#include "stub/base/peer.h"
#include "stub/base/sandbox.h"
#include "stub/base/vec.h"
#include "stub/dump/dump.h"
#include "stub/exec.h"
#include "stub/kernel/kernel.h"
#include "stub/gdb/linkdir.h"
#include "stub/listen.h"
#include "stub/module/modules.h"
#include "stub/monitor/monitor.h"
#include "stub/open.h"
#include "stub/reports.h"
#include "stub/usage.h"
#include "stub/rsp/session.h"
#include "stub/gdb/vmtarget.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct options {
	struct kernel_options kernel;
	VEC(const char *) module_dirs;
	const char *exec;  /* NULL: none; "-": standard input */
	const char *input; /* -i: a file with commands; NULL: none */
	const char *link_dir;
	const char *listen;
	bool once, no_sandbox, zero_excluded;
	struct vmtarget_options target;
	struct reports_options reports;
	struct open_options open;
};

/* Do verbs run without gdb? */
static bool without_gdb(const struct options *o)
{
	return o->exec || o->input || o->reports.format;
}

static int exit_code(vs_status st)
{
	return st == VS_OK ? 0 : st == VS_INVAL ? EXIT_USAGE : EXIT_FAILED;
}

static void bad_usage(void)
{
	fputs("Try 'vmstub --help' for more information.\n", stderr);
}

/* Parses a number in C notation. Returns -1 to continue, else an exit code. */
static int take_number(const char *option, uint64_t align, bool *have, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(optarg, &end, 0);
	*have = !errno && end != optarg && !*end && *ret % align == 0;
	if (*have)
		return -1;
	fprintf(stderr, "vmstub: --%s: '%s' is not a %snumber\n", option, optarg,
		align > 1 ? "page-aligned " : "");
	return EXIT_USAGE;
}

/* The options that say where the kernel's files and memory are. Returns -1 to continue, -2 if it is
 * another option, else an exit code. */
static int take_kernel_option(int c, struct options *o)
{
	switch (c) {
	case 'v':
		o->kernel.vmlinux = optarg;
		return -1;
	case 'b':
		o->kernel.btf = optarg;
		return -1;
	case 'f':
	case 'F':
		o->kernel.fetch = c == 'f';
		o->kernel.no_debuginfod = c == 'F';
		return -1;
	case 'y':
		o->kernel.dump_only = strcmp(optarg, "dump") == 0;
		if (o->kernel.dump_only || strcmp(optarg, "full") == 0)
			return -1;
		fprintf(stderr, "vmstub: --symbols: '%s' is neither dump nor full\n", optarg);
		bad_usage();
		return EXIT_USAGE;
	case 'm':
		return vec_push(&o->module_dirs, optarg) ? -1 : EXIT_FAILED;
	case 'R':
		if (access(optarg, X_OK)) {
			fprintf(stderr, "vmstub: --sysroot: %s: %s\n", optarg, strerror(errno));
			return EXIT_FAILED;
		}
		o->kernel.sysroot = optarg;
		return -1;
	case 'C':
		o->kernel.source = optarg;
		return -1;
	case 'I':
		o->kernel.vmcoreinfo = optarg;
		return -1;
	case 'p':
		return take_number("phys-base", 4096, &o->kernel.have_phys_base,
				   &o->kernel.phys_base);
	case 'S':
		return take_number("slide", 4096, &o->kernel.have_slide, &o->kernel.slide);
	case 'r':
		return take_number("root", 4096, &o->kernel.have_root, &o->kernel.root);
	default:
		return -2;
	}
}

/* Returns -1 to continue, -2 if it is another option, else an exit code. */
static int take_log_level(int c)
{
	enum log_level level;

	if (c != 'l')
		return -2;
	if (log_level_parse(optarg, &level)) {
		fprintf(stderr, "vmstub: --log-level: '%s' is not error, warn, info or debug\n",
			optarg);
		return EXIT_USAGE;
	}
	log_set_level(level);
	return -1;
}

/* Returns -1 to continue, -2 if it is another option, else an exit code. */
static int take_ram_map(int c, struct options *o)
{
	struct err err;

	if (c != 'M')
		return -2;
	if (ram_map_parse(optarg, &o->open.ram_map, &err) == VS_OK)
		return -1;
	fprintf(stderr, "vmstub: --ram-map: %s\n", err.msg);
	return EXIT_USAGE;
}

/* Returns -1 to continue, else an exit code. */
static int take_option(int c, struct options *o)
{
	int code = take_kernel_option(c, o);

	if (code == -2)
		code = reports_take_option(c, optarg, &o->reports);
	if (code == -2)
		code = take_log_level(c);
	if (code == -2)
		code = take_ram_map(c, o);
	if (code != -2) {
		if (code == EXIT_USAGE)
			bad_usage();
		return code;
	}
	switch (c) {
	case 'x':
		o->exec = optarg;
		return -1;
	case 'L':
		o->listen = optarg;
		return -1;
	case 'O':
		o->once = true;
		return -1;
	case 'e':
		o->target.entry_first = true;
		return -1;
	case 'd':
		o->link_dir = optarg;
		return -1;
	case 't':
		o->target.all_tasks = strcmp(optarg, "tasks") == 0;
		if (o->target.all_tasks || strcmp(optarg, "cpus") == 0)
			return -1;
		fprintf(stderr, "vmstub: --threads: '%s' is neither cpus nor tasks\n", optarg);
		bad_usage();
		return EXIT_USAGE;
	case 'u':
		o->open.unpack = true;
		o->open.dir = optarg;
		return -1;
	case 'z':
		o->zero_excluded = true;
		return -1;
	case 'n':
		o->no_sandbox = true;
		return -1;
	case 's': // there is no banner to suppress
		return -1;
	case 'i':
		o->input = optarg;
		return -1;
	case 'h':
		usage(stdout);
		return 0;
	case 'V':
		puts("vmstub " VMSTUB_VERSION);
		return 0;
	default:
		bad_usage();
		return EXIT_USAGE;
	}
}

/* Is it only `help`, which needs no dump? */
static bool only_help(const char *lines)
{
	return lines && strncmp(lines, "help", 4) == 0 && (!lines[4] || lines[4] == ' ') &&
	       !strchr(lines, ';');
}

/* Is this an ELF program, so vmlinux and not a dump? */
static bool is_program(const char *path)
{
	uint8_t head[18];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && read(fd, head, sizeof(head)) == sizeof(head) &&
		  memcmp(head, ELFMAG, SELFMAG) == 0 &&
		  (load_u16(head + 16) == ET_EXEC || load_u16(head + 16) == ET_DYN);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Accepts crash's "vmlinux vmcore": if one of several files is a program, it is taken for
 * --vmlinux. Returns the number of other files. */
static int take_vmlinux(struct options *o, char **files, int n)
{
	int left = 0;

	for (int i = 0; i < n; i++) {
		if (n > 1 && !o->kernel.vmlinux && is_program(files[i]))
			o->kernel.vmlinux = files[i];
		else
			files[left++] = files[i];
	}
	return left;
}

/* Is a dump "-", although something else reads standard input, or nothing would? */
static bool takes_input(const struct options *o, char **files, int n)
{
	bool other = (o->exec && strcmp(o->exec, "-") == 0) ||
		     (o->input && strcmp(o->input, "-") == 0) || (!without_gdb(o) && !o->listen);

	for (int i = 0; i < n; i++)
		if (strcmp(files[i], "-") == 0 && (other || !o->open.unpack))
			return true;
	return false;
}

/* Do the options and files given go together? Returns -1, else an exit code. */
static int check_together(struct options *o, char **files, int n)
{
	if (reports_bad_usage(&o->reports, o->exec || o->input || o->listen)) {
		bad_usage();
		return EXIT_USAGE;
	}
	if (takes_input(o, files, n)) {
		fputs("vmstub: -: standard input is gdb's or that of --exec; use --exec 'VERB...', "
		      "--report or --listen, with --unpack\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (o->listen ? without_gdb(o) : o->once) {
		fputs(o->listen ? "vmstub: --listen: --exec and -i need no gdb\n"
				: "vmstub: --once: only useful with --listen\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (o->kernel.dump_only && (o->kernel.vmlinux || o->module_dirs.n || o->kernel.fetch)) {
		fputs("vmstub: --symbols=dump contradicts --vmlinux, --module-dir and "
		      "--debuginfod\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (o->kernel.fetch && !debuginfod_configured()) {
		fputs("vmstub: --debuginfod: DEBUGINFOD_URLS is not set\n", stderr);
		return EXIT_USAGE;
	}
	return -1;
}

/* Finds out who is at the other end of standard input. */
static void find_peer(struct options *o)
{
	o->kernel.gdb_pid = without_gdb(o) || o->listen ? 0 : peer_local_gdb(STDIN_FILENO);
	o->target.local_gdb = o->kernel.gdb_pid != 0;
	o->target.dap = peer_speaks_dap(o->kernel.gdb_pid);
	o->target.gdb_on_pipe = !without_gdb(o) && !o->listen &&
				(o->target.local_gdb ||
				 peer_behind_bar(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO));
	o->target.terminal = peer_terminal(o->kernel.gdb_pid);
}

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "vmlinux", required_argument, NULL, 'v' },
		{ "btf", required_argument, NULL, 'b' },
		{ "debuginfod", no_argument, NULL, 'f' },
		{ "no-debuginfod", no_argument, NULL, 'F' },
		{ "symbols", required_argument, NULL, 'y' },
		{ "module-dir", required_argument, NULL, 'm' },
		{ "sysroot", required_argument, NULL, 'R' },
		{ "source", required_argument, NULL, 'C' },
		{ "exec", required_argument, NULL, 'x' },
		{ "report", optional_argument, NULL, REPORTS_FORMAT },
		{ "timeout", required_argument, NULL, REPORTS_TIMEOUT },
		{ "listen", required_argument, NULL, 'L' },
		{ "once", no_argument, NULL, 'O' },
		{ "entry-image-first", no_argument, NULL, 'e' },
		{ "link-dir", required_argument, NULL, 'd' },
		{ "threads", required_argument, NULL, 't' },
		{ "unpack", optional_argument, NULL, 'u' },
		{ "zero-excluded", no_argument, NULL, 'z' },
		{ "no-sandbox", no_argument, NULL, 'n' },
		{ "vmcoreinfo", required_argument, NULL, 'I' },
		{ "phys-base", required_argument, NULL, 'p' },
		{ "slide", required_argument, NULL, 'S' },
		{ "root", required_argument, NULL, 'r' },
		{ "ram-map", required_argument, NULL, 'M' },
		{ "log-level", required_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int c, code;

	o->kernel.sysroot = getenv("VMSTUB_SYSROOT");
	while ((c = getopt_long(argc, argv, "si:j:", longs, NULL)) != -1) {
		code = take_option(c, o);
		if (code >= 0)
			return code;
	}
	if (optind == argc && (o->input || !only_help(o->exec))) {
		fputs("vmstub: no vmcore given\n", stderr);
		bad_usage();
		return EXIT_USAGE;
	}
	code = check_together(o, argv + optind, argc - optind);
	if (code >= 0)
		return code;
	// gdb waits for its first answer for two seconds only, so there it must be asked for.
	o->kernel.fetch |= (o->exec || o->input || o->listen) && debuginfod_configured() &&
			   !o->kernel.no_debuginfod && !o->kernel.dump_only;
	o->kernel.physical = !o->reports.format; // a report says that the dump is not readable
	o->kernel.module_dirs = o->module_dirs.v;
	o->kernel.nmodule_dirs = o->module_dirs.n;
	find_peer(o);
	return -1;
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
		code = without_gdb(o) ? exit_code(exec_run(t, o->input, o->exec)) : serve(t);
	vmtarget_destroy(t);
	return code;
}

static int run(struct options *o, char *const *paths, size_t n)
{
	struct dump *dump = NULL;
	struct kernel *k = NULL;
	const struct arch_ops *arch;
	int code = EXIT_FAILED;
	struct err err;
	vs_status st;

	// only gdb needs names of images
	o->target.links = without_gdb(o) ? NULL : linkdir_start(o->link_dir);
	st = open_dump(&o->open, (const char *const *)paths, n, &dump, &err);
	if (st == VS_OK && o->zero_excluded)
		dump_zero_excluded(dump);
	if (st == VS_OK)
		st = arch_of_dump(dump_info(dump), &arch, &err);
	if (st == VS_OK)
		st = kernel_open(dump, arch, &o->kernel, &k, &err);
	if (st) {
		log_error("%s", err.msg);
		if (o->target.local_gdb)
			take_first_packet();
	} else {
		// running tasks have no registers here, so only sleeping tasks are interesting
		o->target.all_tasks |= dump_info(dump)->live;
		fetch_files(o, k);
		code = o->listen ? listen_for_gdb(o, dump, &k) : serve_or_exec(o, k);
	}
	kernel_close(k);
	dump_close(dump);
	linkdir_end(o->target.links);
	if (o->target.terminal >= 0)
		close(o->target.terminal);
	return code;
}

int main(int argc, char **argv)
{
	struct options o = { .kernel = { 0 } };
	int code = parse(argc, argv, &o);

	if (code < 0 && optind == argc)
		code = exit_code(exec_run(NULL, NULL, o.exec));
	else if (code < 0 && o.reports.format) {
		o.reports.open = o.open;
		code = reports_run(&o.reports, &o.kernel, o.no_sandbox, argv + optind,
				   (size_t)take_vmlinux(&o, argv + optind, argc - optind));
	} else if (code < 0)
		code = run(&o, argv + optind,
			   (size_t)take_vmlinux(&o, argv + optind, argc - optind));
	vec_free(&o.module_dirs);
	return code;
}
