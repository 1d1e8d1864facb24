/*
 * Reads a log line by line, with any bytes.
 */
#include "replay/strace_log.h"

#include "cli/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER   ((size_t)64 * 1024)
#define LINE_MAX ((size_t)64 * 1024 * 1024) /* strace prints no longer line */

/* ---- files ---------------------------------------------------------------------------------- */

static int copy_all(int to, int from)
{
	char buffer[16384];

	for (;;) {
		ssize_t n = read(from, buffer, sizeof(buffer));
		int error;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		error = write_all(to, buffer, (size_t)n);
		if (error)
			return error;
	}
}

/* Copies all that comes from fd to a file without a name. A descriptor or a negative errno. */
static int spool(int fd)
{
	FILE *file = tmpfile();
	int copy, error;

	if (!file)
		return -errno;
	copy = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
	error = copy < 0 ? -errno : copy_all(copy, fd);
	fclose(file);
	if (!error)
		return copy;
	if (copy >= 0)
		close(copy);
	return error;
}

int log_open(struct strace_log *log, const char *name)
{
	int fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	struct stat st;
	int error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		error = -errno;
	else if (S_ISDIR(st.st_mode))
		error = -EISDIR;
	else if (!S_ISREG(st.st_mode) || lseek(fd, 0, SEEK_CUR) != 0)
		error = spool(fd);
	else {
		log->fd = fd;
		return 0;
	}
	close(fd);
	log->fd = error;
	return error < 0 ? error : 0;
}

void log_close(struct strace_log *log)
{
	close(log->fd);
}

/* ---- lines ---------------------------------------------------------------------------------- */

void reader_init(struct log_reader *r, const struct strace_log *log)
{
	*r = (struct log_reader){ .log = log };
}

void reader_move(struct log_reader *r, const struct log_reader *to)
{
	const off_t place = to->offset - (off_t)(to->end - to->begin);
	const off_t kept = r->offset - (off_t)(r->end - r->begin);

	/*
	 * A log of many forks moves a few lines at a time, so lines that are in the buffer are not
	 * read again.
	 */
	if (place >= kept && place <= r->offset) {
		r->begin += (size_t)(place - kept);
	} else {
		r->offset = place;
		r->begin = r->end = 0;
	}
	r->line = to->line;
	r->error = 0;
}

void reader_free(struct log_reader *r)
{
	free(r->buffer);
	free(r->joined);
}

/* Makes room after the content of the buffer. False: no memory. */
static bool make_room(struct log_reader *r)
{
	size_t room = r->room ? 2 * r->room : BUFFER;
	char *larger;

	if (r->begin) {
		memmove(r->buffer, r->buffer + r->begin, r->end - r->begin);
		r->end -= r->begin;
		r->begin = 0;
	}
	if (r->end < r->room)
		return true;
	r->error = -EFBIG;
	if (room > LINE_MAX)
		return false;
	larger = realloc(r->buffer, room);
	r->error = larger ? 0 : -ENOMEM;
	if (!larger)
		return false;
	r->buffer = larger;
	r->room = room;
	return true;
}

/* Appends to the buffer. False at the end, or on an error. */
static bool fill(struct log_reader *r)
{
	ssize_t n;

	if (!make_room(r))
		return false;
	do
		n = pread(r->log->fd, r->buffer + r->end, r->room - r->end, r->offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		r->error = -errno;
	if (n <= 0)
		return false;
	r->offset += n;
	r->end += (size_t)n;
	return true;
}

/* Removes the colours of strace --color: ESC [ 1;31 m. */
static void take_colours_out(char *text, size_t *len)
{
	char *to = memchr(text, '\033', *len), *end = text + *len;

	if (!to)
		return;
	for (const char *p = to; p < end;) {
		if (*p != '\033' || p + 1 == end || p[1] != '[') {
			*to++ = *p++;
			continue;
		}
		for (p += 2; p < end && ((*p >= '0' && *p <= '9') || *p == ';'); p++)
			;
		p += p < end;
	}
	*len = (size_t)(to - text);
}

static bool raw_line(struct log_reader *r, char **text, size_t *len)
{
	size_t seen = 0;
	char *newline = NULL;

	for (;;) {
		if (r->end - r->begin > seen)
			newline =
				memchr(r->buffer + r->begin + seen, '\n', r->end - r->begin - seen);
		if (newline)
			break;
		seen = r->end - r->begin;
		if (!fill(r))
			break;
	}
	if (r->error || (!newline && r->begin == r->end))
		return false;
	*text = r->buffer + r->begin;
	*len = newline ? (size_t)(newline - *text) : r->end - r->begin;
	r->begin += *len + (newline != NULL);
	r->cut = !newline;
	r->line++;
	/* A log that went through Windows or a terminal. */
	if (*len && (*text)[*len - 1] == '\r')
		--*len;
	take_colours_out(*text, len);
	return true;
}

/* The ends of strace's notes about a process, which interrupt a line. */
static const char *const said[] = { " attached", " attached (waiting for parent)", " ready)",
				    " detached", " suspended" };

/* The start of such a note within a line, or NULL. strace 4 prints no "strace: " before it. */
static char *interruption(char *text, size_t len)
{
	static const char process[] = "Process ", name[] = "strace: ";
	bool ends = false;
	char *at;

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]) && !ends; i++) {
		size_t n = strlen(said[i]);

		ends = len > n && memcmp(text + len - n, said[i], n) == 0;
	}
	at = ends ? memmem(text, len, process, sizeof(process) - 1) : NULL;
	if (at && at - text >= (ptrdiff_t)sizeof(name) - 1 &&
	    !memcmp(at - (sizeof(name) - 1), name, sizeof(name) - 1))
		at -= sizeof(name) - 1;
	return at;
}

static bool join(struct log_reader *r, const char *text, size_t len)
{
	char *joined;

	if (r->joined_room < r->joined_len + len) {
		joined = realloc(r->joined, r->joined_len + len);
		r->error = joined ? 0 : -ENOMEM;
		if (!joined)
			return false;
		r->joined = joined;
		r->joined_room = r->joined_len + len;
	}
	memcpy(r->joined + r->joined_len, text, len);
	r->joined_len += len;
	return true;
}

bool reader_line(struct log_reader *r, char **text, size_t *len)
{
	char *stop;

	if (!raw_line(r, text, len))
		return false;
	stop = interruption(*text, *len);
	if (!stop || stop == *text)
		return true;
	r->joined_len = 0;
	while (stop) {
		if (!join(r, *text, (size_t)(stop - *text)) || !raw_line(r, text, len))
			return false;
		stop = interruption(*text, *len);
	}
	if (!join(r, *text, *len))
		return false;
	*text = r->joined;
	*len = r->joined_len;
	return true;
}
