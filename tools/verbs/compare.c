/*
 * fdlab compare: plays scenario files on every kernel of the library, and shows side by side the
 * calls and tables that differ.
 */
#include "verbs/verbs.h"

#include "fdlab.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "scenario/batch.h"
#include "scenario/readable.h"
#include "scenario/side.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KERNELS_MAX 16
#define COLUMNS_MAX (KERNELS_MAX + 1)
#define WIDEST      100 /* columns: a longer cell moves those beside it, in its row alone */

/* The sides of a scenario, one for each kernel. */
struct sides {
	struct side side[KERNELS_MAX];
	size_t n;
};

static size_t count_kernels(void)
{
	size_t n = 0;

	while (n < KERNELS_MAX && fdl_kernels()[n])
		n++;
	return n;
}

/* ---- what differs ---------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Why no kernel runs a line; NULL: some kernel does. */
static const char *nonsense(const struct sides *s, size_t line)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!s->side[i].refusal[line])
			return NULL;
	}
	return s->side[0].refusal[line];
}

static bool answers_differ(const struct sides *s, size_t line)
{
	for (size_t i = 1; i < s->n && !nonsense(s, line); i++) {
		if (!same_text(s->side[0].answer[line], s->side[i].answer[line]))
			return true;
	}
	return false;
}

static bool same_slots(const struct side_table *a, const struct side_table *b)
{
	if (!a || !b)
		return a == b;
	if (a->n_slots != b->n_slots)
		return false;
	for (size_t i = 0; i < a->n_slots; i++) {
		if (strcmp(a->slot[i].text, b->slot[i].text) != 0)
			return false;
	}
	return true;
}

/* Sizes are compared only if a table has grown: new tables differ between kernels. */
static bool has_grown(const struct side *side, const struct side_table *table)
{
	return table && table->slots != side->first_slots;
}

static bool tables_differ(const struct sides *s, int pid)
{
	const struct side_table *first = side_table(&s->side[0], pid);
	bool grown = has_grown(&s->side[0], first), differ = false;

	for (size_t i = 1; i < s->n; i++) {
		const struct side_table *table = side_table(&s->side[i], pid);

		if (!same_slots(first, table))
			return true;
		grown |= has_grown(&s->side[i], table);
		differ |= first && table && first->slots != table->slots;
	}
	return grown && differ;
}

/* The next task after pid that has a table on any side, or 0. */
static int next_task(const struct sides *s, int pid)
{
	int next = 0;

	for (size_t i = 0; i < s->n; i++) {
		for (size_t j = 0; j < s->side[i].n_tables; j++) {
			const int other = s->side[i].table[j].pid;

			if (other > pid && (!next || other < next))
				next = other;
		}
	}
	return next;
}

/* ---- for people ------------------------------------------------------------------------------ */

/* Prints a row of cells. A cell may have several lines. */
static void print_cells(FILE *f, char *const *cell, const size_t *width, size_t n)
{
	const char *rest[COLUMNS_MAX];
	bool more = true;

	for (size_t i = 0; i < n; i++)
		rest[i] = cell[i];
	while (more) {
		more = false;
		for (size_t i = 0; i < n; i++) {
			const size_t len = strcspn(rest[i], "\n");
			const bool last = i + 1 == n;

			fprintf(f, "%.*s%*s%s", (int)len, rest[i],
				last || len > width[i] ? 0 : (int)(width[i] - len), "",
				last ? "\n" : "  | ");
			rest[i] += len + (rest[i][len] == '\n');
			more |= *rest[i] != '\0';
		}
	}
}

static size_t widest_line(const char *text)
{
	size_t widest = 0;

	while (*text) {
		const size_t len = strcspn(text, "\n");

		if (len > widest)
			widest = len;
		text += len + (text[len] == '\n');
	}
	return widest;
}

/* The width of each column in rows of n cells. */
static void measure(char *const *cell, size_t rows, size_t n, size_t *width)
{
	for (size_t i = 0; i < n; i++) {
		width[i] = 0;
		for (size_t r = 0; r < rows; r++) {
			const size_t w = widest_line(cell[r * n + i]);

			if (w > width[i])
				width[i] = w < WIDEST ? w : WIDEST;
		}
	}
}

