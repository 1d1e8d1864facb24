#ifndef FDLABD_CLIENTS_H
#define FDLABD_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>

struct bufferevent;
struct evconnlistener;
struct event;
struct event_base;

#define CLIENTS_MAX  64 /* connections at one time */
#define STREAMS_PART 2  /* of these, readers of events */
#define CLIENT_SECONDS                                                                             \
	30 /* of a client that sends or takes nothing, but for a reader of events and of a text */

#define BODY_MAX ((size_t)1 << 20) /* bytes of a request's body */
#define RECEIVED_MAX                                                                               \
	(BODY_MAX + 65536) /* from one client that wait to be taken: a body is taken whole */

struct client {
	struct bufferevent *bev; /* NULL: the place is free */
	unsigned long used;      /* when it came, or sent its last whole request; in any order */
	bool stream;             /* it reads events, and is not closed for another client */
	bool waits;              /* for an answer that is being made */
};

/* The connections, of which there are never more. */
struct clients {
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *room; /* looks again whether there is room */
	unsigned long clock;
	unsigned streams;
	size_t places; /* that may be taken: fewer where the process may have few descriptors */
	struct client client[CLIENTS_MAX];
};

/* 0 or -ENOMEM. */
int clients_init(struct clients *c, struct event_base *base);
void clients_free(struct clients *c);

/* Connections come from here. The descriptors that are open by then are the daemon's own. */
void clients_listen(struct clients *c, struct evconnlistener *listener);

/* Makes the bufferevent of a connection that is being accepted. NULL: no memory. */
struct bufferevent *clients_add(struct clients *c);

/* A client has sent a whole request. */
void clients_used(struct clients *c, struct bufferevent *bev);

/* A client begins to wait for an answer that is being made, or has waited. */
void clients_wait(struct clients *c, struct bufferevent *bev, bool waits);

/* A client begins to read events. False: there are too many. */
bool clients_stream(struct clients *c, struct bufferevent *bev);

#endif
