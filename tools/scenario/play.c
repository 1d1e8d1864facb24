/*
 * Plays scenarios. A call goes to the machine's control file, and the reply tells whether it came
 * out as stated; the player knows no call and compares no result itself. It compares the files of
 * the tree with what the scenario expects.
 */
#include "scenario/play.h"

#include "cli/number.h"
#include "cli/result.h"
#include "scenario/ask.h"
#include "scenario/beside.h"
#include "scenario/differs.h"
#include "scenario/expectation.h"
#include "scenario/readable.h"
#include "scenario/remark.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *error_name(int err)
{
	const char *name = fdl_errname(-err);

	return name ? name : strerror(-err);
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* The replies to a line, summed up. */
struct line_reply {
	bool resulted; /* the call itself has returned */
	bool failed;   /* and it has been reported why that is wrong */
	char *pending; /* the call as the reply shows it, when it has not returned; borrowed */
};

static void show_table(struct player *p, long pid)
{
	char path[64];
	char *text;
	size_t len;

	if (p->table_shown || pid <= 0)
		return;
	snprintf(path, sizeof(path), "%ld/files/fdtable", pid);
	if (p->t->ops->read(p->t, path, &text, &len))
		return;
	p->table_shown = true;
	report_text(p->report, text);
	free(text);
}

const char *play_message(const char *reply)
{
	static const char start[] = "# line ";
	uint64_t line;
	const char *end;

	if (strncmp(reply, start, strlen(start)) != 0)
		return NULL;
	end = decimal_at(reply + strlen(start), &line);
	return end && !strncmp(end, ": ", 2) ? end + 2 : NULL;
}

/* Parts a reply into pid, call and result: "2 dup2(3, 10) = -1 EBADF (Bad file descriptor)". */
static char *split_reply(char *reply, long *pid, char **result)
{
	uint64_t number = 0;
	char *end = (char *)decimal_at(reply, &number), *call = reply;

	if (end && *end == ' ')
		call = end + 1;
	*pid = call == reply ? 0 : (long)number;
	*result = (char *)stated_result(call, strlen(call));
	if (!*result)
		return call;
	(*result)[strcspn(*result, "(#")] = '\0';
	for (end = *result + strlen(*result); end > *result && end[-1] == ' '; end--)
		;
	*end = '\0';
	for (end = *result - 1; *end != '='; end--)
		;
	while (end > call && end[-1] == ' ')
		end--;
	*end = '\0';
	return call;
}

static bool is_resumption(const char *call)
{
	return !strncmp(call, "<...", 4);
}

/*
 * A call did not return what the line states. result is what it returned, or NULL; if that is as
 * stated, the difference is in what the call filled in.
 */
static void report_mismatch(struct player *p, const struct scenario_line *line, const char *call,
			    const char *expected, const char *result, const char *remark)
{
	const bool of_result = line->result && !strncmp(line->result, expected, strlen(expected));

	if (!result && !strcmp(expected, "it to have returned"))
		report_failure(
			p->report, line->number,
			"%s: the call still waits, and no line before this one ends that; if a "
			"signal did, put the line \"interrupt\" before it",
			call);
	else if (!result)
		report_failure(p->report, line->number, "%s: expected %s, but the call blocks",
			       call, expected);
	else if (of_result)
		report_failure(p->report, line->number, "%s: expected %s, got %s%s%s%s", call,
			       expected, result, remark ? " (" : "", remark ? remark : "",
			       remark ? ")" : "");
	else
		report_failure(p->report, line->number, "%s = %s: expected %s", call, result,
			       expected);
}

static void take_reply(struct player *p, const struct scenario_line *line, char *reply,
		       struct line_reply *a)
{
	char *mismatch = remark_find_stated(reply);
	char *call, *result, *remark;
	const char *message = play_message(reply);
	long pid;

	if (message) {
		scenario_report_unread(line, message, p->report);
		a->failed = true;
		return;
	}
	if (mismatch)
		*mismatch = '\0';
	remark = remark_find(reply);
	if (remark) {
		*remark = '\0';
		remark += strlen(REMARK);
	}
	call = split_reply(reply, &pid, &result);
	if (mismatch) {
		report_mismatch(p, line, call, mismatch + strlen(REMARK_STATED), result, remark);
		show_table(p, pid);
		a->failed = true;
	} else if (remark && result && !line->result) {
		/* The call did not run, and the line does not say that it must fail. */
		report_failure(p->report, line->number, "%s: %s", call, remark);
		a->failed = true;
	} else if (result) {
		a->resulted |= !is_resumption(call) || strstr(line->text, "<...");
	} else if (strncmp(call, "+++", 3) != 0) {
		a->pending = call;
	}
}

char *play_replies(struct target *t)
{
	size_t room = 4096, len = 0;
	char *text = malloc(room);

	while (text) {
		ssize_t n = t->ops->replies(t, text + len, room - len - 1);
		char *larger;

		if (n <= 0)
			break;
		len += (size_t)n;
		if (len + 1 < room)
			continue;
		room *= 2;
		larger = realloc(text, room);
		if (!larger)
			free(text);
		text = larger;
	}
	if (text)
		text[len] = '\0';
	return text;
}

char *play_submit(struct target *t, const struct scenario_line *line, ssize_t *written)
{
	char *text = malloc(line->len + 2);

	if (!text)
		return NULL;
	memcpy(text, line->text, line->len);
	strcpy(text + line->len, "\n");
	*written = t->ops->submit(t, text, line->len + 1);
	free(text);
	return play_replies(t);
}

/* The call of the line has not returned: reports it if the line states a result. */
static void report_no_result(struct player *p, const struct scenario_line *line,
			     const char *pending, ssize_t written)
{
	const bool states = line->result && *line->result != '?';

	if (pending && states)
		report_mismatch(p, line, pending, line->result, NULL, NULL);
	else if (!pending && (written < 0 || states))
		report_failure(p->report, line->number, "%s: %s", line->text,
			       written < 0 ? error_name((int)written) : "no reply");
}

static void play_call(struct player *p, const struct scenario_line *line)
{
	struct line_reply answer = { 0 };
	ssize_t written;
	char *replies = play_submit(p->t, line, &written);
	char *next = replies;

	if (!replies) {
		report_failure(p->report, line->number, "%s: ENOMEM", line->text);
		return;
	}
	if (p->watcher && p->watcher->replied)
		p->watcher->replied(p->watcher, replies);
	for (char *reply = strsep(&next, "\n"); reply; reply = strsep(&next, "\n"))
		if (*reply)
			take_reply(p, line, reply, &answer);
	if (!answer.failed && !answer.resulted)
		report_no_result(p, line, answer.pending, written);
	else if (!answer.failed && line->question && !line->question->part && !line->result)
		report_failure(p->report, line->number,
			       "%s: it does not wait, and states no result to ask for", line->text);
	free(replies);
}

/* ---- directives ----------------------------------------------------------------------------- */

static void play_echo(struct player *p, const struct scenario_line *line)
{
	ssize_t written = p->t->ops->write(p->t, line->path, line->text, line->len);
	int err = written < 0 ? (int)-written : 0;

	if (err == line->error)
		return;
	if (err && line->error)
		report_failure(p->report, line->number, "echo > %s: expected -1 %s, got -1 %s",
			       line->path, error_name(-line->error), error_name(-err));
	else if (err)
		report_failure(p->report, line->number, "echo > %s: -1 %s (%s)", line->path,
			       error_name(-err), strerror(err));
	else
		report_failure(p->report, line->number,
			       "echo > %s: expected -1 %s, but it was written", line->path,
			       error_name(-line->error));
}

/* No mistake of a question may be what the expression finds. */
static void check_mistakes(struct player *p, const struct scenario_line *line)
{
	char *text, *wrong;
	size_t len;

	if (line->kind != LINE_EXPECT_MATCH || p->t->ops->read(p->t, line->path, &text, &len))
		return;
	wrong = question_check(line->question, line, text);
	if (wrong)
		report_failure(p->report, line->number, "%s", wrong);
	free(wrong);
	free(text);
}

static void play_expectation(struct player *p, const struct scenario_line *line)
{
	char *why;
	const int result = expectation_test(p->t, line, &why);

	if (!result && line->question)
		check_mistakes(p, line);
	if (result == -EOPNOTSUPP)
		report_skip(p->report, line->number, "%s: no task can be asked now", line->path);
	else if (result)
		report_failure(p->report, line->number, "%s", why ?: error_name(result));
	free(why);
}

static void (*const players[])(struct player *, const struct scenario_line *) = {
	[LINE_CALL] = play_call,
	[LINE_ECHO] = play_echo,
	[LINE_EXPECT_TEXT] = play_expectation,
	[LINE_EXPECT_MATCH] = play_expectation,
	[LINE_EXPECT_NOTHING] = play_expectation,
};

/* ---- scenarios ------------------------------------------------------------------------------ */

int play_begin(struct player *p, const struct scenario *s, const char *kernel, size_t *first)
{
	const char **assignments = calloc(s->n_lines + 1, sizeof(*assignments));
	char message[256] = "";
	char *usual = NULL;
	size_t n = 0;
	int err = -ENOMEM;

	*first = 0;
	if (!assignments)
		goto out;
	if (kernel) {
		if (asprintf(&usual, "kernel=%s", kernel) < 0) {
			usual = NULL;
			goto out;
		}
		assignments[n++] = usual;
	}
	for (; *first < s->n_lines && s->lines[*first].kind == LINE_OPTION; ++*first) {
		const struct scenario_line *line = &s->lines[*first];
		struct fdl_options options = { 0 };

		err = fdl_option_set(&options, line->text, message, sizeof(message));
		if (err) {
			report_failure(p->report, line->number, "%s", message);
			goto said;
		}
		assignments[n++] = line->text;
	}
	err = p->t->ops->start(p->t, assignments, n, message, sizeof(message));
out:
	if (err)
		report_failure(p->report, *first ? s->lines[*first - 1].number : 0, "%s",
			       *message ? message : error_name(err));
said:
	free(assignments);
	free(usual);
	return err;
}

static bool is_expectation(const struct scenario_line *line)
{
	return line->kind == LINE_EXPECT_TEXT || line->kind == LINE_EXPECT_MATCH ||
	       line->kind == LINE_EXPECT_NOTHING;
}

void play_one(struct player *p, const struct scenario_line *line)
{
	const struct target_ops *ops = p->t->ops;
	const char *release = ops->release ? ops->release(p->t) : NULL;
	const char *reason =
		line->differs && release ? differs_reason(line->differs, release) : NULL;
	const char *hidden = is_expectation(line) && ops->hides ? ops->hides(p->t, line) : NULL;
	const size_t before = report_failures(p->report);

	if (hidden) {
		report_skip(p->report, line->number, "%s: %s", line->path, hidden);
		return;
	}
	players[line->kind](p, line);
	if (!reason)
		return;
	if (report_failures(p->report) == before) {
		report_failure(p->report, line->number, "%s does not differ, though it is said: %s",
			       release, reason);
	} else {
		report_forget(p->report, before);
		report_skip(p->report, line->number, "%s differs: %s", release, reason);
	}
}

/* Plays the lines that follow the options. */
static void play_lines(struct player *p, const struct scenario *s, size_t first)
{
	struct play_watcher *w = p->watcher;

	for (size_t i = first; i < s->n_lines; i++) {
		if (w && w->before && !w->before(w, p->t, &s->lines[i]))
			break;
		play_one(p, &s->lines[i]);
		if (w && w->after)
			w->after(w, p->t, &s->lines[i]);
	}
	if (w && w->end)
		w->end(w, p->t);
}

bool play_watched(const struct scenario *s, struct target *t, const char *kernel,
		  struct report *report, struct play_watcher *w)
{
	struct player p = { .t = t, .report = report, .watcher = w };
	char message[256];
	size_t i;

	if (play_begin(&p, s, kernel, &i))
		return false;
	play_lines(&p, s, i);
	if (t->ops->check(t, message, sizeof(message)))
		report_failure(report, 0, "the machine is not sound: %s", message);
	return true;
}

bool play_on(const struct scenario *s, struct target *t, const char *kernel, struct report *report)
{
	return play_watched(s, t, kernel, report, NULL);
}

int play_scenario(const struct scenario *s, struct target *t, const char *kernel,
		  struct report *report, struct play_watcher *w, char *why, size_t whysize)
{
	unsigned number;
	const char *reason = t->ops->refuses ? t->ops->refuses(t, s, &number) : NULL;

	if (reason && !scenario_is_readable(s, kernel, report))
		return 0;
	if (reason) {
		snprintf(why, whysize, "%s (line %u)", reason, number);
		return -EOPNOTSUPP;
	}
	if (play_watched(s, t, kernel, report, w))
		t->ops->stop(t);
	if (s->other_kernel)
		beside_check(s, report);
	return 0;
}
