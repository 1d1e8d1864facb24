/*
 * Steps on a machine through fdlab.h. Clients are open control files; readers are other files that
 * stay open. An allocation fails when a step says so. The machine may have a history, and a journal
 * that is cut off and played.
 */
#include "simulate/steps.h"

#include "fdlab.h"
#include "simulate/kept.h"
#include "simulate/repeat.h"
#include "support/failing_malloc.h"
#include "support/misuse.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client {
	struct fdl_handle *handle;
	int waiting; /* writes that have no result yet */
};

struct simulation {
	simulation_failed_fn *failed;
	struct fdl_machine *m; /* NULL before the first step */
	struct fdl_history *history;
	struct kept kept; /* the journal */
	struct client clients[CLIENTS];
	struct fdl_handle *readers[READERS];
	off_t read[READERS]; /* how far each has read */
	bool starved;        /* a call has failed for want of memory, which no log can repeat */
	bool misused;        /* a step may have left a table that is not sound */
	bool empty;          /* the last reset failed: the machine has neither tasks nor a log */
	char replies[65536];
};

static void told(void *ctx, ssize_t result)
{
	(void)result;
	--*(int *)ctx;
}

static struct fdl_handle *open_file(struct simulation *s, const char *path, int flags)
{
	struct fdl_handle *h;
	fdl_ino ino;

	return fdl_walk(s->m, path, &ino) || fdl_open(s->m, ino, flags, &h) ? NULL : h;
}

/* Keeps a record of what is about to be done to an open file. */
static void record(struct simulation *s, enum fdl_record_kind kind, unsigned file, const char *text,
		   size_t len)
{
	kept_add(&s->kept,
		 &(struct fdl_record){ .kind = kind, .file = file, .text = text, .len = len });
}

static struct client *client_of(struct simulation *s, unsigned i)
{
	struct client *c = &s->clients[i % CLIENTS];

	if (!c->handle) {
		c->handle = open_file(s, "control", O_RDWR);
		c->waiting = 0;
		if (c->handle)
			record(s, FDL_RECORD_OPEN, i % CLIENTS, "control", 7);
	}
	return c;
}

/* The text of a step as it is written: lines stand there with tabs between them. */
static void write_lines(struct simulation *s, struct client *c, const char *text, int flags)
{
	const size_t len = strlen(text);
	char *exact = malloc(len ? len : 1); /* its memory ends where it ends */
	ssize_t n;

	if (!exact || !c->handle) {
		free(exact);
		return;
	}
	for (size_t i = 0; i < len; i++)
		exact[i] = text[i];
	for (size_t i = 0; i < len; i++)
		if (exact[i] == '\t')
			exact[i] = '\n';
	if (len)
		kept_add(&s->kept, &(struct fdl_record){ .kind = FDL_RECORD_WRITE,
							 .file = (uint32_t)(c - s->clients),
							 .nonblock = flags & O_NONBLOCK,
							 .text = exact,
							 .len = len });
	++c->waiting;
	n = fdl_write(c->handle, exact, len, flags, told, &c->waiting);
	if (n != -EINPROGRESS)
		--c->waiting;
	free(exact);
	n = fdl_read(c->handle, s->replies, sizeof(s->replies) - 1, 0, O_NONBLOCK);
	s->replies[n > 0 ? n : 0] = '\0';
}

/* ---- the steps: number and text as they stand after the name --------------------------------- */

/* kernel=linux nofile=20 ... */
static void do_machine(struct simulation *s, unsigned number, const char *text)
{
	struct fdl_options o = { 0 };
	char assignments[STEP_MAX], err[256], *rest = assignments, *word;

	(void)number;
	if (s->m)
		return;
	snprintf(assignments, sizeof(assignments), "%s", text);
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word && fdl_option_set(&o, word, err, sizeof(err)))
			s->failed(err, word);
	if (fdl_machine_new(&o, &s->m))
		s->failed("no machine could be made", text);
}

static void do_write(struct simulation *s, unsigned number, const char *text)
{
	write_lines(s, client_of(s, number), text, 0);
}

