/*
 * The lines of source that calls of a log come from: strace -k prints the stack after a call, and
 * addr2line(1) knows the line of an address. Which calls are of interest is not known here.
 */
#ifndef FDLAB_TOOLS_SOURCE_H
#define FDLAB_TOOLS_SOURCE_H

#include "replay/strace_log.h"

#include <stdint.h>

/* Why a place has no line of source. */
enum source_lack {
	SOURCE_FOUND,
	SOURCE_NO_STACK,     /* the log has no stack for the call */
	SOURCE_NO_ADDR2LINE, /* the program is missing */
	SOURCE_NO_DEBUG,     /* no frame of the stack has one: compiled without -g, say */
};

/*
 * The place of the call that returned at a line of the log, in memory of malloc: "a.c:7", or
 * "a.out(main+0x2f)" where only that is known, or "" without a stack. NULL: no memory.
 */
char *source_of(const struct strace_log *log, uint64_t line, enum source_lack *lack);

/* A sentence that says why there is no line of source; NULL: there is one. */
const char *source_lack_text(enum source_lack lack);

#endif
