/*
 * POST /calls: lines are written to a control file, and the replies are the answer. Nothing waits:
 * a call that blocks or stops stays in flight. Many lines are run in parts, so that other clients
 * are answered in between. A line "echo TEXT > PATH" of a transcript writes to a file of the tree,
 * as it does in a scenario.
 */
#include "http/json.h"
#include "http/waiting_request.h"
#include "lab.h"
#include "number.h"
#include "spare.h"
#include "turns.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>

#define REPLY_CHUNK 65536

/* A control file, the request with the lines, and the replies so far. */
struct talk {
	struct waiting_request waiting; /* the first member */
	struct turn_work work;
	struct lab_file file;
	bool json;
	bool first; /* there is no reply yet */
	struct evbuffer *replies;
	struct evbuffer *line; /* the replies to one line */
};

/* ---- replies ---- */

/* The name of the error that a reply states, or 0 bytes. */
static size_t error_name(const char *reply, size_t len, const char **name)
{
	const char *result = fdl_stated_result(reply, len);
	size_t n = 0, left = result ? len - (size_t)(result - reply) : 0;

	if (left < 4 || memcmp(result, "-1 E", 4) != 0)
		return 0;
	*name = result + 3;
	while (n < left - 3 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", (*name)[n]))
		n++;
	return n;
}

/* "2 +++ exited with 0 +++" has no result either, and is no call. */
static bool is_in_flight(const char *reply, size_t len)
{
	const char *at = reply, *end = reply + len;

	while (at < end && ((*at >= '0' && *at <= '9') || *at == ' '))
		at++;
	return at < end && *at != '+' && !fdl_stated_result(reply, len);
}

/* A reply, or none ("") to a line that has none; error is that of the line, 0 or negative. */
static void put_reply(struct talk *t, const char *reply, size_t len, ssize_t error)
{
	const bool complaint = !len || *reply == '#';
	const char *name = complaint && error < 0 ? fdl_errname((int)-error) : NULL;
	size_t name_len = name ? strlen(name) : 0;

	if (!complaint)
		name_len = error_name(reply, len, &name);
	evbuffer_add_printf(t->replies, "%s{\"text\": ", t->first ? "" : ",\n");
	json_put_string(t->replies, reply, len);
	evbuffer_add_printf(t->replies, ", \"error\": ");
	if (name_len)
		json_put_string(t->replies, name, name_len);
	else
		evbuffer_add_printf(t->replies, "null");
	evbuffer_add_printf(t->replies, ", \"in_flight\": %s}",
			    !complaint && is_in_flight(reply, len) ? "true" : "false");
	t->first = false;
}

static void put_replies(struct talk *t, ssize_t error)
{
	size_t len;
	char *reply;

	if (!t->json) {
		evbuffer_add_buffer(t->replies, t->line);
		return;
	}
	if (!evbuffer_get_length(t->line))
		put_reply(t, "", 0, error);
	while ((reply = evbuffer_readln(t->line, &len, EVBUFFER_EOL_LF)) != NULL) {
		put_reply(t, reply, len, error);
		spare_free(reply);
	}
}

/* Takes the replies that are there. */
static void read_replies(struct talk *t)
{
	char *buf = malloc(REPLY_CHUNK);
	ssize_t n;

	while (buf && (n = fdl_read(t->file.handle, buf, REPLY_CHUNK, 0, O_NONBLOCK)) > 0)
		evbuffer_add(t->line, buf, (size_t)n);
	free(buf);
}

/* ---- lines ---- */

/* Writes the text of "echo TEXT > PATH" to its file. 0 or a negative errno. */
static ssize_t run_echo(struct talk *t, char *line)
{
	struct fdl_machine *m = lab_machine(t->file.lab);
	struct lab_file file;
	char *text = line, *path;
	ssize_t n = -EINVAL;
	size_t len;
	fdl_ino ino;

	path = fdl_split_echo(line, &text, &len);
	if (path) {
		n = fdl_walk(m, path, &ino);
		if (!n)
			n = lab_open(t->file.lab, ino, O_WRONLY, &file);
		if (!n) {
			n = lab_write(&file, text, len, O_NONBLOCK, NULL, NULL);
			lab_close(&file);
		}
	}
	if (n < 0 && path)
		evbuffer_add_printf(t->line, "# echo %.*s > %s: %s\n", (int)len - 1, text, path,
				    strerror((int)-n));
	else if (n < 0)
		evbuffer_add_printf(t->line, "# %s: %s\n", line, strerror((int)-n));
	return n < 0 ? n : 0;
}

/*
 * Runs a line, which may be changed. 0, or the error after which no other line is taken: the
 * journal's.
 */
static int run_line(struct talk *t, char *line, size_t len)
{
	static const char echo[] = "echo ";
	const struct journal *journal = lab_its_journal(t->file.lab);
	const size_t blanks = strspn(line, " \t\r");
	ssize_t n;

	line += blanks;
	len -= blanks;
	if (!*line || *line == '#')
		return 0;
	if (!strncmp(line, echo, strlen(echo))) {
		n = run_echo(t, line);
	} else {
		n = lab_write(&t->file, line, len, O_NONBLOCK, NULL, NULL);
		read_replies(t);
		if (n < 0 && !evbuffer_get_length(t->line))
			evbuffer_add_printf(t->line, "# %s\n",
					    n == -E2BIG ? "the line is too long"
							: strerror((int)-n));
	}
	put_replies(t, n);
	return n < 0 && journal && journal_why(journal) ? (int)n : 0;
}

/* Runs the rest of a body: a line without an end, if there was memory for those before it. */
static int run_last_line(struct talk *t, struct evbuffer *body)
{
	const size_t len = evbuffer_get_length(body);
	const char *rest = (const char *)evbuffer_pullup(body, -1);
	char *line;
	int error;

	if (!len)
		return 0;
	if (!rest || memchr(rest, '\n', len))
		return -ENOMEM;
	line = strndup(rest, len);
	error = line ? run_line(t, line, len) : -ENOMEM;
	free(line);
	return error;
}

static struct evbuffer *body_of(const struct talk *t)
{
	return evhttp_request_get_input_buffer(t->waiting.request.http);
}

/*
 * Runs a part of the lines. 0; 1: there are more; the error of the journal, or -ENOMEM: no more
 * lines were run.
 */
static int run_lines(struct talk *t)
{
	const int64_t end = turns_now() + TURN_NS;
	struct evbuffer *body = body_of(t);
	size_t len;
	char *line;
	int error = 0;

	while (!error && (line = evbuffer_readln(body, &len, EVBUFFER_EOL_LF)) != NULL) {
		error = run_line(t, line, len);
		spare_free(line);
		if (!error && evbuffer_get_length(body) && turns_now() >= end)
			return 1;
	}
	return error ? error : run_last_line(t, body);
}

static int open_control(struct request *r, struct talk *t)
{
	char path[32] = "control", *task = request_parameter(r, "task");
	uint64_t pid;
	fdl_ino ino;
	int error = 0;

	if (task && (!decimal_read(task, &pid) || pid > INT32_MAX))
		error = -ESRCH;
	else if (task)
		snprintf(path, sizeof(path), "%llu/control", (unsigned long long)pid);
	if (!error)
		error = fdl_walk(lab_machine(r->site->lab), path, &ino);
	if (!error)
		error = lab_open(r->site->lab, ino, O_RDWR, &t->file);
	if (error == -ENOENT || error == -ESRCH)
		answer_error(r, 404, "there is no task %s", task ?: "");
	else if (error)
		answer_errno(r, error, path);
	free(task);
	return error;
}

static void reply(struct request *r, struct talk *t)
{
	struct evbuffer *body = evbuffer_new();
	struct fdl_transcript now;

	if (!body) {
		answer_error(r, 503, "there is no memory");
		return;
	}
	fdl_transcript(lab_machine(r->site->lab), &now);
	if (t->json)
		evbuffer_add_printf(body, "{\"line\": %llu, \"replies\": [",
				    (unsigned long long)now.last);
	evbuffer_add_buffer(body, t->replies);
	if (t->json)
		evbuffer_add_printf(body, "]}\n");
	answer_line(r);
	answer(r, 200, t->json ? "application/json" : "text/plain; charset=utf-8", body);
	evbuffer_free(body);
}

static void free_talk(struct talk *t)
{
	if (t->replies)
		evbuffer_free(t->replies);
	if (t->line)
		evbuffer_free(t->line);
	free(t);
}

/* All lines were run, or error: closes the file, answers, and frees the talk. */
static void end_talk(struct request *r, struct talk *t, int error)
{
	struct lab *lab = r->site->lab;
	int settled;

	lab_close(&t->file);
	/* A record that was taken back is a change of the journal as well, and is synced. */
	settled = lab_settle(lab);
	if (!error)
		error = settled;
	if (error)
		answer_errno(r, error, "the calls");
	else
		reply(r, t);
	free_talk(t);
	lab_changed(lab);
}

/* A turn_work's part. */
static bool on_turn(struct turn_work *work)
{
	struct talk *t = (struct talk *)((char *)work - offsetof(struct talk, work));
	struct request r = t->waiting.request;
	const int left = run_lines(t);

	if (left > 0) {
		lab_part_over(r.site->lab);
		return true;
	}
	waiting_end(&t->waiting);
	end_talk(&r, t, left);
	return false;
}

/* A waiting's gone: the lines that are left are not run. */
static void on_gone(struct waiting_request *w)
{
	struct talk *t = (struct talk *)w;
	struct lab *lab = w->request.site->lab;

	turns_drop(lab_its_turns(lab), &t->work);
	lab_close(&t->file);
	free_talk(t);
	lab_changed(lab);
}

static void talk(struct request *r, struct talk *t)
{
	struct turns *turns = lab_its_turns(r->site->lab);
	int left = run_lines(t);

	if (left > 0 && turns && turns_add(turns, &t->work)) {
		waiting_begin(&t->waiting, r, on_gone);
		t->waiting.request.path = t->waiting.request.query = "";
		lab_part_over(r->site->lab);
		return;
	}
	while (left > 0)
		left = run_lines(t);
	end_talk(r, t, left);
}

void serve_calls(struct request *r)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(r->http);
	struct talk *t;

	if (evbuffer_get_length(body) > FDL_WRITE_MAX) {
		answer_error(r, 413, "more than %zu bytes", FDL_WRITE_MAX);
		return;
	}
	t = calloc(1, sizeof(*t));
	if (t) {
		*t = (struct talk){ .waiting.request = *r,
				    .work.run = on_turn,
				    .json = r->wants_json,
				    .first = true,
				    .replies = evbuffer_new(),
				    .line = evbuffer_new() };
	}
	if (!t || !t->replies || !t->line)
		answer_error(r, 503, "there is no memory");
	else if (!open_control(r, t))
		return talk(r, t);
	if (t)
		free_talk(t);
}
