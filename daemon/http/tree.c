/*
 * GET /tree/PATH and /at/N/tree/PATH: the files of the tree, now and at a moment.
 */
#include "http/json.h"
#include "http/request.h"
#include "lab.h"

#include <errno.h>
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

/* The text of a file, or the target of a link. */
static void serve_file(struct request *r, struct fdl_machine *m, mode_t mode)
{
	/* Files of the machine can have any text, in which no browser may see a page of the daemon. */
	const char *type = strncmp(r->path, "rootfs/", 7) != 0 ? content_type(r->path, mode)
							       : "application/octet-stream";
	struct evbuffer *body;
	char *text;
	size_t len;
	int error = fdl_read_file(m, r->path, &text, &len);

	if (error) {
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
	else
		serve_file(r, m, st.st_mode);
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
