/*
 * The explorer as its users see it: a race is put together, explored, and what was found is kept:
 * outcomes by what they look like, failures by what broke.
 */
#include "explore/explore.h"

#include "base/heap.h"
#include "machine/machine.h"
#include "machine/sched.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAILURES_MAX 64

int fdl_explorer_new(struct fdl_machine *m, struct fdl_explorer **ep, char *err, size_t errsize)
{
	struct fdl_explorer *e = calloc(1, sizeof(*e));
	int error;

	if (errsize)
		*err = '\0';
	if (!e) {
		snprintf(err, errsize, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	error = race_init(&e->race, m, err, errsize);
	if (error)
		free(e);
	else
		*ep = e;
	return error;
}

static void strings_free(const char **strings, size_t n)
{
	for (size_t i = 0; strings && i < n; i++)
		free((char *)(uintptr_t)strings[i]);
	free(strings);
}

static void outcome_free(const struct fdl_explorer *e, struct outcome *o)
{
	text_free(&o->signature);
	strings_free(o->results, e->race.n_lines);
	strings_free(o->calls, e->race.n_lines);
	strings_free(o->watched, e->n_watch);
	free(o->tables);
	free(o->schedule);
}

static void forget_tree(struct fdl_explorer *e)
{
	for (unsigned i = 0; e->node && i <= DEPTH_MAX; i++) {
		for (unsigned j = 0; j < PROGRAMS_MAX; j++)
			free(e->node[i].taken[j]);
	}
	free(e->node);
	free(e->event);
}

/* What an exploration found. */
static void forget_found(struct fdl_explorer *e)
{
	for (size_t i = 0; i < e->n_outcomes; i++)
		outcome_free(e, &e->outcomes[i]);
	for (size_t i = 0; i < e->n_failures; i++)
		free(e->failures[i].schedule);
	free(e->outcomes);
	free(e->index);
	free(e->failures);
	e->outcomes = NULL;
	e->index = NULL;
	e->failures = NULL;
	e->n_outcomes = e->n_index = e->n_failures = 0;
	e->ordinal = 0;
	e->error = 0;
	e->depth = 0;
	e->done = (struct fdl_explored){ 0 };
}

void fdl_explorer_free(struct fdl_explorer *e)
{
	if (!e)
		return;
	forget_found(e);
	forget_tree(e);
	for (size_t i = 0; i < e->n_watch; i++)
		free(e->watch[i]);
	free(e->watch);
	text_free(&e->signature);
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
 * Files that tell nothing but what is in a table: two runs that differ in the order of independent
 * steps alone leave the same in them.
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
	char **watch = reallocarray(e->watch, e->n_watch + 1, sizeof(*watch));

	if (!watch)
		return -ENOMEM;
	e->watch = watch;
	watch[e->n_watch] = strdup(path);
	if (!watch[e->n_watch])
		return -ENOMEM;
	e->n_watch++;
	if (!tells_table_only(path))
		e->in_order = true;
	return 0;
}

int fdl_explorer_run(struct fdl_explorer *e, const struct fdl_explore *how)
{
	int error = e->race.frozen ? 0 : race_begin(&e->race);

	if (error)
		return error;
	forget_found(e);
	e->naive = e->in_order || how->naive || e->race.tight;
	e->parts = how->parts ? how->parts : 1;
	e->part = how->part ? how->part : 1;
	e->done.copied = heap_frozen_size(e->race.heap);
	error = explore_tree(e, how);
	for (size_t i = 0; !error && i < e->n_failures; i++)
		explore_shorten(e, &e->failures[i]);
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

/* ---- outcomes ---- */

static uint64_t hash_bytes(const char *s, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325), word;

	for (; len >= sizeof(word); s += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	for (; len; len--)
		h = (h ^ (unsigned char)*s++) * UINT64_C(0x100000001b3);
	return h;
}

static unsigned count_switches(const struct fdl_explorer *e)
{
	unsigned n = 0;

	for (unsigned i = 1; i < e->depth; i++)
		n += e->event[i].program != e->event[i - 1].program;
	return n;
}

static bool keep_schedule(const struct fdl_explorer *e, uint8_t **schedule)
{
	uint8_t *s = realloc(*schedule, e->depth + 1);

	if (!s)
		return false;
	for (unsigned i = 0; i < e->depth; i++)
		s[i] = (uint8_t)e->event[i].program;
	*schedule = s;
	return true;
}

/* What tells one outcome from another: signs of the final state, and the watched files. */
static void sign(struct fdl_explorer *e)
{
	text_clear(&e->signature);
	race_signature(&e->race, &e->signature);
	for (size_t i = 0; i < e->n_watch; i++) {
		char *text = race_read(&e->race, e->watch[i]);

		text_putc(&e->signature, text ? '+' : '-');
		if (text)
			text_put(&e->signature, text, strlen(text) + 1);
		free(text);
	}
}

/* Doubles the hash table when it is half full. */
static bool index_room(struct fdl_explorer *e)
{
	const size_t n = e->n_index ? 2 * e->n_index : 64;
	uint32_t *index;
	struct outcome *outcomes;

	if (2 * (e->n_outcomes + 1) <= e->n_index)
		return true;
	index = calloc(n, sizeof(*index));
	outcomes = index ? reallocarray(e->outcomes, n / 2, sizeof(*outcomes)) : NULL;
	if (!outcomes) {
		free(index);
		return false;
	}
	e->outcomes = outcomes;
	for (size_t i = 0; i < e->n_outcomes; i++) {
		size_t at = outcomes[i].hash & (n - 1);

		while (index[at])
			at = (at + 1) & (n - 1);
		index[at] = (uint32_t)i + 1;
	}
	free(e->index);
	e->index = index;
	e->n_index = n;
	return true;
}

static const char *describe_line(const struct race *r, const struct race_line *line,
				 void (*put)(const struct race *, const struct race_line *,
					     struct text *))
{
	struct text t = TEXT_EMPTY;

	put(r, line, &t);
	return t.s;
}

/* A new outcome, with all that is told of it. */
static int describe(struct fdl_explorer *e, struct outcome *o)
{
	const struct race *r = &e->race;
	struct text tables = TEXT_EMPTY;

	o->results = calloc(r->n_lines + 1, sizeof(*o->results));
	o->calls = calloc(r->n_lines + 1, sizeof(*o->calls));
	o->watched = calloc(e->n_watch + 1, sizeof(*o->watched));
	if (!o->results || !o->calls || !o->watched)
		return -ENOMEM;
	for (unsigned i = 0; i < r->n_lines; i++) {
		o->results[i] = describe_line(r, &r->line[i], race_result);
		o->calls[i] = describe_line(r, &r->line[i], race_call);
		if (!o->results[i] || !o->calls[i])
			return -ENOMEM;
	}
	for (size_t i = 0; i < e->n_watch; i++)
		o->watched[i] = race_read(&e->race, e->watch[i]);
	race_tables(r, &tables);
	o->tables = tables.s;
	text_put(&o->signature, e->signature.s, e->signature.len);
	return tables.s && !o->signature.error ? 0 : -ENOMEM;
}

static bool is_same(const struct outcome *o, uint64_t hash, const struct text *signature)
{
	return o->hash == hash && o->signature.len == signature->len &&
	       memcmp(o->signature.s, signature->s, signature->len) == 0;
}

/* The outcome of the present run, which may be new: then it has no schedules yet. NULL: no memory. */
static struct outcome *find_outcome(struct fdl_explorer *e)
{
	const uint64_t hash = hash_bytes(e->signature.s, e->signature.len);
	struct outcome *o;
	size_t at;

	if (!index_room(e))
		return NULL;
	for (at = hash & (e->n_index - 1); e->index[at]; at = (at + 1) & (e->n_index - 1)) {
		o = &e->outcomes[e->index[at] - 1];
		if (is_same(o, hash, &e->signature))
			return o;
	}
	o = &e->outcomes[e->n_outcomes++];
	*o = (struct outcome){ .hash = hash };
	e->index[at] = (uint32_t)e->n_outcomes;
	return describe(e, o) ? NULL : o;
}

int note_outcome(struct fdl_explorer *e)
{
	const unsigned switches = count_switches(e);
	struct outcome *o;

	sign(e);
	o = e->signature.error ? NULL : find_outcome(e);
	if (!o)
		return -ENOMEM;
	if (e->depth > e->done.longest)
		e->done.longest = e->depth;
	/* The one that is easiest to follow is kept. */
	if (!o->schedules++ || switches < o->switches) {
		if (!keep_schedule(e, &o->schedule))
			return -ENOMEM;
		o->steps = e->depth;
		o->switches = switches;
	}
	return 0;
}

size_t fdl_explorer_outcomes(const struct fdl_explorer *e)
{
	return e->n_outcomes;
}

void fdl_explorer_outcome(const struct fdl_explorer *e, size_t i, struct fdl_race_outcome *o)
{
	const struct outcome *from = &e->outcomes[i];

	*o = (struct fdl_race_outcome){
		.schedules = from->schedules,
		.results = from->results,
		.calls = from->calls,
		.tables = from->tables,
		.watched = from->watched,
	};
}

/* ---- failures ---- */

int note_failure(struct fdl_explorer *e)
{
	struct failure *f = e->failures;
	struct failure *end = f + e->n_failures;

	for (; f < end; f++) {
		if (f->breach == e->race.breach && !strcmp(f->why, e->race.why))
			break;
	}
	if (f == end) {
		if (e->n_failures == FAILURES_MAX)
			return 0;
		f = reallocarray(e->failures, e->n_failures + 1, sizeof(*f));
		if (!f)
			return -ENOMEM;
		e->failures = f;
		f += e->n_failures++;
		*f = (struct failure){ .breach = e->race.breach };
		memcpy(f->why, e->race.why, sizeof(f->why));
	}
	if (!f->schedules++ || e->depth < f->steps) {
		f->steps = e->depth;
		if (!keep_schedule(e, &f->schedule))
			return -ENOMEM;
	}
	return 0;
}

size_t fdl_explorer_failures(const struct fdl_explorer *e)
{
	return e->n_failures;
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
	const struct failure *from = &e->failures[i];

	*f = (struct fdl_failure){ kinds[from->breach], from->why, from->schedules, from->steps };
}

/* ---- witnesses ---- */

/* The last step where the transcript does not have it, because it never came to its end. */
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

static int witness(struct fdl_explorer *e, const uint8_t *schedule, unsigned steps, char **text)
{
	struct text out = TEXT_EMPTY;
	int error;

	explore_replay(e, schedule, steps);
	error = race_log(&e->race, &out);
	put_last_step(&e->race, &out);
	text_puts(&out, "");
	*text = out.s;
	return error || !out.s ? -ENOMEM : 0;
}

int fdl_explorer_witness(struct fdl_explorer *e, size_t outcome, char **text)
{
	const struct outcome *o = &e->outcomes[outcome];

	return witness(e, o->schedule, o->steps, text);
}

int fdl_explorer_failure_witness(struct fdl_explorer *e, size_t failure, char **text)
{
	const struct failure *f = &e->failures[failure];

	return witness(e, f->schedule, f->steps, text);
}
