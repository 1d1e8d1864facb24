/*
 * Real tasks that make the system calls they are told to, and have no descriptors but those that
 * their calls made. They live in a pid namespace, on a file system and a network of their own, so
 * that they have the pids that a machine would give and touch nothing outside; when fdlab ends, in
 * whatever way, they end. Orders are given to a task by its pid. Scenarios, and the meaning of
 * calls, are not known here.
 */
#ifndef FDLAB_TOOLS_KERNEL_TASKS_H
#define FDLAB_TOOLS_KERNEL_TASKS_H

#include "kernel/post.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How task 1 starts. */
struct kernel_start {
	uint64_t nofile, nofile_hard; /* RLIMIT_NOFILE */
	const char *passwd, *hosts;   /* what is in /etc */
	bool races;                   /* task 1 makes races (race.h), and takes no orders */
};

struct kernel_tasks {
	char *shared; /* the posts, as this process maps them; NULL: there are no tasks */
	pid_t init;   /* task 1, as this process sees it */
	int proc;     /* their /proc: O_PATH */
	short leader[KERNEL_POSTS]; /* of the thread group, by pid; 0: not known yet */
};

/*
 * Starts task 1, "init": descriptors 0, 1 and 2 are one description of /dev/console, and its limits
 * are those of how. 0, or an error with a message in err.
 */
int kernel_tasks_start(struct kernel_tasks *k, const struct kernel_start *how, char *err,
		       size_t errsize);

/* Ends all tasks. Everything that they made goes with them. */
void kernel_tasks_stop(struct kernel_tasks *k);

/*
 * A call to be made: its number and arguments. Pointers point into the data of the task, which is
 * at kernel_task_data here and at kernel_task_address for the task.
 */
struct kernel_order {
	int64_t number, arg[6];
	bool forks;   /* it makes a task */
	bool execs;   /* it may run the program of the tasks anew */
	bool signals; /* it may end or stop tasks */
	bool ends;    /* it may end the task: there may be no answer */
	size_t used;  /* bytes of the data that it needs */
};

char *kernel_task_data(const struct kernel_tasks *k, int pid);
int64_t kernel_task_address(int pid);

enum kernel_answer {
	KERNEL_RETURNED, /* *result is what it returned; an error is negative */
	KERNEL_ASLEEP,   /* the call waits */
	KERNEL_ENDED,    /* the task has ended in it */
	KERNEL_LOST,     /* it neither answers, nor waits, nor has ended: something is wrong */
};

/* An order that was given, and not answered yet. */
struct kernel_flight {
	int pid;
	struct kernel_order order;
	int leader; /* of an exec: the pid that answers if it succeeds */
	uint32_t attached;
};

/* Gives an order to a task that is idle. */
void kernel_task_order(struct kernel_tasks *k, int pid, const struct kernel_order *order,
		       struct kernel_flight *f);

/* Waits until the call has returned, or waits itself. */
enum kernel_answer kernel_task_wait(struct kernel_tasks *k, const struct kernel_flight *f,
				    int64_t *result);

/* Looks again at a call that was asleep. */
enum kernel_answer kernel_task_look(struct kernel_tasks *k, const struct kernel_flight *f,
				    int64_t *result);

/* Order and wait. */
enum kernel_answer kernel_task_call(struct kernel_tasks *k, int pid,
				    const struct kernel_order *order, int64_t *result);

/*
 * The state of a task as its stat file has it: 'S', 'T', 'Z'; 0 when there is no such task. A task
 * that is about to die is waited for.
 */
char kernel_task_state(const struct kernel_tasks *k, int pid);

/* The signal that killed a task, a zombie now; 0: none, or not known any more. */
int kernel_task_killer(const struct kernel_tasks *k, int pid);

/* The highest pid that a task has had. */
int kernel_tasks_last(const struct kernel_tasks *k);

/* Whether there ever was a task of this pid; and whether it is there and waits for an order. */
bool kernel_task_was_made(const struct kernel_tasks *k, int pid);
bool kernel_task_is_idle(const struct kernel_tasks *k, int pid);

/* Waits until no task has a pending signal that would change its state. */
void kernel_tasks_settle(const struct kernel_tasks *k);

/* Waits until a task that was just made takes orders. False: there is no such task. */
bool kernel_task_ready(struct kernel_tasks *k, int pid);

/* The text of a file of the tasks' /proc, with a NUL after it; at most size bytes. Or an error. */
ssize_t kernel_proc_read(const struct kernel_tasks *k, const char *path, char *buf, size_t size);

#endif
