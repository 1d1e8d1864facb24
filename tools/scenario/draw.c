/*
 * The tables of a machine as a person reads them after a call. The state at the last look is
 * kept as JSON, and compared slot by slot.
 */
#include "scenario/draw.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONSOLE_FDS 3 /* 0, 1 and 2, which every task starts with */

struct drawing {
	bool colour, terse;
	FILE *to;
	json_t *before; /* the state at the last look; NULL: there was none */
};

struct drawing *drawing_new(bool colour)
{
	struct drawing *d = calloc(1, sizeof(*d));

	if (d)
		d->colour = colour;
	return d;
}

void drawing_make_terse(struct drawing *d)
{
	d->terse = true;
}

void drawing_free(struct drawing *d)
{
	if (!d)
		return;
	json_decref(d->before);
	free(d);
}

/* The element of an array of the state with this number (id, fd, pid), or NULL. */
static const json_t *find(const json_t *array, const char *key, json_int_t number)
{
	size_t i;
	const json_t *e;

	json_array_foreach(array, i, e)
	{
		if (json_integer_value(json_object_get(e, key)) == number)
			return e;
	}
	return NULL;
}

static json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

/* The description of a slot; NULL for a reserved one. */
static const json_t *file_of(const json_t *state, const json_t *slot)
{
	return find(json_object_get(state, "files"), "id", number_of(slot, "file"));
}

/* Whether a slot is drawn as it was. */
static bool same_slot(const json_t *a, const json_t *state_a, const json_t *b,
		      const json_t *state_b)
{
	const json_t *file_a, *file_b;

	if (!a || !b || !json_equal(a, b))
		return false;
	file_a = file_of(state_a, a);
	file_b = file_of(state_b, b);
	return !file_a == !file_b && number_of(file_a, "pos") == number_of(file_b, "pos") &&
	       !strcmp(string_of(file_a, "name"), string_of(file_b, "name"));
}

static const json_t *table_before(const struct drawing *d, const json_t *table)
{
	return find(json_object_get(d->before, "tables"), "id", number_of(table, "id"));
}

static const json_t *slot_before(const struct drawing *d, const json_t *table, json_int_t fd)
{
	return find(json_object_get(table_before(d, table), "slots"), "fd", fd);
}

/* Whether a table is drawn as it was: its slots, and the tasks that share it. */
static bool same_table(const struct drawing *d, const json_t *state, const json_t *table)
{
	const json_t *old = table_before(d, table), *slots = json_object_get(table, "slots");
	size_t i;
	const json_t *slot;

	if (!old || !json_equal(json_object_get(old, "tasks"), json_object_get(table, "tasks")) ||
	    json_array_size(json_object_get(old, "slots")) != json_array_size(slots))
		return false;
	json_array_foreach(slots, i, slot)
	{
		if (!same_slot(slot_before(d, table, number_of(slot, "fd")), d->before, slot,
			       state))
			return false;
	}
	return true;
}

static void print_row(const struct drawing *d, bool changed, const char *fd, const char *cloexec,
		      const char *file, const char *pos, const char *name)
{
	const bool bold = changed && d->colour;

	fprintf(d->to, "    %s%s %-5s %-8s %4s %5s  %s%s\n", bold ? "\033[1m" : "",
		changed ? ">" : " ", fd, cloexec, file, pos, name, bold ? "\033[0m" : "");
}

static void draw_slot(const struct drawing *d, const json_t *state, const json_t *slot,
		      bool changed)
{
	const json_t *f = file_of(state, slot);
	char fd[24], file[24], pos[24];

	snprintf(fd, sizeof(fd), "%lld", (long long)number_of(slot, "fd"));
	snprintf(file, sizeof(file), "%lld", (long long)number_of(slot, "file"));
	snprintf(pos, sizeof(pos), "%lld", (long long)number_of(f, "pos"));
	print_row(d, changed, fd, json_is_true(json_object_get(slot, "cloexec")) ? "cloexec" : "",
		  f ? file : "-", f ? pos : "-", f ? string_of(f, "name") : "reserved");
}

