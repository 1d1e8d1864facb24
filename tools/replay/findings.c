/*
 * Stores findings.
 */
#include "replay/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget(struct findings *f, enum finding_kind kind)
{
	for (size_t i = 0; i < f->of[kind].n; i++) {
		free(f->of[kind].list[i].text);
		free(f->of[kind].list[i].name);
	}
	f->of[kind].n = f->of[kind].total = 0;
}

void findings_clear(struct findings *f)
{
	for (enum finding_kind kind = 0; kind < N_FINDINGS; kind++) {
		forget(f, kind);
		free(f->of[kind].list);
	}
	for (size_t i = 0; i < f->nprocesses; i++)
		free(f->processes[i].program);
	free(f->processes);
	*f = (struct findings){ 0 };
}

/* Makes room for one more element in an array of n, and returns the array; NULL: no memory. */
static void *grow(void *list, size_t n, size_t *room, size_t size)
{
	size_t larger = *room ? 2 * *room : 16;

	if (n < *room)
		return list;
	list = realloc(list, larger * size);
	if (list)
		*room = larger;
	return list;
}

static char *format_text(const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

unsigned finding_add(struct findings *f, enum finding_kind kind, uint64_t line, int pid, int64_t fd,
		     const struct origin *origin, const char *format, ...)
{
	size_t n = f->of[kind].n;
	struct finding *list, new = { .line = line, .pid = pid, .fd = fd, .count = 1 };
	va_list args;

	f->of[kind].total++;
	if (n == FINDINGS_KEPT)
		return 0;
	list = grow(f->of[kind].list, n, &f->of[kind].room, sizeof(*list));
	if (list)
		f->of[kind].list = list;
	va_start(args, format);
	new.text = format_text(format, args);
	va_end(args);
	if (origin) {
		new.origin_line = origin->line;
		new.origin_pid = origin->pid;
		new.origin_call = origin->call;
		new.name = strdup(origin->name);
	}
	if (!list || !new.text || (origin && !new.name)) {
		f->no_memory = true;
		free(new.text);
		free(new.name);
		return 0;
	}
	list[n] = new;
	return (unsigned)++f->of[kind].n;
}

void finding_again(struct findings *f, enum finding_kind kind, unsigned number)
{
	f->of[kind].list[number - 1].count++;
}

/* The one finding that a log leaves that cannot be compared. */
static void cannot_compare(struct findings *f, uint64_t line, int pid, int64_t fd, const char *why)
{
	for (enum finding_kind kind = 0; kind < N_FINDINGS; kind++)
		forget(f, kind);
	finding_add(f, FINDING_INCOMPLETE, line, pid, fd, NULL, "numbers cannot be compared: %s",
		    why);
}

/* Calls and divergences from which on it is no accident that a log has none of the plain calls. */
#define CALLS_ENOUGH       30
#define DIVERGENCES_ENOUGH 3
#define CALLS_MANY         300

void finding_count_again(struct again *a, uint64_t line, int pid, int64_t fd)
{
	if (a->n++)
		return;
	a->line = line;
	a->pid = pid;
	a->fd = fd;
}

/*
 * Whether numbers prove that a kind of calls is missing. A program that begins opens and closes its
 * libraries, and one that exits calls exit_group: a log that shows neither needs two of them.
 */
static bool lacks(struct findings *f, const char *kind, const struct again *a, const char *what)
{
	char why[160];

	if (a->n < (f->execs || f->exit_unseen ? 1 : 2))
		return false;
	snprintf(why, sizeof(why), "the log shows no %s, and %lld is %s, as with -e trace", kind,
		 (long long)a->fd, what);
	cannot_compare(f, a->line, a->pid, a->fd, why);
	return true;
}

void findings_check_filter(struct findings *f)
{
	const struct finding *first = f->of[FINDING_DIVERGENCE].list;

	if (!f->closes && lacks(f, "close", &f->given_again, "given again"))
		return;
	/* A short log may be of a program that opens nothing, and diverge once. */
	if (!f->opens && (f->calls >= CALLS_ENOUGH || f->used_again.n >= DIVERGENCES_ENOUGH) &&
	    lacks(f, "open", &f->used_again, "used after its close"))
		return;
	if (first && f->exit_unseen && f->calls >= CALLS_ENOUGH) {
		cannot_compare(f, first->line, first->pid, first->fd,
			       "the log shows no call that exits, as with -e trace");
	} else if (!f->plain && first &&
		   (f->calls >= (f->execs ? CALLS_ENOUGH : CALLS_MANY) ||
		    (!f->of_tasks && f->calls >= CALLS_ENOUGH &&
		     f->of[FINDING_DIVERGENCE].total >= DIVERGENCES_ENOUGH))) {
		cannot_compare(f, first->line, first->pid, first->fd,
			       "the log shows only some kinds of calls, as with -e trace");
	} else if (!f->has_pids && !f->execs &&
		   f->of[FINDING_DIVERGENCE].total >= DIVERGENCES_ENOUGH &&
		   f->calls >= CALLS_ENOUGH) {
		/* strace -p, or -ff: what the other tasks do, or did before, is in no line. */
		cannot_compare(f, first->line, first->pid, first->fd,
			       "tasks that are not in the log may share the table");
	} else if (!f->fails && f->calls >= CALLS_MANY && f->of[FINDING_DIVERGENCE].total) {
		/* Of calls that overlap, strace -z does not show which began first. */
		cannot_compare(f, first->line, first->pid, first->fd,
			       "no call of the log fails, as with -z");
	} else if (!f->overlaps && f->in_shared && f->calls >= CALLS_MANY) {
		/* A line of strace -ff does not show when its call returned. */
		cannot_compare(
			f, first->line, first->pid, first->fd,
			"tasks share a table, and no call of the log overlaps with another, as "
			"after strace -ff");
	}
}

void finding_process(struct findings *f, const struct process_record *record)
{
	struct process_record *list;
	char *program = NULL;

	f->total_processes++;
	if (f->nprocesses == PROCESSES_KEPT)
		return;
	list = grow(f->processes, f->nprocesses, &f->room, sizeof(*list));
	if (list)
		f->processes = list;
	if (list && record->program)
		program = strdup(record->program);
	if (!list || (record->program && !program)) {
		f->no_memory = true;
		return;
	}
	list[f->nprocesses] = *record;
	list[f->nprocesses++].program = program;
}
