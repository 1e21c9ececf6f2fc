/* test_rsp_transcripts.c - plays tests/rsp/ *.rsp against the server with the target of fake.h.
 * A line of a transcript:
 *     # text        comment
 *     > data        a packet is sent, framed; its '+' is expected until QStartNoAckMode
 *     >long N       the same with N bytes of 'a'
 *     >raw bytes    these bytes are sent as they stand
 *     < data        a packet with this data is expected
 *     <~ data       a packet that begins with this data is expected
 *     <raw bytes    these bytes are expected
 *     target bare   the target offers nothing but threads
 * \xHH and \\ stand for bytes. At the end the server sees gdb close the connection, must return
 * VS_OK, must have sent nothing else and must have closed all files. */
#include <glob.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "stub/rsp/session.h"
#include "tests/rsp/fake.h"

/* last: it has a macro fail() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum expect_kind { EXPECT_RAW, EXPECT_PACKET, EXPECT_PREFIX };

struct expect {
	enum expect_kind kind;
	struct buf data;
	unsigned line;
};

struct script {
	const char *path;
	struct buf input;
	VEC(struct expect) expects;
	bool no_ack, bare;
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

static void script_expect(struct script *s, enum expect_kind kind, const char *text, unsigned line)
{
	struct expect e = { .kind = kind, .line = line };

	put_unescaped(&e.data, text);
	assert_true(vec_push(&s->expects, e));
}

static void script_send(struct script *s, const struct buf *data, unsigned line)
{
	put_frame(&s->input, data);
	if (!s->no_ack)
		script_expect(s, EXPECT_RAW, "+", line);
	if (strcmp(buf_str(data), "QStartNoAckMode") == 0)
		s->no_ack = true;
}

/* The text behind the keyword and one space, or NULL when the line is of another kind. */
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
		put_unescaped(&s->input, arg);
	} else if ((arg = after(text, ">long"))) {
		for (long n = strtol(arg, NULL, 0); n > 0; n--)
			buf_putc(&data, 'a');
		script_send(s, &data, line);
	} else if ((arg = after(text, ">"))) {
		put_unescaped(&data, arg);
		script_send(s, &data, line);
	} else if ((arg = after(text, "<raw"))) {
		script_expect(s, EXPECT_RAW, arg, line);
	} else if ((arg = after(text, "<~"))) {
		script_expect(s, EXPECT_PREFIX, arg, line);
		buf_putc(&s->input, '+');
	} else if ((arg = after(text, "<"))) {
		script_expect(s, EXPECT_PACKET, arg, line);
		buf_putc(&s->input, '+'); // without acknowledgements it is noise
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
	for (size_t i = 0; i < s->expects.n; i++)
		buf_deinit(&s->expects.v[i].data);
	vec_free(&s->expects);
	buf_deinit(&s->input);
}

/* Serve the input from a file into another; the server cannot tell. */
static void script_run(struct script *s, struct buf *output)
{
	struct fake fake = { 0 };
	struct rsp_target target = { .ops = s->bare ? &bare_ops : &fake_ops, .ctx = &fake };
	int in = memfd_create("in", 0), out = memfd_create("out", 0);
	struct err err = { 0 };
	char piece[4096];
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	assert_int_equal(write(in, s->input.p, s->input.len), s->input.len);
	lseek(in, 0, SEEK_SET);
	assert_int_equal(rsp_serve(&target, in, out, &err), VS_OK);
	assert_int_equal(fake.opened, fake.closed);
	lseek(out, 0, SEEK_SET);
	while ((n = read(out, piece, sizeof(piece))) > 0)
		buf_put(output, piece, (size_t)n);
	close(in);
	close(out);
}

/* Length of the frame at p with data[*len] inside, 0 when there is no whole one. */
static size_t frame_at(const char *p, size_t left, size_t *len)
{
	const char *hash = left && *p == '$' ? memchr(p, '#', left) : NULL;
	uint8_t sum = 0;
	char want[3];

	if (!hash || (size_t)(p + left - hash) < 3)
		return 0;
	for (const char *c = p + 1; c < hash; c++)
		sum = (uint8_t)(sum + (uint8_t)*c);
	snprintf(want, sizeof(want), "%02x", sum);
	if (memcmp(hash + 1, want, 2) != 0)
		return 0;
	*len = (size_t)(hash - p) - 1;
	return *len + 4;
}

/* Check one expectation at p. Returns the number of bytes it covers, 0 when it fails. */
static size_t expect_match(const struct expect *e, const char *p, size_t left)
{
	size_t len, whole;

	if (e->kind == EXPECT_RAW) {
		if (left < e->data.len || memcmp(p, e->data.p, e->data.len) != 0)
			return 0;
		return e->data.len;
	}
	whole = frame_at(p, left, &len);
	if (!whole || len < e->data.len || (e->kind == EXPECT_PACKET && len != e->data.len))
		return 0;
	return e->data.len == 0 || memcmp(p + 1, e->data.p, e->data.len) == 0 ? whole : 0;
}

static void test_transcript(void **state)
{
	struct script s = { .path = *state };
	struct buf output = { 0 };
	size_t at = 0, n;

	script_parse(&s);
	script_run(&s, &output);
	for (size_t i = 0; i < s.expects.n; i++) {
		const struct expect *e = &s.expects.v[i];

		n = expect_match(e, buf_str(&output) + at, output.len - at);
		if (!n)
			fail_msg("%s:%u: expected %s\ngot %.300s", s.path, e->line,
				 buf_str(&e->data), buf_str(&output) + at);
		at += n;
	}
	if (at != output.len)
		fail_msg("%s: more than expected: %.300s", s.path, buf_str(&output) + at);
	script_deinit(&s);
	buf_deinit(&output);
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
