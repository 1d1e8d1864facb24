/*
 * Races in real tasks of the running kernel: a plan of lines, run many times, each time in new
 * tasks with new tables; and the outcome of every run. Which outcomes are right is not known here.
 */
#ifndef FDLAB_TOOLS_KERNEL_RACE_H
#define FDLAB_TOOLS_KERNEL_RACE_H

#include "fdlab.h"
#include "kernel/calls.h"
#include "kernel/playable.h"
#include "kernel/race_post.h"
#include "kernel/tasks.h"

#include <stddef.h>
#include <stdint.h>

/* A line and its task. */
struct kernel_race_line {
	int pid;
	const struct fdl_line *line;
};

struct kernel_race_plan {
	/* The lines before the race, followed by those of the race. */
	const struct kernel_race_line *line;
	size_t n_setup, n_lines;
	uint32_t fd_bound; /* every descriptor that a run leaves open is below */
	uint64_t seed;     /* of the delays */
	struct kernel_start start;
};

/*
 * Why a line cannot be run, in a few words: a real kernel cannot do it, or it would change the
 * start of later runs. NULL: it can. before: the state after the lines before it.
 */
const char *kernel_race_refuses(int pid, const struct fdl_line *line,
				struct kernel_context *before);

/* The table of a task at the end of a run. */
struct kernel_race_table {
	enum race_task_kind kind;
	int sharer;   /* the first task, from 0, with the same table */
	bool stopped; /* a signal has stopped it */
	size_t n_slots;
	const struct race_slot *slot;
	const char *names;
};

/* One run. Its pointers are valid until the next run. */
struct kernel_race_run {
	int64_t base;                 /* the pid of task 0 */
	const struct race_done *done; /* for each line of the race, in the order of the plan */
	const char *kept[RACE_LINES]; /* the data of each of them */
	size_t n_tasks;
	struct kernel_race_table table[RACE_TASKS];
};

struct kernel_race;

/*
 * Starts the tasks for a plan, which must outlive them. *rp is to be given to kernel_race_free. 0,
 * or an error with a message: -E2BIG for a plan that is too large.
 */
int kernel_race_new(const struct kernel_race_plan *plan, struct kernel_race **rp, char *err,
		    size_t errsize);
void kernel_race_free(struct kernel_race *r);

/* The arguments of the i-th line of the race after a run. */
void kernel_race_filled(const struct kernel_race *r, const struct kernel_race_run *run, size_t i,
			struct kernel_filled *filled);

/* Orders n runs or fewer, from the first-th on; kernel_race_collect waits for them. */
void kernel_race_order(struct kernel_race *r, uint64_t first, uint32_t n);

/*
 * run is NULL for a run that was given up: its tasks neither went on nor waited, and were killed.
 */
typedef int kernel_race_look_fn(void *ctx, const struct kernel_race *r,
				const struct kernel_race_run *run);

/*
 * Waits for the runs that were ordered and calls look for each, until look returns an error.
 * Returns the number of runs, or an error with a message: that of look; -EPROTO when a line before
 * the race did not return what it states; -ETIMEDOUT when the runs do not end; errors of starting
 * tasks.
 */
int64_t kernel_race_collect(struct kernel_race *r, kernel_race_look_fn *look, void *ctx, char *err,
			    size_t errsize);

#endif
