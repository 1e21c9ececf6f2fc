// SPDX-License-Identifier: GPL-3.0-or-later
/* test_rsp_transcripts.c - plays tests/rsp/ *.rsp against the server with the target of fake.h.
 * A line of a transcript:
 *     # text        comment
 *     > data        send this as a packet, and expect its '+'
 *     >long N       the same with N bytes of 'a'
 *     >raw bytes    send exactly these bytes
 *     < data        expect a packet with this data, and acknowledge it
 *     <~ data       expect a packet that begins with this data, and acknowledge it
 *     <noack data   like <, without the '+'
 *     <raw bytes    expect exactly these bytes
 *     target bare   the target only has threads
 * \xHH and \\ stand for bytes. A line is only sent once all expected data before it has come. At
 * the end, gdb closes the connection; the server must return VS_OK, must not have sent anything
 * else and must have closed all files. */
#include <glob.h>
#include <stdio.h>

#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "tests/rsp/fake.h"
#include "tests/unit/rspfix.h"

/* last: it has a macro fail() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum step_kind { STEP_SEND, EXPECT_RAW, EXPECT_PACKET, EXPECT_PREFIX };

struct step {
	enum step_kind kind;
	bool ack;
	struct buf data;
	unsigned line;
};

struct script {
	const char *path;
	VEC(struct step) steps;
	bool bare;
};

static const struct rsp_ops fake_ops = { FAKE_OPS_INIT };
static const struct rsp_ops bare_ops = {
	.stop_thread = fake_stop_thread,
	.thread_alive = fake_thread_alive,
	.thread_next = fake_thread_next,
};

static void put_unescaped(struct buf *out, const char *s)
{
	unsigned c;

	while (*s) {
		if (strncmp(s, "\\\\", 2) == 0) {
			buf_putc(out, '\\');
			s += 2;
		} else if (sscanf(s, "\\x%2x", &c) == 1) {
			buf_putc(out, (char)c);
			s += 4;
		} else {
			buf_putc(out, *s++);
		}
	}
}

static void put_frame(struct buf *out, const struct buf *data)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < data->len; i++)
		sum = (uint8_t)(sum + (uint8_t)data->p[i]);
	buf_putc(out, '$');
	buf_put(out, data->p, data->len);
	buf_printf(out, "#%02x", sum);
}

static struct buf *script_add(struct script *s, enum step_kind kind, bool ack, unsigned line)
{
	struct step one = { .kind = kind, .ack = ack, .line = line };

	assert_true(vec_push(&s->steps, one));
	return &s->steps.v[s->steps.n - 1].data;
}

static void script_send(struct script *s, const struct buf *data, unsigned line)
{
	put_frame(script_add(s, STEP_SEND, false, line), data);
	buf_putc(script_add(s, EXPECT_RAW, false, line), '+');
}

/* Returns the text after the keyword and one space, or NULL if the line has another keyword. */
static const char *after(const char *text, const char *keyword)
{
	size_t n = strlen(keyword);

	if (strncmp(text, keyword, n) != 0 || (text[n] && text[n] != ' '))
		return NULL;
	return text[n] ? text + n + 1 : text + n;
}

static void script_line(struct script *s, const char *text, unsigned line)
{
	AUTO(buf) data = { 0 };
	const char *arg;

	if (!*text || *text == '#')
		return;
	if ((arg = after(text, ">raw"))) {
		put_unescaped(script_add(s, STEP_SEND, false, line), arg);
	} else if ((arg = after(text, ">long"))) {
		for (long n = strtol(arg, NULL, 0); n > 0; n--)
			buf_putc(&data, 'a');
		script_send(s, &data, line);
	} else if ((arg = after(text, ">"))) {
		put_unescaped(&data, arg);
		script_send(s, &data, line);
	} else if ((arg = after(text, "<raw"))) {
		put_unescaped(script_add(s, EXPECT_RAW, false, line), arg);
	} else if ((arg = after(text, "<~"))) {
		put_unescaped(script_add(s, EXPECT_PREFIX, true, line), arg);
	} else if ((arg = after(text, "<noack"))) {
		put_unescaped(script_add(s, EXPECT_PACKET, false, line), arg);
	} else if ((arg = after(text, "<"))) {
		put_unescaped(script_add(s, EXPECT_PACKET, true, line), arg);
	} else if (strcmp(text, "target bare") == 0) {
		s->bare = true;
	} else {
		fail_msg("%s:%u: no such line: %s", s->path, line, text);
	}
}

static void script_parse(struct script *s)
{
	FILE *f = fopen(s->path, "r");
	char *text = NULL;
	unsigned line = 0;
	size_t cap = 0;
	ssize_t n;

	assert_non_null(f);
	while ((n = getline(&text, &cap, f)) >= 0) {
		if (n && text[n - 1] == '\n')
			text[n - 1] = '\0';
		script_line(s, text, ++line);
	}
	free(text);
	fclose(f);
}

static void script_deinit(struct script *s)
{
	for (size_t i = 0; i < s->steps.n; i++)
		buf_deinit(&s->steps.v[i].data);
	vec_free(&s->steps);
}

/* Runs one step. got: the data that came. */
static bool step_run(const struct step *e, struct peer *gdb, struct buf *got)
{
	int c;

	buf_reset(got);
	if (e->kind == STEP_SEND)
		return peer_put(gdb, e->data.p, e->data.len);
	if (e->kind == EXPECT_RAW) {
		while (got->len < e->data.len && (c = peer_byte(gdb, PEER_WAIT_MS)) >= 0)
			buf_putc(got, (char)c);
	} else if (!peer_packet(gdb, got)) {
		return false;
	}
	if (e->ack && !peer_put(gdb, "+", 1))
		return false;
	if (got->len < e->data.len || (e->kind != EXPECT_PREFIX && got->len != e->data.len))
		return false;
	return e->data.len == 0 || memcmp(got->p, e->data.p, e->data.len) == 0;
}

static void test_transcript(void **state)
{
	struct script s = { .path = *state };
	AUTO(buf) got = { 0 };
	struct fake fake = { 0 };
	struct rsp_target target = { .ctx = &fake };
	struct peer gdb;

	script_parse(&s);
	target.ops = s.bare ? &bare_ops : &fake_ops;
	assert_true(peer_start(&gdb, &target));
	for (size_t i = 0; i < s.steps.n; i++)
		if (!step_run(&s.steps.v[i], &gdb, &got))
			fail_msg("%s:%u: expected %s\ngot %.300s", s.path, s.steps.v[i].line,
				 buf_str(&s.steps.v[i].data), buf_str(&got));
	assert_int_equal(peer_end(&gdb), VS_OK);
	assert_int_equal(fake.opened, fake.closed);
	if (peer_byte(&gdb, 0) >= 0)
		fail_msg("%s: more than expected came", s.path);
	close(gdb.fd);
	script_deinit(&s);
}

int main(void)
{
	struct CMUnitTest tests[128] = { 0 };
	glob_t files = { 0 };
	int failed;

	if (glob("tests/rsp/*.rsp", 0, NULL, &files) || files.gl_pathc > 128) {
		fprintf(stderr, "no tests/rsp/*.rsp here (or more than 128)\n");
		return 1;
	}
	for (size_t i = 0; i < files.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){ .name = files.gl_pathv[i],
						.test_func = test_transcript,
						.initial_state = files.gl_pathv[i] };
	failed = _cmocka_run_group_tests("rsp transcripts", tests, files.gl_pathc, NULL, NULL);
	globfree(&files);
	return failed;
}