static void do_nowait(struct simulation *s, unsigned number, const char *text)
{
	write_lines(s, client_of(s, number), text, O_NONBLOCK);
}

/*
 * The next allocation that fails: the step after this one has it. An odd number: all after it fail,
 * too.
 */
static void do_fail(struct simulation *s, unsigned number, const char *text)
{
	(void)text;
	/* A journal has no record of that. */
	if (!s->kept.bytes)
		failing_malloc_arm(1 + number / 2, number % 2);
}

static void do_interrupt(struct simulation *s, unsigned number, const char *text)
{
	struct client *c = client_of(s, number);

	(void)text;
	if (!c->handle)
		return;
	record(s, FDL_RECORD_INTERRUPT, number % CLIENTS, NULL, 0);
	fdl_interrupt(c->handle);
	if (c->waiting)
		s->failed("a write goes on after it was interrupted", NULL);
}

/*
 * A client that is killed: its writes are interrupted, and its file is closed. Or it only closes.
 */
static void do_kill(struct simulation *s, unsigned number, const char *text)
{
	struct client *c = &s->clients[number % CLIENTS];

	if (!c->handle)
		return;
	if (!*text) {
		record(s, FDL_RECORD_INTERRUPT, number % CLIENTS, NULL, 0);
		fdl_interrupt(c->handle);
	}
	record(s, FDL_RECORD_CLOSE, number % CLIENTS, NULL, 0);
	fdl_close(c->handle);
	*c = (struct client){ .handle = NULL };
}

static void do_read(struct simulation *s, unsigned number, const char *text)
{
	char *got;
	size_t len;

	(void)number;
	if (fdl_read_file(s->m, text, &got, &len) == 0)
		free(got);
}

/* One write to a file that is opened for it. */
static void write_file(struct simulation *s, const char *path, const char *bytes, size_t len)
{
	struct fdl_handle *h = open_file(s, path, O_WRONLY);

	if (!h)
		return;
	record(s, FDL_RECORD_OPEN, CLIENTS, path, strlen(path));
	if (len)
		record(s, FDL_RECORD_WRITE, CLIENTS, bytes, len);
	record(s, FDL_RECORD_CLOSE, CLIENTS, NULL, 0);
	fdl_write(h, bytes, len, 0, NULL, NULL);
	fdl_close(h);
}

static void do_value(struct simulation *s, unsigned number, const char *text)
{
	char value[32];

	snprintf(value, sizeof(value), "%u\n", number);
	write_file(s, text, value, strlen(value));
}

/* Any bytes, which stand after the path and a blank, with tabs for newlines. */
static void do_put(struct simulation *s, unsigned number, const char *text)
{
	const size_t path = strcspn(text, " "), len = strlen(text + path);
	char copy[STEP_MAX];

	(void)number;
	if (!len || path + len >= sizeof(copy))
		return;
	memcpy(copy, text, path + len + 1);
	copy[path] = '\0';
	for (size_t i = 1; i < len; i++)
		if (copy[path + i] == '\t')
			copy[path + i] = '\n';
	write_file(s, copy, copy + path + 1, len - 1);
}

static void do_follow(struct simulation *s, unsigned number, const char *text)
{
	const size_t i = number % READERS;

	if (s->readers[i])
		fdl_close(s->readers[i]);
	s->readers[i] = open_file(s, text, O_RDONLY);
	s->read[i] = 0;
}

static void do_more(struct simulation *s, unsigned number, const char *text)
{
	const size_t i = number % READERS;
	char buf[512];
	ssize_t n;

	(void)text;
	if (!s->readers[i])
		return;
	fdl_poll(s->readers[i]);
	n = fdl_read(s->readers[i], buf, 1 + number % sizeof(buf), s->read[i], O_NONBLOCK);
	s->read[i] += n > 0 ? n : 0;
}

static void do_poll(struct simulation *s, unsigned number, const char *text)
{
	const struct client *c = client_of(s, number);

	(void)text;
	if (c->handle && !(fdl_poll(c->handle) & POLLOUT) != !!c->waiting)
		s->failed("poll and the writes that wait do not agree", NULL);
}

