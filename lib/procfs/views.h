/*
 * The texts of the tree's files. A text is made when its file is read.
 */
#ifndef VIEWS_H
#define VIEWS_H

#include "tree/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call_row;
struct fdl_machine;
struct file;
struct node;
struct task;
struct text;

int text_open_files(const struct node *n, struct text *out); /* open_files.c */
/* net.c: net/unix, net/tcp, net/udp */
int text_net_unix(const struct node *n, struct text *out);
int text_net_tcp(const struct node *n, struct text *out);
int text_net_udp(const struct node *n, struct text *out);

/* locks.c: /proc/locks; and a description's lines of fdinfo: its locks, and those of the table. */
int text_locks(const struct node *n, struct text *out);
void show_fd_locks(struct text *out, const struct file *f, const void *table);

int text_dot(const struct node *n, struct text *out); /* drawn.c */
int text_picture(const struct node *n, struct text *out);
int text_picture_json(const struct node *n, struct text *out);
int text_snapshot(const struct node *n, struct text *out); /* state_json.c */

/* rootfs.c: the machine's own files. */
extern const struct tree_graft rootfs_graft;

/*
 * Puts a name of the machine as a reader of the tree can follow it: a path gets in front of it
 * where rootfs/ is (fdl_machine_links), if that is known. For links and maps.
 */
void put_followable(const struct fdl_machine *m, const struct text *name, struct text *out);

/* The same, of the name of a description. */
void put_followable_file(const struct fdl_machine *m, const struct file *f, struct text *out);

/* The files of <pid>/: each writes the text of one row of pid.c; all return 0 or an error. */

/* status.c: the state of a process. */
int proc_status(const struct node *n, struct text *out);
int proc_stat(const struct node *n, struct text *out);
int proc_statm(const struct node *n, struct text *out);
int proc_limits(const struct node *n, struct text *out);
int proc_maps(const struct node *n, struct text *out);

/* status.c: files that programs expect, which say little here. */
int proc_io(const struct node *n, struct text *out);
int proc_smaps(const struct node *n, struct text *out);
int proc_smaps_rollup(const struct node *n, struct text *out);
int proc_mountinfo(const struct node *n, struct text *out);
int proc_mounts(const struct node *n, struct text *out);
int proc_zero(const struct node *n, struct text *out);
int proc_cgroup(const struct node *n, struct text *out);

/* syscall.c: the call that a task is in. */
int proc_syscall(const struct node *n, struct text *out);
int proc_wchan(const struct node *n, struct text *out);
int proc_stack(const struct node *n, struct text *out);

/* The number of a system call, or -1 for a row that is no system call. */
int proc_call_number(const struct call_row *call);

/* The letter of a task's state in procfs: R, S, T or Z. */
char proc_state(const struct task *task);

/* The tasks of its process that have not ended, and a leader that waits for its threads. */
unsigned proc_threads(const struct task *task);

/* A task's name, not NUL-terminated, and its length, at most 15. */
const char *proc_comm(const struct task *task, int *len);

/*
 * The line of fdinfo with the holders of the other end of a pipe or socket, such as
 * "other_end:\t1:4,2:4"; nothing for other files. 0 or -ENOMEM.
 */
int put_other_end_of(struct text *out, const struct file *f);

/* The root directory, and the index of its tasks. */
extern const struct tree_row root_directory;
extern const struct tree_index task_index;

#endif
