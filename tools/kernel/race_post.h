/*
 * What the real tasks of a race and the one who has it run share: the plan, which does not change;
 * the run at hand; and the records of a batch of runs. Tasks are counted from 0 in the order of their
 * making. Both sides are compiled from here, the tasks without a libc.
 */
#ifndef FDLAB_TOOLS_KERNEL_RACE_POST_H
#define FDLAB_TOOLS_KERNEL_RACE_POST_H

#include "kernel/post.h"

#define RACE_AT (KERNEL_SHARED_AT + (int64_t)KERNEL_POSTS / 2 * KERNEL_POST_SIZE)

#define RACE_TASKS   32
#define RACE_LINES   64
#define RACE_SLOTS   512  /* of a table that are told */
#define RACE_NAMES   8192 /* bytes of the names behind them */
#define RACE_KEPT    8192 /* bytes of what a call filled in */
#define RACE_PATHS   32
#define RACE_PATH    128
#define RACE_KNOWN   64
#define RACE_RECORDS (8 << 20)

/* The signal that calls a task out of a call that waits. */
#define RACE_KICK 64

/* A line, before the race or in it, as an order. */
struct race_order {
	uint32_t task;
	uint32_t forks, execs, ends;
	uint32_t pid_args;   /* a bit for each argument that is a pid */
	uint32_t pid_result; /* what it returns is one */
	uint32_t states;     /* before the race: it must return this */
	uint32_t kept;       /* bytes of its data that the record has */
	uint32_t given;      /* bytes of its data that every run begins with anew */
	int64_t result;
	int64_t number, arg[6];
};

struct race_plan {
	uint32_t n_setup, n_lines; /* the lines before the race come first */
	uint32_t n_racers, n_cpus, n_paths;
	uint32_t fd_bound;   /* descriptors are looked for below */
	uint32_t setup_ends; /* a task may end before the race */
	uint32_t pid_bound;  /* above, pids may begin anew in the middle of a run */
	int32_t cpu[RACE_TASKS];
	uint64_t seed;
	struct race_order line[RACE_LINES];
	char path[RACE_PATHS][RACE_PATH]; /* what runs may leave behind */
};

enum race_did {
	DID_NOT_BEGIN,
	DID_BEGIN,
	DID_RETURN,
	DID_END, /* its task has ended in it: by the call, or by another thread's exec */
};

struct race_done {
	uint32_t did; /* enum race_did */
	uint32_t unused;
	int64_t result;
};

enum race_phase {
	PHASE_RUN,
	PHASE_SCAN, /* nobody goes on: everybody looks at its table */
	PHASE_EXIT,
};

struct race_slot {
	uint32_t fd;
	uint8_t cloexec;
	uint8_t same;  /* the description of the one before */
	uint16_t name; /* where its name begins */
};

enum race_task_state {
	TASK_NOT_BORN,
	TASK_BORN,
	TASK_RAN, /* it has no more lines to run */
	TASK_SCANNED,
};

struct race_task {
	uint32_t state; /* enum race_task_state */
	int32_t tgid;
	uint32_t line;  /* that it is in, from 1 */
	uint32_t races; /* the lines of the race are being run */
	int32_t sharer; /* the first task with the same table; -1: nobody before this one */
	uint32_t n_slots, names_len;
	struct race_slot slot[RACE_SLOTS];
	char names[RACE_NAMES];
};

struct race_run {
	int32_t base;                      /* the pid of task 0 */
	uint32_t phase;                    /* enum race_phase */
	uint32_t turn;                     /* the line before the race that is next */
	uint32_t ready, set, ran, scanned; /* how many tasks are so far */
	uint32_t expected;                 /* tasks, as far as the last one that ran knows */
	uint32_t sleepers;
	uint32_t delay[RACE_LINES];
	struct race_done done[RACE_LINES];
	struct race_task task[RACE_TASKS];
};

/* A file whose name does not change, so that it need not be asked for again. */
struct race_known {
	uint32_t known, major, minor;
	uint64_t mount, inode;
	char name[64];
};

enum race_task_kind {
	KIND_NONE,   /* there is no such task any more */
	KIND_GONE,   /* it has no table any more */
	KIND_SHARES, /* the table of an earlier one */
	KIND_TABLE,
};

/*
 * A record is one of these, then a race_done for each line of the race, then the kept bytes of each,
 * then for each task a race_told with its slots and names; every part begins at a multiple of 8.
 */
struct race_record {
	uint32_t size;
	uint32_t
		wrong_setup; /* a line before the race that did not return what it should, from 1 */
	uint32_t lost;       /* the run came to no end */
	uint32_t n_tasks;
	int64_t wrong_result;
	int64_t base; /* the pid of task 0 */
};

struct race_told {
	uint32_t kind; /* enum race_task_kind */
	int32_t sharer;
	uint32_t n_slots, names_len;
};

enum race_batch_state {
	BATCH_NONE,
	BATCH_ORDERED,
	BATCH_DONE,
};

struct race_shared {
	uint32_t batch; /* enum race_batch_state; a futex */
	uint32_t want, had;
	uint32_t tired; /* nearly out of pids: somebody else has to go on */
	uint64_t first; /* number of the batch's first run */
	struct race_plan plan;
	struct race_run run;
	uint32_t n_known;
	struct race_known known[RACE_KNOWN];
	char records[RACE_RECORDS] __attribute__((aligned(64)));
};

/* What arguments of a line point to, after that; and what it is at the beginning of every run. */
#define RACE_DATA_AT     0x2000000
#define RACE_DATA_STRIDE KERNEL_POST_SIZE
#define RACE_GIVEN_AT    (RACE_DATA_AT + RACE_LINES * RACE_DATA_STRIDE)

_Static_assert(sizeof(struct race_shared) <= RACE_DATA_AT, "the lines' data begins where it says");
_Static_assert(RACE_GIVEN_AT + RACE_LINES * RACE_DATA_STRIDE <= KERNEL_POSTS / 2 * KERNEL_POST_SIZE,
	       "it all fits");

#endif
