/* Each request has a connection of its own, which the daemon closes after its answer. */
#include "view/client.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The parts of "http://HOST:PORT/?token=TOKEN". */
struct place {
	char host[256], port[8], token[64];
	bool bracket; /* the host is an address of IPv6 */
};

static bool read_place(const char *url, struct place *p)
{
	char quoted[256];

	if (sscanf(url, "http://%255[^]/]]:%7[0-9]/?token=%63[0-9a-f]", quoted, p->port,
		   p->token) == 3 &&
	    *quoted == '[') {
		snprintf(p->host, sizeof(p->host), "%s", quoted + 1);
		p->bracket = true;
		return true;
	}
	p->bracket = false;
	return sscanf(url, "http://%255[^][:/]:%7[0-9]/?token=%63[0-9a-f]", p->host, p->port,
		      p->token) == 3;
}

/* A connected socket or a negative errno. */
static int connect_to(const struct place *p)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	int fd, error = -ECONNREFUSED;

	if (getaddrinfo(p->host, p->port, &hints, &list))
		return -EHOSTUNREACH;
	for (struct addrinfo *a = list; a && error; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		error = fd < 0 || connect(fd, a->ai_addr, a->ai_addrlen) ? -errno : 0;
		if (error && fd >= 0)
			close(fd);
	}
	freeaddrinfo(list);
	return error ? error : fd;
}

static int send_all(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = send(fd, buf, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			buf += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* All that comes, with a NUL; NULL with errno. */
static char *receive_all(int fd)
{
	char *text = NULL;
	size_t len = 0, size = 0;
	ssize_t n = 1;

	while (n > 0) {
		if (size - len < 2) {
			char *more = realloc(text, size = 2 * size + 4096);

			if (!more)
				break;
			text = more;
		}
		n = recv(fd, text + len, size - len - 1, 0);
		len += n > 0 ? (size_t)n : 0;
		n = n < 0 && errno == EINTR ? 1 : n;
	}
	if (n) {
		free(text);
		return NULL;
	}
	text[len] = '\0';
	return text;
}

static int exchange(int fd, const struct place *p, const char *method, const char *path,
		    const char *body, size_t len, char **answer)
{
	char head[1024], *text, *start;
	unsigned status;
	int n = snprintf(head, sizeof(head),
			 "%s %s HTTP/1.1\r\nHost: %s%s%s:%s\r\nAuthorization: Bearer %s\r\n"
			 "Content-Length: %zu\r\nConnection: close\r\n\r\n",
			 method, path, p->bracket ? "[" : "", p->host, p->bracket ? "]" : "",
			 p->port, p->token, len);
	int error = n < (int)sizeof(head) ? send_all(fd, head, (size_t)n) : -ENAMETOOLONG;

	if (!error)
		error = send_all(fd, body, len);
	if (error)
		return error;
	text = receive_all(fd);
	if (!text)
		return -errno;
	start = strstr(text, "\r\n\r\n");
	error = sscanf(text, "HTTP/1.%*[01] %u", &status) == 1 && start ? 0 : -EBADMSG;
	if (!error) {
		memmove(text, start + 4, strlen(start + 4) + 1);
		*answer = text;
		return status == 200 ? 0 : -EPROTO;
	}
	free(text);
	return error;
}

int client_request(const char *url, const char *method, const char *path, const char *body,
		   size_t len, char **answer)
{
	struct place p;
	int fd, error;

	*answer = NULL;
	if (!read_place(url, &p))
		return -EINVAL;
	fd = connect_to(&p);
	if (fd < 0)
		return fd;
	error = exchange(fd, &p, method, path, body, len, answer);
	close(fd);
	return error;
}
