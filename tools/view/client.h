/*
 * A client of the daemon's HTTP, for the few requests that fdlab view makes.
 */
#ifndef FDLAB_TOOLS_CLIENT_H
#define FDLAB_TOOLS_CLIENT_H

#include <stddef.h>

/*
 * Makes a request with a body. url is what the daemon printed: its host and its token. 0 for an
 * answer with status 200, and its body in *answer, which the caller frees by free; -EPROTO for
 * another answer, whose body is in *answer as well; or a negative errno, and *answer is NULL.
 */
int client_request(const char *url, const char *method, const char *path, const char *body,
		   size_t len, char **answer);

#endif
