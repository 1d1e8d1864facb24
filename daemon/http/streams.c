/*
 * GET /events: the lines of the log as they come, as server-sent events. A reader is given the next
 * lines when it has taken those before, so that a slow one costs no memory; one that takes nothing
 * is dropped by the server's timeout, and resumes at the id of the last event that it has.
 *
 * The id is the number of the line; and after a dot how often lines were taken away, if they were,
 * so that a reader that resumes can be told if that happened meanwhile.
 */
#include "http/streams.h"

#include "http/clients.h"
#include "http/json.h"
#include "http/request.h"
#include "lab.h"
#include "number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#define PORTION      65536 /* bytes of lines that are sent at a time */
#define LISTEN_INPUT 4096  /* bytes that a reader may send meanwhile, which nothing takes */

static const struct timeval write_timeout = { .tv_sec = 30 };

struct stream {
	LIST_ENTRY(stream) link;
	struct streams *streams;
	struct evhttp_request *http;
	uint64_t line, turns; /* of the last event */
	bool writing;         /* the client has not taken the last events yet */
};

LIST_HEAD(stream_list, stream);

struct streams {
	struct lab *lab;
	struct clients *clients;
	struct event *news; /* the machine has changed */
	uint64_t turns;     /* when the web began: ids count from there */
	struct stream_list list;
	struct lab_server server;
};

/* The lines that there are; lines that were taken away before the web began do not count. */
static void look(const struct streams *e, struct fdl_transcript *now)
{
	fdl_transcript(lab_machine(e->lab), now);
	now->turns -= e->turns;
}

/* ---- what is sent ---- */

static void put_event(struct evbuffer *to, const struct stream *s, const char *event)
{
	evbuffer_add_printf(to, "id: %llu", (unsigned long long)s->line);
	if (s->turns)
		evbuffer_add_printf(to, ".%llu", (unsigned long long)s->turns);
	evbuffer_add_printf(to, "\nevent: %s\ndata: ", event);
}

/* Tells that all is to be read anew: the reader then is at the last line. */
static void put_anew(struct evbuffer *to, struct stream *s, const struct fdl_transcript *now,
		     const char *event)
{
	s->line = now->last;
	s->turns = now->turns;
	put_event(to, s, event);
	evbuffer_add_printf(to, "{\"line\": %llu}\n\n", (unsigned long long)s->line);
}

static void put_lines(struct evbuffer *to, struct stream *s, const char *lines)
{
	while (*lines) {
		const size_t len = strcspn(lines, "\n");

		s->line++;
		put_event(to, s, "line");
		evbuffer_add_printf(to, "{\"n\": %llu, \"text\": ", (unsigned long long)s->line);
		json_put_string(to, lines, len);
		evbuffer_add_printf(to, "}\n\n");
		lines += len + (lines[len] == '\n');
	}
}

/* The next events of a stream; none, if there is nothing new. */
static void put_news(struct evbuffer *to, struct stream *s)
{
	struct fdl_machine *m = lab_machine(s->streams->lab);
	struct fdl_transcript now;
	char *lines;
	size_t len;

	look(s->streams, &now);
	if (s->turns != now.turns || s->line > now.last) {
		put_anew(to, s, &now, "back");
		return;
	}
	if (s->line == now.last)
		return;
	if (fdl_transcript_lines(m, s->line + 1, PORTION, &lines, &len)) {
		put_anew(to, s, &now, "lost");
		return;
	}
	put_lines(to, s, lines);
	free(lines);
}

static void on_written(struct evhttp_connection *connection, void *ctx);

/* Sends a stream what is new, unless it has not yet taken what was sent before. */
static void send_news(struct stream *s)
{
	struct evbuffer *news;

	if (s->writing)
		return;
	news = evbuffer_new();
	if (!news)
		return;
	put_news(news, s);
	if (evbuffer_get_length(news)) {
		s->writing = true;
		evhttp_send_reply_chunk_with_cb(s->http, news, on_written, s);
	}
	evbuffer_free(news);
}

static void on_written(struct evhttp_connection *connection, void *ctx)
{
	struct stream *s = ctx;

	(void)connection;
	s->writing = false;
	send_news(s);
}

