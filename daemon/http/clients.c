/*
 * The connections of clients are bounded. When all places are taken, the client that has not sent a
 * whole request for the longest time loses its own, and no more are accepted until it is free.
 * Clients that wait for an answer are spared while they and readers of events have no more than
 * half of the places. This file does not know their requests.
 *
 * evhttp does not tell when it frees a connection. But bufferevent_free takes the callbacks away,
 * and clients keep a reference of their own, so that they can look.
 */
#include "http/clients.h"
#include "spare.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

/* Descriptors that are left for the rest of the daemon. */
#define DESCRIPTORS_SPARE 16

/* The last of the places is taken only until another client has lost its own. */
#define PLACES_MIN 4

static const struct timeval pause_when_full = { .tv_usec = 10000 };
static const struct timeval pause_after_error = { .tv_usec = 200000 };

static bool is_gone(struct bufferevent *bev)
{
	bufferevent_data_cb reads, writes;
	bufferevent_event_cb happens;
	void *ctx;

	bufferevent_getcb(bev, &reads, &writes, &happens, &ctx);
	return !reads && !writes && !happens;
}

/* Of a connection that is being accepted, so that it does not look as if it were gone. */
static void on_nothing(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev, (void)what, (void)ctx;
}

static void forget(struct clients *c, struct client *client)
{
	c->streams -= client->stream;
	bufferevent_decref(client->bev);
	*client = (struct client){ 0 };
}

/*
 * The first free place, after the connections that are gone have left theirs; NULL: there is none.
 */
static struct client *find_place(struct clients *c)
{
	struct client *place = NULL;

	for (size_t i = c->places; i-- > 0;) {
		if (c->client[i].bev && is_gone(c->client[i].bev))
			forget(c, &c->client[i]);
		if (!c->client[i].bev)
			place = &c->client[i];
	}
	return place;
}

/* Clients that wait are spared only while newcomers have places enough among the others. */
static bool spares_waiting(const struct clients *c)
{
	size_t n = c->streams;

	for (size_t i = 0; i < c->places; i++)
		n += c->client[i].waits;
	return n <= c->places / 2;
}

/*
 * Makes evhttp close the connection that was not used for the longest time, of all or of those not
 * spared.
 */
static void close_oldest(struct clients *c, bool all)
{
	const bool spares = !all && spares_waiting(c);
	struct client *oldest = NULL;

	for (size_t i = 0; i < c->places; i++) {
		struct client *client = &c->client[i];

		if (client->bev && (all || !client->stream) && !(spares && client->waits) &&
		    (!oldest || client->used < oldest->used))
			oldest = client;
	}
	if (oldest)
		shutdown(bufferevent_getfd(oldest->bev), SHUT_RDWR);
}

/* When all places are taken. */
static void pause_accepting(struct clients *c)
{
	evconnlistener_disable(c->listener);
	event_add(c->room, &pause_when_full);
}

static void make_room(struct clients *c)
{
	close_oldest(c, false);
	pause_accepting(c);
}

static void on_room(evutil_socket_t fd, short what, void *arg)
{
	struct clients *c = arg;
	/* A connection that is gone is not given up again. */
	const bool room = find_place(c);

	(void)fd, (void)what;
	/* Connections are given up until there is memory for libevent again. */
	if (spare_is_low()) {
		close_oldest(c, true);
		pause_accepting(c);
	} else if (room) {
		evconnlistener_enable(c->listener);
	} else {
		event_add(c->room, &pause_when_full);
	}
}

int clients_init(struct clients *c, struct event_base *base)
{
	*c = (struct clients){ .base = base };
	c->room = event_new(base, -1, 0, on_room, c);
	return c->room ? 0 : -ENOMEM;
}

void clients_free(struct clients *c)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (c->client[i].bev)
			forget(c, &c->client[i]);
	}
	if (c->room)
		event_free(c->room);
}

static void on_pause_over(evutil_socket_t fd, short what, void *listener)
{
	(void)fd, (void)what;
	evconnlistener_enable(listener);
}

/*
 * The computer has no descriptor or memory for a connection: it is left to wait, since accept would
 * fail again at once, and again. The listener is not disabled for want of a place then.
 */
static void on_error(struct evconnlistener *listener, void *ctx)
{
	(void)ctx;
	evconnlistener_disable(listener);
	if (event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_pause_over,
			    listener, &pause_after_error))
		evconnlistener_enable(listener);
}

/* How many connections there may be, with the descriptors that are left. */
static size_t count_places(int socket)
{
	const int lowest = fcntl(socket, F_DUPFD_CLOEXEC, 0);
	struct rlimit limit;
	rlim_t own;

	if (lowest < 0)
		return PLACES_MIN;
	close(lowest);
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return PLACES_MIN;
	own = (rlim_t)lowest + DESCRIPTORS_SPARE;
	if (limit.rlim_cur >= own + CLIENTS_MAX)
		return CLIENTS_MAX;
	return limit.rlim_cur > own + PLACES_MIN ? limit.rlim_cur - own : PLACES_MIN;
}

void clients_listen(struct clients *c, struct evconnlistener *listener)
{
	c->listener = listener;
	c->places = count_places(evconnlistener_get_fd(listener));
	evconnlistener_set_error_cb(listener, on_error);
}

struct bufferevent *clients_add(struct clients *c)
{
	struct client *place = find_place(c);
	struct bufferevent *bev = bufferevent_socket_new(c->base, -1, 0);

	if (!bev || !place)
		return bev;
	/* A reader of events may send without end, and nothing takes it. */
	bufferevent_setwatermark(bev, EV_READ, 0, RECEIVED_MAX);
	bufferevent_setcb(bev, NULL, NULL, on_nothing, NULL);
	bufferevent_incref(bev);
	*place = (struct client){ .bev = bev, .used = ++c->clock };
	if (!find_place(c))
		make_room(c);
	else if (spare_is_low())
		pause_accepting(c);
	return bev;
}

static struct client *find(struct clients *c, const struct bufferevent *bev)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (c->client[i].bev == bev)
			return &c->client[i];
	}
	return NULL;
}

void clients_used(struct clients *c, struct bufferevent *bev)
{
	struct client *client = find(c, bev);

	if (client)
		client->used = ++c->clock;
}

void clients_wait(struct clients *c, struct bufferevent *bev, bool waits)
{
	struct client *client = find(c, bev);

	if (!client)
		return;
	client->waits = waits;
	client->used = ++c->clock;
}

bool clients_stream(struct clients *c, struct bufferevent *bev)
{
	struct client *client = find(c, bev);

	find_place(c);
	if (!client || c->streams >= (c->places + 1) / STREAMS_PART)
		return false;
	c->streams++;
	client->stream = true;
	return true;
}
