/*
 * The machine over HTTP: listens, asks for the token, and finds the resource that a request
 * is for. The answers of a resource are in the file of its name.
 */
#include "http/web.h"

#include "http/access.h"
#include "http/clients.h"
#include "http/streams.h"
#include "http/request.h"
#include "http/target.h"
#include "lab.h"
#include "number.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#define HEADERS_MAX 16384 /* bytes of a request's line and headers */

#define METHODS (EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT)

struct web {
	struct site site;
	struct access access;
	struct clients clients;
	struct evhttp *http;
	int listener;
	char address[256]; /* as it was given, without brackets and port */
	char url[512];
	char cookie[32]; /* its name */
};

/* ---- the resources ---- */

struct resource {
	const char *name; /* the first part of the path */
	unsigned methods;
	void (*serve)(struct request *r);
	bool more; /* a path may follow */
};

static const struct resource resources[] = {
	{ "calls", EVHTTP_REQ_POST, serve_calls, false },
	{ "events", EVHTTP_REQ_GET, serve_events, false },
	{ "machine", EVHTTP_REQ_GET, serve_machine, false },
	{ "races", EVHTTP_REQ_GET | EVHTTP_REQ_PUT, serve_races, false },
	{ "tree", EVHTTP_REQ_GET, serve_tree, true },
	{ "words.json", EVHTTP_REQ_GET, serve_words, false },
};

/* The files of the page, which are the same for all clients. */
static const struct resource asset = { "", EVHTTP_REQ_GET, serve_asset, false };

static const struct resource *find_resource(const struct request_target *t)
{
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
		const struct resource *resource = &resources[i];

		if (!strcmp(resource->name, t->name) && (resource->more || !t->slash))
			return t->has_moment && resource->serve != serve_tree ? NULL : resource;
	}
	return t->has_moment ? NULL : &asset;
}

/* ---- access ---- */

static bool has_token(const struct web *web, const struct request *r)
{
	static const char bearer[] = "Bearer ";
	const char *authorization = request_header(r, "Authorization");
	char *parameter = request_parameter(r, "token");
	bool has;

	if (authorization && !strncmp(authorization, bearer, strlen(bearer)))
		has = access_is_token(&web->access, authorization + strlen(bearer));
	else
		has = access_is_token(&web->access, parameter);
	free(parameter);
	return has;
}

/*
 * The page has shown the token: its other files are asked for without it, and come by the cookie.
 */
static void set_cookie(const struct web *web, struct request *r)
{
	char text[128];

	snprintf(text, sizeof(text), "%s=%s; HttpOnly; SameSite=Strict; Path=/", web->cookie,
		 web->access.token);
	evhttp_add_header(evhttp_request_get_output_headers(r->http), "Set-Cookie", text);
}

/* ---- a request ---- */

static void dispatch(struct web *web, struct request *r, const struct request_target *t)
{
	const struct resource *resource = find_resource(t);
	const bool is_asset = resource == &asset;
	const bool token = has_token(web, r);

	if (!token &&
	    !(is_asset && *t->name &&
	      access_has_cookie(&web->access, web->cookie, request_header(r, "Cookie")))) {
		answer_error(r, 401,
			     "the token is missing or wrong: see the URL that fdlabd printed");
		return;
	}
	if (!resource) {
		answer_error(r, 404, "there is no such resource");
		return;
	}
	if (!(resource->methods & (unsigned)r->method)) {
		answer_error(r, 405, "this resource has no such method");
		return;
	}
	if (token && is_asset)
		set_cookie(web, r);
	r->path = is_asset ? t->name : t->rest;
	r->moment = t->moment;
	r->has_moment = t->has_moment;
	if (!is_asset)
		answer_line(r);
	resource->serve(r);
}

static bool is_allowed(const struct web *web, struct request *r)
{
	const char *host = request_header(r, "Host");

	if (!access_is_host(&web->access, host)) {
		answer_error(r, 403, "the header Host names another computer");
		return false;
	}
	if (!access_is_origin(request_header(r, "Origin"), host)) {
		answer_error(r, 403, "the request comes from the page of another site");
		return false;
	}
	return true;
}

static void on_request(struct evhttp_request *http, void *ctx)
{
	struct web *web = ctx;
	struct request r = { .site = &web->site, .http = http };
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(http);
	const char *path = uri ? evhttp_uri_get_path(uri) : NULL, *accept;
	struct request_target t;

	/* A request that could not be read. */
	if (!uri) {
		evhttp_send_error(http, 0, NULL);
		return;
	}
	clients_used(&web->clients,
		     evhttp_connection_get_bufferevent(evhttp_request_get_connection(http)));
	r.method = evhttp_request_get_command(http);
	r.query = evhttp_uri_get_query(uri) ?: "";
	accept = request_header(&r, "Accept");
	r.wants_json = accept && strstr(accept, "application/json");
	if (!is_allowed(web, &r))
		return;
	if (!target_read(&t, path ?: ""))
		answer_error(&r, 404, "there is no such resource");
	else
		dispatch(web, &r, &t);
}

