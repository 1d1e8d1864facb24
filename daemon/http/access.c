/*
 * Access to the page: the token, and the headers by which a browser tells which page asks. It knows
 * texts alone, no requests.
 */
#include "http/access.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>
#include <sys/random.h>

int access_init(struct access *a, const char *name)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[TOKEN_LEN / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return errno ? -errno : -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		a->token[2 * i] = digits[bytes[i] >> 4];
		a->token[2 * i + 1] = digits[bytes[i] & 15];
	}
	a->token[TOKEN_LEN] = '\0';
	a->name = name;
	return 0;
}

bool access_is_token(const struct access *a, const char *token)
{
	volatile unsigned char differs = 0;

	if (!token || strlen(token) != TOKEN_LEN)
		return false;
	for (size_t i = 0; i < TOKEN_LEN; i++)
		differs |= (unsigned char)(a->token[i] ^ token[i]);
	return !differs;
}

bool access_has_cookie(const struct access *a, const char *name, const char *cookies)
{
	const size_t len = strlen(name);
	char token[TOKEN_LEN + 1];

	for (const char *at = cookies; at && *at; at += strcspn(at, ";")) {
		at += strspn(at, "; ");
		if (strncmp(at, name, len) != 0 || at[len] != '=')
			continue;
		at += len + 1;
		if (strcspn(at, "; ") != TOKEN_LEN)
			return false;
		memcpy(token, at, TOKEN_LEN);
		token[TOKEN_LEN] = '\0';
		return access_is_token(a, token);
	}
	return false;
}

/*
 * Copies the host of "host", "host:80", "[::1]", "[::1]:80", without brackets. False: it is no
 * such.
 */
static bool host_part(const char *host, char *to, size_t size)
{
	const bool bracket = *host == '[';
	const char *start = host + bracket;
	const size_t len = strcspn(start, bracket ? "]" : ":");
	const char *rest = start + len;

	if (bracket && *rest++ != ']')
		return false;
	if (!len || len >= size || (*rest && *rest != ':'))
		return false;
	if (*rest == ':' && (!rest[1] || rest[1 + strspn(rest + 1, "0123456789")]))
		return false;
	memcpy(to, start, len);
	to[len] = '\0';
	return true;
}

bool access_is_host(const struct access *a, const char *host)
{
	struct in6_addr addr;
	char name[256];

	if (!host || !host_part(host, name, sizeof(name)))
		return false;
	if (*host == '[')
		return inet_pton(AF_INET6, name, &addr) == 1;
	return inet_pton(AF_INET, name, &addr) == 1 || !strcasecmp(name, "localhost") ||
	       (a->name && !strcasecmp(name, a->name));
}

bool access_is_origin(const char *origin, const char *host)
{
	static const char scheme[] = "http://";

	return !origin || (host && !strncmp(origin, scheme, strlen(scheme)) &&
			   !strcasecmp(origin + strlen(scheme), host));
}
