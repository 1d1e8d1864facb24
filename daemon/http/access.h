#ifndef FDLABD_ACCESS_H
#define FDLABD_ACCESS_H

#include <stdbool.h>

#define TOKEN_LEN 32 /* hexadecimal digits: 128 bits */

/* Access to the page. */
struct access {
	char token[TOKEN_LEN + 1];
	const char
		*name; /* the address that was given on the command line, or NULL; outlives this */
};

/* Makes a token. 0 or a negative errno. */
int access_init(struct access *a, const char *name);

/* Whether this is the token, in a time that does not depend on how much of it is right. */
bool access_is_token(const struct access *a, const char *token);

/* Whether a header Cookie (or NULL) has the token under a name. */
bool access_has_cookie(const struct access *a, const char *name, const char *cookies);

/*
 * Whether a header Host (or NULL) names the daemon in a way that no other site can: an address in
 * digits, localhost, or the name that was given. A page of another site that has its own name lead
 * to this computer has that name there.
 */
bool access_is_host(const struct access *a, const char *host);

/* Whether a header Origin (or NULL: there is none) is that of a page from the same Host. */
bool access_is_origin(const char *origin, const char *host);

#endif
