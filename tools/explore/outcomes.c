/*
 * Explores the race of a scenario by the library, and finds an outcome by its place.
 */
#include "explore/outcomes.h"

#include "scenario/readable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int race_add(struct fdl_explorer *e, const struct scenario *s, struct report *report)
{
	char message[256] = "";
	int err = 0;

	for (size_t i = 0; !err && i < s->n_race; i++) {
		const struct scenario_line *line = &s->race[i];

		if (line->path)
			err = fdl_explorer_add_write(e, line->pid, line->path, line->text,
						     line->len, message, sizeof(message));
		else
			err = fdl_explorer_add(e, line->pid, line->text, line->len, message,
					       sizeof(message));
		if (err)
			scenario_report_unread(line, *message ? message : strerror(-err), report);
	}
	for (size_t i = 0; !err && i < s->n_watched; i++)
		err = fdl_explorer_watch(e, s->watched[i]);
	return err;
}

int outcome_order(const struct fdl_race_outcome *x, const struct fdl_race_outcome *y)
{
	if (x->schedules != y->schedules)
		return x->schedules < y->schedules ? 1 : -1;
	return (x > y) - (x < y);
}

static int by_place(const void *a, const void *b)
{
	return outcome_order(*(const struct fdl_race_outcome *const *)a,
			     *(const struct fdl_race_outcome *const *)b);
}

size_t *outcomes_in_order(const struct fdl_explorer *e)
{
	const size_t n = fdl_explorer_outcomes(e);
	struct fdl_race_outcome *outcomes = calloc(n + 1, sizeof(*outcomes));
	const struct fdl_race_outcome **sorted = calloc(n + 1, sizeof(*sorted));
	size_t *numbers = outcomes && sorted ? calloc(n + 1, sizeof(*numbers)) : NULL;

	for (size_t i = 0; numbers && i < n; i++) {
		fdl_explorer_outcome(e, i, &outcomes[i]);
		sorted[i] = &outcomes[i];
	}
	if (numbers)
		qsort(sorted, n, sizeof(*sorted), by_place);
	for (size_t i = 0; numbers && i < n; i++)
		numbers[i] = (size_t)(sorted[i] - outcomes);
	free(sorted);
	free(outcomes);
	return numbers;
}

/* The number by which the explorer knows the n-th outcome. -ENOMEM: there is no memory. */
static int find_nth(const struct fdl_explorer *e, size_t nth, size_t *number)
{
	size_t *numbers = outcomes_in_order(e);

	if (!numbers)
		return -ENOMEM;
	*number = numbers[nth - 1];
	free(numbers);
	return 0;
}

int race_witness(struct fdl_machine *m, const struct scenario *s, struct report *report, size_t *n,
		 char **text)
{
	const struct fdl_explore how = { .naive = false };
	const size_t nth = *n;
	struct fdl_explorer *e;
	char message[256];
	size_t number;
	int error = fdl_explorer_new(m, &e, message, sizeof(message));

	if (error) {
		report_failure(report, 0, "%s", message);
		return error;
	}
	error = race_add(e, s, report);
	if (!error)
		error = fdl_explorer_run(e, &how);
	if (!error) {
		*n = fdl_explorer_outcomes(e);
		error = nth < 1 || nth > *n ? -ERANGE : find_nth(e, nth, &number);
	}
	if (!error)
		error = fdl_explorer_witness(e, number, text);
	if (error && error != -ERANGE)
		report_failure(report, 0, "%s", strerror(-error));
	fdl_explorer_free(e);
	return error;
}
