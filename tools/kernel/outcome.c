/*
 * Outcomes of runs as texts: calls with their results, tables one a line, which the library prints
 * as it prints the model's, and the files that follow from these.
 */
#include "kernel/outcome.h"

#include "cli/memory.h"
#include "cli/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESERVED  "=reserved"
#define MARKED    "(cloexec)"
#define IN_FLIGHT "<unfinished ...>"

/* ---- tables --------------------------------------------------------------------------------- */

/* The tasks that share the table of a task, from 0; their number. */
static size_t gather_pids(const struct kernel_race_run *run, size_t task, int pids[RACE_TASKS])
{
	size_t n = 0;

	pids[n++] = (int)task + 1;
	for (size_t k = task + 1; k < run->n_tasks; k++)
		if (run->table[k].kind == KIND_SHARES && run->table[k].sharer == (int)task)
			pids[n++] = (int)k + 1;
	return n;
}

static void gather_slots(const struct kernel_race_table *t, struct fdl_race_slot *slots)
{
	for (size_t i = 0; i < t->n_slots; i++)
		slots[i] = (struct fdl_race_slot){
			.fd = t->slot[i].fd,
			.cloexec = t->slot[i].cloexec,
			.same = t->slot[i].same,
			.name = t->names + t->slot[i].name,
		};
}

static char *tables_text(const struct kernel_race_run *run)
{
	struct fdl_race_table table[RACE_TASKS];
	int pids[RACE_TASKS][RACE_TASKS];
	struct fdl_race_slot *slots, *to;
	size_t n = 0, n_slots = 1;
	char *text;

	for (size_t i = 0; i < run->n_tasks; i++)
		n_slots += run->table[i].kind == KIND_TABLE ? run->table[i].n_slots : 0;
	to = slots = calloc(n_slots, sizeof(*slots));
	if (!slots)
		return NULL;
	for (size_t i = 0; i < run->n_tasks; i++) {
		const struct kernel_race_table *t = &run->table[i];

		if (t->kind != KIND_GONE && t->kind != KIND_TABLE)
			continue;
		table[n] = (struct fdl_race_table){
			.pids = pids[n],
			.n_pids = gather_pids(run, i, pids[n]),
			.gone = t->kind == KIND_GONE,
			.slots = to,
		};
		if (t->kind == KIND_TABLE) {
			gather_slots(t, to);
			table[n].n_slots = t->n_slots;
			to += t->n_slots;
		}
		n++;
	}
	text = fdl_race_tables(table, n);
	free(slots);
	return text;
}

/* The length of " 5(cloexec)=reserved" at p; 0: there is no such text. */
static size_t reserved_length(const char *p)
{
	size_t n = 1, digits;

	if (*p != ' ')
		return 0;
	digits = strspn(p + 1, "0123456789");
	n += digits;
	if (!strncmp(p + n, MARKED, strlen(MARKED)))
		n += strlen(MARKED);
	if (!digits || strncmp(p + n, RESERVED, strlen(RESERVED)) != 0)
		return 0;
	n += strlen(RESERVED);
	return p[n] == ' ' || p[n] == '\n' || !p[n] ? n : 0;
}

/* The tables of the model without reserved descriptors, which no real kernel shows. */
static char *visible_tables(const char *tables)
{
	char *text = malloc(strlen(tables) + 1), *to = text;
	size_t skip;

	while (text && *tables) {
		skip = reserved_length(tables);
		if (skip)
			tables += skip;
		else
			*to++ = *tables++;
	}
	if (text)
		*to = '\0';
	return text;
}

/* The descriptor after a blank or a dash at p, as slots are written; 0: there is none. */
static unsigned descriptor_at(const char *p)
{
	const char *end;
	uint64_t fd;

	if (*p != ' ' && *p != '-')
		return 0;
	end = decimal_at(p + 1, &fd);
	return end && *end && strchr("-=(", *end) ? (unsigned)fd : 0;
}

unsigned kernel_outcome_highest(const char *tables)
{
	unsigned highest = 0;

	for (; *tables; tables++) {
		const unsigned fd = descriptor_at(tables);

		if (fd > highest)
			highest = fd;
	}
	return highest;
}

/* ---- results and calls ---------------------------------------------------------------------- */