/* Lists what stands below a directory, with attributes, links and texts. */
static void list(struct simulation *s, fdl_ino dir, unsigned depth)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;

	while (fdl_readdir(s->m, dir, &cookie, &de) == 1) {
		struct stat st;
		char target[256];

		if (!strcmp(de.name, ".") || !strcmp(de.name, ".."))
			continue;
		fdl_getattr(s->m, de.ino, &st);
		if (S_ISLNK(de.mode))
			fdl_readlink(s->m, de.ino, target, sizeof(target));
		if (S_ISDIR(de.mode) && depth)
			list(s, de.ino, depth - 1);
	}
}

static void do_list(struct simulation *s, unsigned number, const char *text)
{
	fdl_ino ino;

	if (fdl_walk(s->m, text, &ino) == 0)
		list(s, ino, number % 4);
}

static void do_reset(struct simulation *s, unsigned number, const char *text)
{
	struct fdl_options o = { .kernel = fdl_kernels()[number % 2] };

	if (s->kept.bytes)
		return;
	s->empty = fdl_machine_reset(s->m, *text ? &o : NULL) == -ENOMEM;
	if (!s->empty)
		s->starved = false;
	for (size_t i = 0; i < CLIENTS; i++)
		if (s->clients[i].waiting)
			s->failed("a write goes on after a reset", NULL);
}

/* A call through the C interface. */
static void do_call(struct simulation *s, unsigned number, const char *text)
{
	const struct fdl_row *row = fdl_row_find(s->m, text);
	struct fdl_arg args[2] = { { .num = number % 16 }, { .num = number / 16 % 100 } };

	if (row && !s->kept.bytes)
		fdl_call(s->m, 1 + (int)(number / 1600 % 4), row, args,
			 strcmp(text, "dup2") ? 1 : 2);
}

/*
 * A history, with so many bytes for checkpoints (0: as many as usual); best right after the
 * machine.
 */
static void do_past(struct simulation *s, unsigned number, const char *text)
{
	fdl_ino ino;

	(void)text;
	if (!s->history && fdl_history_new(s->m, number, &s->history))
		s->empty = s->empty || fdl_walk(s->m, "1", &ino);
}

/* A moment of the past is whole, and that of the present is the present. */
static void do_look(struct simulation *s, unsigned number, const char *text)
{
	char why[256] = "", *then, *now;
	struct fdl_machine *m;
	uint64_t first, last;
	size_t len;

	(void)text;
	if (!s->history || s->empty || s->starved)
		return;
	fdl_history_range(s->history, &first, &last);
	if (fdl_history_at(s->history, last - number % (last - first + 1), &m))
		return;
	failing_malloc_disarm();
	if (!s->misused && fdl_machine_check(m, why, sizeof(why)))
		s->failed("an invariant of a moment does not hold", why);
	if (fdl_history_at(s->history, last, &m) || fdl_read_file(m, "state.json", &then, &len))
		return;
	if (!fdl_read_file(s->m, "state.json", &now, &len)) {
		repeat_compare(now, then, "the last moment is not the present", s->failed);
		free(now);
	}
	free(then);
}

/* A journal from now on, of a machine that starts over. */
static void do_journal(struct simulation *s, unsigned number, const char *text)
{
	(void)number, (void)text;
	failing_malloc_disarm();
	if (s->kept.bytes || s->starved)
		return;
	for (unsigned i = 0; i < CLIENTS; i++)
		do_kill(s, i, "");
	s->empty = kept_begin(&s->kept, s->m);
}

static void free_machine(struct simulation *s)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (s->clients[i].handle)
			fdl_close(s->clients[i].handle);
	for (size_t i = 0; i < READERS; i++)
		if (s->readers[i])
			fdl_close(s->readers[i]);
	memset(s->clients, 0, sizeof(s->clients));
	memset(s->readers, 0, sizeof(s->readers));
	fdl_history_free(s->history);
	fdl_machine_free(s->m);
	s->history = NULL;
	s->m = NULL;
}

