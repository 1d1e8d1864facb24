/*
 * Prints calls and results as the notation has them, and tables with runs of descriptors of one
 * description.
 */
#include "explore/outcome_text.h"

#include "base/arena.h"
#include "notation/args.h"

#include <ctype.h>
#include <string.h>

#define STRING_MAX (FILLED_MAX / 4) /* bytes of a string that was filled in */

/* ---- calls ---------------------------------------------------------------------------------- */

unsigned outcome_pack(const struct fdl_row *row, const struct fdl_arg *arg, int64_t result,
		      char *buf)
{
	size_t n = 0;

	if (row->has_out && result >= 0)
		n = args_pack(row, arg, buf, FILLED_MAX, STRING_MAX);
	return n <= FILLED_MAX ? (unsigned)n : 0;
}

void outcome_result(struct text *out, enum fdl_race_state state, int64_t result)
{
	const char *name = result < 0 ? fdl_errname((int)-result) : NULL;

	switch (state) {
	case FDL_RACE_NOT_RUN:
		text_putc(out, '-');
		break;
	case FDL_RACE_IN_FLIGHT:
		text_puts(out, "<unfinished ...>");
		break;
	case FDL_RACE_ENDED:
		text_putc(out, '?');
		break;
	case FDL_RACE_RETURNED:
		if (name)
			text_printf(out, "-1 %s", name);
		else
			text_int(out, result);
		break;
	}
}

void outcome_call(struct text *out, const struct fdl_row *row, const struct fdl_arg *arg,
		  const char *filled, unsigned len, int64_t result)
{
	struct fdl_arg unpacked[ARGS_MAX];
	struct arena a = { 0 };

	if (len && args_unpack(&a, row, filled, len, unpacked))
		call_print(out, row, unpacked, ARGS_DONE, result, STRING_MAX);
	else
		call_print(out, row, arg, ARGS_BLOCKED, -1, STRING_MAX);
	arena_free(&a);
}

void outcome_end(struct text *out, enum fdl_race_state state, int64_t result)
{
	text_puts(out, state == FDL_RACE_IN_FLIGHT ? " " : " = ");
	outcome_result(out, state, result);
}

/* ---- tables --------------------------------------------------------------------------------- */

/*
 * Objects that have only a number ("pipe:[25]") get one here as they are met: inode numbers depend
 * on which was made first.
 */
struct numbered {
	const char *name[UNNAMED_MAX];
	unsigned n;
};

static unsigned number_of(struct numbered *u, const char *name)
{
	for (unsigned i = 0; i < u->n; i++)
		if (!strcmp(u->name[i], name))
			return i + 1;
	if (u->n < UNNAMED_MAX)
		u->name[u->n++] = name;
	return u->n;
}

static void put_name(struct text *out, struct numbered *u, const char *name)
{
	const char *bracket = strstr(name, ":[");

	if (*name == '/' || !bracket || !isdigit((unsigned char)bracket[2])) {
		text_puts(out, name);
		return;
	}
	text_put(out, name, (size_t)(bracket - name));
	text_printf(out, ":[%u]", number_of(u, name));
}

/* The last slot of a run: the numbers follow each other, with one description and one mark. */
static size_t end_of_run(const struct fdl_race_table *t, size_t first)
{
	size_t last = first;

	while (last + 1 < t->n_slots && t->slots[last + 1].same &&
	       t->slots[last + 1].fd == t->slots[last].fd + 1 &&
	       t->slots[last + 1].cloexec == t->slots[first].cloexec)
		last++;
	return last;
}

static void put_slots(struct text *out, struct numbered *u, const struct fdl_race_table *t)
{
	for (size_t i = 0, last; i < t->n_slots; i = last + 1) {
		const struct fdl_race_slot *slot = &t->slots[i];

		last = end_of_run(t, i);
		text_printf(out, " %llu", (unsigned long long)slot->fd);
		if (last > i)
			text_printf(out, "-%llu", (unsigned long long)t->slots[last].fd);
		text_puts(out, slot->cloexec ? "(cloexec)=" : "=");
		if (slot->name)
			put_name(out, u, slot->name);
		else
			text_puts(out, "reserved");
	}
}

void outcome_tables(struct text *out, const struct fdl_race_table *table, size_t n)
{
	struct numbered u = { .n = 0 };

	text_puts(out, ""); /* there may be no task left */
	for (size_t i = 0; i < n; i++) {
		const struct fdl_race_table *t = &table[i];

		for (size_t k = 0; k < t->n_pids; k++)
			text_printf(out, "%s%d", k ? "," : "", t->pids[k]);
		text_puts(out, t->gone ? ": gone" : ":");
		put_slots(out, &u, t);
		text_putc(out, '\n');
	}
}

/* ---- for races that were run elsewhere ------------------------------------------------------- */

static char *whole(struct text *t)
{
	if (t->error)
		text_free(t);
	return t->s;
}

char *fdl_race_result(enum fdl_race_state state, int64_t result)
{
	struct text t = TEXT_EMPTY;

	outcome_result(&t, state, result);
	return whole(&t);
}

char *fdl_race_call(const struct fdl_line *line, int pid, enum fdl_race_state state,
		    const struct fdl_arg *args, int64_t result)
{
	struct text t = TEXT_EMPTY;
	struct fdl_arg given[FDL_PARAMS_MAX];
	char filled[FILLED_MAX];
	unsigned len = 0;

	/* Numbers are printed as the call has taken them, as in outcomes of the model. */
	for (size_t i = 0; i < line->row->nparams; i++)
		given[i] = line->args[i];
	args_narrow(line->row, given);
	if (state == FDL_RACE_RETURNED)
		len = outcome_pack(line->row, args, result, filled);
	text_printf(&t, "%d ", pid);
	outcome_call(&t, line->row, given, filled, len, result);
	outcome_end(&t, state, result);
	return whole(&t);
}

char *fdl_race_tables(const struct fdl_race_table *tables, size_t n)
{
	struct text t = TEXT_EMPTY;

	outcome_tables(&t, tables, n);
	return whole(&t);
}