/* Descriptors that were in use at the last look and are not any more. */
static void draw_closed(const struct drawing *d, const json_t *table)
{
	const json_t *slots = json_object_get(table, "slots");
	size_t i;
	const json_t *slot;

	json_array_foreach(json_object_get(table_before(d, table), "slots"), i, slot)
	{
		char fd[24];

		if (find(slots, "fd", number_of(slot, "fd")))
			continue;
		snprintf(fd, sizeof(fd), "%lld", (long long)number_of(slot, "fd"));
		print_row(d, true, fd, "", "", "", "closed");
	}
}

/* Descriptors 0 to 2 of the console are drawn in one line. */
static bool is_console_slot(const json_t *state, const json_t *slot)
{
	return number_of(slot, "fd") < CONSOLE_FDS &&
	       !strcmp(string_of(file_of(state, slot), "name"), "/dev/console");
}

/* Whether a slot gets a row. */
static bool is_drawn(const struct drawing *d, const json_t *state, const json_t *table,
		     const json_t *slot, bool *same)
{
	const json_t *old = slot_before(d, table, number_of(slot, "fd"));

	*same = same_slot(old, d->before, slot, state);
	return !(*same && d->terse) && !(is_console_slot(state, slot) && (*same || !old));
}

/* Whether a terse drawing has rows: those of a new table with the console alone are not drawn. */
static bool has_rows(const struct drawing *d, const json_t *state, const json_t *table)
{
	size_t i;
	bool same;
	const json_t *slot;

	if (!d->terse || json_array_size(json_object_get(table_before(d, table), "slots")))
		return true;
	json_array_foreach(json_object_get(table, "slots"), i, slot)
	{
		if (is_drawn(d, state, table, slot, &same))
			return true;
	}
	return false;
}

static void draw_table(const struct drawing *d, const json_t *state, const json_t *table)
{
	size_t i;
	const json_t *pid, *slot;

	fputs("    ", d->to);
	json_array_foreach(json_object_get(table, "tasks"), i, pid)
		fprintf(d->to, "%s%lld", i ? ", " : "task ", (long long)json_integer_value(pid));
	putc('\n', d->to);
	if (!has_rows(d, state, table))
		return;
	print_row(d, false, "fd", "", "file", "pos", "name");
	json_array_foreach(json_object_get(table, "slots"), i, slot)
	{
		bool same;

		if (is_drawn(d, state, table, slot, &same))
			draw_slot(d, state, slot, !same);
	}
	draw_closed(d, table);
}

/* Tasks that have begun to wait in a call since the last look. */
static void draw_waiting(const struct drawing *d, const json_t *state)
{
	size_t i;
	const json_t *task;

	json_array_foreach(json_object_get(state, "tasks"), i, task)
	{
		const json_t *call = json_object_get(task, "call");
		const json_t *old =
			find(json_object_get(d->before, "tasks"), "pid", number_of(task, "pid"));

		if (json_is_object(call) && !json_equal(call, json_object_get(old, "call")))
			fprintf(d->to, "    task %lld %s %s\n", (long long)number_of(task, "pid"),
				strcmp(string_of(call, "state"), "stopped") ? "waits in"
									    : "is stopped at",
				string_of(call, "at"));
	}
}

int drawing_look(struct drawing *d, struct target *t, FILE *to)
{
	char *text;
	size_t len, i;
	json_t *state;
	const json_t *table;
	int error = t->ops->read(t, "state.json", &text, &len);

	if (error)
		return error;
	state = json_loadb(text, len, 0, NULL);
	free(text);
	if (!state)
		return -EINVAL;
	d->to = to;
	json_array_foreach(json_object_get(state, "tables"), i, table)
	{
		if (to && !same_table(d, state, table))
			draw_table(d, state, table);
	}
	if (to)
		draw_waiting(d, state);
	json_decref(d->before);
	d->before = state;
	return 0;
}
