/*
 * A log as lines, read as often as one wants and from two places at a time: what cannot be read
 * again (standard input, a pipe) is first put into a temporary file. A place keeps one line in
 * memory and no more.
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

/* Opens a log; "-" is standard input. 0 or a negative errno. To be closed by log_close. */
int log_open(struct strace_log *log, const char *name);
void log_close(struct strace_log *log);

/* A place in a log. */
struct log_reader {
	const struct strace_log *log;
	off_t offset; /* in the file, of what is behind the buffer */
	char *buffer;
	size_t room, begin, end;
	char *joined; /* a line that was interrupted, and goes on in the next one */
	size_t joined_len, joined_room;
	uint64_t line; /* the number of the latest one, from 1 */
	bool cut;      /* that line has no newline: the log ends in it */
	int error; /* why there are no more lines: 0 at the end of the log, or a negative errno */
};

/* At the beginning. reader_free is due. */
void reader_init(struct log_reader *r, const struct strace_log *log);
/* At another one's place: the line that it will read next. */
void reader_move(struct log_reader *r, const struct log_reader *to);
void reader_free(struct log_reader *r);

/*
 * The next line, without its newline; in the reader's memory until the next. One that strace itself
 * has interrupted, on standard error ("clone(…strace: Process 7 attached"), is put together again.
 * False: no more.
 */
bool reader_line(struct log_reader *r, char **text, size_t *len);

#endif