static void print_rows(FILE *f, char *const *cell, size_t rows, size_t n)
{
	size_t width[COLUMNS_MAX];

	measure(cell, rows, n, width);
	for (size_t r = 0; r < rows; r++)
		print_cells(f, cell + r * n, width, n);
}

/*
 * Prints the calls that differ: a row of kernel names, then a row for each call with its line
 * number.
 */
static void print_calls(FILE *f, const struct sides *s, const struct scenario *scenario)
{
	const size_t columns = s->n + 1;
	char **cell = calloc((scenario->n_lines + 1) * columns, sizeof(*cell));
	char(*number)[16] = calloc(scenario->n_lines + 1, sizeof(*number));
	size_t rows = 1;

	if (!cell || !number)
		goto out;
	strcpy(number[0], "line");
	cell[0] = number[0];
	for (size_t i = 0; i < s->n; i++)
		cell[1 + i] = (char *)s->side[i].kernel;
	for (size_t line = 0; line < scenario->n_lines; line++) {
		if (!answers_differ(s, line))
			continue;
		snprintf(number[rows], sizeof(*number), "%u", scenario->lines[line].number);
		cell[rows * columns] = number[rows];
		for (size_t i = 0; i < s->n; i++) {
			char *answer = s->side[i].answer[line];

			cell[rows * columns + 1 + i] = answer ? answer : (char *)"";
		}
		rows++;
	}
	if (rows > 1)
		print_rows(f, cell, rows, columns);
out:
	free(cell);
	free(number);
}

/* A table as text: its size, and a line for each descriptor. NULL: no memory. */
static char *table_text(const struct side *side, const struct side_table *table)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = memory_stream(&text, &len);

	if (!f)
		return NULL;
	fprintf(f, "%s: ", side->kernel);
	if (table)
		fprintf(f, "%lu slots\n", table->slots);
	else
		fprintf(f, "no table\n");
	for (size_t i = 0; table && i < table->n_slots; i++)
		fprintf(f, "%s\n", table->slot[i].text);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