/* Whether a task has ended, so that it has no table. */
static bool has_no_table(const struct kernel_race_run *run, size_t task)
{
	return task >= run->n_tasks || run->table[task].kind == KIND_GONE ||
	       run->table[task].kind == KIND_NONE;
}

/*
 * Whether the result of a call that a task has not told is lost: the task has ended in it, or was
 * stopped on its way back.
 */
static bool has_lost_result(const struct kernel_race_run *run, size_t task)
{
	return has_no_table(run, task) || run->table[task].stopped;
}

static enum fdl_race_state state_of(const struct kernel_race_run *run, size_t line, size_t task)
{
	switch ((enum race_did)run->done[line].did) {
	case DID_NOT_BEGIN:
		return FDL_RACE_NOT_RUN;
	case DID_BEGIN:
		return has_lost_result(run, task) ? FDL_RACE_ENDED : FDL_RACE_IN_FLIGHT;
	case DID_RETURN:
		return FDL_RACE_RETURNED;
	default:
		return FDL_RACE_ENDED;
	}
}

static char *call_text(const struct kernel_outcomes *o, const struct kernel_race *r,
		       const struct kernel_race_run *run, size_t i, enum fdl_race_state state)
{
	const struct fdl_line *line = o->line[i].line;
	const int64_t result = run->done[i].result;
	const struct fdl_arg *args = line->args;
	struct kernel_filled filled;

	if (state == FDL_RACE_RETURNED && result >= 0 && kernel_call_fills(line->row)) {
		kernel_race_filled(r, run, i, &filled);
		args = filled.args;
	}
	return fdl_race_call(line, o->line[i].pid, state, args, result);
}

/* ---- files ---------------------------------------------------------------------------------- */

enum shown_kind {
	SHOWN_NOT,
	SHOWN_OPEN,
	SHOWN_MARKED,
	SHOWN_COUNT,
	SHOWN_LINK,
};

/* Takes a path of the tree apart: the kind of file, its task, and the descriptor of a link. */
static enum shown_kind find_shown(const char *path, size_t *task, unsigned *fd)
{
	static const struct {
		const char *name;
		enum shown_kind shown;
	} files[] = {
		{ "files/open_fds_list", SHOWN_OPEN },
		{ "files/close_on_exec_list", SHOWN_MARKED },
		{ "files/count", SHOWN_COUNT },
	};
	uint64_t pid, link;

	path = decimal_at(path + strspn(path, "/"), &pid);
	if (!path || *path++ != '/' || !pid)
		return SHOWN_NOT;
	*task = pid - 1;
	if (!strncmp(path, "fd/", 3) && number_read(path + 3, &link)) {
		*fd = (unsigned)link;
		return SHOWN_LINK;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!strcmp(path, files[i].name))
			return files[i].shown;
	return SHOWN_NOT;
}

bool kernel_outcome_shows(const char *path)
{
	unsigned fd;
	size_t task;

	return find_shown(path, &task, &fd) != SHOWN_NOT;
}

bool kernel_outcome_hides_reserved(const char *path)
{
	unsigned fd;
	size_t task;

	return find_shown(path, &task, &fd) == SHOWN_OPEN;
}

static void put_list(FILE *f, const struct kernel_race_table *t, bool marked)
{
	const char *comma = "";

	for (size_t i = 0; i < t->n_slots;) {
		const struct race_slot *first = &t->slot[i], *last = first;

		i++;
		if (marked && !first->cloexec)
			continue;
		for (; i < t->n_slots && t->slot[i].fd == last->fd + 1 &&
		       (!marked || t->slot[i].cloexec);
		     i++)
			last = &t->slot[i];
		fprintf(f, "%s%u", comma, first->fd);
		if (last > first)
			fprintf(f, "-%u", last->fd);
		comma = ",";
	}
}

static void put_link(FILE *f, const struct kernel_race_table *t, unsigned fd)
{
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slot[i].fd == fd)
			fputs(t->names + t->slot[i].name, f);
}

static unsigned count_sharers(const struct kernel_race_run *run, size_t table)
{
	unsigned n = 1;

	for (size_t i = 0; i < run->n_tasks; i++)
		n += run->table[i].kind == KIND_SHARES && run->table[i].sharer == (int)table;
	return n;
}

