// SPDX-License-Identifier: GPL-3.0-or-later
/* shell.c - the part of a line that crash gives to a shell. */
#include "stub/monitor/shell.h"

#include <ctype.h>
#include <string.h>

#include "stub/monitor/cmd.h"

bool shell_take_quote(char c, char *quote)
{
	if (*quote ? c != *quote : c != '"' && c != '\'')
		return false;
	*quote = *quote ? 0 : c;
	return true;
}

const char *shell_part(const char *line)
{
	char quote = 0;

	for (const char *p = line; *p; p++)
		if (!shell_take_quote(*p, &quote) && !quote && p > line &&
		    (*p == '|' || (*p == '>' && p[-1] != '-')))
			return p;
	return NULL;
}

vs_status shell_refuse(const char *line, const char *at, struct err *err)
{
	int n;

	while (isspace((unsigned char)*line))
		line++;
	n = (int)(at - line);
	while (n && isspace((unsigned char)line[n - 1]))
		n--;
	return fail(err, VS_INVAL,
		    "in gdb, type \"pipe %.*s %s%s\"; in a shell, vmstub --exec '%.*s' VMCORE %s%s",
		    n, line, *at == '>' ? "| cat " : "", at, n, line, at,
		    isspace((unsigned char)at[-1]) ? "" : "; as part of an argument, quote it");
}

/* What the '>' at p stands for, if a file's name and nothing else follows it. */
static enum monitor_shell shell_file(const char *line, const char *p)
{
	bool joined;
	size_t n;

	if (p == line || !isspace((unsigned char)p[-1]))
		return SHELL_NONE;
	p += strspn(p, ">") == 2 ? 2 : 1;
	joined = !isspace((unsigned char)*p);
	p += strspn(p, " \t");
	n = strcspn(p, " \t\n|>&;");
	return n && !p[n + strspn(p + n, " \t\n")] ? joined ? SHELL_FILE_JOINED : SHELL_FILE
						   : SHELL_NONE;
}

enum monitor_shell monitor_shell(const char *line)
{
	const char *at = shell_part(line);
	const char *word = line + strspn(line, " \t");
	char name[32];
	size_t n = strcspn(word, " \t|>");
	const struct cmd *cmd;

	if (!at || n >= sizeof(name))
		return SHELL_NONE;
	memcpy(name, word, n);
	name[n] = '\0';
	cmd = cmd_find(name);
	if (!cmd || cmd->operators)
		return SHELL_NONE;
	if (*at == '|') // gdb's pipe does not know quotes
		return strchr(line, '|') == at ? SHELL_PIPE : SHELL_NONE;
	return shell_file(line, at);
}
