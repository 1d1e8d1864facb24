/*
 * Explains by a table of calls and errors. A row has words, or a function that looks at the
 * machine.
 */
#include "shell/explain.h"

#include "cli/memory.h"
#include "cli/number.h"
#include "cli/result.h"
#include "fdlab.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A reply taken apart: "1 close(7) = -1 EBADF (...)". */
struct failed_call {
	struct target *t;
	int pid;
	char name[32];
	const char *arguments; /* after the bracket */
	int error;
};

/* ---- looking at the machine ----------------------------------------------------------------- */

/* The text of a file without its last newline, in memory of malloc; NULL: it cannot be read. */
static char *text_of(struct target *t, const char *path)
{
	char *text;
	size_t len;
	const int error = t->ops->read(t, path, &text, &len);

	if (error == -ENOMEM)
		memory_is_out();
	if (error)
		return NULL;
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

static bool is_open(struct target *t, int pid, long fd)
{
	char path[64];
	int error;

	snprintf(path, sizeof(path), "%d/fdinfo/%ld", pid, fd);
	error = t->ops->find(t, path);
	if (error == -ENOMEM)
		memory_is_out();
	return !error;
}

/* The value of a line of a file, such as "flags" of fdinfo; NULL: it has none. To be freed. */
static char *value_of(struct target *t, const char *path, const char *key)
{
	char *text = text_of(t, path), *value = NULL;
	const size_t len = strlen(key);

	for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
		if (!strncmp(line, key, len) && line[len] == ':') {
			value = strdup(line + len + 1 + strspn(line + len + 1, " \t"));
			if (!value)
				memory_is_out();
			break;
		}
	}
	free(text);
	return value;
}

/* The number at the beginning of the nth argument, from 0. False: it is no number. */
static bool argument_number(const struct failed_call *c, unsigned nth, long *number)
{
	const char *at = c->arguments;
	int64_t n;

	for (; nth; nth--) {
		at += strcspn(at, ",)");
		if (*at != ',')
			return false;
		at++;
	}
	at += strspn(at, " ");
	if (!integer_at(at, &n))
		return false;
	*number = (long)n;
	return true;
}

/* ---- functions of the table ----------------------------------------------------------------- */

static void what_is_open(const struct failed_call *c, FILE *to)
{
	char path[64], *list;

	snprintf(path, sizeof(path), "%d/files/open_fds_list", c->pid);
	list = text_of(c->t, path);
	if (list)
		fprintf(to, "; open are %s", *list ? list : "none");
	free(list);
}

/* EBADF: a descriptor that is not open, or one that is not open for this. */
static void bad_descriptor(const struct failed_call *c, FILE *to)
{
	const bool two = !strncmp(c->name, "dup", 3);
	char path[64], *flags;
	uint64_t bits;
	long fd;

	for (unsigned i = 0; i < (two ? 1u : 2u); i++) {
		if (!argument_number(c, i, &fd) || is_open(c->t, c->pid, fd))
			continue;
		fprintf(to, "descriptor %ld is not open in task %d", fd, c->pid);
		what_is_open(c, to);
		return;
	}
	if (!argument_number(c, 0, &fd))
		return;
	if (two) {
		fputs("the new number is at or beyond the limit RLIMIT_NOFILE", to);
		return;
	}
	snprintf(path, sizeof(path), "%d/fdinfo/%ld", c->pid, fd);
	flags = value_of(c->t, path, "flags");
	if (flags && digits_at(flags, 8, &bits))
		fprintf(to, "descriptor %ld is open for %s only (flags %s)", fd,
			(bits & 3) == 1 ? "writing" : "reading", flags);
	free(flags);
}

static void too_many(const struct failed_call *c, FILE *to)
{
	char path[64], *text;
	uint64_t limit;

	fputs("the soft limit RLIMIT_NOFILE of the task is reached", to);
	snprintf(path, sizeof(path), "%d/limits", c->pid);
	text = text_of(c->t, path);
	if (text && number_after(text, "Max open files", 10, &limit))
		fprintf(to, ": %" PRIu64, limit);
	free(text);
}

static void busy(const struct failed_call *c, FILE *to)
{
	long fd = 0;

	argument_number(c, 1, &fd);
	fprintf(to,
		"%ld is reserved: a call in flight has taken the number, and has not installed its "
		"file yet",
		fd);
}

static void cannot_wait(const struct failed_call *c, FILE *to)
{
	char path[64], *flags;
	uint64_t bits;
	long fd;

	if (!argument_number(c, 0, &fd))
		return;
	snprintf(path, sizeof(path), "%d/fdinfo/%ld", c->pid, fd);
	flags = value_of(c->t, path, "flags");
	if (flags && digits_at(flags, 8, &bits) && bits & 04000)
		fprintf(to, "it would wait now, and the description has O_NONBLOCK");
	free(flags);
}

/* ---- the table ------------------------------------------------------------------------------ */

