/*
 * The action of a signal as the kernel's calls have it in memory, which differs from libc's. fdlab
 * and the program of the tasks, which has no libc, both include this file.
 */
#ifndef FDLAB_TOOLS_KERNEL_SIGACTION_H
#define FDLAB_TOOLS_KERNEL_SIGACTION_H

#include <stdint.h>

#define SIGACTION_DEFAULT  0                    /* SIG_DFL, of handler */
#define SIGACTION_IGNORE   1                    /* SIG_IGN */
#define SIGACTION_RESTORER UINT64_C(0x04000000) /* SA_RESTORER: restorer is set */
#define SIGNALS_MAX        64

struct kernel_sigaction {
	int64_t handler;
	uint64_t flags;
	int64_t restorer;
	uint64_t mask;
};

#endif