/* ---- listening ---- */

/* Takes "[ADDRESS:]PORT" apart. False: the text has another form. */
static bool read_where(struct web *web, const char *where, uint16_t *port)
{
	const char *colon = strrchr(where, ':'), *digits = colon ? colon + 1 : where;
	size_t len = colon ? (size_t)(colon - where) : 0;
	const char *address = where;
	uint64_t n;

	if (!decimal_read(digits, &n) || n > UINT16_MAX)
		return false;
	*port = (uint16_t)n;
	if (!colon) {
		strcpy(web->address, "127.0.0.1");
		return true;
	}
	if (*address == '[' && len >= 2 && address[len - 1] == ']') {
		address++;
		len -= 2;
	} else if (memchr(address, ':', len)) {
		return false;
	}
	if (!len || len >= sizeof(web->address))
		return false;
	memcpy(web->address, address, len);
	web->address[len] = '\0';
	return true;
}

static uint16_t bound_port(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *)&addr, &len))
		return 0;
	return ntohs(addr.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&addr)->sin6_port
						: ((struct sockaddr_in *)&addr)->sin_port);
}

static struct bufferevent *on_connection(struct event_base *base, void *ctx)
{
	(void)base;
	return clients_add(&((struct web *)ctx)->clients);
}

static int listen_at(struct web *web, uint16_t port)
{
	struct evhttp_bound_socket *bound;
	const char *address = web->address;
	const bool v6 = strchr(address, ':');

	errno = 0;
	bound = evhttp_bind_socket_with_handle(web->http, address, port);
	if (!bound)
		return errno ? -errno : -EADDRNOTAVAIL;
	web->listener = evhttp_bound_socket_get_fd(bound);
	clients_listen(&web->clients, evhttp_bound_socket_get_listener(bound));
	port = bound_port(web->listener);
	snprintf(web->cookie, sizeof(web->cookie), "fdlab-%u", port);
	/* Every address of this computer: the page is there for the computer itself, too. */
	if (!strcmp(address, "0.0.0.0") || !strcmp(address, "::"))
		address = v6 ? "::1" : "127.0.0.1";
	snprintf(web->url, sizeof(web->url), "http://%s%s%s:%u/?token=%s", v6 ? "[" : "", address,
		 v6 ? "]" : "", port, web->access.token);
	return 0;
}

static int make_http(struct web *web, struct event_base *base)
{
	web->http = evhttp_new(base);
	if (!web->http)
		return -ENOMEM;
	evhttp_set_max_headers_size(web->http, HEADERS_MAX);
	evhttp_set_max_body_size(web->http, (ev_ssize_t)BODY_MAX);
	evhttp_set_allowed_methods(web->http, METHODS);
	evhttp_set_timeout(web->http, CLIENT_SECONDS);
	evhttp_set_bevcb(web->http, on_connection, web);
	evhttp_set_gencb(web->http, on_request, web);
	return 0;
}

int web_new(struct event_base *base, struct lab *lab, const char *where, const char *mountpoint,
	    const char *title, struct web **wp, const char **why)
{
	struct web *web = calloc(1, sizeof(*web));
	uint16_t port;
	int r;

	*why = NULL;
	if (!web)
		return -ENOMEM;
	web->site.lab = lab;
	web->site.clients = &web->clients;
	web->site.mountpoint = mountpoint;
	web->site.title = title;
	r = read_where(web, where, &port) ? 0 : -EINVAL;
	if (!r)
		r = access_init(&web->access, web->address);
	if (!r)
		r = clients_init(&web->clients, base);
	if (!r)
		r = streams_new(base, lab, &web->clients, &web->site.streams);
	if (!r)
		r = make_http(web, base);
	if (!r)
		r = listen_at(web, port);
	if (r) {
		web_free(web);
		return r;
	}
	*wp = web;
	return 0;
}

void web_free(struct web *web)
{
	if (web->http)
		evhttp_free(web->http);
	if (web->site.streams)
		streams_free(web->site.streams);
	clients_free(&web->clients);
	free(web->site.races);
	free(web);
}

int web_listener(const struct web *web)
{
	return web->listener;
}

const char *web_url(const struct web *web)
{
	return web->url;
}