/* The first row that fits explains. A name that ends in "*" fits all that begin so. */
static const struct {
	const char *call;
	int error;
	void (*explain)(const struct failed_call *c, FILE *to);
	const char *words;
} rows[] = {
	{ "*", EBADF, bad_descriptor, NULL },
	{ "dup*", EBUSY, busy, NULL },
	{ "*", EMFILE, too_many, NULL },
	{ "fork", EAGAIN, NULL, "the limit of tasks is reached" },
	{ "*", EAGAIN, cannot_wait, NULL },
	{ "*", ENFILE, NULL, "the machine has as many open files as sys/fs/file-max allows" },
	{ "dup3", EINVAL, NULL, "dup3 refuses two equal numbers, where dup2 does nothing" },
	{ "*", ESPIPE, NULL, "a pipe, a socket or a terminal has no position" },
	{ "*", EPIPE, NULL,
	  "nothing can read it any more; SIGPIPE was sent, too, unless it is ignored" },
	{ "open*", ENOENT, NULL,
	  "the machine has no such name (show rootfs/...); O_CREAT would make it" },
	{ "*", ENOENT, NULL, "the machine has no such name: show rootfs/..." },
	{ "open*", EEXIST, NULL, "O_CREAT with O_EXCL wants to make the name itself" },
	{ "open*", EISDIR, NULL, "a directory can be opened to be read only" },
	{ "open*", ENXIO, NULL, "the FIFO has no reader, and O_NONBLOCK does not wait for one" },
	{ "open*", ETXTBSY, NULL, "a task runs this program" },
	{ "*", EACCES, NULL, "the permission bits forbid it to the task's uid and gid" },
	{ "*", ECHILD, NULL, "the task has no child that it could wait for" },
	{ "*", ESRCH, NULL, "there is no such task" },
	{ "*", EDEADLK, NULL, "the owner of the lock waits for a lock of this task" },
	{ "*", EALREADY, NULL,
	  "the task is in another call: step or finish it, or type for another task" },
	{ "fcntl", EINVAL, NULL, "the command refuses this argument, or this kind of file" },
	{ "*", ENOTTY, NULL, "this kind of file does not have the request" },
	{ "*", EXDEV, NULL, "the two names are on different file systems" },
	{ "*", ENOTEMPTY, NULL, "the directory still has names in it" },
};

static bool fits(const char *pattern, const char *name)
{
	const size_t n = strcspn(pattern, "*");

	return pattern[n] ? !strncmp(pattern, name, n) : !strcmp(pattern, name);
}

/* Takes a reply apart. False: it is not that of a call that failed. */
static bool read_reply(struct target *t, const char *reply, struct failed_call *c)
{
	const char *result = stated_result(reply, strlen(reply)), *name;
	uint64_t pid = 0;
	size_t len;

	*c = (struct failed_call){ .t = t };
	if (!result || strncmp(result, "-1 E", 4) != 0)
		return false;
	name = decimal_at(reply, &pid);
	c->pid = (int)pid;
	name = name ? name : reply;
	name += strspn(name, " <.");
	len = strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789");
	if (len >= sizeof(c->name))
		return false;
	memcpy(c->name, name, len);
	c->arguments = name[len] == '(' ? name + len + 1 : "";
	c->error = fdl_errno(result + 3, strcspn(result + 3, " (\n"));
	return true;
}

void explain_error(struct target *t, const char *reply, FILE *to)
{
	struct failed_call c;
	char *text = NULL;
	size_t len, i = 0;
	FILE *out;

	if (!read_reply(t, reply, &c))
		return;
	while (i < sizeof(rows) / sizeof(rows[0]) &&
	       (rows[i].error != c.error || !fits(rows[i].call, c.name)))
		i++;
	if (i == sizeof(rows) / sizeof(rows[0]))
		return;
	out = memory_stream(&text, &len);
	if (!out)
		memory_is_out();
	if (rows[i].explain)
		rows[i].explain(&c, out);
	else
		fputs(rows[i].words, out);
	if (fclose(out))
		memory_is_out();
	if (len)
		fprintf(to, "    %s\n", text);
	free(text);
}

/* ---- waiting -------------------------------------------------------------------------------- */

/* The tasks at the other end of a descriptor. False: it has no other end. */
static bool other_end(struct target *t, int pid, long fd, FILE *to)
{
	char path[64], *holders;

	snprintf(path, sizeof(path), "%d/fdinfo/%ld", pid, fd);
	holders = value_of(t, path, "other_end");
	if (!holders)
		return false;
	if (!strcmp(holders, "none"))
		fputs("    the other end is not open any more: only a signal can end this wait\n",
		      to);
	else
		fprintf(to,
			"    it waits for the other end, which is open as %s (task:descriptor)\n",
			holders);
	free(holders);
	return true;
}

static void lock_holders(struct target *t, FILE *to)
{
	char *text = text_of(t, "locks");

	if (text && *text)
		fprintf(to, "    it waits for a lock:\n");
	for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
		if (*line)
			fprintf(to, "      %s\n", line);
	}
	free(text);
}

void explain_wait(struct target *t, int pid, const char *reply, FILE *to)
{
	uint64_t fd;
	static const struct {
		const char *call, *words;
	} waits[] = {
		{ "wait*", "it waits for a child to end" },
		{ "vfork", "it waits for the child to exec or exit" },
		{ "accept*", "it waits for a connect" },
		{ "open*", "it waits for another task to open the other side of the FIFO" },
		{ "*sleep", "it waits for the clock: clock +SECONDS" },
		{ "epoll_*", "it waits for a descriptor of the set to be ready" },
		{ "poll", "it waits for one of the descriptors to be ready" },
	};
	const char *name = strchr(reply, ' ') ? strchr(reply, ' ') + 1 : reply;
	const char *bracket = strchr(name, '(');
	char call[32];

	snprintf(call, sizeof(call), "%.*s", (int)(bracket ? bracket - name : 0), name);
	if (strstr(reply, "LOCK_") || strstr(reply, "SETLKW")) {
		lock_holders(t, to);
		return;
	}
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		const size_t len = strlen(call);
		const bool tail =
			*waits[i].call == '*' && len >= strlen(waits[i].call) - 1 &&
			!strcmp(call + len - strlen(waits[i].call) + 1, waits[i].call + 1);

		if (tail || (*waits[i].call != '*' && fits(waits[i].call, call))) {
			fprintf(to, "    %s\n", waits[i].words);
			return;
		}
	}
	if (bracket && decimal_at(bracket + 1, &fd))
		other_end(t, pid, (long)fd, to);
}
