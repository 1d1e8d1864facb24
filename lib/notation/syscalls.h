/*
 * System calls by their numbers.
 */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <stddef.h>

/* The number on this machine of the system call with this name of len bytes; -1: there is none. */
int notation_syscall(const char *name, size_t len);

/* The nth known name, from 0, in no order; NULL after the last. */
const char *notation_syscall_nth(size_t n);

/*
 * The name of a system call whose number is the same on all machines (Linux added it since 5.1).
 * NULL if the number is not such a one, or unknown.
 */
const char *notation_syscall_name(int number);

#endif
