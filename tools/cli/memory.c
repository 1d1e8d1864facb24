#include "cli/memory.h"

#include "cli/verb.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void memory_is_out(void)
{
	fputs("fdlab: out of memory\n", stderr);
	exit(EXIT_NOT_RUN);
}

/* ---- texts ----------------------------------------------------------------------------------- */

struct memory_text {
	char **text;
	size_t *len;
	size_t room;
	bool failed;
};

static bool grow(struct memory_text *m, size_t more)
{
	size_t room = m->room ? m->room : 128;
	char *larger;

	while (room - *m->len <= more)
		room *= 2;
	if (room == m->room)
		return true;
	larger = realloc(*m->text, room);
	if (!larger)
		return false;
	*m->text = larger;
	m->room = room;
	return true;
}

static ssize_t put(void *cookie, const char *bytes, size_t n)
{
	struct memory_text *m = cookie;

	if (m->failed || !grow(m, n)) {
		m->failed = true;
		return 0;
	}
	memcpy(*m->text + *m->len, bytes, n);
	*m->len += n;
	(*m->text)[*m->len] = '\0';
	return (ssize_t)n;
}

/*
 * fclose tells of a write that failed in it, and of this function's error, but of no earlier one.
 */
static int put_away(void *cookie)
{
	struct memory_text *m = cookie;
	const bool failed = m->failed;

	if (failed) {
		free(*m->text);
		*m->text = NULL;
	}
	free(m);
	errno = ENOMEM;
	return failed ? EOF : 0;
}

/* The position, which ftell asks for. */
static int seek(void *cookie, off_t *at, int whence)
{
	const struct memory_text *m = cookie;

	if (whence == SEEK_SET || *at)
		return -1;
	*at = (off_t)*m->len;
	return 0;
}

FILE *memory_stream(char **text, size_t *len)
{
	const cookie_io_functions_t functions = { .write = put, .seek = seek, .close = put_away };
	struct memory_text *m = calloc(1, sizeof(*m));
	FILE *f;

	*text = NULL;
	*len = 0;
	if (!m)
		return NULL;
	m->text = text;
	m->len = len;
	if (put(m, "", 0) == 0 && !m->failed && (f = fopencookie(m, "w", functions)) != NULL)
		return f;
	free(*text);
	free(m);
	*text = NULL;
	return NULL;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void *allocate(size_t size)
{
	void *p = malloc(size);

	if (!p)
		memory_is_out();
	return p;
}

void memory_for_json(void)
{
	json_set_alloc_funcs(allocate, free);
}
