/*
 * Runs of a race on the running kernel, and the report on them: a histogram, outcomes that the
 * model does not allow, allowed outcomes that were never seen, and the conditions.
 */
#include "explore/on_kernel.h"

#include "explore/histogram.h"
#include "kernel/outcome.h"
#include "kernel/playable.h"
#include "kernel/race.h"
#include "kernel/start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FD_ROOM 64 /* descriptors to look at above the highest one in the model */

/* ---- lines ---------------------------------------------------------------------------------- */

/* Reads the line of a call. *context is the pid of lines that name none. */
static int read_line(const struct fdl_machine *m, const struct scenario_line *line, int *context,
		     struct fdl_line **read)
{
	char message[256];
	int error = fdl_line_read(m, line->text, line->len, read, message, sizeof(message));

	if (!error && (*read)->pid)
		*context = (*read)->pid;
	return error;
}

/* Why a call cannot be run; NULL: it can. */
static const char *call_refuses(const struct fdl_machine *m, const struct scenario_line *line,
				int *context, struct kernel_context *before)
{
	struct fdl_line *read;
	const char *why = NULL;

	if (scenario_is_command(line))
		return "command of a machine";
	if (read_line(m, line, context, &read))
		return NULL; /* the explorer reports what is wrong */
	if (read->kind != FDL_LINE_EMPTY)
		why = kernel_race_refuses(*context, read, before)
			      ?: kernel_set_id_refuses(read, before);
	fdl_line_free(read);
	return why;
}

/*
 * Whether some call waited for another in what a machine has done: the tasks run line after line.
 */
static bool has_waited(struct fdl_machine *m)
{
	struct fdl_line *read;
	char *log, message[256];
	bool waited = false;
	size_t len;

	if (fdl_read_file(m, "log", &log, &len))
		return false;
	for (char *at = log, *line; !waited && (line = strsep(&at, "\n")) != NULL;) {
		if (fdl_line_read(m, line, strlen(line), &read, message, sizeof(message)))
			continue;
		waited = read->kind == FDL_LINE_RESUMED;
		fdl_line_free(read);
	}
	free(log);
	return waited;
}

const char *explore_kernel_refuses(const struct explore_kernel *k, struct fdl_machine *m,
				   const struct scenario *s, unsigned *line)
{
	const char *why = NULL;
	struct kernel_context before = { 0 };
	int context = 1;

	*line = 0;
	if (k->kernel && strcmp(k->kernel, "linux") != 0)
		return "other kernel";
	for (size_t i = 0; !why && i < s->n_lines; i++) {
		*line = s->lines[i].number;
		if (s->lines[i].kind == LINE_OPTION || s->lines[i].kind == LINE_ECHO)
			why = kernel_line_refuses(m, &s->lines[i], &before);
		else if (s->lines[i].kind == LINE_CALL)
			why = call_refuses(m, &s->lines[i], &context, &before);
	}
	for (size_t i = 0; !why && i < s->n_race; i++) {
		context = s->race[i].pid;
		*line = s->race[i].number;
		if (s->race[i].path)
			why = "echo";
		else
			why = call_refuses(m, &s->race[i], &context, &before);
	}
	if (!why && has_waited(m)) {
		*line = 0;
		why = "a call waits before the race";
	}
	return why;
}

unsigned explore_not_modelled(const struct fdl_explorer *e, const struct scenario *s)
{
	/* A call that the kernel lacks has been refused: of others the kernel has no such error. */
	static const char remark[] = "-1 ENOSYS";

	for (size_t i = 0; i < fdl_explorer_outcomes(e); i++) {
		struct fdl_race_outcome o;

		fdl_explorer_outcome(e, i, &o);
		for (size_t line = 0; line < s->n_race; line++)
			if (!strcmp(o.results[line], remark))
				return s->race[line].number;
	}
	return 0;
}

/* The calls before the race and in it. */
struct lines {
	struct kernel_race_line *at;
	size_t n_setup, n;
};

static void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		fdl_line_free((struct fdl_line *)(uintptr_t)l->at[i].line);
	free(l->at);
}