static void on_news(evutil_socket_t fd, short what, void *arg)
{
	struct streams *e = arg;
	struct stream *s, *next;

	(void)fd, (void)what;
	for (s = LIST_FIRST(&e->list); s; s = next) {
		next = LIST_NEXT(s, link);
		send_news(s);
	}
}

/* A lab_server's function. The streams are served when what goes on now is over. */
static void on_changed(void *ctx)
{
	struct streams *e = ctx;

	if (!LIST_EMPTY(&e->list))
		event_active(e->news, 0, 0);
}

/* ---- streams ---- */

/*
 * evhttp frees the request with its connection. Where the client has gone, it takes the request out
 * of the connection before, and leaves it to its user.
 */
static void on_close(struct evhttp_connection *connection, void *ctx)
{
	struct stream *s = ctx;

	(void)connection;
	LIST_REMOVE(s, link);
	if (!evhttp_request_get_connection(s->http))
		evhttp_request_free(s->http);
	free(s);
}

/* Where a reader resumes: by its header, or else its parameter, or else at the present. */
static bool read_place(const struct request *r, struct stream *s)
{
	const char *last = request_header(r, "Last-Event-ID");
	char *since = request_parameter(r, "since");
	char line[48];
	const char *id = last ?: since;
	size_t len = id ? strcspn(id, ".") : 0;
	bool read = true;

	if (id && len < sizeof(line)) {
		memcpy(line, id, len);
		line[len] = '\0';
		read = decimal_read(line, &s->line);
		if (id[len] && read)
			read = decimal_read(id + len + 1, &s->turns);
		else if (read && last)
			s->turns = 0;
	} else if (id) {
		read = false;
	}
	free(since);
	return read;
}

static void begin(struct request *r, struct stream *s, struct bufferevent *bev)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(r->http);
	struct evbuffer *hello = evbuffer_new();

	s->http = r->http;
	LIST_INSERT_HEAD(&s->streams->list, s, link);
	evhttp_connection_set_closecb(connection, on_close, s);
	answer_headers(r->http);
	evhttp_add_header(evhttp_request_get_output_headers(r->http), "Content-Type",
			  "text/event-stream");
	evhttp_send_reply_start(r->http, 200, "OK");
	/* It may be silent for as long as it likes, but has to take what it is sent. */
	bufferevent_set_timeouts(bev, NULL, &write_timeout);
	bufferevent_setwatermark(bev, EV_READ, 0, LISTEN_INPUT);
	/* A browser takes a stream for open when its first bytes are there. */
	if (hello) {
		evbuffer_add_printf(hello, ":\n\n");
		s->writing = true;
		evhttp_send_reply_chunk_with_cb(r->http, hello, on_written, s);
		evbuffer_free(hello);
	}
}

void serve_events(struct request *r)
{
	struct bufferevent *bev =
		evhttp_connection_get_bufferevent(evhttp_request_get_connection(r->http));
	struct stream *s = calloc(1, sizeof(*s));
	struct fdl_transcript now;

	look(r->site->streams, &now);
	if (!s) {
		answer_error(r, 503, "there is no memory");
		return;
	}
	*s = (struct stream){ .streams = r->site->streams, .line = now.last, .turns = now.turns };
	if (!read_place(r, s)) {
		free(s);
		answer_error(r, 400, "expected the id of an event");
	} else if (!clients_stream(s->streams->clients, bev)) {
		answer_error(r, 503, "there are %u readers of events already",
			     s->streams->clients->streams);
		free(s);
	} else {
		begin(r, s, bev);
	}
}

/* ---- all of them ---- */

int streams_new(struct event_base *base, struct lab *lab, struct clients *clients,
		struct streams **ep)
{
	struct streams *e = calloc(1, sizeof(*e));
	struct fdl_transcript now;

	if (!e)
		return -ENOMEM;
	e->lab = lab;
	e->clients = clients;
	LIST_INIT(&e->list);
	e->news = event_new(base, -1, 0, on_news, e);
	if (!e->news) {
		free(e);
		return -ENOMEM;
	}
	fdl_transcript(lab_machine(lab), &now);
	e->turns = now.turns;
	e->server = (struct lab_server){ on_changed, NULL, NULL, e, NULL };
	lab_add_server(lab, &e->server);
	*ep = e;
	return 0;
}

void streams_free(struct streams *e)
{
	event_free(e->news);
	free(e);
}
