#ifndef FDLABD_REQUEST_H
#define FDLABD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/http.h>

#include <fdlab.h>

struct clients;
struct evbuffer;
struct streams;
struct lab;

/* The sources of all answers. */
struct site {
	struct lab *lab;
	struct streams *streams;
	struct clients *clients;
	const char *mountpoint, *title; /* or NULL */
	char *races;                    /* JSON that a client left, or NULL */
	size_t races_len;
};

/* A request that has shown the token, for the duration of a call. */
struct request {
	struct site *site;
	struct evhttp_request *http;
	enum evhttp_cmd_type method;
	const char *path; /* after the name of the resource and a slash; "" */
	const char *query;
	bool wants_json; /* rather than text */
	uint64_t moment; /* of /at/N/ */
	bool has_moment;
};

/*
 * The answer: status and a body, which is taken out of the buffer. With an error's status the body
 * is its message, which becomes JSON where that is wanted.
 */
void answer(struct request *r, int status, const char *type, struct evbuffer *body);
void answer_text(struct request *r, int status, const char *type, const char *text, size_t len);
__attribute__((format(printf, 3, 4))) void answer_error(struct request *r, int status,
							const char *format, ...);

/*
 * The answer to a request that failed with a negative errno; what is the name of what it asked for.
 */
void answer_errno(struct request *r, int error, const char *what);

/* Headers that every answer has, and those about the machine. */
void answer_headers(struct evhttp_request *http);
void answer_line(struct request *r);

/* The same where the answer is of an earlier line of the transcript. */
void answer_line_of(struct request *r, uint64_t line);

/* The value of a parameter of the query, or of a header; NULL: there is none. To be freed. */
char *request_parameter(const struct request *r, const char *name);
const char *request_header(const struct request *r, const char *name);

/* ---- resources, each in a file of its name ---- */

void serve_machine(struct request *r);
void serve_tree(struct request *r);
void serve_calls(struct request *r);
void serve_events(struct request *r);
void serve_words(struct request *r);
void serve_races(struct request *r);
void serve_asset(struct request *r);

#endif
