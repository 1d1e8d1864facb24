/*
 * GET /tree/PATH and /at/N/tree/PATH: the files of the tree, now and at a moment.
 */
#include "http/json.h"
#include "http/request.h"
#include "http/target.h"
#include "http/waiting_request.h"
#include "lab.h"
#include "makers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <event2/buffer.h>
#include <event2/http.h>

static const char plain[] = "text/plain; charset=utf-8";

/* ---- directories ---- */

static const char *type_of(mode_t mode)
{
	static const struct {
		mode_t type;
		const char *name;
	} types[] = {
		{ S_IFDIR, "directory" }, { S_IFREG, "file" },  { S_IFLNK, "link" },
		{ S_IFCHR, "character" }, { S_IFBLK, "block" }, { S_IFIFO, "fifo" },
		{ S_IFSOCK, "socket" },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].type == (mode & S_IFMT))
			return types[i].name;
	}
	return "object";
}

static void put_entry(struct evbuffer *to, struct fdl_machine *m, const struct fdl_dirent *de,
		      bool first)
{
	struct stat st;

	if (fdl_getattr(m, de->ino, &st))
		st = (struct stat){ .st_mode = de->mode };
	evbuffer_add_printf(to, "%s{\"name\": ", first ? "" : ",\n");
	json_put_string(to, de->name, strlen(de->name));
	evbuffer_add_printf(to, ", \"type\": \"%s\", \"mode\": \"%04o\", \"size\": %lld}",
			    type_of(st.st_mode), st.st_mode & 07777, (long long)st.st_size);
}

static void serve_directory(struct request *r, struct fdl_machine *m, fdl_ino dir)
{
	struct evbuffer *body = evbuffer_new();
	struct fdl_dirent de;
	uint64_t cookie = 0;
	bool first = true;
	int error = body ? 0 : -ENOMEM;

	if (body && r->wants_json)
		evbuffer_add(body, "[", 1);
	while (body && (error = fdl_readdir(m, dir, &cookie, &de)) > 0) {
		if (!strcmp(de.name, ".") || !strcmp(de.name, ".."))
			continue;
		if (r->wants_json)
			put_entry(body, m, &de, first);
		else
			evbuffer_add_printf(body, "%s\n", de.name);
		first = false;
	}
	if (body && r->wants_json)
		evbuffer_add(body, "]\n", 2);
	evhttp_add_header(evhttp_request_get_output_headers(r->http), "Fdlab-Type", "directory");
	if (error)
		answer_errno(r, error, r->path);
	else
		answer(r, 200, r->wants_json ? "application/json" : plain, body);
	if (body)
		evbuffer_free(body);
}

/* ---- files ---- */

static const char *content_type(const char *path, mode_t mode)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".json", "application/json" },
		{ ".svg", "image/svg+xml" },
	};
	const size_t len = strlen(path);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const size_t n = strlen(types[i].end);

		if (S_ISREG(mode) && len > n && !strcmp(path + len - n, types[i].end))
			return types[i].type;
	}
	return plain;
}

static void free_text(const void *data, size_t len, void *extra)
{
	(void)data, (void)len;
	free(extra);
}

/* Answers with the text of a file, or the target of a link; the text is the callee's. */
static void answer_file(struct request *r, mode_t mode, int error, char *text, size_t len)
{
	/*
	 * Files of the machine can have any text, in which no browser may see a page of the daemon.
	 */
	const char *type = strncmp(r->path, "rootfs/", 7) != 0 ? content_type(r->path, mode)
							       : "application/octet-stream";
	struct evbuffer *body;

	if (error) {
		free(text);
		answer_errno(r, error, r->path);
		return;
	}
	evhttp_add_header(evhttp_request_get_output_headers(r->http), "Fdlab-Type", type_of(mode));
	body = evbuffer_new();
	if (!body || evbuffer_add_reference(body, text, len, free_text, text)) {
		free(text);
		answer_error(r, 503, "there is no memory");
	} else {
		answer(r, 200, type, body);
	}
	if (body)
		evbuffer_free(body);
}

static void serve_file(struct request *r, struct fdl_machine *m, fdl_ino ino, mode_t mode)
{
	char *text = NULL;
	size_t len = 0;
	const int error = fdl_read_node(m, ino, &text, &len);

	answer_file(r, mode, error, text, len);
}

/* ---- texts that take long ---- */

/* A request that waits until its text is made. */
struct text_request {
	struct waiting_request waiting; /* the first member */
	struct wanted_text *making;
	mode_t mode;
	char path[];
};

/* A waiting_request's gone. */
static void on_gone(struct waiting_request *w)
{
	struct text_request *reader = (struct text_request *)w;

	making_drop(reader->making);
	free(reader);
}

/* A made_fn. */
static void on_made(void *ctx, const struct fdl_made *made)
{
	struct text_request *reader = ctx;
	struct request *r = &reader->waiting.request;

	waiting_end(&reader->waiting);
	if (!made->error)
		answer_line_of(r, making_line(reader->making));
	answer_file(r, reader->mode, made->error, made->text, made->len);
	free(reader);
}

/* The number of the file now: that of a moment is another one there. */
static int number_now(const struct request *r, fdl_ino *ino)
{
	char path[TARGET_MAX + 32] = "";

	if (r->has_moment)
		snprintf(path, sizeof(path), "at/%llu/%s", (unsigned long long)r->moment, r->path);
	return fdl_walk(lab_machine(r->site->lab), *path ? path : r->path, ino);
}

/* Has the text made for a request. False: it is to be made at once. */
static bool wait_for_text(struct request *r, mode_t mode)
{
	struct makers *makers = lab_its_makers(r->site->lab);
	const size_t len = strlen(r->path);
	struct text_request *reader;
	fdl_ino ino;

	if (!makers || number_now(r, &ino))
		return false;
	reader = malloc(sizeof(*reader) + len + 1);
	if (!reader)
		return false;
	*reader = (struct text_request){ .mode = mode };
	memcpy(reader->path, r->path, len + 1);
	reader->making = makers_ask(makers, ino, on_made, reader);
	if (!reader->making) {
		free(reader);
		return false;
	}
	waiting_begin(&reader->waiting, r, on_gone);
	reader->waiting.request.path = reader->path;
	reader->waiting.request.query = "";
	return true;
}

static void serve_node(struct request *r, struct fdl_machine *m)
{
	struct stat st;
	fdl_ino ino;
	int error = fdl_walk(m, r->path, &ino);

	if (!error)
		error = fdl_getattr(m, ino, &st);
	if (error)
		answer_errno(r, error, r->path);
	else if (S_ISDIR(st.st_mode))
		serve_directory(r, m, ino);
	else if (!fdl_takes_long(m, ino) || !wait_for_text(r, st.st_mode))
		serve_file(r, m, ino, st.st_mode);
}

void serve_tree(struct request *r)
{
	struct fdl_history *history = lab_its_history(r->site->lab);
	struct fdl_machine *m = lab_machine(r->site->lab);
	int error = 0;

	if (r->has_moment)
		error = history ? fdl_history_at(history, r->moment, &m) : -ENOENT;
	if (error == -ENOENT)
		answer_error(r, 404, "there is no moment %llu", (unsigned long long)r->moment);
	else if (error)
		answer_errno(r, error, "the moment");
	else
		serve_node(r, m);
}
