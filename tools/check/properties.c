/*
 * Judges what was seen of a program, property by property. A failure names the line of source where
 * the descriptor was opened, if strace and addr2line can tell it.
 */
#include "check/properties.h"

#include "fdlab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* ---- findings ------------------------------------------------------------------------------- */

/* The findings of a property: for people a line each, for programs an array. */
struct account {
	const struct subject *subject;
	struct report *report;
	json_t *findings;
	enum source_lack lack; /* why a place has no line of source */
};

static struct account begin(const struct subject *s, struct report *report)
{
	return (struct account){ .subject = s, .report = report, .findings = json_array() };
}

static void end(struct account *a)
{
	if (a->lack)
		report_comment(a->report, source_lack_text(a->lack));
	report_detail(a->report, "findings", a->findings);
}

static json_t *place_json(const char *place)
{
	return place && *place ? report_json(place) : json_null();
}

/* The place of a call, in memory of malloc: "" where it is not known. */
static char *place_at(struct account *a, uint64_t line)
{
	enum source_lack lack;
	char *place = source_of(a->subject->log, line, &lack);

	if (lack)
		a->lack = a->subject->traced->stacks ? lack : SOURCE_NO_STACK;
	return place;
}

/* The kind of a descriptor: "write end of a pipe", "socket", or the name of its file. */
static const char *what_it_is(const struct seen *d)
{
	if (d->end)
		return d->end == END_READ ? "read end of a pipe" : "write end of a pipe";
	return strncmp(d->name, "socket:[", 8) ? d->name : "socket";
}

/* Adds a finding: the place where it was opened, and the format's sentence about it. */
static void found(struct account *a, const struct seen *d, const char *rest, const char *at)
{
	char *opened = place_at(a, d->opened);

	report_failure(a->report, 0, "%lld, %s (%s%s), %s", (long long)d->fd, what_it_is(d),
		       d->call, d->own ? "" : ", then fork", rest);
	if (opened && *opened)
		report_place(a->report, opened);
	json_array_append_new(a->findings,
			      json_pack("{si si sI ss ss sb so so}", "process", (int)d->process,
					"pid", d->pid, "fd", (json_int_t)d->fd, "what",
					what_it_is(d), "opened_by", d->call, "copied", !d->own,
					"opened_at", place_json(opened), "executed_at",
					place_json(at)));
	free(opened);
}

/* ---- the end -------------------------------------------------------------------------------- */

#define CALL_SHOWN 256

/* The call that a process was in when it was killed, as "read(3<pipe:[7]>". False: it was not. */
static bool last_call(const struct subject *s, int pid, char call[CALL_SHOWN])
{
	struct fdl_log_line line;
	struct log_reader reader;
	bool killed = false;
	char *text;
	size_t len;

	*call = '\0';
	reader_init(&reader, s->log);
	while (reader_line(&reader, &text, &len)) {
		fdl_log_line_read(text, len, &line);
		killed |= line.pid == pid && line.kind == FDL_LOG_EXITED &&
			  memmem(text, len, "killed by SIGKILL", 17);
		if (line.pid != pid ||
		    (line.kind != FDL_LOG_CALL && line.kind != FDL_LOG_UNFINISHED))
			continue;
		len = strcspn(line.rest, ",)< ");
		if (line.rest[len] == '<')
			len += strcspn(line.rest + len, ">") + 1;
		snprintf(call, CALL_SHOWN, "%.*s(%.*s", (int)line.name_len, line.name, (int)len,
			 line.rest);
	}
	reader_free(&reader);
	return killed && *call;
}

/* Whether the call reads from the pipe or socket whose other end is this one. */
static bool is_waited_for(const struct subject *s, const struct seen *d, const char *call)
{
	const char *name = strchr(call, '<');
	char its_own[CALL_SHOWN];

	return name && d->moment == AT_EXIT && last_call(s, d->pid, its_own) &&
	       d->end == END_WRITE && !strncmp(call, "read(", 5) &&
	       !strncmp(name + 1, d->name, strlen(d->name));
}

static void tell_waiter(struct account *a, unsigned process, int pid)
{
	const struct seen_list *seen = a->subject->seen;
	char call[CALL_SHOWN];

	if (!last_call(a->subject, pid, call))
		return;
	report_failure(a->report, 0, "process %u was in %s, ...)", process, call);
	for (size_t i = 0; i < seen->n; i++)
		if (is_waited_for(a->subject, &seen->list[i], call))
			found(a, &seen->list[i], "keeps the pipe open, so read cannot return 0",
			      NULL);
}

/* Each process with a descriptor is told once: all were killed together. */
static void judge_late(struct account *a)
{
	const struct seen_list *seen = a->subject->seen;
	unsigned told = 0;

	report_failure(a->report, 0, "it did not end in its time, and was killed");
	for (size_t i = 0; i < seen->n; i++) {
		const struct seen *d = &seen->list[i];

		if (d->moment == AT_EXIT && d->process != told)
			tell_waiter(a, d->process, d->pid);
		told = d->process;
	}
}

static void judge_ends(const struct subject *s, struct report *report)
{
	const struct traced *t = s->traced;
	struct account a = begin(s, report);

	if (t->late)
		judge_late(&a);
	else if (WIFSIGNALED(t->status))
		report_failure(report, 0, "it was killed by SIG%s",
			       sigabbrev_np(WTERMSIG(t->status)));
	report_detail(report, "status",
		      WIFEXITED(t->status) ? json_integer(WEXITSTATUS(t->status)) : json_null());
	end(&a);
}

const struct property property_ends = { .name = "ends", .judge = judge_ends };

/* ---- descriptors ---------------------------------------------------------------------------- */

static void judge_at_exit(const struct subject *s, struct report *report,
			  bool (*is_wrong)(const struct seen *d))
{
	struct account a = begin(s, report);

	for (size_t i = 0; i < s->seen->n; i++) {
		const struct seen *d = &s->seen->list[i];
		char text[64];

		snprintf(text, sizeof(text), "is open when process %u exits", d->process);
		if (d->moment == AT_EXIT && is_wrong(d))
			found(&a, d, text, NULL);
	}
	end(&a);
}

static bool is_own(const struct seen *d)
{
	return d->own;
}

static void judge_no_leaks(const struct subject *s, struct report *report)
{
	judge_at_exit(s, report, is_own);
}

const struct property property_no_leaks = { .name = "no-leaks", .judge = judge_no_leaks };

static void judge_all_ends_closed(const struct subject *s, struct report *report)
{
	judge_at_exit(s, report, seen_is_end);
}

const struct property property_all_ends_closed = { .name = "all-ends-closed",
						   .judge = judge_all_ends_closed };

static void judge_execs(const struct subject *s, struct report *report)
{
	struct account a = begin(s, report);

	for (size_t i = 0; i < s->seen->n; i++) {
		const struct seen *d = &s->seen->list[i];
		char *at, *text;

		if (d->moment != AT_EXEC || d->kept)
			continue;
		at = place_at(&a, d->line);
		if (asprintf(&text, "goes on to %s in process %u%s%s", d->program, d->process,
			     at && *at ? ", " : "", at ?: "") >= 0) {
			found(&a, d, text, at);
			free(text);
		}
		free(at);
	}
	end(&a);
}

const struct property property_cloexec = { .name = "cloexec", .judge = judge_execs };
