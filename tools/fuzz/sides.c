/*
 * Plays lines on a machine and on the running kernel, and compares. Results that cannot be equal on
 * both, the order of kcmp and the numbers of pipes, is removed before.
 */
#include "fuzz/sides.h"

#include "cli/number.h"
#include "scenario/play.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 16

void fuzz_difference_free(struct fuzz_difference *d)
{
	free(d->what);
	free(d->model);
	free(d->kernel);
	free(d->expect);
	*d = (struct fuzz_difference){ 0 };
}

/* Fills in a difference, which then owns the texts. 1, or -ENOMEM. */
static int differ(struct fuzz_difference *d, const char *what, char *model, char *kernel,
		  char *expect)
{
	*d = (struct fuzz_difference){ strdup(what), model, kernel, expect };
	if (d->what && model && kernel)
		return 1;
	fuzz_difference_free(d);
	return -ENOMEM;
}

int fuzz_sides_make(struct fuzz_sides *s, char *err, size_t errsize)
{
	int error;

	*s = (struct fuzz_sides){ .model = target_sim() };
	if (!s->model) {
		snprintf(err, errsize, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	error = target_kernel(&s->kernel, err, errsize);
	if (error) {
		s->kernel = NULL;
		fuzz_sides_free(s);
	}
	return error;
}

void fuzz_sides_free(struct fuzz_sides *s)
{
	if (s->model)
		s->model->ops->free(s->model);
	if (s->kernel)
		s->kernel->ops->free(s->kernel);
	free(s->replies);
	*s = (struct fuzz_sides){ 0 };
}

int fuzz_sides_start(struct fuzz_sides *s, const char *const *options, const char *only, char *err,
		     size_t errsize)
{
	const char *given[OPTIONS_MAX];
	size_t n = 0;
	int error;

	while (options[n] && n < OPTIONS_MAX - 1) {
		given[n] = options[n];
		n++;
	}
	error = s->kernel->ops->start(s->kernel, given, n, err, errsize);
	if (error)
		return error;
	if (only)
		given[n++] = only;
	error = s->model->ops->start(s->model, given, n, err, errsize);
	if (error)
		s->kernel->ops->stop(s->kernel);
	return error;
}

void fuzz_sides_stop(struct fuzz_sides *s)
{
	s->model->ops->stop(s->model);
	s->kernel->ops->stop(s->kernel);
}

/* ---- replies -------------------------------------------------------------------------------- */

/* The order in which kcmp sorts two different objects differs between the sides. */
static void hide_order(char *reply)
{
	char *two = strstr(reply, " = 2\n");

	if (two && strstr(reply, "kcmp("))
		two[3] = '1';
}

/* Writes # in place of the digits, at least so many, that follow each such text. */
static void hide_number(char *reply, const char *before, const char *digits, size_t least)
{
	for (char *at = reply; (at = strstr(at, before)) != NULL;) {
		size_t n;

		at += strlen(before);
		n = strspn(at, digits);
		if (n < least)
			continue;
		memmove(at + 1, at + n, strlen(at + n) + 1);
		*at = '#';
	}
}

/*
 * A name that readlinkat reads ends in a number, and perhaps in a bracket, for which its buffer may
 * be too small; its length is the result.
 */
static void hide_link(char *reply)
{
	char *at = strstr(reply, "readlinkat("), *number = at, *end;

	if (!at)
		return;
	number += strcspn(at, "#\n");
	if (*number != '#')
		return;
	end = number + strcspn(number, "\"\n");
	memmove(number + 1, end, strlen(end) + 1);
	at = strstr(number, ") = ");
	if (!at || at > number + strcspn(number, "\n"))
		return;
	at += strlen(") = ");
	end = at + strspn(at, "0123456789");
	memmove(at, end, strlen(end) + 1);
}

/* A file without a name has the number of its inode in events, and zeros after it. */
static void hide_event_name(char *reply)
{
	for (char *at = reply; (at = strstr(at, "\\0#")) != NULL;) {
		char *end = at + strlen("\\0#");
		const size_t digits = strspn(end, "0123456789");

		at = end;
		end += digits;
		while (digits && !strncmp(end, "\\0", 2))
			end += 2;
		memmove(at, end, strlen(end) + 1);
	}
}

/*
 * Removes what kernels choose freely: numbers of inodes and ports, names of autobind, what statx
 * adds.
 */
static void hide_choices(char *reply)
{
	char *mask;

	hide_number(reply, ":[", "0123456789", 1);
	hide_number(reply, "/#", "0123456789", 1);
	hide_number(reply, "sun_path=@\"", "0123456789abcdef", 5);
	hide_number(reply, "htons(", "0123456789", 5);
	hide_link(reply);
	hide_event_name(reply);
	mask = strstr(reply, "stx_mask=");
	if (mask)
		memmove(mask, mask + strcspn(mask, ","), strlen(mask + strcspn(mask, ",")) + 1);
}

/* Removes ends of calls with their tasks, which only a machine shows. */
static void hide_ends(char *replies)
{
	char *to = replies;

	for (char *p = replies; *p;) {
		size_t len = strcspn(p, "\n") + 1;
		char *end = strstr(p, "= ?\n");

		if (end != p + len - 4 || !strstr(p, " <... ") || strstr(p, " <... ") > end) {
			memmove(to, p, len);
			to += len;
		}
		p += len;
	}
	*to = '\0';
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Calls that end because of a line are reported in no fixed order: sorts the replies after the
 * first.
 */
static int sort_replies(char **replies)
{
	char *first_end = strchr(*replies, '\n'), *rest, *next, *lines[64], *sorted;
	size_t n = 0, len = strlen(*replies);

	if (!first_end || !first_end[1] || !strchr(first_end + 1, '\n')[1])
		return 0;
	sorted = malloc(len + 1);
	rest = strdup(first_end + 1);
	if (!sorted || !rest) {
		free(sorted);
		free(rest);
		return -ENOMEM;
	}
	next = rest;
	while (n < 64 && next && *next)
		lines[n++] = strsep(&next, "\n");
	qsort(lines, n, sizeof(*lines), compare_lines);
	len = (size_t)(first_end + 1 - *replies);
	memcpy(sorted, *replies, len);
	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(sorted + len, "%s\n", lines[i]);
	free(rest);
	free(*replies);
	*replies = sorted;
	return 0;
}

/* Plays a line. Returns the replies, in memory of malloc; NULL: no memory. */
static char *play_line(struct target *t, const char *line, size_t len)
{
	char *text;

	t->ops->submit(t, line, len);
	text = play_replies(t);
	if (!text)
		return NULL;
	hide_order(text);
	hide_choices(text);
	hide_ends(text);
	if (sort_replies(&text)) {
		free(text);
		return NULL;
	}
	return text;
}

/* ---- files of the tree ---------------------------------------------------------------------- */

/* The text of a file of a target, or the error of reading it. In memory of malloc. */
static char *show(struct target *t, const char *path)
{
	char *text;
	size_t len;
	int error = t->ops->read(t, path, &text, &len);

	if (error == -ENOENT || error == -ESRCH)
		return strdup("(none)");
	if (error)
		return strdup(fdl_errname(-error));
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

/* Reduces a text to the line that begins so, without this beginning. */
static char *line_of(char *text, const char *begin)
{
	char *at = text ? strstr(text, begin) : NULL;

	if (!at) {
		free(text);
		return strdup("(none)");
	}
	at += strlen(begin);
	at[strcspn(at, "\n")] = '\0';
	memmove(text, at, strlen(at) + 1);
	return text;
}

/* Whether the task of a reply is gone: a zombie has no table, one that was reaped has no file. */
static bool is_gone(struct target *t, const char *reply)
{
	uint64_t pid;
	char path[64], *size;
	bool gone;

	if (!decimal_at(reply, &pid))
		pid = 1; /* it is not written */
	snprintf(path, sizeof(path), "%" PRIu64 "/status", pid);
	size = line_of(show(t, path), "\nFDSize:\t");
	gone = !size || !strcmp(size, "0") || !isdigit((unsigned char)*size);
	free(size);
	return gone;
}

/* Whether a text begins with this pattern of len bytes, in which "..." stands for any text. */
static bool begins_as(const char *text, const char *pattern, size_t len)
{
	static const char gap[] = "...";
	const char *end = pattern + len, *next = memmem(pattern, len, gap, strlen(gap));
	size_t n = (size_t)((next ? next : end) - pattern);

	if (strncmp(text, pattern, n) != 0)
		return false;
	for (text += n; next; text += n) {
		const char *part = next + strlen(gap);

		next = memmem(part, (size_t)(end - part), gap, strlen(gap));
		n = (size_t)((next ? next : end) - part);
		text = memmem(text, strcspn(text, "\n"), part, n);
		if (!text)
			return false;
	}
	return true;
}

/*
 * The kernel does not show what came from a call that killed its own task: its reply ends in "= ?",
 * and has "..." for what the call would have filled in. Whether the replies are the same but for
 * that, and the model's task is gone, too.
 */
static bool is_last_act(struct target *model_side, const char *model, const char *kernel)
{
	const size_t len = strcspn(kernel, "\n");

	if (len < 4 || strncmp(kernel + len - 4, " = ?", 4) != 0)
		return false;
	return begins_as(model, kernel, len - strlen("?")) &&
	       !strcmp(strchr(model, '\n'), strchr(kernel, '\n')) && is_gone(model_side, model);
}

int fuzz_sides_line(struct fuzz_sides *s, const char *line, struct fuzz_difference *d)
{
	size_t len = strlen(line);
	char *model = play_line(s->model, line, len);
	char *kernel = play_line(s->kernel, line, len);

	free(s->replies);
	s->replies = model;
	if (!model || !kernel) {
		free(kernel);
		return -ENOMEM;
	}
	if (strcmp(model, kernel) != 0 && !is_last_act(s->model, model, kernel))
		return differ(d, line, strdup(model), kernel, NULL);
	free(kernel);
	return 0;
}

/* Removes the number of a pipe, which differs between the sides. */
static char *without_number(char *text)
{
	char *bracket = text ? strstr(text, ":[") : NULL;

	if (bracket && isdigit((unsigned char)bracket[2]))
		strcpy(bracket, ":[]");
	if (text)
		hide_number(text, "/#", "0123456789", 1);
	return text;
}

/*
 * Compares a line of a file (begin NULL: all of it) on both sides. The model's text is left in
 * *shown, if the caller wants it.
 */
static int compare_files(struct fuzz_sides *s, const char *path, const char *begin,
			 struct fuzz_difference *d, char **shown)
{
	char *model = show(s->model, path), *kernel = show(s->kernel, path), *expect = NULL;
	char what[128];

	if (begin) {
		model = line_of(model, begin);
		kernel = line_of(kernel, begin);
	} else {
		model = without_number(model);
		kernel = without_number(kernel);
	}
	if (model && kernel && !strcmp(model, kernel)) {
		free(kernel);
		if (shown)
			*shown = model;
		else
			free(model);
		return 0;
	}
	snprintf(what, sizeof(what), "%s%s%s", path, begin ? " " : "",
		 begin ? begin + (*begin == '\n') : "");
	what[strcspn(what, "\t")] = '\0';
	if (model && kernel && begin &&
	    asprintf(&expect, "expect %s ~ ^%s%s$", path, begin + (*begin == '\n'), model) < 0)
		expect = NULL;
	if (model && kernel && !begin && asprintf(&expect, "expect %s = %s", path, model) < 0)
		expect = NULL;
	return differ(d, what, model, kernel, expect);
}

static int compare_descriptor(struct fuzz_sides *s, int pid, uint64_t fd, struct fuzz_difference *d)
{
	char path[64];
	int error;

	snprintf(path, sizeof(path), "%d/fdinfo/%" PRIu64, pid, fd);
	error = compare_files(s, path, "pos:\t", d, NULL);
	if (!error)
		error = compare_files(s, path, "\nflags:\t", d, NULL);
	snprintf(path, sizeof(path), "%d/fd/%" PRIu64, pid, fd);
	return error ?: compare_files(s, path, NULL, d, NULL);
}

int fuzz_sides_tables(struct fuzz_sides *s, int pid, bool deep, struct fuzz_difference *d)
{
	char path[64], *list, *size;
	uint64_t first, last;
	int error;

	snprintf(path, sizeof(path), "%d/status", pid);
	error = compare_files(s, path, "\nFDSize:\t", d, &size);
	if (error)
		return error;
	/* A zombie has no table; a task that was reaped has no files. */
	if (!strcmp(size, "0") || !isdigit((unsigned char)*size)) {
		free(size);
		return 0;
	}
	free(size);
	snprintf(path, sizeof(path), "%d/files/open_fds_list", pid);
	error = compare_files(s, path, NULL, d, &list);
	if (error)
		return error;
	for (const char *p = list; deep && !error && (p = decimal_at(p, &first)) != NULL;) {
		last = first;
		if (*p == '-' && !(p = decimal_at(p + 1, &last)))
			break;
		for (uint64_t fd = first; !error && fd <= last; fd++)
			error = compare_descriptor(s, pid, fd, d);
		p += *p == ',';
	}
	free(list);
	return error;
}

int fuzz_sides_check(struct fuzz_sides *s, struct fuzz_difference *d)
{
	char message[256];

	if (!s->model->ops->check(s->model, message, sizeof(message)))
		return 0;
	return differ(d, "the invariants of the tables", strdup(message), strdup("(none)"), NULL);
}
