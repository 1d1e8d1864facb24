/*
 * A scenario, read and played on a machine in this process. Whether its lines come out as they
 * state does not matter.
 */
#include "guided/guided.h"
#include "scenario/play.h"
#include "scenario/scenario.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *name = guided_file(data, size);
	struct report *report = report_begin(size % 2, "sim", 1);
	struct target *t = target_sim();
	struct scenario s;
	char why[128];

	if (!report || !t)
		abort();
	report_file(report, name);
	if (scenario_read(&s, name, report))
		report_file_end(report, OUTCOME_NOT_RUN, "it cannot be read");
	else if (play_scenario(&s, t, NULL, report, NULL, why, sizeof(why)))
		report_file_end(report, OUTCOME_SKIPPED, why);
	else
		report_file_end(report, OUTCOME_PASSED, NULL);
	scenario_free(&s);
	report_end(report);
	t->ops->free(t);
	return 0;
}
