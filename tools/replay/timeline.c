/*
 * Collects the lifetimes of descriptors, and what happened to processes, as a replay tells them.
 */
#include "replay/timeline.h"

#include "replay/timeline_parts.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct timeline *timeline_new(void)
{
	return calloc(1, sizeof(struct timeline));
}

void timeline_free(struct timeline *t)
{
	for (size_t i = 0; i < t->nbars; i++)
		origin_put(t->bars[i].origin);
	for (size_t i = 0; i < t->npanels; i++)
		free(t->panels[i].program);
	for (size_t i = 0; i < t->nexecs; i++)
		free(t->execs[i].program);
	free(t->bars);
	free(t->panels);
	free(t->execs);
	free(t->named);
	free(t->marks);
	free(t);
}

void *timeline_add(void **array, size_t *n, size_t *room, size_t size)
{
	const size_t larger = *room ? 2 * *room : 64;

	if (*n == *room) {
		void *grown = reallocarray(*array, larger, size);

		if (!grown)
			return NULL;
		*array = grown;
		*room = larger;
	}
	return memset((char *)*array + size * (*n)++, 0, size);
}

static char *copy(struct timeline *t, const char *text)
{
	char *copied = text ? strdup(text) : NULL;

	t->no_memory |= text && !copied;
	return copied;
}

/* ---- what a replay tells --------------------------------------------------------------------- */

static struct panel *panel_of(struct timeline *t, unsigned panel)
{
	while (t->npanels <= panel) {
		struct panel *p =
			timeline_add((void **)&t->panels, &t->npanels, &t->panels_room, sizeof(*p));

		if (!p) {
			t->no_memory = true;
			return NULL;
		}
		p->parent = NO_PANEL;
	}
	return &t->panels[panel];
}

void timeline_thread(struct timeline *t, unsigned panel, int pid)
{
	struct named *named =
		timeline_add((void **)&t->named, &t->nnamed, &t->named_room, sizeof(*named));

	if (named)
		*named = (struct named){ pid, panel };
	else
		t->no_memory = true;
}

void timeline_process(struct timeline *t, unsigned panel, unsigned parent,
		      const struct process_record *record)
{
	struct panel *p = panel_of(t, panel);

	if (!p)
		return;
	p->pid = record->pid;
	p->parent = parent;
	p->program = copy(t, record->program);
	p->first = record->first;
	p->last = record->last;
	p->ended = record->ended;
	if (record->last > t->lines)
		t->lines = record->last;
	timeline_thread(t, panel, record->pid);
}

void timeline_exec(struct timeline *t, unsigned panel, uint64_t line, const char *program)
{
	struct exec *exec =
		timeline_add((void **)&t->execs, &t->nexecs, &t->execs_room, sizeof(*exec));

	if (exec)
		*exec = (struct exec){ panel, line, copy(t, program) };
	else
		t->no_memory = true;
}

void timeline_bar(struct timeline *t, unsigned panel, int64_t fd, const struct origin *origin,
		  bool cloexec, uint64_t from, uint64_t to)
{
	struct bar *bar = timeline_add((void **)&t->bars, &t->nbars, &t->bars_room, sizeof(*bar));

	if (bar)
		*bar = (struct bar){ panel,   fd,   origin_get((struct origin *)origin),
				     cloexec, from, to };
	else
		t->no_memory = true;
}

/* ---- in order -------------------------------------------------------------------------------- */

static int by_panel_and_fd(const void *a, const void *b)
{
	const struct bar *x = a, *y = b;

	if (x->panel != y->panel)
		return x->panel < y->panel ? -1 : 1;
	if (x->fd != y->fd)
		return x->fd < y->fd ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

static void sort_bars(struct timeline *t)
{
	if (t->nbars)
		qsort(t->bars, t->nbars, sizeof(*t->bars), by_panel_and_fd);
	for (size_t i = 0; i < t->nbars; i++) {
		/* A panel that no process came to has no memory: the replay ended early. */
		struct panel *p = panel_of(t, t->bars[i].panel);

		if (p && !p->nbars++)
			p->first_bar = i;
	}
}

/* A later task with the same pid comes after the one before. */
static int by_pid(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->panel > y->panel) - (x->panel < y->panel);
}

/* The panel of the task that had the pid at a line, or NO_PANEL. */
static unsigned panel_at(const struct timeline *t, int pid, uint64_t line)
{
	size_t low = 0, high = t->nnamed;

	/* The last task with the pid that began by then. */
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct named *named = &t->named[middle];

		if (named->pid < pid ||
		    (named->pid == pid && t->panels[named->panel].first <= line))
			low = middle + 1;
		else
			high = middle;
	}
	return low && t->named[low - 1].pid == pid ? t->named[low - 1].panel : NO_PANEL;
}

static void place_marks(struct timeline *t, const struct findings *findings)
{
	for (enum finding_kind kind = 0; kind < N_FINDINGS; kind++) {
		for (size_t i = 0; i < findings->of[kind].n; i++) {
			const struct finding *finding = &findings->of[kind].list[i];
			const unsigned panel = panel_at(t, finding->pid, finding->line);
			struct mark *mark;

			if (kind == FINDING_INCOMPLETE || panel == NO_PANEL)
				continue;
			mark = timeline_add((void **)&t->marks, &t->nmarks, &t->marks_room,
					    sizeof(*mark));
			if (!mark) {
				t->no_memory = true;
				return;
			}
			*mark = (struct mark){ panel, kind, finding };
			t->panels[panel].nmarks++;
		}
	}
}

int timeline_write(struct timeline *t, enum timeline_form form, const char *file, const char *log,
		   const struct findings *findings)
{
	struct timeline_layout l = { 0 };
	int error;
	FILE *f;

	t->nmarks = 0;
	for (size_t i = 0; i < t->npanels; i++)
		t->panels[i].nbars = t->panels[i].nmarks = 0;
	sort_bars(t);
	if (t->nnamed)
		qsort(t->named, t->nnamed, sizeof(*t->named), by_pid);
	place_marks(t, findings);
	error = t->no_memory ? -ENOMEM : timeline_lay_out(t, &l);
	for (enum finding_kind kind = 0; kind < N_FINDINGS; kind++)
		l.unmarked += findings->of[kind].total - findings->of[kind].n;
	f = error ? NULL : fopen(file, "we");
	if (!error && !f)
		error = -errno;
	if (f) {
		(form == TIMELINE_HTML ? timeline_page : timeline_svg)(&l, f, log);
		if (ferror(f))
			error = -EIO;
		if (fclose(f) && !error)
			error = -errno;
	}
	layout_free(&l);
	return error;
}
