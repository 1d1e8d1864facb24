/*
 * evhttp does not read from a client while its request is served, and so does not see that it has
 * gone, or lost its place. Here it is watched meanwhile.
 */
#include "http/waiting_request.h"

#include "http/clients.h"

#include <stdlib.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

static struct evhttp_connection *connection_of(const struct waiting_request *w)
{
	return evhttp_request_get_connection(w->request.http);
}

static struct bufferevent *bufferevent_of(const struct waiting_request *w)
{
	return evhttp_connection_get_bufferevent(connection_of(w));
}

/* evhttp frees the request with its connection, unless the client has gone: see streams.c. */
static void on_close(struct evhttp_connection *connection, void *ctx)
{
	struct waiting_request *w = ctx;
	struct evhttp_request *http = w->request.http;

	(void)connection;
	w->gone(w);
	if (!evhttp_request_get_connection(http))
		evhttp_request_free(http);
}

/* The client may wait for as long as the answer takes; what it sends is read afterwards. */
void waiting_begin(struct waiting_request *w, const struct request *r,
		   void (*gone)(struct waiting_request *w))
{
	static const struct timeval to_write = { .tv_sec = CLIENT_SECONDS };
	bufferevent_data_cb reads, writes;
	bufferevent_event_cb happens;
	struct bufferevent *bev;
	void *ctx;

	*w = (struct waiting_request){ .request = *r, .gone = gone };
	evhttp_connection_set_closecb(connection_of(w), on_close, w);
	bev = bufferevent_of(w);
	bufferevent_getcb(bev, &reads, &writes, &happens, &ctx);
	bufferevent_setcb(bev, NULL, writes, happens, ctx);
	bufferevent_set_timeouts(bev, NULL, &to_write);
	bufferevent_enable(bev, EV_READ);
	clients_wait(r->site->clients, bev, true);
}

/* evhttp sets its callbacks itself when it answers. */
void waiting_end(struct waiting_request *w)
{
	evhttp_connection_set_closecb(connection_of(w), NULL, NULL);
	evhttp_connection_set_timeout(connection_of(w), CLIENT_SECONDS);
	clients_wait(w->request.site->clients, bufferevent_of(w), false);
}
