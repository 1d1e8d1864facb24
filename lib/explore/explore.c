/*
 * The explorer as its users see it (fdlab.h): a race is put together, searched, and what was found
 * is told.
 */
#include "base/heap.h"
#include "explore/search.h"
#include "machine/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int fdl_explorer_new(struct fdl_machine *m, struct fdl_explorer **ep, char *err, size_t errsize)
{
	struct fdl_explorer *e = calloc(1, sizeof(*e));
	int error;

	if (errsize)
		*err = '\0';
	if (!e || found_init(&e->found, &e->race)) {
		free(e);
		snprintf(err, errsize, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	error = race_init(&e->race, m, err, errsize);
	if (error) {
		found_free(&e->found);
		free(e);
		return error;
	}
	*ep = e;
	return 0;
}

void fdl_explorer_free(struct fdl_explorer *e)
{
	if (!e)
		return;
	found_free(&e->found);
	search_free(e);
	race_free(&e->race);
	free(e);
}

int fdl_explorer_add(struct fdl_explorer *e, int pid, const char *call, size_t len, char *err,
		     size_t errsize)
{
	const int error = race_add_call(&e->race, pid, call, len, err, errsize);

	if (!error && (e->race.line[e->race.n_lines - 1].row->call->flags & CALL_KNOWS_IDS))
		e->in_order = true;
	return error;
}

int fdl_explorer_add_write(struct fdl_explorer *e, int pid, const char *path, const char *text,
			   size_t len, char *err, size_t errsize)
{
	return race_add_write(&e->race, pid, path, text, len, err, errsize);
}

/*
 * Whether a file tells nothing but what is in a table: two runs that differ in the order of
 * independent steps alone leave the same text in it.
 */
static bool tells_table_only(const char *path)
{
	static const char *const files[] = {
		"count",
		"next_fd",
		"max_fds",
		"open_fds",
		"open_fds_list",
		"close_on_exec",
		"close_on_exec_list",
	};
	const char *rest = path + strspn(path, "/0123456789");

	if (!strncmp(rest, "fd/", 3))
		return true;
	if (strncmp(rest, "files/", 6) != 0)
		return false;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (!strcmp(rest + 6, files[i]))
			return true;
	}
	return false;
}

int fdl_explorer_watch(struct fdl_explorer *e, const char *path)
{
	int error = found_watch(&e->found, path);

	if (!error && !tells_table_only(path))
		e->in_order = true;
	return error;
}

int fdl_explorer_run(struct fdl_explorer *e, const struct fdl_explore *how)
{
	int error = e->race.frozen ? 0 : race_begin(&e->race);

	if (error)
		return error;
	found_forget(&e->found);
	e->ordinal = 0;
	e->error = 0;
	e->depth = 0;
	e->done = (struct fdl_explored){ .copied = heap_frozen_size(e->race.heap) };
	e->naive = e->in_order || how->naive || e->race.tight;
	e->parts = how->parts ? how->parts : 1;
	e->part = how->part ? how->part : 1;
	error = search_run(e, how);
	for (size_t i = 0; !error && i < e->found.n_failures; i++)
		search_shorten(e, &e->found.failures[i]);
	return error;
}

void fdl_explorer_done(const struct fdl_explorer *e, struct fdl_explored *done)
{
	*done = e->done;
}

size_t fdl_explorer_lines(const struct fdl_explorer *e)
{
	return e->race.n_lines;
}

void fdl_explorer_line(const struct fdl_explorer *e, size_t i, struct fdl_race_line *line)
{
	const struct race_line *l = &e->race.line[i];

	line->pid = e->race.program[l->program].pid;
	line->name = l->row ? l->row->call->name : "echo";
}

size_t fdl_explorer_outcomes(const struct fdl_explorer *e)
{
	return e->found.n_outcomes;
}

void fdl_explorer_outcome(const struct fdl_explorer *e, size_t i, struct fdl_race_outcome *o)
{
	const struct outcome *from = e->found.outcomes[i];

	*o = (struct fdl_race_outcome){
		.schedules = from->schedules,
		.results = from->results,
		.calls = from->calls,
		.tables = from->tables,
		.watched = from->watched,
	};
}

size_t fdl_explorer_failures(const struct fdl_explorer *e)
{
	return e->found.n_failures;
}

void fdl_explorer_failure(const struct fdl_explorer *e, size_t i, struct fdl_failure *f)
{
	static const char *const kinds[] = {
		[BREACH_NONE] = "",
		[BREACH_INVARIANT] = "invariant",
		[BREACH_BUG] = "BUG",
		[BREACH_FREED] = "use of freed memory",
		[BREACH_DEADLOCK] = "deadlock",
	};
	const struct failure *from = &e->found.failures[i];

	*f = (struct fdl_failure){ kinds[from->breach], from->why, from->schedules,
				   from->way.steps };
}

/* ---- witnesses ---------------------------------------------------------------------------- */

/* The last step, if the transcript does not have it because the step never came to its end. */
static void put_last_step(const struct race *r, struct text *out)
{
	const struct program *p = &r->program[r->running];
	const struct race_line *line;

	if (r->recorded || !p->next)
		return;
	line = &r->line[p->line[p->next - 1]];
	if (p->call && p->call->gave_way)
		text_printf(out, "%d step\n", p->pid);
	else
		text_printf(out, "%d %.*s\n", p->pid, (int)line->len, line->text);
}

static int witness(struct fdl_explorer *e, const struct schedule *way, char **text)
{
	struct text out = TEXT_EMPTY;
	int error;

	search_replay(e, way->program, way->steps);
	error = race_log(&e->race, &out);
	put_last_step(&e->race, &out);
	text_puts(&out, "");
	if (!error)
		error = out.error;
	if (error)
		text_free(&out);
	*text = out.s;
	return error;
}

int fdl_explorer_witness(struct fdl_explorer *e, size_t outcome, char **text)
{
	return witness(e, &e->found.outcomes[outcome]->way, text);
}

int fdl_explorer_failure_witness(struct fdl_explorer *e, size_t failure, char **text)
{
	return witness(e, &e->found.failures[failure].way, text);
}
