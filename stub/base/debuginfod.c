// SPDX-License-Identifier: GPL-3.0-or-later
/* debuginfod.c - debug files by build-id, through elfutils' client.
 * The library is loaded when it is first used, since it brings libcurl with it; where it is
 * missing, and in a static vmstub, which cannot load libraries that another C library was built
 * for, the program debuginfod-find does the same. */
#include "stub/base/debuginfod.h"

#ifndef VMSTUB_STATIC
#include <dlfcn.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stub/base/log.h"

#define MAX_ID 64

/* What vmstub calls of elfutils' debuginfod.h, whose ABI is fixed by the library's version 1. */
struct client;
struct library {
	void *handle;
	struct client *(*begin)(void);
	int (*find)(struct client *, const unsigned char *id, int len, char **path);
	void (*on_progress)(struct client *, int (*fn)(struct client *, long a, long b));
	void (*end)(struct client *);
};

bool debuginfod_configured(void)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	return urls && *urls;
}

static void hex_of(const uint8_t *id, size_t len, char hex[2 * MAX_ID + 1])
{
	for (size_t i = 0; i < len && i < MAX_ID; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
}

bool debuginfod_cached(const uint8_t *id, size_t len, char path[DEBUGINFOD_PATH_MAX])
{
	const char *dir = getenv("DEBUGINFOD_CACHE_PATH"), *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME"), *between = "";
	char hex[2 * MAX_ID + 1] = "";
	struct stat sb;

	path[0] = '\0';
	if (len == 0 || len > MAX_ID)
		return false;
	if (!dir || !*dir) {
		dir = xdg && *xdg ? xdg : home;
		between = xdg && *xdg ? "/debuginfod_client" : "/.cache/debuginfod_client";
	}
	if (!dir)
		return false;
	hex_of(id, len, hex);
	snprintf(path, DEBUGINFOD_PATH_MAX, "%s%s/%s/debuginfo", dir, between, hex);
	// An empty file is the client's note that no server had it.
	return stat(path, &sb) == 0 && sb.st_size > 0;
}

static int show_progress(struct client *c, long done, long all)
{
	(void)c;
	if (all > 0)
		fprintf(stderr, "\r%ld of %ld MB ", done >> 20, all >> 20);
	return 0;
}

#ifdef VMSTUB_STATIC
static bool library_open(struct library *l)
{
	(void)l;
	return false;
}
#else
static bool library_open(struct library *l)
{
	l->handle = dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!l->handle)
		return false;
	*(void **)&l->begin = dlsym(l->handle, "debuginfod_begin");
	*(void **)&l->find = dlsym(l->handle, "debuginfod_find_debuginfo");
	*(void **)&l->on_progress = dlsym(l->handle, "debuginfod_set_progressfn");
	*(void **)&l->end = dlsym(l->handle, "debuginfod_end");
	if (l->begin && l->find && l->on_progress && l->end)
		return true;
	dlclose(l->handle);
	return false;
}
#endif

/* Returns a malloced path, or NULL. The library stays loaded: libcurl does not like to go. */
static char *find_by_library(const struct library *l, const uint8_t *id, size_t len)
{
	struct client *c = l->begin();
	char *path = NULL;
	int fd;

	if (!c)
		return NULL;
	if (isatty(STDERR_FILENO))
		l->on_progress(c, show_progress);
	fd = l->find(c, id, (int)len, &path);
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	l->end(c);
	if (fd < 0) {
		free(path);
		return NULL;
	}
	close(fd);
	return path;
}

static char *find_by_program(const char *hex)
{
	char command[2 * MAX_ID + 64], line[DEBUGINFOD_PATH_MAX] = "";
	FILE *f;

	snprintf(command, sizeof(command), "exec debuginfod-find debuginfo %s 2>/dev/null", hex);
	f = popen(command, "re");
	if (!f)
		return NULL;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return pclose(f) == 0 && line[0] == '/' ? strdup(line) : NULL;
}

vs_status debuginfod_fetch(const uint8_t *id, size_t len, const char *what,
			   char path[DEBUGINFOD_PATH_MAX], struct err *err)
{
	char hex[2 * MAX_ID + 1] = "";
	struct library l;
	char *found;

	if (len == 0 || len > MAX_ID)
		return fail(err, VS_NOTFOUND, "debuginfod: the build-id of %s is not known", what);
	hex_of(id, len, hex);
	// For a while the client remembers what no server had; then there is no wait to explain.
	debuginfod_cached(id, len, path);
	log_msg(access(path, F_OK) == 0 ? LOG_INFO : LOG_WARN,
		"debuginfod: looking for %s (build-id %s)", what, hex);
	found = library_open(&l) ? find_by_library(&l, id, len) : find_by_program(hex);
	if (!found)
		return fail(err, VS_NOTFOUND, "debuginfod: no server has %s (build-id %s)", what,
			    hex);
	snprintf(path, DEBUGINFOD_PATH_MAX, "%s", found);
	free(found);
	return VS_OK;
}