static int add_line(struct lines *l, const struct fdl_machine *m, const struct scenario_line *line,
		    int *context)
{
	struct fdl_line *read;
	int error = read_line(m, line, context, &read);

	if (error)
		return error;
	if (read->kind == FDL_LINE_CALL)
		l->at[l->n++] = (struct kernel_race_line){ *context, read };
	else
		fdl_line_free(read);
	return 0;
}

static int read_lines(struct lines *l, const struct fdl_machine *m, const struct scenario *s)
{
	int context = 1, error = 0;

	*l = (struct lines){ .at = calloc(s->n_lines + s->n_race, sizeof(*l->at)) };
	if (!l->at)
		return -ENOMEM;
	for (size_t i = 0; !error && i < s->n_lines; i++)
		if (s->lines[i].kind == LINE_CALL)
			error = add_line(l, m, &s->lines[i], &context);
	l->n_setup = l->n;
	for (size_t i = 0; !error && i < s->n_race; i++) {
		context = s->race[i].pid;
		error = add_line(l, m, &s->race[i], &context);
	}
	if (!error && l->n - l->n_setup != s->n_race)
		error = -EINVAL;
	return error;
}

/* How a machine with the scenario's options starts. */
static int start_like(const struct scenario *s, struct kernel_start *how)
{
	struct fdl_options options = { .kernel = "linux" };
	struct fdl_machine *fresh;
	char message[256];
	int error = 0;

	*how = (struct kernel_start){ 0 };
	for (size_t i = 0; !error && i < s->n_lines; i++)
		if (s->lines[i].kind == LINE_OPTION)
			error = fdl_option_set(&options, s->lines[i].text, message,
					       sizeof(message));
	if (!error)
		error = fdl_machine_new(&options, &fresh);
	if (error)
		return error;
	error = kernel_start_like(fresh, &options, how);
	fdl_machine_free(fresh);
	return error;
}

/* ---- runs ----------------------------------------------------------------------------------- */

/*
 * Some calls wait for a grace period of RCU, milliseconds long, which serves all tasks that wait:
 * races with such calls are run by many groups of tasks at a time, each with a table of its own.
 *
 * A run whose tasks do not come to rest in seconds is given up, reported and not counted. If the
 * computer stood still for so long, there is one such run; if a run never ends, there are more.
 */
#define GROUPS_MAX 48
#define LOST_MAX   3    /* runs that may be given up */
#define LONG_RUN   1e-3 /* seconds */
#define BATCH_MAX  256
#define FIRST      8   /* runs, to see how long they take */
#define BATCH_TIME 0.5 /* seconds, about */

struct batch_runner {
	const struct explore_kernel *how;
	const struct kernel_race_plan *plan;
	struct kernel_race *group[GROUPS_MAX];
	size_t n_groups;
	struct kernel_outcomes outcomes;
	uint64_t lost; /* runs that were given up */
	char *err;
	size_t errsize;
};

static int allow(struct batch_runner *r, struct fdl_explorer *e, uint32_t *fd_bound)
{
	int error = 0;

	for (size_t i = 0; !error && i < fdl_explorer_outcomes(e); i++) {
		struct fdl_race_outcome o;
		unsigned highest;

		fdl_explorer_outcome(e, i, &o);
		highest = kernel_outcome_highest(o.tables);
		if (highest >= *fd_bound)
			*fd_bound = highest + 1;
		error = kernel_outcomes_allow(&r->outcomes, &o);
	}
	*fd_bound += FD_ROOM;
	return error;
}

