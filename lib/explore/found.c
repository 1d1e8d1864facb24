/*
 * Outcomes and failures. Most runs end in an outcome that is known: it is found by its signature,
 * and text is made of new outcomes alone.
 */
#include "explore/found.h"

#include "base/heap.h"

#include <errno.h>
#include <string.h>

#define FAILURES_MAX 64
#define INDEX_BITS   6 /* of the first table of outcomes */

int found_init(struct found *f, struct race *race)
{
	*f = (struct found){ .race = race };
	return hash_init(&f->index, INDEX_BITS);
}

static void strings_free(const char **strings, size_t n)
{
	for (size_t i = 0; strings && i < n; i++)
		free((char *)(uintptr_t)strings[i]);
	free(strings);
}

static void outcome_free(const struct found *f, struct outcome *o)
{
	text_free(&o->signature);
	strings_free(o->results, f->race->n_lines);
	strings_free(o->calls, f->race->n_lines);
	strings_free(o->watched, f->n_watch);
	free(o->tables);
	free(o->way.program);
	free(o);
}

void found_forget(struct found *f)
{
	for (size_t i = 0; i < f->n_outcomes; i++) {
		hash_del(&f->index, &f->outcomes[i]->indexed);
		outcome_free(f, f->outcomes[i]);
	}
	for (size_t i = 0; i < f->n_failures; i++)
		free(f->failures[i].way.program);
	f->n_outcomes = f->n_failures = 0;
}

void found_free(struct found *f)
{
	found_forget(f);
	for (size_t i = 0; i < f->n_watch; i++)
		free(f->watch[i]);
	free(f->watch);
	free(f->outcomes);
	free(f->failures);
	hash_free(&f->index);
	text_free(&f->signature);
}

int found_watch(struct found *f, const char *path)
{
	char **watch = reallocarray(f->watch, f->n_watch + 1, sizeof(*watch));

	if (!watch)
		return -ENOMEM;
	f->watch = watch;
	watch[f->n_watch] = strdup(path);
	if (!watch[f->n_watch])
		return -ENOMEM;
	f->n_watch++;
	return 0;
}

static unsigned count_switches(const uint8_t *way, unsigned steps)
{
	unsigned n = 0;

	for (unsigned i = 1; i < steps; i++)
		n += way[i] != way[i - 1];
	return n;
}

/* Puts a schedule in the place of the one that was kept. 0 or -ENOMEM. */
static int keep(struct schedule *kept, const uint8_t *way, unsigned steps)
{
	uint8_t *program = realloc(kept->program, steps + 1);

	if (!program)
		return -ENOMEM;
	memcpy(program, way, steps);
	*kept = (struct schedule){ program, steps, count_switches(way, steps) };
	return 0;
}

/* Makes the signature of the present run. 0 or -ENOMEM. */
static int sign(struct found *f)
{
	text_clear(&f->signature);
	race_signature(f->race, &f->signature);
	for (size_t i = 0; i < f->n_watch; i++) {
		char *text;
		const int error = race_read(f->race, f->watch[i], &text);

		if (error)
			return error;
		text_putc(&f->signature, text ? '+' : '-');
		if (text)
			text_put(&f->signature, text, strlen(text) + 1);
		free(text);
	}
	return f->signature.error;
}

static const char *describe_line(const struct race *r, const struct race_line *line,
				 void (*put)(const struct race *, const struct race_line *,
					     struct text *))
{
	struct text t = TEXT_EMPTY;

	put(r, line, &t);
	if (!t.error)
		return t.s;
	text_free(&t);
	return NULL;
}

/* Makes the texts of an outcome from the present run. 0 or -ENOMEM. */
static int describe(const struct found *f, struct outcome *o)
{
	struct race *r = f->race;
	struct text tables = TEXT_EMPTY;

	o->results = calloc(r->n_lines + 1, sizeof(*o->results));
	o->calls = calloc(r->n_lines + 1, sizeof(*o->calls));
	o->watched = calloc(f->n_watch + 1, sizeof(*o->watched));
	if (!o->results || !o->calls || !o->watched)
		return -ENOMEM;
	for (unsigned i = 0; i < r->n_lines; i++) {
		o->results[i] = describe_line(r, &r->line[i], race_result);
		o->calls[i] = describe_line(r, &r->line[i], race_call);
		if (!o->results[i] || !o->calls[i])
			return -ENOMEM;
	}
	for (size_t i = 0; i < f->n_watch; i++) {
		char *text;

		if (race_read(r, f->watch[i], &text))
			return -ENOMEM;
		o->watched[i] = text;
	}
	race_tables(r, &tables);
	o->tables = tables.s;
	text_put(&o->signature, f->signature.s, f->signature.len);
	return tables.s && !tables.error && !o->signature.error ? 0 : -ENOMEM;
}

static bool outcomes_grow(struct found *f)
{
	const size_t room = f->outcomes_room ? 2 * f->outcomes_room : 64;
	struct outcome **outcomes;

	if (f->n_outcomes < f->outcomes_room)
		return true;
	outcomes = reallocarray(f->outcomes, room, sizeof(struct outcome *));
	if (!outcomes)
		return false;
	f->outcomes = outcomes;
	f->outcomes_room = room;
	return true;
}

/* Adds the present run's outcome, without a schedule. NULL: no memory. */
static struct outcome *add_outcome(struct found *f, uint64_t key)
{
	struct outcome *o;

	if (!outcomes_grow(f))
		return NULL;
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	if (describe(f, o)) {
		outcome_free(f, o);
		return NULL;
	}
	hash_add(&f->index, &o->indexed, key);
	f->outcomes[f->n_outcomes++] = o;
	return o;
}

/* The outcome of the present run, which may be new. NULL: no memory. */
static struct outcome *find_outcome(struct found *f)
{
	const struct text *s = &f->signature;
	const uint64_t key = hash_bytes(s->s, s->len);
	struct hash_node *node = hash_first(&f->index, key);

	for (; node; node = hash_again(node)) {
		struct outcome *o = container_of(node, struct outcome, indexed);

		if (o->signature.len == s->len && !memcmp(o->signature.s, s->s, s->len))
			return o;
	}
	return add_outcome(f, key);
}

int found_outcome(struct found *f, const uint8_t *way, unsigned steps)
{
	struct outcome *o = sign(f) ? NULL : find_outcome(f);

	if (!o)
		return -ENOMEM;
	if (!o->schedules++ || count_switches(way, steps) < o->way.switches)
		return keep(&o->way, way, steps);
	return 0;
}

/* The failure that the present run came to, which may be new. NULL: no memory, or too many. */
static struct failure *find_failure(struct found *f)
{
	const struct race *r = f->race;
	struct failure *failure;

	for (size_t i = 0; i < f->n_failures; i++) {
		failure = &f->failures[i];
		if (failure->breach == r->breach && !strcmp(failure->why, r->why))
			return failure;
	}
	if (f->n_failures == FAILURES_MAX)
		return NULL;
	failure = &f->failures[f->n_failures++];
	*failure = (struct failure){ .breach = r->breach };
	memcpy(failure->why, r->why, sizeof(failure->why));
	return failure;
}

int found_failure(struct found *f, const uint8_t *way, unsigned steps)
{
	struct failure *failure;

	if (!f->failures)
		f->failures = calloc(FAILURES_MAX, sizeof(*f->failures));
	if (!f->failures)
		return -ENOMEM;
	failure = find_failure(f);
	if (failure && (!failure->schedules++ || steps < failure->way.steps))
		return keep(&failure->way, way, steps);
	return 0;
}
