#include "simulate/kept.h"

#include "simulate/repeat.h"
#include "support/misuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct timespec start = { .tv_sec = 1000000000 };

static void add_bytes(struct kept *k, const char *bytes, size_t len)
{
	if (k->cap - k->len < len) {
		k->cap = 2 * (k->len + len);
		k->bytes = realloc(k->bytes, k->cap);
		if (!k->bytes)
			abort();
	}
	memcpy(k->bytes + k->len, bytes, len);
	k->len += len;
}

int kept_begin(struct kept *k, struct fdl_machine *m)
{
	char head[4096];
	size_t len;
	int error;

	fdl_machine_stamp(m, start);
	error = fdl_machine_reset(m, NULL);
	if (error)
		return error;
	len = fdl_journal_begin(m, start, head, sizeof(head));
	if (!len || len > sizeof(head))
		abort();
	add_bytes(k, head, len);
	k->first = len;
	k->records = 1;
	return 0;
}

void kept_free(struct kept *k)
{
	for (size_t i = 0; i < k->nstates; i++)
		free(k->states[i].json);
	free(k->states);
	free(k->bytes);
	*k = (struct kept){ .bytes = NULL };
}

void kept_add(struct kept *k, const struct fdl_record *r)
{
	char buf[2 * STEP_MAX];
	size_t len;

	if (!k->bytes)
		return;
	len = fdl_record_encode(r, buf, sizeof(buf));
	if (!len || len > sizeof(buf))
		abort();
	add_bytes(k, buf, len);
	k->records++;
}

static char *state_of(struct fdl_machine *m, simulation_failed_fn *failed)
{
	char *json;
	size_t len;

	if (fdl_read_file(m, "state.json", &json, &len))
		failed("the state of a machine cannot be read", NULL);
	return json;
}

void kept_note(struct kept *k, struct fdl_machine *m, simulation_failed_fn *failed)
{
	if (!k->bytes || (k->nstates && k->states[k->nstates - 1].records == k->records))
		return;
	k->states = realloc(k->states, (k->nstates + 1) * sizeof(*k->states));
	if (!k->states)
		abort();
	k->states[k->nstates++] = (struct kept_state){ k->records, state_of(m, failed) };
}

/* The state after so many records; NULL: it was not noted, since a step has several. */
static const char *state_after(const struct kept *k, uint64_t records)
{
	for (size_t i = k->nstates; i-- > 0;) {
		if (k->states[i].records == records)
			return k->states[i].json;
	}
	return NULL;
}

/* The bytes end where they end, for sanitizers. */
static struct fdl_journal *open_cut(const char *bytes, size_t len, simulation_failed_fn *failed)
{
	struct fdl_journal *j;
	char why[256];

	if (fdl_journal_open(bytes, len, &j, why, sizeof(why)))
		failed("a journal that was cut off cannot be read", why);
	return j;
}

static int put(void *ctx, const char *bytes, size_t len)
{
	add_bytes(ctx, bytes, len);
	return 0;
}

void kept_compact(struct kept *k, simulation_failed_fn *failed)
{
	struct kept less = { .first = k->first };
	struct fdl_journal_info info;
	struct fdl_journal *j = open_cut(k->bytes, k->len, failed);
	char why[256];

	if (fdl_journal_compact(j, put, &less))
		failed("a journal cannot be compacted", NULL);
	fdl_journal_close(j);
	if (fdl_journal_open(less.bytes, less.len, &j, why, sizeof(why)))
		failed("a journal that was compacted cannot be read", why);
	fdl_journal_info(j, &info);
	fdl_journal_close(j);
	less.records = info.records;
	/* The last state, if it is the present one. */
	if (state_after(k, k->records)) {
		less.states = calloc(1, sizeof(*less.states));
		if (!less.states)
			abort();
		less.states[less.nstates++] =
			(struct kept_state){ info.records, k->states[--k->nstates].json };
	}
	kept_free(k);
	*k = less;
}

struct fdl_machine *kept_make(const struct kept *k, size_t len, struct fdl_history **hp,
			      simulation_failed_fn *failed)
{
	char *bytes = malloc(len), *json, why[256];
	struct fdl_options o;
	struct fdl_journal_info info;
	struct fdl_journal *j;
	struct fdl_machine *m;
	const char *was;

	if (!bytes)
		abort();
	memcpy(bytes, k->bytes, len);
	j = open_cut(bytes, len, failed);
	if (fdl_journal_options(j, &o, why, sizeof(why)))
		failed("the journal has no options", why);
	if (fdl_machine_new(&o, &m) || (hp && fdl_history_new(m, 0, hp)))
		failed("no new machine can be made", NULL);
	if (fdl_journal_replay(j, m, why, sizeof(why)))
		failed("the journal does not make a machine", why);
	if (!names_misuse(k->bytes, len) && fdl_machine_check(m, why, sizeof(why)))
		failed("an invariant of the journal's machine does not hold", why);
	fdl_journal_info(j, &info);
	was = state_after(k, info.records);
	json = state_of(m, failed);
	if (was)
		repeat_compare(was, json, "the journal makes another machine", failed);
	free(json);
	fdl_journal_close(j);
	free(bytes);
	return m;
}
