// SPDX-License-Identifier: GPL-3.0-or-later
/* options.c - reads the command line. */
#include "stub/options.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/bytes.h"
#include "stub/base/debuginfod.h"
#include "stub/base/log.h"
#include "stub/base/peer.h"
#include "stub/usage.h"

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
		o->kernel.no_vmlinux = strcmp(optarg, "none") == 0;
		o->kernel.vmlinux = o->kernel.no_vmlinux ? NULL : optarg;
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
		o->kernel.full = strcmp(optarg, "full") == 0;
		if (o->kernel.dump_only || o->kernel.full)
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
		code = gcore_take_option(c, optarg, &o->gcore);
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
	case 'g':
		o->no_pager = true;
		return -1;
	case 'c':
		o->no_rc = true;
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

int options_take_vmlinux(struct options *o, char **files, int n)
{
	int left = 0;

	for (int i = 0; i < n; i++) {
		if (n > 1 && !o->kernel.vmlinux && !o->kernel.no_vmlinux && is_program(files[i]))
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
		     (o->input && strcmp(o->input, "-") == 0) ||
		     (!options_without_gdb(o) && !o->listen);

	for (int i = 0; i < n; i++)
		if (strcmp(files[i], "-") == 0 && (other || !o->open.unpack))
			return true;
	return false;
}

/* Do the options and files given go together? Returns -1, else an exit code. */
static int check_together(struct options *o, char **files, int n)
{
	bool other = o->exec || o->input || o->listen;

	if (reports_bad_usage(&o->reports, other || o->gcore.wanted) ||
	    gcore_bad_usage(&o->gcore, other)) {
		bad_usage();
		return EXIT_USAGE;
	}
	if (takes_input(o, files, n)) {
		fputs("vmstub: -: standard input is gdb's or that of --exec; use --exec 'VERB...', "
		      "--report or --listen, with --unpack\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (o->listen ? options_without_gdb(o) : o->once) {
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

/* Finds ~/.vmstubrc. One in the current folder, as crash reads it, too, may be anybody's. */
static void find_rc(struct options *o)
{
	const char *home = getenv("HOME");

	if (o->no_rc || !(o->exec || o->input) || !home || !*home)
		return;
	if (asprintf(&o->rc, "%s/.vmstubrc", home) < 0)
		o->rc = NULL;
	if (o->rc && access(o->rc, R_OK)) {
		free(o->rc);
		o->rc = NULL;
	}
}

/* Finds out who is at the other end of standard input. */
static void find_peer(struct options *o)
{
	o->kernel.gdb_pid = options_without_gdb(o) || o->listen ? 0 : peer_local_gdb(STDIN_FILENO);
	o->target.local_gdb = o->kernel.gdb_pid != 0;
	o->target.front_end = peer_front_end(o->kernel.gdb_pid);
	o->target.gdb_on_pipe = !options_without_gdb(o) && !o->listen &&
				(o->target.local_gdb ||
				 peer_behind_bar(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO));
	o->target.terminal = peer_terminal(o->kernel.gdb_pid);
}

int options_parse(int argc, char **argv, struct options *o)
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
		{ "no-pager", no_argument, NULL, 'g' },
		{ "no-rc", no_argument, NULL, 'c' },
		{ "report", optional_argument, NULL, REPORTS_FORMAT },
		{ "gcore", required_argument, NULL, GCORE_PID },
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
	while ((c = getopt_long(argc, argv, "si:j:o:", longs, NULL)) != -1) {
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
	// With a gdb that has started vmstub, whoever waits for a download must have asked for it.
	o->kernel.fetch |= (o->exec || o->input || o->listen) && debuginfod_configured() &&
			   !o->kernel.no_debuginfod && !o->kernel.dump_only;
	o->kernel.physical = !o->reports.format; // a report says that the dump is not readable
	o->kernel.module_dirs = o->module_dirs.v;
	o->kernel.nmodule_dirs = o->module_dirs.n;
	find_rc(o);
	find_peer(o);
	return -1;
}

void options_deinit(struct options *o)
{
	free(o->rc);
	if (o->terminal)
		fclose(o->terminal);
	vec_free(&o->module_dirs);
}
