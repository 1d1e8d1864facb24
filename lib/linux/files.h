/*
 * The functions of the descriptor table (fs/file.c of Linux 3.7 to 3.9), by the kernel's names;
 * `current` is the task that calls, explicitly. README.md says what each does.
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

/* The first table of a machine. NULL: -ENOMEM. */
struct files_struct *files_new(struct task *current);

int alloc_fd(struct task *current, unsigned start, unsigned flags);
int get_unused_fd_flags(struct task *current, unsigned flags);
void put_unused_fd(struct task *current, unsigned fd);
/* Takes the caller's reference of file. */
void fd_install(struct task *current, unsigned fd, struct file *file);

int __close_fd(struct task *current, struct files_struct *files, unsigned fd);
void do_close_on_exec(struct task *current, struct files_struct *files);

/* *put says whether fput is owed. */
struct file *fget(struct task *current, unsigned fd);
struct file *fget_raw(struct task *current, unsigned fd);
struct file *fget_light(struct task *current, unsigned fd, int *fput_needed);
struct file *fget_raw_light(struct task *current, unsigned fd, int *fput_needed);

void set_close_on_exec(struct task *current, unsigned fd, bool flag);
bool get_close_on_exec(struct task *current, unsigned fd);

/* The file gets a reference of its own in each of these; the caller's stays the caller's. */
int do_dup2(struct task *current, struct files_struct *files, struct file *file, unsigned fd,
	    unsigned flags);
int replace_fd(struct task *current, unsigned fd, struct file *file, unsigned flags);
int f_dupfd(struct task *current, unsigned from, struct file *file, unsigned flags);

/* A range of descriptors that a copy need not have room for; from > to: none. */
struct fd_range {
	unsigned from, to;
};

/* A copy with count 1, or NULL and *error. */
struct files_struct *dup_fd(struct task *current, struct files_struct *oldf, struct fd_range hole,
			    int *error);
struct files_struct *get_files_struct(struct task *task);
void put_files_struct(struct task *current, struct files_struct *files);
void reset_files_struct(struct task *current, struct files_struct *files);
void exit_files(struct task *tsk);

/* Calls fn on every file from n up until it returns non-zero, and returns that; 0 for no files. */
int iterate_fd(struct task *current, struct files_struct *files, unsigned n,
	       int (*fn)(const void *arg, struct file *f, unsigned fd), const void *arg);

/* The tables' invariants (SEMANTICS, last section). 0 or -EUCLEAN. */
int linux_check(const struct fdl_machine *m, const void *table, size_t users, struct refs *files,
		struct text *why);

#endif
