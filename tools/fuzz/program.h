/*
 * Random programs: one line of the notation after another, for tasks that exist, with descriptors
 * that may be open and numbers at which tables and limits end. The program is told the result of
 * each line, so that the next makes sense; it depends on the seed and these results alone.
 */
#ifndef FDLAB_TOOLS_FUZZ_PROGRAM_H
#define FDLAB_TOOLS_FUZZ_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FUZZ_LINE_MAX 512
#define FUZZ_TASKS    8   /* at one time */
#define FUZZ_PIDS     900 /* in all: a program ends when it has used them up */
#define FUZZ_RECENT   16

/*
 * Every program begins with these lines: they close the console, which is another device on a real
 * kernel.
 */
#define FUZZ_FIRST 5
extern const char *const fuzz_first[FUZZ_FIRST];

/* The kind of object that a descriptor refers to, as far as the program knows. */
enum fuzz_kind {
	KIND_OTHER,
	KIND_FILE,
	KIND_DIRECTORY,
	KIND_PROC_FD, /* /proc/self/fd */
	KIND_PIPE,
	KIND_SOCKET,
	KIND_EPOLL,
	KIND_EVENTFD,
	KIND_TIMERFD,
	KIND_SIGNALFD,
	KIND_INOTIFY,
	KIND_MEMFD,
	KIND_PIDFD,
};

struct fuzz_call; /* fuzz/writer.h */

struct fuzz_fd {
	int fd;
	enum fuzz_kind kind;
};

struct fuzz_task {
	int pid, leader;
	bool busy;     /* in a call that waits, or stopped: it has its turn rarely */
	bool reserves; /* in a call that waits and may have reserved a descriptor */
};

struct fuzz_program {
	uint64_t random;
	uint64_t nofile, nofile_hard; /* as the machine starts */
	uint64_t limit;               /* as it was set last */
	struct fuzz_task task[FUZZ_TASKS];
	size_t ntasks;
	int last_pid;
	const struct fuzz_topic *topic;
	struct fuzz_fd recent[FUZZ_RECENT]; /* descriptors that calls have returned */
	size_t nrecent;
	size_t nlines;
	struct fuzz_task maker; /* of the current line: the task, and whether its call makes one */
	bool makes_thread;
	enum fuzz_kind makes; /* what the descriptor of the current line will refer to */
	bool threads;         /* there was one */
};

/* The kinds of programs, by the tables of calls that they make; ended by a name that is NULL. */
struct fuzz_topic {
	const char *name;
	const struct fuzz_call *const *tables;
};
extern const struct fuzz_topic fuzz_topics[];

/* Starts a program; hard is the highest limit that can be had. */
void fuzz_program_start(struct fuzz_program *p, const struct fuzz_topic *topic, uint64_t seed,
			uint64_t hard);

/* The next line. */
void fuzz_program_next(struct fuzz_program *p, char line[FUZZ_LINE_MAX]);

/* Tells the replies to the line, each ended by a newline. */
void fuzz_program_told(struct fuzz_program *p, const char *replies);

/* The next random number of a state. */
uint64_t fuzz_random(uint64_t *state);

#endif
