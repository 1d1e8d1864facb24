/*
 * /races: the outcomes of races, which the client that explored them leaves for those that show
 * them.
 */
#include "http/request.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>

static void keep(struct request *r)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(r->http);
	const size_t len = evbuffer_get_length(body);
	char *races = malloc(len + 1);

	if (!races) {
		answer_error(r, 503, "there is no memory");
		return;
	}
	evbuffer_remove(body, races, len);
	free(r->site->races);
	r->site->races = races;
	r->site->races_len = len;
	answer_text(r, 200, "application/json", "{}\n", 3);
}

void serve_races(struct request *r)
{
	const struct site *site = r->site;

	if (r->method == EVHTTP_REQ_PUT)
		keep(r);
	else if (site->races)
		answer_text(r, 200, "application/json", site->races, site->races_len);
	else
		answer_text(r, 200, "application/json", "[]\n", 3);
}
