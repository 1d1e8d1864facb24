/*
 * Tasks as memory: made, given a pid, taken out of the machine, freed; and their images.
 */
#ifndef PROCESS_TASK_H
#define PROCESS_TASK_H

struct dentry;
struct fdl_machine;
struct image;
struct task;
struct text;

/* A task that nobody can see yet, its references all unset; the caller's. NULL: no memory. */
struct task *task_new(struct fdl_machine *m);

/* Gives a task its pid: from now on it is one of the machine's. 0, -EAGAIN, -ENOMEM. */
int task_publish(struct task *task);

/* Takes a pid out of the machine's table, for a task that goes or gets another one. */
void forget_pid(struct task *task);

/* Takes a task out of the machine's table; its memory goes when the present call is over. */
void task_release(struct task *task);

/* Frees the ones that were released. */
void task_free_dead(struct fdl_machine *m);

/*
 * A new image with refs 1: copies of the strings, NUL-separated and -terminated, charged to the
 * machine's memory. exe may be NULL. NULL: none left. And one user less.
 */
struct image *image_new(struct fdl_machine *m, struct dentry *exe, const struct text *cmdline,
			const struct text *env);
void image_put(struct fdl_machine *m, struct image *image);

#endif
