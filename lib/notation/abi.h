/*
 * Numbers of calls and errors that the host's headers lack. Where another kernel's number has a
 * meaning here, the name gets a number without one.
 */
#ifndef ABI_H
#define ABI_H

/* Linux: O_LARGEFILE, which every open of a 64-bit program has. Its libc has it as 0. */
#define KERNEL_O_LARGEFILE 0100000

/* Linux: signals are numbers from 1 to this. */
#define SIGNALS 64

/* NetBSD: errors internal to its kernel, negative there (sys/errno.h). */
#define EDUPFD  1005
#define EMOVEFD 1006

/* NetBSD: commands of fcntl (10 and 11 in sys/fcntl.h). */
#define F_CLOSEM 0x4e0a
#define F_MAXFD  0x4e0b

/* NetBSD: flags of fork1 (sys/proc.h). */
#define FORK_PPWAIT     0x01
#define FORK_SHAREVM    0x02
#define FORK_SHARECWD   0x04
#define FORK_SHAREFILES 0x08
#define FORK_SHARESIGS  0x10
#define FORK_CLEANFILES 0x40
#define FORK_ALL                                                                                   \
	(FORK_PPWAIT | FORK_SHAREVM | FORK_SHARECWD | FORK_SHAREFILES | FORK_SHARESIGS |           \
	 FORK_CLEANFILES)

#endif
