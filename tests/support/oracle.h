/*
 * The running kernel as an oracle: sequences of calls are made both by a machine and by a process
 * of the running kernel, and the results and filled-in arguments of each call are compared. For the
 * kernel, names below /tmp are below a fresh directory of a tmpfs, which behaves like the model's
 * file system.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include "base/arena.h"
#include "base/text.h"
#include "fdlab.h"
#include "machine/machine.h"
#include "notation/args.h"
#include "notation/line.h"
#include "notation/types.h"
#include "support/bound_line.h"
#include "support/oracle_events.h"
#include "support/oracle_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define REPORT_FD 900
#define SHOWN     SIZE_MAX

extern char top[64];       /* the directory of this run */
extern char directory[80]; /* the kernel's /tmp */

/* A line for the outcome of a call. */
void put_outcome(struct text *t, const struct bound *b, int64_t result);

/* The next line of a sequence that is a call, or NULL at the end. */
const char *next_line(const char **at, size_t *len);

struct fdl_machine *new_machine(void);

int64_t machine_call(struct fdl_machine *m, struct bound *b);

int64_t kernel_call(struct arena *arena, struct bound *b);

/* The test's preparations in the process that makes the calls, and its checks after each call. */
extern void (*oracle_prepare)(void);
extern void (*oracle_settle)(void);

void remove_all(const char *path);

/* Prints the calls up to the one whose outcomes differ, and fails. */
void differ(const char *lines, const char *machine, const char *kernel);

void compare(const char *lines);

int remove_top(void **state);

/* Whether the kernel can be asked here; if not, prints the reason. */
bool oracle_start(void);

#endif
