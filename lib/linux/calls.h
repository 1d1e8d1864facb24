/*
 * The functions of the rows of linux.c, by file. Each does what the man page of its name and
 * README.md say; its arguments are those of the row's signature.
 */
#ifndef LINUX_CALLS_H
#define LINUX_CALLS_H

#include "fdlab.h"
#include "notation/args.h"
#include "tree/tree.h"
#include "vfs/first_names.h"

#include <stdbool.h>

struct file;
struct task;

/* dup.c */
int64_t linux_dup(struct task *current, struct fdl_arg *a);
int64_t linux_dup2(struct task *current, struct fdl_arg *a);
int64_t linux_dup3(struct task *current, struct fdl_arg *a);
int64_t linux_close(struct task *current, struct fdl_arg *a);
int64_t linux_close_range(struct task *current, struct fdl_arg *a);

/* open.c */
int64_t linux_open(struct task *current, struct fdl_arg *a);
int64_t linux_openat(struct task *current, struct fdl_arg *a);
int64_t linux_openat2(struct task *current, struct fdl_arg *a);
int64_t linux_creat(struct task *current, struct fdl_arg *a);
int64_t linux_pipe(struct task *current, struct fdl_arg *a);
int64_t linux_pipe2(struct task *current, struct fdl_arg *a);

/* fcntl.c, functions.c, kcmp.c: whole tables of rows, each ended by a row without a name. */
extern const struct call_row linux_fcntl_calls[];
extern const struct call_row linux_functions[];
extern const struct call_row linux_kcmp_calls[];

/*
 * ioctl_known.c: tells the requests that the kernel's VFS answers for this file and the model does
 * not.
 */
bool vfs_lacks_ioctl(const struct file *f, unsigned request);

/* proc.c: the files of <pid>/files, and of the root. */
extern const struct tree_row linux_files_rows[];
extern const struct tree_row linux_root_rows[];

/* names.c: the names that a machine starts with. */
extern const struct first_name linux_names[];

#endif
