/*
 * Tasks of the running kernel that make the calls they are told to, one at a time, and have no
 * descriptors but those that their calls made: orders and outcomes go through memory that they all
 * map. A call comes as it was bound for the machine, and its outcome is left where the machine
 * leaves it. Pids are the machine's: the tasks are numbered from 1 in the order of their making.
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
#define KT_PROGRAM "/bin/true" /* what stands for an exec that works */

enum kt_state { KT_IDLE, KT_ORDERED, KT_DONE };

/* A task's letter box. */
struct kt_post {
	_Atomic uint32_t state;
	pid_t pid; /* 0: there is none; negative: it is gone */
	long number, arg[6];
	bool at[6]; /* the argument is a place in data */
	int child;  /* the number of the task that the call makes, if it makes one */
	long result;
	char data[KT_DATA];
};

/* What all of them map: a file, so that an exec finds it again. */
struct kt_shared {
	struct rlimit nofile;
	struct kt_post post[KT_TASKS + 1]; /* from 1 */
};

struct kt {
	char dir[64]; /* where the tasks are, with their shared file and what they make */
	struct kt_shared *shared;
	pid_t keeper; /* the parent of task 1; everybody goes with it */
	int last;
};

long kt_number(const char *name);

/* To be called first thing in main: returns unless this is a task after its exec. */
void kt_main(int argc, char **argv);

/* Starts task 1 with this limit. False: that cannot be done here. */
bool kt_start(struct kt *kt, struct rlimit nofile);

/* Ends all tasks and removes what they made: these names. */
void kt_stop(struct kt *kt, const char *const *names);

/* A byte of the state in /proc/PID/stat: 'Z' for a zombie, 0 when there is no such process. */
char kt_process_state(pid_t pid);

int kt_number_of(const struct kt *kt, long pid);

bool kt_is(const struct param *p, const struct type *type);

/* What a call filled in, as the machine shows it: numbers. Strings stay where they are. */
void kt_take(struct kt_post *p, const struct fdl_row *row, size_t i, struct fdl_arg *arg,
	     struct fdl_arg *room);

/* Has task pid begin a call. */
void kt_order(struct kt *kt, int pid, const struct fdl_row *row, const struct fdl_arg *arg);

/*
 * Has task pid make a call, and returns what it returned. What it filled in is put into arg, in
 * room for two each (a lock's five are the last). A task that ends in its call returns 0.
 */
int64_t kt_call(struct kt *kt, int pid, const struct fdl_row *row, struct fdl_arg *arg,
		struct fdl_arg *room);

/* Says where a file of a task's procfs directory is. */
void kt_proc_path(const struct kt *kt, int pid, const char *file, char *path, size_t size);

#endif
