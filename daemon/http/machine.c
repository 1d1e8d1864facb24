/*
 * GET /machine names the machine, its kernel and the moments that its history has.
 */
#include "http/json.h"
#include "http/request.h"
#include "lab.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

/* The name of the kernel that runs now: a reset can change it. */
static void put_kernel(struct evbuffer *to, struct fdl_machine *m)
{
	char *name;
	size_t len;

	if (fdl_read_file(m, "sys/kernel/ostype", &name, &len)) {
		evbuffer_add_printf(to, "null");
		return;
	}
	for (size_t i = 0; i < len; i++)
		name[i] = (char)tolower((unsigned char)name[i]);
	json_put_string(to, name, strcspn(name, "\n"));
	free(name);
}

static void put_text(struct evbuffer *to, const char *text)
{
	if (text)
		json_put_string(to, text, strlen(text));
	else
		evbuffer_add_printf(to, "null");
}

/* The first moment that there is; without a history there is only the present. */
static uint64_t oldest(const struct lab *lab, uint64_t last)
{
	uint64_t first = last;

	if (lab_its_history(lab))
		fdl_history_range(lab_its_history(lab), &first, &last);
	return first;
}

void serve_machine(struct request *r)
{
	const struct site *site = r->site;
	struct fdl_machine *m = lab_machine(site->lab);
	struct evbuffer *body = evbuffer_new();
	struct fdl_transcript t;

	if (!body) {
		answer_error(r, 503, "there is no memory");
		return;
	}
	fdl_transcript(m, &t);
	evbuffer_add_printf(body, "{\"kernel\": ");
	put_kernel(body, m);
	evbuffer_add_printf(body, ", \"version\": \"%s\", \"mount\": ", fdl_version());
	put_text(body, site->mountpoint);
	evbuffer_add_printf(body, ", \"title\": ");
	put_text(body, site->title);
	evbuffer_add_printf(body, ", \"line\": %llu, \"oldest\": %llu, \"history\": %s}\n",
			    (unsigned long long)t.last,
			    (unsigned long long)oldest(site->lab, t.last),
			    lab_its_history(site->lab) ? "true" : "false");
	answer(r, 200, "application/json", body);
	evbuffer_free(body);
}