static int look(void *ctx, const struct kernel_race *race, const struct kernel_race_run *run)
{
	struct batch_runner *r = ctx;

	if (!run)
		return ++r->lost > LOST_MAX ? -ETIMEDOUT : 0;
	return kernel_outcomes_count(&r->outcomes, race, run);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int add_groups(struct batch_runner *r, size_t n)
{
	int error = 0;

	while (!error && r->n_groups < n) {
		error = kernel_race_new(r->plan, &r->group[r->n_groups], r->err, r->errsize);
		r->n_groups += !error;
	}
	return error;
}

/* Lets every group make a batch of n runs, left in all at most. Returns the number of runs. */
static int64_t make_batch(struct batch_runner *r, uint64_t first, uint64_t left, uint32_t n)
{
	uint64_t ordered = 0, made = 0;
	int64_t error = 0;
	size_t busy = 0;

	for (; busy < r->n_groups && ordered < left; busy++) {
		const uint32_t some = left - ordered < n ? (uint32_t)(left - ordered) : n;

		kernel_race_order(r->group[busy], first + ordered, some);
		ordered += some;
	}
	for (size_t i = 0; i < busy && error >= 0; i++) {
		error = kernel_race_collect(r->group[i], look, r, r->err, r->errsize);
		made += error > 0 ? (uint64_t)error : 0;
	}
	return error < 0 ? error : (int64_t)made;
}

static int make_runs(struct batch_runner *r, const char *name)
{
	const bool tells = isatty(STDERR_FILENO);
	uint64_t made = 0;
	uint32_t batch = FIRST;
	int64_t n = add_groups(r, 1);

	while (n >= 0 && made < r->how->runs) {
		const double start = seconds();
		double each;

		n = make_batch(r, made, r->how->runs - made, batch);
		if (n < 0)
			break;
		made += (uint64_t)n;
		each = (seconds() - start) / (double)batch;
		batch = each * BATCH_MAX < BATCH_TIME ? BATCH_MAX
						      : (uint32_t)(BATCH_TIME / each) + 1;
		if (each > LONG_RUN && r->how->runs - made > GROUPS_MAX)
			n = add_groups(r, GROUPS_MAX);
		if (tells)
			fprintf(stderr, "\r%s: %llu of %llu runs", name, (unsigned long long)made,
				(unsigned long long)r->how->runs);
	}
	if (tells)
		fprintf(stderr, "\r\033[K");
	return n < 0 ? (int)n : 0;
}

/* ---- the report ----------------------------------------------------------------------------- */

static void report_outsider(struct report *report, const struct fdl_race_outcome *o, size_t n_lines)
{
	char *text = outcome_text(o, n_lines);

	report_failure(report, 0,
		       "the running kernel has an outcome that the model does not allow "
		       "(%llu runs)",
		       (unsigned long long)o->schedules);
	if (text)
		report_text(report, text);
	free(text);
}

/* Whether the kernel shows the files of a condition; reserved: some descriptors are reserved. */
static bool can_be_looked_at(const struct condition *c, bool reserved)
{
	for (size_t i = 0; i < c->n_terms; i++) {
		const struct term *t = &c->terms[i];

		if (!t->pid && (!kernel_outcome_shows(t->path) ||
				(reserved && kernel_outcome_hides_reserved(t->path))))
			return false;
	}
	return true;
}

/* An outcome that was not seen may still occur: only one that was seen breaks a condition. */
static void report_condition(struct report *report, const struct condition *c, bool reserved,
			     const struct fdl_race_outcome *seen, size_t n, json_t *array)
{
	const bool looked = can_be_looked_at(c, reserved);
	size_t witness;
	const bool holds = looked && condition_holds(c, seen, n, &witness);
	const bool broken = looked && !holds && c->quantifier != SOMETIMES;

	if (broken)
		report_failure(report, c->number, "%s: but the running kernel shows otherwise",
			       c->text);
	report_comment(report, !looked  ? "cannot be looked at: "
			       : holds  ? "holds: "
			       : broken ? "does not hold: "
					: "not seen: ");
	report_comment(report, c->text);
	report_comment(report, "\n");
	json_array_append_new(array, json_pack("{s:i, s:o, s:o}", "line", c->number, "condition",
					       report_json(c->text), "holds",
					       looked ? json_boolean(holds) : json_null()));
}

static void report_conditions(struct report *report, const struct scenario *s, bool reserved,
			      const struct fdl_race_outcome *seen, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < s->n_conditions; i++)
		report_condition(report, &s->conditions[i], reserved, seen, n, array);
	report_detail(report, "conditions", array);
}

