/*
 * The calls about tasks, a table a file, each ended by a row without a name. A kernel lists the
 * tables that it has.
 */
#ifndef PROCESS_CALLS_H
#define PROCESS_CALLS_H

#include "notation/args.h"

extern const struct call_row task_calls[];      /* fork, clone, exit, wait4, kill, getpid … */
extern const struct call_row exec_calls[];      /* execve, execveat */
extern const struct call_row limit_calls[];     /* getrlimit, setrlimit, prlimit64 */
extern const struct call_row signal_calls[];    /* rt_sigprocmask, tgkill, alarm … */
extern const struct call_row sigaction_calls[]; /* rt_sigaction */
extern const struct call_row pidfd_calls[];     /* pidfd_open, pidfd_getfd, pidfd_send_signal */
extern const struct call_row waitid_calls[];    /* waitid */
extern const struct call_row clock_calls[];     /* clock_gettime, nanosleep … */

#endif