/* The text of a watched file, without its newline. 0, also where there is none; or -ENOMEM. */
static int watched_text(const struct kernel_race_run *run, const char *path, char **text)
{
	size_t task = 0, len;
	unsigned fd = 0;
	const enum shown_kind shown = find_shown(path, &task, &fd);
	FILE *f;

	*text = NULL;
	if (shown == SHOWN_NOT || has_no_table(run, task))
		return 0;
	if (run->table[task].kind == KIND_SHARES)
		task = (size_t)run->table[task].sharer;
	f = memory_stream(text, &len);
	if (!f)
		return -ENOMEM;
	if (shown == SHOWN_LINK)
		put_link(f, &run->table[task], fd);
	else if (shown == SHOWN_COUNT)
		fprintf(f, "%u", count_sharers(run, task));
	else
		put_list(f, &run->table[task], shown == SHOWN_MARKED);
	if (fclose(f))
		return -ENOMEM;
	if (shown == SHOWN_LINK && !len) {
		free(*text);
		*text = NULL;
	}
	return 0;
}

/* ---- outcomes ------------------------------------------------------------------------------- */

/* An outcome under construction; it owns what it points to. */
struct made {
	char **results, **calls, **watched, *tables;
};

static void made_free(const struct kernel_outcomes *o, struct made *m)
{
	for (size_t i = 0; i < o->n_lines; i++) {
		free(m->results ? m->results[i] : NULL);
		free(m->calls ? m->calls[i] : NULL);
	}
	for (size_t i = 0; i < o->n_watched; i++)
		free(m->watched ? m->watched[i] : NULL);
	free(m->results);
	free(m->calls);
	free(m->watched);
	free(m->tables);
}

static bool made_new(const struct kernel_outcomes *o, struct made *m)
{
	*m = (struct made){
		.results = calloc(o->n_lines + 1, sizeof(char *)),
		.calls = calloc(o->n_lines + 1, sizeof(char *)),
		.watched = calloc(o->n_watched + 1, sizeof(char *)),
	};
	return m->results && m->calls && m->watched;
}

