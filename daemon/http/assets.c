/*
 * GET / and the other files of the page.
 */
#include "http/assets.h"

#include "http/request.h"

#include <string.h>

static const char *content_type(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".css", "text/css; charset=utf-8" },
		{ ".html", "text/html; charset=utf-8" },
		{ ".ico", "image/x-icon" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".png", "image/png" },
		{ ".svg", "image/svg+xml" },
	};
	const char *end = strrchr(name, '.');

	for (size_t i = 0; end && i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(end, types[i].end))
			return types[i].type;
	}
	return "application/octet-stream";
}

void serve_asset(struct request *r)
{
	const char *name = *r->path ? r->path : "index.html";

	for (const struct asset *a = assets; a->name; a++) {
		if (!strcmp(a->name, name)) {
			answer_text(r, 200, content_type(name), a->begin,
				    (size_t)(a->end - a->begin));
			return;
		}
	}
	answer_error(r, 404, "there is no such resource");
}
