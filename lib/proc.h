/*
 * The files of <pid>/ in procfs's formats, by the file that makes them. Each function writes the
 * text of one row of proc.c; all return 0 or an error.
 */
#ifndef PROC_H
#define PROC_H

struct node;
struct call_row;
struct task;
struct text;

/* procstat.c: what a process is. */
int proc_status(const struct node *n, struct text *out);
int proc_stat(const struct node *n, struct text *out);
int proc_statm(const struct node *n, struct text *out);
int proc_limits(const struct node *n, struct text *out);
int proc_maps(const struct node *n, struct text *out);

/* procmisc.c: what programs look for, and what has little to say. */
int proc_io(const struct node *n, struct text *out);
int proc_smaps(const struct node *n, struct text *out);
int proc_smaps_rollup(const struct node *n, struct text *out);
int proc_mountinfo(const struct node *n, struct text *out);
int proc_mounts(const struct node *n, struct text *out);
int proc_zero(const struct node *n, struct text *out);
int proc_cgroup(const struct node *n, struct text *out);

/* proccall.c: the call that a task is in. */
int proc_syscall(const struct node *n, struct text *out);
int proc_wchan(const struct node *n, struct text *out);
int proc_stack(const struct node *n, struct text *out);

/* The number of a system call, or -1 for what is none, as procfs has it. */
int proc_call_number(const struct call_row *call);

/* The letter of its state in procfs: R, S, T or Z. */
char proc_state(const struct task *task);

/* How many tasks of its process still are, a leader that waits for its threads included. */
unsigned proc_threads(const struct task *task);

/* Its name, at most 15 bytes, and their number. */
const char *proc_comm(const struct task *task, int *len);

#endif