static int add(struct kernel_outcomes *o, const struct made *m, bool allowed, uint64_t runs)
{
	struct kernel_outcome *more = reallocarray(o->at, o->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	o->at = more;
	more[o->n++] = (struct kernel_outcome){
		.shown = {
			.schedules = runs,
			.results = (const char *const *)m->results,
			.calls = (const char *const *)m->calls,
			.tables = m->tables,
			.watched = (const char *const *)m->watched,
		},
		.allowed = allowed,
	};
	return 0;
}

static bool same_lines(const struct kernel_outcomes *o, const struct fdl_race_outcome *a,
		       const char *const *calls)
{
	for (size_t i = 0; i < o->n_lines; i++)
		if (strcmp(a->calls[i], calls[i]) != 0)
			return false;
	return true;
}

/* Whether two results are orders of kcmp, which compares addresses: each kernel has its own. */
static bool are_orders(const struct fdl_row *row, const char *a, const char *b)
{
	return !strcmp(fdl_row_name(row), "kcmp") && (!strcmp(a, "1") || !strcmp(a, "2")) &&
	       (!strcmp(b, "1") || !strcmp(b, "2"));
}

/*
 * Whether an outcome of the model is the one that was seen. If a task was killed or stopped in a
 * call, its result, or whether the call had begun, is not known: any result matches.
 */
static bool is_like(const struct kernel_outcomes *o, const struct fdl_race_outcome *allowed,
		    const struct made *m)
{
	if (strcmp(allowed->tables, m->tables) != 0)
		return false;
	for (size_t i = 0; i < o->n_lines; i++) {
		const char *seen = m->results[i];

		if (!strcmp(allowed->calls[i], m->calls[i]) || !strcmp(seen, "?") ||
		    (!strcmp(seen, "-") && !strcmp(allowed->results[i], "?")) ||
		    are_orders(o->line[i].line->row, allowed->results[i], seen))
			continue;
		return false;
	}
	return true;
}

/*
 * Whether an outcome of the model has every call in flight whose result was lost because its task
 * was stopped.
 */
static bool is_in_flight(const struct kernel_outcomes *o, const struct fdl_race_outcome *allowed,
			 const struct kernel_race_run *run)
{
	for (size_t i = 0; i < o->n_lines; i++) {
		const size_t task = (size_t)o->line[i].pid - 1;

		if (run->done[i].did == DID_BEGIN && !has_no_table(run, task) &&
		    run->table[task].stopped && strcmp(allowed->results[i], IN_FLIGHT) != 0)
			return false;
	}
	return true;
}

/*
 * The outcome that a run had; NULL: there is none yet. A stopped task either waits in its call or
 * returns from it: the first is more likely where the model has both with the same tables.
 */
static struct kernel_outcome *find_like(const struct kernel_outcomes *o,
					const struct kernel_race_run *run, const struct made *m)
{
	struct kernel_outcome *found = NULL;

	for (size_t i = 0; i < o->n; i++) {
		struct kernel_outcome *seen = &o->at[i];

		if (!is_like(o, &seen->shown, m))
			continue;
		if (is_in_flight(o, &seen->shown, run))
			return seen;
		if (!found)
			found = seen;
	}
	return found;
}

int kernel_outcomes_allow(struct kernel_outcomes *o, const struct fdl_race_outcome *allowed)
{
	struct made m;
	bool whole = made_new(o, &m), reserves;

	for (size_t i = 0; whole && i < o->n_lines; i++) {
		m.results[i] = strdup(allowed->results[i]);
		m.calls[i] = strdup(allowed->calls[i]);
		whole = m.results[i] && m.calls[i];
	}
	for (size_t i = 0; whole && i < o->n_watched; i++) {
		m.watched[i] = allowed->watched[i] ? strdup(allowed->watched[i]) : NULL;
		whole = !allowed->watched[i] || m.watched[i];
	}
	m.tables = whole ? visible_tables(allowed->tables) : NULL;
	reserves = m.tables && strcmp(m.tables, allowed->tables) != 0;
	for (size_t i = 0; m.tables && i < o->n; i++) {
		const struct fdl_race_outcome *old = &o->at[i].shown;

		if (strcmp(old->tables, m.tables) || !same_lines(o, old, allowed->calls))
			continue;
		o->at[i].reserves |= reserves;
		made_free(o, &m); /* they differ only in what a kernel does not show */
		return 0;
	}
	if (m.tables && !add(o, &m, true, 0)) {
		o->at[o->n - 1].reserves = reserves;
		return 0;
	}
	made_free(o, &m);
	return -ENOMEM;
}

static bool tell(const struct kernel_outcomes *o, const struct kernel_race *r,
		 const struct kernel_race_run *run, struct made *m)
{
	if (!made_new(o, m))
		return false;
	for (size_t i = 0; i < o->n_lines; i++) {
		const enum fdl_race_state state = state_of(run, i, (size_t)o->line[i].pid - 1);

		m->results[i] = fdl_race_result(state, run->done[i].result);
		m->calls[i] = call_text(o, r, run, i, state);
		if (!m->results[i] || !m->calls[i])
			return false;
	}
	for (size_t i = 0; i < o->n_watched; i++)
		if (watched_text(run, o->watched[i], &m->watched[i]))
			return false;
	m->tables = tables_text(run);
	return m->tables;
}

/* Replaces the watched files of the model, which have reserved descriptors, by the kernel's. */
static void take_watched(const struct kernel_outcomes *o, struct kernel_outcome *to, struct made *m)
{
	char **old = (char **)(uintptr_t)to->shown.watched;

	for (size_t i = 0; i < o->n_watched; i++) {
		char *text = old[i];

		old[i] = m->watched[i];
		m->watched[i] = text;
	}
}

int kernel_outcomes_count(struct kernel_outcomes *o, const struct kernel_race *r,
			  const struct kernel_race_run *run)
{
	struct kernel_outcome *seen;
	struct made m;
	int error = -ENOMEM;

	if (!tell(o, r, run, &m))
		goto out;
	seen = find_like(o, run, &m);
	if (!seen) {
		error = add(o, &m, false, 1);
		if (!error)
			return 0;
		goto out;
	}
	if (!seen->shown.schedules++)
		take_watched(o, seen, &m);
	error = 0;
out:
	made_free(o, &m);
	return error;
}

void kernel_outcomes_free(struct kernel_outcomes *o)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct fdl_race_outcome *shown = &o->at[i].shown;
		struct made m = {
			.results = (char **)(uintptr_t)shown->results,
			.calls = (char **)(uintptr_t)shown->calls,
			.watched = (char **)(uintptr_t)shown->watched,
			.tables = (char *)(uintptr_t)shown->tables,
		};

		made_free(o, &m);
	}
	free(o->at);
	o->at = NULL;
	o->n = 0;
}
