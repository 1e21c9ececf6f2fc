// SPDX-License-Identifier: GPL-3.0-or-later
/* options.c - splits the words after a verb into the options that its table declares, and operands.
 */
#include <limits.h>
#include <string.h>

#include "stub/monitor/cmd.h"

static const struct cmd_opt *find_letter(const struct cmd *c, char letter)
{
	for (const struct cmd_opt *o = c->options; o && o->name; o++)
		if (o->name[0] == letter && !o->name[1])
			return o;
	return NULL;
}

static bool is_word(const char *name, const char *word, size_t n)
{
	return name && strlen(name) == n && strncmp(name, word, n) == 0;
}

/* By the whole word behind the first '-'; the argument of one with two may follow a '='. */
static const struct cmd_opt *find_word(const struct cmd *c, const char *word)
{
	size_t n = *word == '-' ? strcspn(word, "=") : strlen(word);

	for (const struct cmd_opt *o = c->options; o && o->name; o++)
		if (is_word(o->name, word, n) || is_word(o->word, word, n))
			return o;
	return NULL;
}

static vs_status give(struct args *a, const struct cmd_opt *o, const char *arg, struct err *err)
{
	if (!vec_push(&a->given, ((struct cmd_given){ o, arg })))
		return fail(err, VS_NOMEM, "out of memory");
	return VS_OK;
}

/* Takes the option letters of words[*i]; the last one may take the next word as its argument. */
static vs_status take_letters(const struct cmd *c, struct args *a, char *const *words, int *i,
			      int n, struct err *err)
{
	vs_status st = VS_OK;

	for (const char *p = words[*i] + 1; st == VS_OK && *p; p++) {
		const struct cmd_opt *o = find_letter(c, *p);
		const char *arg = NULL;

		if (!o && *p == '-')
			return fail(err, VS_INVAL, "unknown option %s; see \"help %s\"", words[*i],
				    c->name);
		if (!o)
			return fail(err, VS_INVAL, "unknown option -%c; see \"help %s\"", *p,
				    c->name);
		if (o->arg) {
			arg = p[1] ? p + 1 : *i + 1 < n ? words[++*i] : NULL;
			if (!arg)
				return fail(err, VS_INVAL, "option -%c needs an argument: %s", *p,
					    o->arg);
		}
		st = give(a, o, arg, err);
		if (arg)
			break;
	}
	return st;
}

/* An option with a longer name is a whole word. Its argument follows a '=', or is the next word. */
static vs_status take_word(const struct cmd *c, struct args *a, char *const *words, int *i, int n,
			   struct err *err)
{
	const char *name = words[*i] + 1, *arg = strchr(name, '=');
	const struct cmd_opt *o = find_word(c, name);

	if (!o || !name[1])
		return take_letters(c, a, words, i, n, err);
	if (arg && !o->arg)
		return fail(err, VS_INVAL, "option -%s takes no argument", o->name);
	if (arg)
		arg++;
	else if (o->arg && !(arg = *i + 1 < n ? words[++*i] : NULL))
		return fail(err, VS_INVAL, "option -%s needs an argument: %s", o->name, o->arg);
	return give(a, o, arg, err);
}

/* --json is an option of all verbs that print tables, also behind the operands of a verbatim verb,
 * because foreach passes it on. Removes it from words. */
static bool take_json(const struct cmd *c, char **words, int *n)
{
	int kept = 0, end = 0;

	if (c->verbatim && !c->json)
		end = *n && strcmp(words[0], "--json") == 0;
	else
		while (end < *n && strcmp(words[end], "--") != 0)
			end++;
	for (int i = 0; i < *n; i++)
		if (i >= end || strcmp(words[i], "--json") != 0)
			words[kept++] = words[i];
	end = *n;
	*n = kept;
	return kept < end;
}

static vs_status check_json(const struct cmd *c, const struct args *a, struct err *err)
{
	if (!a->json)
		return VS_OK;
	if (!c->json)
		return fail(err, VS_INVAL, "--json: not a table");
	for (size_t i = 0; i < a->given.n; i++)
		if (a->given.v[i].opt->plain)
			return fail(err, VS_INVAL, "-%s with --json: not a table",
				    a->given.v[i].opt->name);
#ifdef HAVE_JANSSON
	return VS_OK;
#else
	return fail(err, VS_UNSUPPORTED, "--json: built without jansson");
#endif
}

/* Checks the number of operands against the last option that declares one, else the verb. */
static vs_status count_operands(const struct cmd *c, const struct args *a, struct err *err)
{
	struct operands want = c->operands;

	for (size_t i = 0; i < a->given.n; i++)
		if (a->given.v[i].opt->operands.set)
			want = a->given.v[i].opt->operands;
	if (a->argc > want.max)
		return fail(err, VS_INVAL, "unexpected argument %s; see \"help %s\"",
			    a->argv[want.max], c->name);
	if (a->argc < want.min)
		return fail(err, VS_INVAL, "an argument is missing; see \"help %s\"", c->name);
	return VS_OK;
}

vs_status cmd_parse(const struct cmd *c, struct args *a, struct err *err)
{
	char **words = a->argv;
	int n = a->argc, i = 0;
	vs_status st = VS_OK;

	a->json |= take_json(c, words, &n);
	a->argc = 0; // operands move down over the options
	for (; st == VS_OK && i < n && (c->verbatim || strcmp(words[i], "--") != 0); i++) {
		bool is_option = words[i][0] == '-' && words[i][1];

		if (c->verbatim && !(is_option && find_word(c, words[i] + 1)))
			break;
		if (is_option)
			st = take_word(c, a, words, &i, n, err);
		else
			words[a->argc++] = words[i];
	}
	if (!c->verbatim && i < n)
		i++; // "--"
	while (i < n)
		words[a->argc++] = words[i++];
	words[a->argc] = NULL;
	if (st == VS_OK)
		st = check_json(c, a, err);
	return st ? st : count_operands(c, a, err);
}

unsigned cmd_has(const struct args *a, const char *name)
{
	unsigned n = 0;

	for (size_t i = 0; i < a->given.n; i++)
		n += strcmp(a->given.v[i].opt->name, name) == 0;
	return n;
}

const char *cmd_value(const struct args *a, const char *name)
{
	for (size_t i = a->given.n; i; i--)
		if (strcmp(a->given.v[i - 1].opt->name, name) == 0)
			return a->given.v[i - 1].arg;
	return NULL;
}

char cmd_last(const struct args *a, const char *letters)
{
	for (size_t i = a->given.n; i; i--)
		if (strchr(letters, a->given.v[i - 1].opt->name[0]))
			return a->given.v[i - 1].opt->name[0];
	return 0;
}

vs_status cmd_one_of(const struct args *a, const char *letters, char *ret, struct err *err)
{
	*ret = 0;
	for (size_t i = 0; i < a->given.n; i++) {
		char letter = a->given.v[i].opt->name[0];

		if (!strchr(letters, letter))
			continue;
		if (*ret && *ret != letter)
			return fail(err, VS_INVAL, "-%c and -%c cannot be combined", *ret, letter);
		*ret = letter;
	}
	return VS_OK;
}
