/*
 * The functions of the descriptor table (fs/file.c of Linux 3.7 to 3.9), by the kernel's names;
 * `current` is the task that calls, explicitly. README.md tells each of them in full.
 */
#ifndef LINUX_FILES_H
#define LINUX_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct fdl_machine;
struct file;
struct files_struct;
struct refs;
struct task;
struct text;

/* ---- descriptors (files.c) ---- */

/*
 * Reserves the lowest free descriptor, from start or 0 on; flags: O_CLOEXEC or 0. The number,
 * EMFILE at RLIMIT_NOFILE or sysctl_nr_open, or ENOMEM.
 */
int alloc_fd(struct task *current, unsigned start, unsigned flags);
int get_unused_fd_flags(struct task *current, unsigned flags);

/* Gives a reserved descriptor back. */
void put_unused_fd(struct task *current, unsigned fd);

/* Fills a reserved descriptor, and takes the caller's reference of file. A slot in use: a BUG. */
void fd_install(struct task *current, unsigned fd, struct file *file);

/* Frees the descriptor and closes its file. 0, EBADF, or the error of the object's flush. */
int __close_fd(struct task *current, struct files_struct *files, unsigned fd);

/* Closes every file whose descriptor is close-on-exec. */
void do_close_on_exec(struct task *current, struct files_struct *files);

/* The close-on-exec bit, whether or not fd is open. Setting one beyond the table is a BUG. */
void set_close_on_exec(struct task *current, unsigned fd, bool flag);
bool get_close_on_exec(struct task *current, unsigned fd);

/*
 * Each of these gives the slot a reference of its own; the caller's stays the caller's. flags:
 * O_CLOEXEC or 0. They return the descriptor, or an error.
 *
 * do_dup2: onto fd, for which the table has room: EBUSY where fd is reserved, ENOMEM.
 * replace_fd: the same with room made; without a file it closes fd. EBADF from RLIMIT_NOFILE on.
 * f_dupfd: onto the lowest free descriptor from `from` on: EINVAL from RLIMIT_NOFILE on.
 */
int do_dup2(struct task *current, struct files_struct *files, struct file *file, unsigned fd,
	    unsigned flags);
int replace_fd(struct task *current, unsigned fd, struct file *file, unsigned flags);
int f_dupfd(struct task *current, unsigned from, struct file *file, unsigned flags);

/* Calls fn on every file from n up until it returns non-zero, and returns that; 0 for no files. */
int iterate_fd(struct task *current, struct files_struct *files, unsigned n,
	       int (*fn)(const void *arg, struct file *f, unsigned fd), const void *arg);

/* ---- from a number to a file (fget.c) ---- */

/* The file of a descriptor with a reference for the caller, or NULL; fget finds no O_PATH files. */
struct file *fget(struct task *current, unsigned fd);
struct file *fget_raw(struct task *current, unsigned fd);

/* The same without a reference where the table has one user. *fput_needed: fput is owed. */
struct file *fget_light(struct task *current, unsigned fd, int *fput_needed);
struct file *fget_raw_light(struct task *current, unsigned fd, int *fput_needed);

/* ---- whole tables (files.c) ---- */

/* The first table of a machine. NULL: ENOMEM. */
struct files_struct *files_new(struct task *current);

/* A range of descriptors that a copy need not have room for; from > to: none. */
struct fd_range {
	unsigned from, to;
};

/* A copy with count 1; or NULL, and *error is ENOMEM or EMFILE. */
struct files_struct *dup_fd(struct task *current, struct files_struct *oldf, struct fd_range hole,
			    int *error);

/* The table of a task with one user more, or NULL; one user less, the last of which frees it. */
struct files_struct *get_files_struct(struct task *task);
void put_files_struct(struct task *current, struct files_struct *files);

/* Puts current's table, and takes the given one with its count. */
void reset_files_struct(struct task *current, struct files_struct *files);

/* Takes the table away from a task, if it has any, and puts it. */
void exit_files(struct task *tsk);

/* ---- the check (check.c) ---- */

/*
 * Checks the invariants of a table that has so many users, of which so many are in a call in
 * flight, and adds the files in its slots to files. 0; -EUCLEAN with the violation in why; -ENOMEM.
 */
int linux_check(const struct fdl_machine *m, const void *table, size_t users, size_t calls,
		struct refs *files, struct text *why);

#endif
