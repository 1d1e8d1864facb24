/*
 * A scenario with a race, which is explored for a while.
 */
#include "guided/guided.h"
#include "scenario/play.h"
#include "scenario/scenario.h"

#include "fdlab.h"

#include <stdio.h>
#include <stdlib.h>

#define LINES 4 /* in a race, at most: with each the orders are many times as many */

static bool enough(void *ctx, uint64_t schedules)
{
	(void)ctx, (void)schedules;
	return false;
}

static void explore(struct fdl_machine *m, const struct scenario *s)
{
	const struct fdl_explore how = { .part = 1, .parts = 8, .progress = enough };
	struct fdl_explorer *e;
	char why[256];
	int error = fdl_explorer_new(m, &e, why, sizeof(why));

	if (error)
		return;
	for (size_t i = 0; !error && i < s->n_race; i++) {
		const struct scenario_line *l = &s->race[i];

		error = l->path ? fdl_explorer_add_write(e, l->pid, l->path, l->text, l->len, why,
							 sizeof(why))
				: fdl_explorer_add(e, l->pid, l->text, l->len, why, sizeof(why));
	}
	for (size_t i = 0; !error && i < s->n_watched; i++)
		error = fdl_explorer_watch(e, s->watched[i]);
	if (!error)
		error = fdl_explorer_run(e, &how);
	for (size_t i = 0; !error && i < fdl_explorer_outcomes(e); i++) {
		char *text = NULL;

		fdl_explorer_witness(e, i, &text);
		free(text);
	}
	fdl_explorer_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *name = guided_file(data, size);
	struct report *report = report_begin_quiet("sim");
	struct target *t = target_sim();
	struct scenario s;

	if (!report || !t)
		abort();
	report_file(report, name);
	if (!scenario_read(&s, name, report) && s.has_race && s.n_race <= LINES) {
		if (play_on(&s, t, NULL, report)) {
			if (!report_failures(report))
				explore(target_sim_machine(t), &s);
			t->ops->stop(t);
		}
	}
	report_file_end(report, OUTCOME_PASSED, NULL);
	scenario_free(&s);
	report_end(report);
	t->ops->free(t);
	return 0;
}