static void report_counts(struct report *report, uint64_t runs, size_t seen, size_t allowed,
			  size_t never)
{
	char line[160];

	snprintf(line, sizeof(line), "%llu runs, %zu outcomes\n", (unsigned long long)runs, seen);
	report_comment(report, line);
	snprintf(line, sizeof(line), "%zu outcomes are allowed, %zu of them were never seen:\n",
		 allowed, never);
	if (!never)
		strcpy(line + strlen(line) - 2, "\n");
	report_detail(report, "runs", json_integer((json_int_t)runs));
	report_detail(report, "allowed", json_integer((json_int_t)allowed));
	report_detail(report, "never_seen", json_integer((json_int_t)never));
	report_comment(report, line);
}

static void report_runs(const struct batch_runner *r, const struct scenario *s,
			struct report *report)
{
	const struct kernel_outcomes *o = &r->outcomes;
	struct fdl_race_outcome *shown = calloc(o->n + 1, sizeof(*shown));
	size_t seen = 0, never = 0, allowed = 0, outsiders = 0;
	bool reserved = false;

	if (!shown) {
		report_failure(report, 0, "%s", strerror(ENOMEM));
		return;
	}
	/* Outcomes that were seen first, then the others. */
	for (size_t i = 0; i < o->n; i++) {
		allowed += o->at[i].allowed;
		if (o->at[i].shown.schedules) {
			shown[seen++] = o->at[i].shown;
			reserved |= o->at[i].reserves;
		}
		if (!o->at[i].allowed && outsiders++ < OUTCOMES_SHOWN)
			report_outsider(report, &o->at[i].shown, o->n_lines);
	}
	if (outsiders > OUTCOMES_SHOWN)
		report_failure(report, 0, "and %zu more that the model does not allow",
			       outsiders - OUTCOMES_SHOWN);
	for (size_t i = 0; i < o->n; i++)
		if (!o->at[i].shown.schedules)
			shown[seen + never++] = o->at[i].shown;
	report_counts(report, r->how->runs, seen, allowed, never);
	histogram_report(report, &(struct histogram){ .outcome = shown,
						      .n = seen + never,
						      .n_lines = o->n_lines,
						      .watched = o->watched,
						      .n_watched = o->n_watched });
	report_conditions(report, s, reserved, shown, seen);
	free(shown);
}

static void report_lost(struct report *report, uint64_t lost)
{
	char text[80];

	snprintf(text, sizeof(text), "%llu runs came to no end, and are not counted\n",
		 (unsigned long long)lost);
	report_comment(report, text);
	report_detail(report, "lost", json_integer((json_int_t)lost));
}

int explore_kernel(const struct explore_kernel *k, const struct fdl_machine *m,
		   struct fdl_explorer *e, const char *name, const struct scenario *s,
		   struct report *report)
{
	char message[256] = "";
	struct kernel_race_plan plan = { .seed = k->seed };
	struct batch_runner r = {
		.how = k,
		.plan = &plan,
		.err = message,
		.errsize = sizeof(message),
	};
	struct lines lines;
	int error = read_lines(&lines, m, s);

	plan.line = lines.at;
	plan.n_setup = lines.n_setup;
	plan.n_lines = lines.n;
	r.outcomes.line = lines.at ? lines.at + lines.n_setup : NULL;
	r.outcomes.n_lines = s->n_race;
	r.outcomes.watched = s->watched;
	r.outcomes.n_watched = s->n_watched;
	if (!error)
		error = start_like(s, &plan.start);
	if (!error)
		error = allow(&r, e, &plan.fd_bound);
	if (!error)
		error = make_runs(&r, name);
	if (error)
		report_failure(report, 0, "%s", *message ? message : strerror(-error));
	else
		report_runs(&r, s, report);
	if (r.lost)
		report_lost(report, r.lost);
	while (r.n_groups)
		kernel_race_free(r.group[--r.n_groups]);
	kernel_outcomes_free(&r.outcomes);
	kernel_start_free(&plan.start);
	lines_free(&lines);
	return error;
}
