/*
 * Tasks of the running kernel that make the calls they are given, one at a time, and have no
 * descriptors but those that their calls made: calls and outcomes go through memory that all of
 * them map. A call comes as it was bound for the machine, and its outcome is left where the machine
 * leaves it. Pids are the machine's: the tasks are numbered from 1 in the order in which they are
 * made.
 */
#ifndef KERNEL_TASKS_H
#define KERNEL_TASKS_H

#include "fdlab.h"
#include "notation/args.h"
#include "notation/types.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KT_TASKS   16
#define KT_DATA    8192
#define KT_PROGRAM "/bin/true" /* the result of an exec that succeeds */

enum kt_state { KT_IDLE, KT_ORDERED, KT_DONE };

/* A task's mailbox. */
struct kt_post {
	_Atomic uint32_t state;
	pid_t pid; /* 0: no task; negative: the task is gone */
	long number, arg[6];
	bool at[6]; /* the argument is a place in data */
	int child;  /* the number of the task that the call makes, if any */
	long result;
	char data[KT_DATA];
};

/* The shared mapping: a file, so that a task finds it again after an exec. */
struct kt_shared {
	struct rlimit nofile;
	struct kt_post post[KT_TASKS + 1]; /* from 1 */
};

struct kt {
	char dir[64]; /* the directory with the shared file and the tasks' files */
	struct kt_shared *shared;
	pid_t keeper; /* the parent of task 1; when it dies all tasks die */
	int last;
};

long kt_number(const char *name);

/* To be called first in main: returns unless this is a task after its exec. */
void kt_main(int argc, char **argv);

/* Starts task 1 with this limit. False: that is not possible here. */
bool kt_start(struct kt *kt, struct rlimit nofile);

/* Ends all tasks, and removes these names, which they made. */
void kt_stop(struct kt *kt, const char *const *names);

/* A byte of the state in /proc/PID/stat: 'Z' for a zombie, 0 when there is no such process. */
char kt_process_state(pid_t pid);

int kt_number_of(const struct kt *kt, long pid);

bool kt_is(const struct param *p, const struct type *type);

/* The numbers that a call filled in, as the machine shows them. Strings stay where they are. */
void kt_take(struct kt_post *p, const struct fdl_row *row, size_t i, struct fdl_arg *arg,
	     struct fdl_arg *room);

/* Starts a call of task pid. */
void kt_order(struct kt *kt, int pid, const struct fdl_row *row, const struct fdl_arg *arg);

/*
 * Makes a call of task pid, and returns its result. Numbers that it fills in are put into arg,
 * which has room for two each (for five in a lock, which comes last). A task that ends in its call
 * returns 0.
 */
int64_t kt_call(struct kt *kt, int pid, const struct fdl_row *row, struct fdl_arg *arg,
		struct fdl_arg *room);

/* The path of a file in a task's procfs directory. */
void kt_proc_path(const struct kt *kt, int pid, const char *file, char *path, size_t size);

#endif
