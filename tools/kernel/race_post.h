/*
 * The memory that fdlab shares with the real tasks of a race: the plan, which does not change; the
 * current run; and the records of a batch of runs. Tasks are numbered from 0 in the order in which
 * they are made. fdlab and the program of the tasks, which has no libc, both include this file.
 */
#ifndef FDLAB_TOOLS_KERNEL_RACE_POST_H
#define FDLAB_TOOLS_KERNEL_RACE_POST_H

#include "kernel/post.h"

#define RACE_AT (KERNEL_SHARED_AT + (int64_t)KERNEL_POSTS / 2 * KERNEL_POST_SIZE)

#define RACE_TASKS   32
#define RACE_LINES   64
#define RACE_SLOTS   512  /* of a table that a record has */
#define RACE_NAMES   8192 /* bytes of their names */
#define RACE_KEPT    8192 /* bytes of what a call filled in */
#define RACE_PATHS   32
#define RACE_PATH    128
#define RACE_KNOWN   64
#define RACE_RECORDS (8 << 20)

/* The signal that interrupts a call that waits. */
#define RACE_KICK 64

/* A line, before the race or in it, as an order. */
struct race_order {
	uint32_t task;
	uint32_t forks, execs, ends;
	uint32_t pid_args;   /* a bit for each argument that is a pid */
	uint32_t pid_result; /* its result is one */
	uint32_t states;     /* before the race: the call must return result */
	uint32_t kept;       /* bytes of its data in the record */
	uint32_t given;      /* bytes of its data that are restored before every run */
	int64_t result;
	int64_t number, arg[6];
};

struct race_plan {
	uint32_t n_setup, n_lines; /* the lines before the race come first */
	uint32_t n_racers, n_cpus, n_paths;
	uint32_t fd_bound;   /* descriptors below are looked at */
	uint32_t setup_ends; /* a task may end before the race */
	uint32_t pid_bound;  /* above, pids may wrap around within a run */
	uint64_t
		spared; /* a bit for each signal that does not end task 1 of a run, which is init */
	int32_t cpu[RACE_TASKS];
	uint64_t seed;
	struct race_order line[RACE_LINES];
	char path[RACE_PATHS][RACE_PATH]; /* files that a run may create */
};

enum race_did {
	DID_NOT_BEGIN,
	DID_BEGIN,
	DID_RETURN,
	DID_END, /* its task ended in it: by the call, or by another thread's exec */
};

struct race_done {
	uint32_t did; /* enum race_did */
	uint32_t unused;
	int64_t result;
};

/* A task that a line makes. */
struct race_birth {
	int32_t tid;      /* the kernel writes it before the new task runs; 0: there is none yet */
	uint32_t spared;  /* task 1 makes it, and has the spared signals blocked meanwhile */
	uint64_t blocked; /* the signals that it had blocked before */
};

enum race_phase {
	PHASE_RUN,
	PHASE_SCAN, /* no task goes on: each looks at its table */
	PHASE_EXIT,
};

struct race_slot {
	uint32_t fd;
	uint8_t cloexec;
	uint8_t same;  /* the description of the slot before */
	uint16_t name; /* where its name begins */
};

enum race_task_state {
	TASK_NOT_BORN,
	TASK_BORN,
	TASK_RAN, /* it has run all its lines */
	TASK_SCANNED,
};

struct race_task {
	uint32_t state; /* enum race_task_state */
	int32_t tgid;
	uint32_t line;  /* the line that it runs, from 1 */
	uint32_t races; /* it runs lines of the race */
	int32_t sharer; /* the first task with the same table; -1: there is none before */
	uint32_t n_slots, names_len;
	struct race_slot slot[RACE_SLOTS];
	char names[RACE_NAMES];
};

struct race_run {
	int32_t base;                      /* the pid of task 0 */
	uint32_t phase;                    /* enum race_phase */
	uint32_t turn;                     /* the next line before the race */
	uint32_t ready, set, ran, scanned; /* the number of tasks that are */
	uint32_t expected;                 /* tasks, as counted by the last racer */
	uint32_t sleepers;
	uint32_t
		waits; /* runs of this race end with tasks asleep: those that have run sleep soon */
	uint32_t delay[RACE_LINES];
	struct race_done done[RACE_LINES];
	struct race_birth birth[RACE_LINES];
	struct race_task task[RACE_TASKS];
};

/* A file whose name never changes: it is read once. */
struct race_known {
	uint32_t known, major, minor;
	uint64_t mount, inode;
	char name[64];
};

enum race_task_kind {
	KIND_NONE,   /* the task does not exist any more */
	KIND_GONE,   /* it has exited, and has no table */
	KIND_SHARES, /* the table of an earlier task */
	KIND_TABLE,
};

/*
 * A record is this struct, then a race_done for each line of the race, then the kept bytes of each,
 * then for each task a race_told with its slots and names. Every part begins at a multiple of 8.
 */
struct race_record {
	uint32_t size;
	uint32_t wrong_setup; /* the first line before the race that went wrong, or 0 */
	uint32_t lost;        /* the run was given up */
	uint32_t n_tasks;
	int64_t wrong_result;
	int64_t base; /* the pid of task 0 */
};

struct race_told {
	uint32_t kind; /* enum race_task_kind */
	int32_t sharer;
	uint32_t n_slots, names_len;
	uint32_t stopped; /* by a signal */
	uint32_t unused;
};

enum race_batch_state {
	BATCH_NONE,
	BATCH_ORDERED,
	BATCH_DONE,
};

struct race_shared {
	uint32_t batch; /* enum race_batch_state; a futex */
	uint32_t want, had;
	uint32_t tired; /* pids run out: a new namespace is needed */
	uint64_t first; /* number of the batch's first run */
	struct race_plan plan;
	struct race_run run;
	uint32_t n_known;
	struct race_known known[RACE_KNOWN];
	char records[RACE_RECORDS] __attribute__((aligned(64)));
};

/* After that, the data of each line's arguments; and a copy, from which every run restores it. */
#define RACE_DATA_AT     0x2000000
#define RACE_DATA_STRIDE KERNEL_POST_SIZE
#define RACE_GIVEN_AT    (RACE_DATA_AT + RACE_LINES * RACE_DATA_STRIDE)

_Static_assert(sizeof(struct race_shared) <= RACE_DATA_AT, "the lines' data begins where it says");
_Static_assert(RACE_GIVEN_AT + RACE_LINES * RACE_DATA_STRIDE <= KERNEL_POSTS / 2 * KERNEL_POST_SIZE,
	       "it all fits");

#endif
