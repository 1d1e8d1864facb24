/*
 * libfdlab: races. A program includes fdlab.h, which includes this part of it.
 */
#ifndef FDLAB_RACES_H
#define FDLAB_RACES_H

#include "fdlab.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Enumerates the outcomes of a race: programs of several tasks, whose calls may interrupt each
 * other at every preemption point. The touches of two steps tell whether their order matters; of
 * the orders that make no difference, one is run.
 */
struct fdl_explorer;

/*
 * Copies a machine by running its transcript, to explore a race that begins in its present state. m
 * does not change, and is not needed any more. *ep is the caller's, to be freed by
 * fdl_explorer_free. 0; with a message in err: -EBUSY when a call is in flight, -E2BIG when the
 * transcript has lost its beginning, -ENOMEM.
 */
int fdl_explorer_new(struct fdl_machine *m, struct fdl_explorer **ep, char *err, size_t errsize);
void fdl_explorer_free(struct fdl_explorer *e);

/*
 * Adds to the program of task pid: a call in the notation, without a pid or a result; a write of
 * text to a file of the tree. 0; -EINVAL, -ENOMEM, with a message in err, and then the explorer can
 * only be freed.
 */
int fdl_explorer_add(struct fdl_explorer *e, int pid, const char *call, size_t len, char *err,
		     size_t errsize);
int fdl_explorer_add_write(struct fdl_explorer *e, int pid, const char *path, const char *text,
			   size_t len, char *err, size_t errsize);

/*
 * Makes a file of the tree (of a symbolic link: its target) part of every outcome. A file that
 * shows more of a machine than tables and their descriptors depends on the order of all steps: then
 * every order is run. 0 or -ENOMEM.
 */
int fdl_explorer_watch(struct fdl_explorer *e, const char *path);

struct fdl_explore {
	bool naive; /* run every order of steps */
	/* Explore only the part-th of so many parts, from 1; part 0: all of them. */
	unsigned part, parts;
	/*
	 * Called now and then with the runs so far; false ends the exploration. NULL: not called.
	 */
	bool (*progress)(void *ctx, uint64_t schedules);
	void *ctx;
};

/*
 * Explores, after everything has been added; an earlier run's findings are forgotten. 0, whatever
 * was found; -EINTR when progress returned false; -ENOMEM; -E2BIG when a run takes too many steps.
 */
int fdl_explorer_run(struct fdl_explorer *e, const struct fdl_explore *how);

/* The work that was done. */
struct fdl_explored {
	uint64_t schedules; /* orders that were run to their end */
	uint64_t steps;     /* of all these, repeated ones included */
	unsigned longest;   /* steps of the longest one */
	size_t copied;      /* bytes that are restored for each run */
};
void fdl_explorer_done(const struct fdl_explorer *e, struct fdl_explored *done);

/* A line of the race. Lines are numbered in the order in which they were added. */
struct fdl_race_line {
	int pid;
	const char *name; /* of the call; "echo" for a write */
};
size_t fdl_explorer_lines(const struct fdl_explorer *e);
void fdl_explorer_line(const struct fdl_explorer *e, size_t i, struct fdl_race_line *line);

/* An outcome. Its pointers are the explorer's, and valid until the next run. */
struct fdl_race_outcome {
	uint64_t schedules; /* the orders that had it */
	/*
	 * For each line its result ("3", "-1 EBUSY", "?" for a call in which its task ended,
	 * "<unfinished ...>", "-" for a call that never began), and the call with that.
	 */
	const char *const *results, *const *calls;
	const char *tables;         /* "1,2: 0-2=/dev/console 3=/etc/hosts", one a line */
	const char *const *watched; /* the text of each watched file; NULL: there is no such file */
};
size_t fdl_explorer_outcomes(const struct fdl_explorer *e);
void fdl_explorer_outcome(const struct fdl_explorer *e, size_t i, struct fdl_race_outcome *o);

/*
 * A failure: a violated invariant, a BUG, a use of freed memory, a deadlock. Of all orders with the
 * same failure, the shortest is kept.
 */
struct fdl_failure {
	const char *kind, *why;
	uint64_t schedules; /* the orders that had it */
	unsigned steps;     /* of the shortest of them */
};
size_t fdl_explorer_failures(const struct fdl_explorer *e);
void fdl_explorer_failure(const struct fdl_explorer *e, size_t i, struct fdl_failure *f);

/*
 * An order with this outcome, or failure, as lines for a scenario in place of the race. The caller
 * frees *text by free. 0 or -ENOMEM.
 */
int fdl_explorer_witness(struct fdl_explorer *e, size_t outcome, char **text);
int fdl_explorer_failure_witness(struct fdl_explorer *e, size_t failure, char **text);

/* ---- outcomes of races that were run elsewhere ---------------------------------------------- */

/* How far a line of a race has come. */
enum fdl_race_state {
	FDL_RACE_NOT_RUN,
	FDL_RACE_IN_FLIGHT,
	FDL_RACE_RETURNED,
	FDL_RACE_ENDED, /* its task ended in it */
};

/* A descriptor in a table. */
struct fdl_race_slot {
	uint64_t fd;
	bool cloexec, same; /* same: it has the description of the slot before */
	const char *name;   /* of the file, as fd/ shows it; NULL: the number is reserved */
};

/* A table, and the tasks that share it. */
struct fdl_race_table {
	const int *pids;
	size_t n_pids;
	bool gone; /* the task has exited, and has none */
	const struct fdl_race_slot *slots;
	size_t n_slots;
};

/*
 * The texts that struct fdl_race_outcome has, of a race that was run elsewhere, by a real kernel
 * for one: the result of a line, its call, and the tables at the end. args are those of the call,
 * with what it filled in where it returned. In memory of malloc; NULL: there is none.
 */
char *fdl_race_result(enum fdl_race_state state, int64_t result);
char *fdl_race_call(const struct fdl_line *line, int pid, enum fdl_race_state state,
		    const struct fdl_arg *args, int64_t result);
char *fdl_race_tables(const struct fdl_race_table *tables, size_t n);

#ifdef __cplusplus
}
#endif
#endif
