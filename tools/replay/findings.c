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

void finding_count_again(struct again *a, uint64_t line, int pid, int64_t fd)
{
	if (a->n++)
		return;
	a->line = line;
	a->pid = pid;
	a->fd = fd;
}

void findings_replace(struct findings *f, uint64_t line, int pid, int64_t fd, const char *text)
{
	for (enum finding_kind kind = 0; kind < N_FINDINGS; kind++)
		forget(f, kind);
	finding_add(f, FINDING_INCOMPLETE, line, pid, fd, NULL, "%s", text);
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
