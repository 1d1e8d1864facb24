/*
 * Any bytes as the parts of a request of HTTP that the daemon itself reads: lines that are the
 * path, the headers Host, Origin and Cookie, and a text that becomes JSON. No host but the
 * computer's own is let in, no cookie but the token's, and a path that is read is within its
 * bounds.
 */
#include "guided/guided.h"

#include "http/access.h"
#include "http/json.h"
#include "http/target.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <jansson.h>

static const struct access access_given = {
	.token = "0123456789abcdef0123456789abcdef",
	.name = "fdlab.example",
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void read_path(const char *path)
{
	struct request_target t;
	size_t len;

	if (!target_read(&t, path))
		return;
	len = strlen(t.name);
	check(*path == '/' && t.name >= t.path && t.name + len < t.path + sizeof(t.path));
	check(!strchr(t.name, '/') && (t.slash || !*t.rest));
	check(!t.slash || t.rest == t.name + len + 1);
	check(!t.has_moment || !strncmp(t.path, "at", 3));
}

/* A host that is let in is a name of this computer, or an address, with or without a port. */
static void read_host(const char *host)
{
	const char *names[] = { "localhost", access_given.name };
	struct in6_addr addr;
	char *copy, *end;
	bool known = false;

	if (!access_is_host(&access_given, host))
		return;
	copy = strdup(host + (*host == '['));
	check(copy);
	end = strpbrk(copy, *host == '[' ? "]" : ":");
	if (end)
		*end = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		known |= !strcasecmp(copy, names[i]);
	check(known || inet_pton(*host == '[' ? AF_INET6 : AF_INET, copy, &addr) == 1);
	free(copy);
}

static void read_cookie(const char *cookies)
{
	if (access_has_cookie(&access_given, "fdlab-80", cookies))
		check(strstr(cookies, "fdlab-80=0123456789abcdef0123456789abcdef"));
}

/* Whatever the bytes are, the text is a string of JSON. */
static void write_json(const char *s, size_t len)
{
	struct evbuffer *to = evbuffer_new();
	json_t *value;

	check(to);
	json_put_string(to, s, len);
	value = json_loadb((const char *)evbuffer_pullup(to, -1), evbuffer_get_length(to),
			   JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	check(json_is_string(value));
	json_decref(value);
	evbuffer_free(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *lines = strndup((const char *)data, size), *rest = lines;
	const char *path = strsep(&rest, "\n"), *host = rest ? strsep(&rest, "\n") : NULL;
	const char *origin = rest ? strsep(&rest, "\n") : NULL;
	const char *cookies = rest ? strsep(&rest, "\n") : NULL;

	check(path);
	read_path(path);
	if (host)
		read_host(host);
	if (origin && access_is_origin(origin, host))
		check(!strncmp(origin, "http://", 7) && !strcasecmp(origin + 7, host));
	read_cookie(cookies);
	check(access_is_token(&access_given, path) == !strcmp(path, access_given.token));
	write_json((const char *)data, size);
	free(lines);
	return 0;
}
