// SPDX-License-Identifier: GPL-3.0-or-later
/* scripts.c - what the commands of vmstub.gdb and vmstub tell each other. */
#include "stub/gdb/scripts.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/monitor.h"

/* Takes the next word at *p, as gdb splits the arguments of a user-defined command: at blanks
 * outside quotes. False at the end. */
static bool next_word(const char **p, const char **word, size_t *len)
{
	const char *s = *p;
	char quote = 0;

	while (isspace((unsigned char)*s))
		s++;
	*word = s;
	for (; *s && (quote || !isspace((unsigned char)*s)); s++) {
		if (quote && *s == quote)
			quote = 0;
		else if (!quote && (*s == '"' || *s == '\''))
			quote = *s;
	}
	*len = (size_t)(s - *word);
	*p = s;
	return *len > 0;
}

/* Can only gdb evaluate it: $rsp, $5, $, $$2, $pc+8, &jiffies? */
static bool is_expression(const char *word, size_t len)
{
	char next = len > 1 ? word[1] : '\0';

	if (*word == '$')
		return len == 1 || next == '$' || next == '_' || isalnum((unsigned char)next);
	return *word == '&' && (next == '(' || next == '_' || isalpha((unsigned char)next));
}

static uint32_t wanted(const struct scripts *s, const char *line)
{
	const char *word;
	uint32_t mask = 0;
	size_t len;

	for (unsigned i = 0; i <= SCRIPTS_ARGS && next_word(&line, &word, &len); i++)
		if (i && is_expression(word, len) && !(s->have & 1u << i))
			mask |= 1u << i;
	return mask;
}

/* The line with the values that gdb has told. */
static void put_values(struct scripts *s, const char *line, struct buf *out)
{
	const char *word;
	size_t len;

	for (unsigned i = 0; next_word(&line, &word, &len); i++) {
		if (i)
			buf_putc(out, ' ');
		if (i <= SCRIPTS_ARGS && s->have & 1u << i && is_expression(word, len))
			buf_printf(out, "%#" PRIx64, s->value[i]);
		else
			buf_put(out, word, len);
	}
	s->have = 0;
}

/* "vmstub-value N VALUE" */
static bool take_value(struct scripts *s, const char *line)
{
	unsigned i;
	uint64_t v;

	if (sscanf(line, "vmstub-value %u %" SCNx64, &i, &v) != 2)
		return false;
	if (i && i <= SCRIPTS_ARGS) {
		s->value[i] = v;
		s->have |= 1u << i;
	}
	return true;
}

/* What a script shall do with the part for a shell; 0: there is none. */
static uint32_t shell_part(const char *line)
{
	static const uint32_t answers[] = { [SHELL_NONE] = 0,
					    [SHELL_PIPE] = SCRIPTS_PIPE,
					    [SHELL_FILE] = SCRIPTS_FILE,
					    [SHELL_FILE_JOINED] = SCRIPTS_FILE_JOINED };

	return answers[monitor_shell(line)];
}

/* "vmstub-bt ARGUMENT..." */
static vs_status backtrace(struct monitor *m, const char *arguments, uint32_t *answer,
			   struct buf *out, struct err *err)
{
	AUTO(buf) line = { 0 };
	bool number;

	buf_printf(&line, "kbt %s", arguments);
	*answer = shell_part(buf_str(&line));
	if (*answer)
		return VS_OK;
	if (!monitor_is_kbt(m, arguments, &number))
		return monitor_run(m, "set -l", out, err);
	*answer = SCRIPTS_DONE;
	while (isspace((unsigned char)*arguments))
		arguments++;
	if (number)
		buf_printf(out,
			   "(this is PID %s; to limit the number of frames, type backtrace %s)\n",
			   arguments, arguments);
	return line.oom ? fail(err, VS_NOMEM, "out of memory")
			: monitor_run(m, buf_str(&line), out, err);
}

vs_status scripts_run(struct scripts *s, struct monitor *m, const char *line, bool may_ask,
		      uint32_t *answer, struct buf *out, struct err *err)
{
	static const char bt[] = "vmstub-bt ";
	AUTO(buf) with_values = { 0 };

	*answer = 0;
	if (take_value(s, line))
		return VS_OK;
	if (strncmp(line, bt, sizeof(bt) - 1) == 0)
		return backtrace(m, line + sizeof(bt) - 1, answer, out, err);
	if (may_ask && ((*answer = shell_part(line)) || (*answer = wanted(s, line))))
		return VS_OK;
	if (!may_ask || !s->have) {
		s->have = 0;
		return monitor_run(m, line, out, err);
	}
	put_values(s, line, &with_values);
	return with_values.oom ? fail(err, VS_NOMEM, "out of memory")
			       : monitor_run(m, buf_str(&with_values), out, err);
}
