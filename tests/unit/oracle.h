/*
 * The running kernel as an oracle: a sequence of calls in the notation is made both by a machine and
 * by a process of the running kernel, and what each call returned and filled in is compared. The
 * names below /tmp are, for the kernel, below a fresh directory that stands for it.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <stddef.h>

/* Prepares the kernel's side. 0, or -1: the kernel here cannot be asked, and why was printed. */
int oracle_start(void);
void oracle_end(void);

/* Is /tmp of the kernel's side a tmpfs, which the machine's file system is modelled on? */
int oracle_on_tmpfs(void);

/*
 * Runs a sequence, a call a line, on both sides, from a fresh machine and an empty directory with
 * the working directory in it and the descriptors 0 to 2 open. Lines without a result; a line that
 * starts with '#' is passed over. It stops after a call that ends the task. Prints the first
 * difference and what led to it and returns -1, or returns 0.
 */
int oracle_compare(const char *name, const char *lines);

#endif
