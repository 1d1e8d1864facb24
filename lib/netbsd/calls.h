/*
 * The parts of this folder that netbsd.c puts together: functions of calls, tables of rows, and
 * names. The arguments of a function are those of its row's signature; README.md says what each one
 * does.
 */
#ifndef NETBSD_CALLS_H
#define NETBSD_CALLS_H

#include "fdlab.h"
#include "notation/args.h"
#include "tree/tree.h"
#include "vfs/first_names.h"

struct inode_ops;
struct task;

/* descriptors.c */
int64_t netbsd_dup(struct task *current, struct fdl_arg *a);
int64_t netbsd_dup2(struct task *current, struct fdl_arg *a);
int64_t netbsd_close(struct task *current, struct fdl_arg *a);
int64_t netbsd_closefrom(struct task *current, struct fdl_arg *a);

/* open.c */
int64_t netbsd_open(struct task *current, struct fdl_arg *a);
int64_t netbsd_creat(struct task *current, struct fdl_arg *a);
int64_t netbsd_pipe(struct task *current, struct fdl_arg *a);

/* lock.c */
int64_t netbsd_flock(struct task *current, struct fdl_arg *a);
int64_t netbsd_setlk(struct task *current, struct fdl_arg *a);
int64_t netbsd_setlkw(struct task *current, struct fdl_arg *a);
int64_t netbsd_getlk(struct task *current, struct fdl_arg *a);

/* kqueue.c */
int64_t netbsd_kqueue(struct task *current, struct fdl_arg *a);

/* descriptors.c, functions.c: tables of calls, each ended by a row without a name. */
extern const struct call_row netbsd_fcntl_calls[];
extern const struct call_row netbsd_functions[];

/* proc.c: the files of <pid>/files, and those at the root. */
extern const struct tree_row netbsd_files_rows[];
extern const struct tree_row netbsd_root_rows[];

/* devices.c: /dev/fd/N and the standard streams; cloning devices. */
extern const struct inode_ops fdesc_inode, clone_inode;

/* names.c: the names that a machine starts with. */
extern const struct first_name netbsd_names[];

#endif
