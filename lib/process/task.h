/*
 * Tasks: made, given a pid, taken out of the machine, freed; and their images.
 */
#ifndef PROCESS_TASK_H
#define PROCESS_TASK_H

struct dentry;
struct fdl_machine;
struct image;
struct task;
struct text;

/* A task without a pid and without references: the caller's, by free. NULL: no memory. */
struct task *task_new(struct fdl_machine *m);

/*
 * Gives a task its pid and puts it into the machine's table. 0; -EAGAIN: no pid is free; -ENOMEM.
 */
int task_publish(struct task *task);

/* The next pid is used up by a task that is not made. */
void task_use_up_pid(struct fdl_machine *m);

/* Takes a task's pid out of the machine's table. */
void forget_pid(struct task *task);

/* Takes a task out of the machine; task_free_dead frees it. */
void task_release(struct task *task);

/*
 * Frees the tasks that were released. Only for a moment when no call that may look at them is on
 * the stack.
 */
void task_free_dead(struct fdl_machine *m);

/*
 * A new image with one user: takes a reference to exe (may be NULL) and copies the strings, which
 * are NUL-separated and -terminated; charged to the machine's memory. NULL: none left.
 */
struct image *image_new(struct fdl_machine *m, struct dentry *exe, const struct text *cmdline,
			const struct text *env);

/* One user less; the last one frees it. NULL is allowed. */
void image_put(struct fdl_machine *m, struct image *image);

#endif
