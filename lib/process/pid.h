/*
 * struct pid: what a pidfd refers to. It is there once a process has had a pidfd, and stays as long
 * as one is open, whether or not the process does.
 */
#ifndef PIDFD_H
#define PIDFD_H

struct task;

/* An exited process can be waited for; a task is gone, and its number free: pidfds are told. */
void do_notify_pidfd(struct task *task);
void detach_pid(struct task *task);

/* exec by a thread: the leader's number is its own from now on, and so are the pidfds of it. */
void exchange_pids(struct task *current, struct task *leader);

#endif
