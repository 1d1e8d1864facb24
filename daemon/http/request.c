/*
 * Reading a request and answering it, for all resources.
 */
#include "http/request.h"

#include "http/json.h"
#include "lab.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

static const struct {
	const char *name, *value;
} always[] = {
	{ "Cache-Control", "no-store" },
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
	  "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; "
	  "frame-ancestors 'none'" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Referrer-Policy", "no-referrer" },
	{ "X-Content-Type-Options", "nosniff" },
};

void answer_headers(struct evhttp_request *http)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(http);

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		evhttp_add_header(headers, always[i].name, always[i].value);
}

static void add_number(struct request *r, const char *name, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	evhttp_add_header(evhttp_request_get_output_headers(r->http), name, text);
}

void answer_line_of(struct request *r, uint64_t line)
{
	evhttp_remove_header(evhttp_request_get_output_headers(r->http), "Fdlab-Line");
	add_number(r, "Fdlab-Line", line);
}

void answer_line(struct request *r)
{
	struct fdl_transcript t;

	fdl_transcript(lab_machine(r->site->lab), &t);
	answer_line_of(r, t.last);
}

void answer(struct request *r, int status, const char *type, struct evbuffer *body)
{
	answer_headers(r->http);
	evhttp_add_header(evhttp_request_get_output_headers(r->http), "Content-Type", type);
	evhttp_send_reply(r->http, status, NULL, body);
}

void answer_text(struct request *r, int status, const char *type, const char *text, size_t len)
{
	struct evbuffer *body = evbuffer_new();

	if (body)
		evbuffer_add(body, text, len);
	answer(r, status, type, body);
	if (body)
		evbuffer_free(body);
}

void answer_error(struct request *r, int status, const char *format, ...)
{
	struct evbuffer *body = evbuffer_new();
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (body) {
		evbuffer_add_printf(body, "{\"error\":");
		json_put_string(body, message, strlen(message));
		evbuffer_add_printf(body, "}\n");
	}
	answer(r, status, "application/json", body);
	if (body)
		evbuffer_free(body);
}

void answer_errno(struct request *r, int error, const char *what)
{
	static const struct {
		int error, status;
	} table[] = {
		{ ENOENT, 404 }, { ENOTDIR, 404 },      { ESRCH, 404 },     { ELOOP, 404 },
		{ EACCES, 403 }, { ENAMETOOLONG, 404 }, { EFBIG, 413 },     { E2BIG, 413 },
		{ EROFS, 503 },  { ENOMEM, 503 },       { EOVERFLOW, 413 },
	};
	int status = 500;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].error == -error)
			status = table[i].status;
	}
	answer_error(r, status, "%s: %s", what, strerror(-error));
}

char *request_parameter(const struct request *r, const char *name)
{
	struct evkeyvalq query;
	const char *value;
	char *copy = NULL;

	if (evhttp_parse_query_str(r->query, &query))
		return NULL;
	value = evhttp_find_header(&query, name);
	if (value)
		copy = strdup(value);
	evhttp_clear_headers(&query);
	return copy;
}

const char *request_header(const struct request *r, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(r->http), name);
}
