/*
 * A log as lines, to be read repeatedly and from two places at a time. Input that cannot be read
 * again (standard input, a pipe) is first copied to a temporary file. A place keeps a single line
 * in memory.
 */
#ifndef FDLAB_TOOLS_STRACE_LOG_H
#define FDLAB_TOOLS_STRACE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct strace_log {
	int fd;
};

/* Opens a log; "-" is standard input. 0 or a negative errno. Close it with log_close. */
int log_open(struct strace_log *log, const char *name);
void log_close(struct strace_log *log);

/* A place in a log. */
struct log_reader {
	const struct strace_log *log;
	off_t offset; /* in the file, of the byte after the buffer */
	char *buffer;
	size_t room, begin, end;
	char *joined; /* the beginning of a line that strace interrupted */
	size_t joined_len, joined_room;
	uint64_t line; /* the number of the latest line, from 1 */
	bool cut;      /* the latest line has no newline: the log ends in it */
	int error;     /* why no line follows: 0 at the end of the log, or a negative errno */
};

/* Starts at the beginning. Free it with reader_free. */
void reader_init(struct log_reader *r, const struct strace_log *log);
/* Moves to the place of another reader: to the line that it reads next. */
void reader_move(struct log_reader *r, const struct log_reader *to);
void reader_free(struct log_reader *r);

/*
 * The next line, without its newline; valid until the next call. A line that strace interrupted on
 * standard error ("clone(…strace: Process 7 attached") is joined again. False: no more.
 */
bool reader_line(struct log_reader *r, char **text, size_t *len);

#endif
