/*
 * A request whose answer is not ready at once. What the answer is, and who makes it, is not known
 * here.
 */
#ifndef FDLABD_WAITING_REQUEST_H
#define FDLABD_WAITING_REQUEST_H

#include "http/request.h"

/* Embedded in what is known of the answer. */
struct waiting_request {
	struct request request;
	/*
	 * The client has gone: nothing is to be answered, and what w is embedded in may be freed.
	 */
	void (*gone)(struct waiting_request *w);
};

/*
 * The request waits from now on, for as long as its answer takes. Its path and query are the
 * caller's, for as long as they are used.
 */
void waiting_begin(struct waiting_request *w, const struct request *r,
		   void (*gone)(struct waiting_request *w));

/* The request is about to be answered, and waits no more. */
void waiting_end(struct waiting_request *w);

#endif
