/*
 * The functions behind the rows of netbsd.c, by file. Each follows the man page of its name and the
 * row of SEMANTICS; arguments are those of the row's signature.
 */
#ifndef NETBSD_CALLS_H
#define NETBSD_CALLS_H

#include "notation/args.h"
#include "fdlab.h"
#include "vfs/first_names.h"
#include "tree/tree.h"

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

/* kqueue.c */
int64_t netbsd_kqueue(struct task *current, struct fdl_arg *a);

/* descriptors.c, functions.c: whole tables of rows, each ended by a row without a name. */
extern const struct call_row netbsd_fcntl_calls[];
extern const struct call_row netbsd_functions[];

/* proc.c: the files of <pid>/files, and of the root. */
extern const struct tree_row netbsd_files_rows[];
extern const struct tree_row netbsd_root_rows[];

/* devices.c: the devices whose open is a descriptor that there is already, or one of their own. */
extern const struct inode_ops fdesc_inode, clone_inode;

/* names.c: the names that a machine starts with. */
extern const struct first_name netbsd_names[];

#endif