static void print_tables(FILE *f, const struct sides *s, int pid)
{
	char *cell[KERNELS_MAX] = { NULL };
	bool whole = true;

	for (size_t i = 0; i < s->n; i++) {
		cell[i] = table_text(&s->side[i], side_table(&s->side[i], pid));
		whole &= cell[i] != NULL;
	}
	fprintf(f, "table of task %d (fd cloexec file mode pos name)\n", pid);
	if (whole)
		print_rows(f, cell, 1, s->n);
	for (size_t i = 0; i < s->n; i++)
		free(cell[i]);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *json_of_text(const char *text)
{
	return text ? report_json(text) : json_null();
}

static json_t *calls_json(const struct sides *s, const struct scenario *scenario)
{
	json_t *calls = json_array();

	for (size_t line = 0; line < scenario->n_lines; line++) {
		json_t *call;

		if (!answers_differ(s, line))
			continue;
		call = json_object();
		json_object_set_new(call, "line",
				    json_integer((json_int_t)scenario->lines[line].number));
		for (size_t i = 0; i < s->n; i++)
			json_object_set_new(call, s->side[i].kernel,
					    json_of_text(s->side[i].answer[line]));
		json_array_append_new(calls, call);
	}
	return calls;
}

static json_t *table_json(const struct side_table *table)
{
	json_t *slots;

	if (!table)
		return json_null();
	slots = json_array();
	for (size_t i = 0; i < table->n_slots; i++)
		json_array_append_new(slots, report_json(table->slot[i].text));
	return json_pack("{s:I, s:o}", "slots", (json_int_t)table->slots, "descriptors", slots);
}

static json_t *tables_json(const struct sides *s)
{
	json_t *tables = json_array();

	for (int pid = 0; (pid = next_task(s, pid)) != 0;) {
		json_t *table;

		if (!tables_differ(s, pid))
			continue;
		table = json_object();
		json_object_set_new(table, "task", json_integer(pid));
		for (size_t i = 0; i < s->n; i++)
			json_object_set_new(table, s->side[i].kernel,
					    table_json(side_table(&s->side[i], pid)));
		json_array_append_new(tables, table);
	}
	return tables;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* The number of calls, and of tables, that differ. */
static size_t count_calls(const struct sides *s, const struct scenario *scenario)
{
	size_t n = 0;

	for (size_t line = 0; line < scenario->n_lines; line++)
		n += answers_differ(s, line);
	return n;
}

static size_t count_tables(const struct sides *s)
{
	size_t n = 0;

	for (int pid = 0; (pid = next_task(s, pid)) != 0;)
		n += tables_differ(s, pid);
	return n;
}

/* Everything that differs, side by side. NULL: no memory. */
static char *differences(const struct sides *s, const struct scenario *scenario)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = memory_stream(&text, &len);

	if (!f)
		return NULL;
	print_calls(f, s, scenario);
	for (int pid = 0; (pid = next_task(s, pid)) != 0;) {
		if (tables_differ(s, pid))
			print_tables(f, s, pid);
	}
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

static void report_nonsense(const struct sides *s, const struct scenario *scenario,
			    struct report *report)
{
	for (size_t line = 0; line < scenario->n_lines; line++) {
		const char *message = nonsense(s, line);

		if (message)
			report_failure(report, scenario->lines[line].number, "%s", message);
	}
}

static void report_sides(const struct sides *s, const struct scenario *scenario,
			 struct report *report)
{
	const size_t calls = count_calls(s, scenario), tables = count_tables(s);
	char *text;

	report_detail(report, "calls", calls_json(s, scenario));
	report_detail(report, "tables", tables_json(s));
	report_nonsense(s, scenario, report);
	if (!calls && !tables)
		return;
	report_failure(report, 0, "the kernels differ: %zu calls, %zu tables", calls, tables);
	text = differences(s, scenario);
	if (text)
		report_comment(report, text);
	free(text);
}

static bool has_lines(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->n_lines; i++) {
		if (scenario->lines[i].kind == LINE_CALL || scenario->lines[i].kind == LINE_ECHO)
			return true;
	}
	return false;
}

static void compare_scenario(void *ctx, const struct scenario *scenario, const char *name,
			     struct report *report)
{
	struct sides s = { .n = count_kernels() };
	char err[256];
	size_t played = 0;
	int error = 0;

	(void)ctx, (void)name;
	if (!scenario_options_are_right(scenario, NULL, report)) {
		report_file_end(report, OUTCOME_PASSED, NULL);
		return;
	}
	if (!has_lines(scenario)) {
		report_file_end(report, OUTCOME_SKIPPED, "no call to compare");
		return;
	}
	while (!error && played < s.n) {
		error = side_play(&s.side[played], scenario, fdl_kernels()[played], err,
				  sizeof(err));
		played++;
	}
	if (error)
		report_file_end(report, OUTCOME_NOT_RUN, *err ? err : strerror(-error));
	else
		report_sides(&s, scenario, report);
	if (!error)
		report_file_end(report, OUTCOME_PASSED, NULL);
	while (played > 0)
		side_free(&s.side[--played]);
}

struct compare_settings {
	bool json;
};

static const struct verb_option options[] = {
	OPTION_JSON(struct compare_settings),
	{ 0 },
};

static int run(const struct verb *verb, int argc, char **argv)
{
	struct compare_settings settings = { 0 };
	struct batch batch = { .verb = verb, .on = "sim", .each = compare_scenario };
	int status;

	if (!options_read(verb, &settings, argc, argv, &status))
		return status;
	batch.form = settings.json ? REPORT_JSON : REPORT_TAP;
	return batch_run(&batch, argv + optind, (size_t)(argc - optind));
}

const struct verb verb_compare = {
	.name = "compare",
	.operands = "FILE...",
	.missing = "a scenario file is missing",
	.summary = "play scenarios on every kernel and show where they differ",
	.about =
		"Plays the calls of scenario files ('-' is standard input) on every kernel of the\n"
		"library. Shows side by side the calls that came out differently, and the tables "
		"that\n"
		"differ at the end. What the files state or expect is not checked. Prints TAP: a\n"
		"test point for each file.",
	.options = options,
	.statuses = "0 all kernels do the same, 1 they differ, 2 something could not run.",
	.run = run,
};
