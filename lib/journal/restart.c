/*
 * Follows which files are open. A machine that was started over is as new, whatever was open; but
 * the files must be open again in the new machine, which has only the control files of itself and
 * of task 1.
 */
#include "journal/restart.h"

#include "base/heap.h"
#include "commands.h"
#include "journal/reader.h"

#include <errno.h>
#include <string.h>

/* The control files that every new machine has, the machine's own first. */
static const char *const always[] = { "control", "1/control" };

#define ALWAYS (sizeof(always) / sizeof(always[0]))

/* An open file: its place in always, or ALWAYS if it is not there. */
struct opened_file {
	uint32_t number;
	size_t which;
};

struct restart_search {
	struct restart *found;
	struct fdl_options given;
	struct opened_file *open;
	size_t n, cap;
	struct timespec now;
	bool timed;
};

static size_t which_file(const struct fdl_record *r)
{
	for (size_t i = 0; i < ALWAYS; i++) {
		if (strlen(always[i]) == r->len && !memcmp(always[i], r->text, r->len))
			return i;
	}
	return ALWAYS;
}

static int note_open(struct restart_search *s, const struct fdl_record *r)
{
	if (s->n == s->cap) {
		const size_t cap = s->cap ? 2 * s->cap : 16;
		struct opened_file *open = reallocarray(s->open, cap, sizeof(*open));

		if (!open)
			return -ENOMEM;
		s->open = open;
		s->cap = cap;
	}
	s->open[s->n++] = (struct opened_file){ r->file, which_file(r) };
	return 0;
}

static struct opened_file *find_open(const struct restart_search *s, uint32_t number)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->open[i].number == number)
			return &s->open[i];
	}
	return NULL;
}

static void note_close(struct restart_search *s, const struct fdl_record *r)
{
	struct opened_file *f = find_open(s, r->file);

	if (f)
		*f = s->open[--s->n];
}

/* Notes what is open now, if all of it can be open in a new machine. 0 or -ENOMEM. */
static int note_restart(struct restart_search *s, const struct fdl_record *r)
{
	struct restart_file *files = calloc(s->n + 1, sizeof(*files));
	struct restart *found = s->found;

	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		if (s->open[i].which == ALWAYS) {
			free(files);
			return 0;
		}
		files[i] = (struct restart_file){ s->open[i].number, always[s->open[i].which] };
	}
	free(found->files);
	*found = (struct restart){ r->number, s->now, s->timed, files, s->n };
	return 0;
}

/* The first line of a write that no line is too long in. */
static bool restarts(const struct restart_search *s, const struct fdl_record *r)
{
	const struct opened_file *f = find_open(s, r->file);
	const char *newline;

	if (!f || f->which || r->len > FDL_LINE_MAX)
		return false;
	newline = memchr(r->text, '\n', r->len);
	return command_restarts(&s->given, r->text, newline ? (size_t)(newline - r->text) : r->len);
}

static int look_at(struct restart_search *s, const struct fdl_record *r)
{
	switch (r->kind) {
	case FDL_RECORD_START:
		s->n = 0;
		return 0;
	case FDL_RECORD_TIME:
		s->now = r->time;
		s->timed = true;
		return 0;
	case FDL_RECORD_OPEN:
		return note_open(s, r);
	case FDL_RECORD_CLOSE:
		note_close(s, r);
		return 0;
	case FDL_RECORD_WRITE:
		return restarts(s, r) ? note_restart(s, r) : 0;
	default:
		return 0;
	}
}

int restart_find(struct fdl_journal *j, struct restart *found)
{
	struct restart_search s = { .found = found };
	struct fdl_record r;
	char why[256];
	int error;

	*found = (struct restart){ 0 };
	error = fdl_journal_options(j, &s.given, why, sizeof(why));
	/* A journal without records. */
	if (error == -ENODATA)
		return 0;
	while (!error && (error = fdl_journal_next(j, &r)) == 1)
		error = look_at(&s, &r);
	free(s.open);
	if (error)
		restart_free(found);
	return error;
}

void restart_free(struct restart *r)
{
	free(r->files);
	*r = (struct restart){ 0 };
}
