/*
 * Waiting for children: the common part of wait4 and waitid.
 */
#ifndef WAIT_H
#define WAIT_H

#include <stdint.h>

struct fdl_arg;
struct task;

/* The children that a call waits for, and what it has found. */
struct wait_opts {
	int idtype; /* P_ALL, P_PID or P_PGID */
	int64_t id;
	int64_t options; /* WEXITED, WNOHANG … */
	int status;      /* of the child that was found, as wait4 reports it */
	uint32_t uid;    /* the child's */
};

/*
 * Waits for a child, and reaps it unless WNOWAIT is set. Its pid; 0: none yet, with WNOHANG;
 * -ECHILD, -EINTR.
 */
int64_t do_wait(struct task *current, struct wait_opts *wo);

/* "pid pid=-1, out wstatus wstatus, waitoptions options=0, …" */
int64_t sys_wait4(struct task *current, struct fdl_arg *a);

#endif
