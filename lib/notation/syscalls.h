/*
 * System calls by their numbers.
 */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <stddef.h>

/* The number of a system call on this machine, by its name of len bytes; -1: it has none here. */
int notation_syscall(const char *name, size_t len);

/*
 * The name of a system call by its number, if that number is the same on all machines: of those
 * that Linux has got since 5.1. NULL: it is not, or no call is known by it.
 */
const char *notation_syscall_name(int number);

#endif
