#ifndef FDLABD_STREAMS_H
#define FDLABD_STREAMS_H

struct clients;
struct event_base;
struct streams; /* the readers of events */
struct lab;

/* 0 and the events, to be given to streams_free when the connections are closed; or -ENOMEM. */
int streams_new(struct event_base *base, struct lab *lab, struct clients *clients,
		struct streams **ep);
void streams_free(struct streams *e);

#endif