/*
 * The program is killed, and the journal cut off somewhere in its last bytes: the machine of the
 * rest. Or, for even numbers, at its end, and the simulation goes on with that machine; the journal
 * may be written again before.
 */
static void do_crash(struct simulation *s, unsigned number, const char *text)
{
	struct fdl_history *history = NULL;
	struct fdl_machine *m;
	char start[128];
	int len;

	(void)text;
	if (!s->kept.bytes || s->starved || s->empty)
		return;
	if (number % 2) {
		fdl_machine_free(kept_make(&s->kept,
					   s->kept.len - number % (s->kept.len - s->kept.first + 1),
					   NULL, s->failed));
		return;
	}
	if (number % 4)
		kept_compact(&s->kept, s->failed);
	m = kept_make(&s->kept, s->kept.len, s->history ? &history : NULL, s->failed);
	free_machine(s);
	s->m = m;
	s->history = history;
	len = fdl_journal_start(m, start, sizeof(start));
	if (len < 0)
		s->failed("the journal cannot be taken over", NULL);
	record(s, FDL_RECORD_START, 0, start, (size_t)len);
}

static const struct verb {
	const char *name;
	void (*run)(struct simulation *s, unsigned number, const char *text);
} verbs[] = {
	{ "machine", do_machine }, { "write", do_write },         { "nowait", do_nowait },
	{ "fail", do_fail },       { "interrupt", do_interrupt }, { "kill", do_kill },
	{ "read", do_read },       { "value", do_value },         { "follow", do_follow },
	{ "more", do_more },       { "poll", do_poll },           { "list", do_list },
	{ "reset", do_reset },     { "call", do_call },           { "past", do_past },
	{ "look", do_look },       { "journal", do_journal },     { "crash", do_crash },
	{ "put", do_put },
};

/* ---- a simulation ---------------------------------------------------------------------------- */

struct simulation *simulation_new(simulation_failed_fn *failed)
{
	struct simulation *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->failed = failed;
	return s;
}

static bool only_looks(const char *step)
{
	static const char *const looks[] = { "read", "follow", "more", "poll", "list", "look" };

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (!strcmp(step, looks[i]))
			return true;
	return false;
}

void simulation_step(struct simulation *s, const char *step)
{
	char name[16], why[256] = "";
	unsigned number;
	int at = 0;

	if (sscanf(step, "%15s %u%n", name, &number, &at) != 2)
		return;
	at += step[at] == ' ';
	s->replies[0] = '\0';
	s->misused = s->misused || names_misuse(step, strlen(step));
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(name, verbs[i].name) && (s->m || verbs[i].run == do_machine))
			verbs[i].run(s, number, step + at);
	if (!strcmp(name, "fail"))
		return;
	if (failing_malloc_disarm() && !only_looks(name))
		s->starved = true;
	if (s->m && !s->starved && !s->empty)
		kept_note(&s->kept, s->m, s->failed);
	if (s->m && !s->misused && fdl_machine_check(s->m, why, sizeof(why)))
		s->failed("an invariant does not hold", why);
}

const char *simulation_replies(const struct simulation *s)
{
	return s->replies;
}

void simulation_end(struct simulation *s)
{
	failing_malloc_disarm();
	if (s->m && s->empty && fdl_machine_reset(s->m, NULL))
		s->failed("no reset makes a machine again", NULL);
	if (s->m) {
		do_look(s, 1, "");
		do_crash(s, 1, "");
		if (!s->starved)
			repeat(s->m, s->failed);
		for (unsigned i = 0; i < CLIENTS; i++)
			if (s->clients[i].handle)
				do_interrupt(s, i, "");
		if (!s->starved)
			repeat(s->m, s->failed);
		do_crash(s, 1, "");
		for (unsigned i = 0; i < CLIENTS; i++)
			do_kill(s, i, "");
		free_machine(s);
	}
	kept_free(&s->kept);
	free(s);
}
