/*
 * One side of a comparison: a scenario played on one kernel, with the replies to its lines
 * and the tables at the end. Nothing here depends on the kernel.
 */
#ifndef FDLAB_TOOLS_SIDE_H
#define FDLAB_TOOLS_SIDE_H

#include "scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A descriptor of a table, in the columns that all kernels have; descriptions are numbered as they
 * appear.
 */
struct side_slot {
	char *text; /* "fd cloexec file mode pos name" */
};

struct side_table {
	int pid;
	unsigned long slots; /* that it has room for */
	struct side_slot *slot;
	size_t n_slots;
};

struct side {
	const char *kernel; /* borrowed */
	char **answer;      /* by line of the scenario: the replies, or NULL where there is none */
	/*
	 * By line: why the machine did not run it; NULL: it did, or its failure is what the line
	 * states.
	 */
	char **refusal;
	size_t n_answers;
	unsigned long first_slots; /* of a new table */
	struct side_table *table;  /* by pid */
	size_t n_tables;
};

/*
 * Plays a scenario's calls and echoes on a machine with this kernel, whatever kernel it asks for
 * itself, and gathers what came of it. 0, or an error with a message in err. In every case,
 * *side is to be given to side_free.
 */
int side_play(struct side *side, const struct scenario *s, const char *kernel, char *err,
	      size_t errsize);
void side_free(struct side *side);

/* The table of a task, or NULL: it has none. */
const struct side_table *side_table(const struct side *side, int pid);

#endif
