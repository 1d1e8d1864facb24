/*
 * AF_INET on the loopback compared with the running kernel, in network namespaces with only a
 * loopback: a new one for each comparison, so that no other program uses its ports. @127.0.0.1:80
 * stands for the address structure and its length.
 */
#include "support/oracle.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

/* All ports that the kernel may choose from; its order is not the model's. */
static const char *port_range = "32768 32768\n";

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return written;
}

static bool raise_loopback(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0;

	if (fd >= 0)
		close(fd);
	return up;
}

static bool new_network(void)
{
	return unshare(CLONE_NEWNET) == 0 && raise_loopback() &&
	       write_file("/proc/sys/net/ipv4/ip_local_port_range", port_range);
}

static void prepare(void)
{
	if (!new_network())
		_exit(1);
}

/* The loopback delivers at once, except under load. */
static void settle(void)
{
	usleep(2000);
}

/* Whether such a namespace can be made; a process of its own finds out. */
static bool networks_can_be_made(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(new_network() ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void compare_inet(const char *lines)
{
	struct text t = TEXT_EMPTY;

	while (*lines) {
		size_t len = strcspn(lines, "@"), addr, port;

		text_put(&t, lines, len);
		lines += len;
		if (!*lines)
			break;
		addr = strcspn(++lines, ":");
		port = strspn(lines + addr + 1, "0123456789");
		text_printf(&t,
			    "{sa_family=AF_INET, sin_port=htons(%.*s), "
			    "sin_addr=inet_addr(\"%.*s\")}, 16",
			    (int)port, lines + addr + 1, (int)addr, lines);
		lines += addr + 1 + port;
	}
	compare(t.s);
	text_free(&t);
}

static void making_sockets_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare_inet("socket(AF_INET, SOCK_STREAM, 0)\n"
		     "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, IPPROTO_TCP)\n"
		     "fcntl(4, F_GETFL)\n"
		     "fcntl(4, F_GETFD)\n"
		     "socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)\n"
		     "socket(AF_INET, SOCK_STREAM, IPPROTO_UDP)\n"
		     "socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP)\n"
		     "socket(AF_INET, SOCK_RAW, 0)\n"
		     "socket(AF_INET, SOCK_RDM, 0)\n"
		     "socket(AF_INET, 0, 0)\n"
		     "socket(AF_INET, SOCK_STREAM, -1)\n"
		     "socket(AF_INET, SOCK_STREAM, 1000)\n"
		     "socketpair(AF_INET, SOCK_STREAM, 0, ...)\n"
		     "getsockopt(3, SOL_SOCKET, SO_DOMAIN, ..., [4])\n"
		     "getsockopt(3, SOL_SOCKET, SO_PROTOCOL, ..., [4])\n"
		     "getsockopt(5, SOL_SOCKET, SO_PROTOCOL, ..., [4])\n"
		     "getsockopt(3, SOL_SOCKET, SO_SNDBUF, ..., [4])\n"
		     "getsockopt(3, SOL_SOCKET, SO_RCVBUF, ..., [4])\n"
		     "getsockopt(5, SOL_SOCKET, SO_SNDBUF, ..., [4])\n"
		     "getsockopt(5, SOL_SOCKET, SO_RCVBUF, ..., [4])\n"
		     "setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4)\n"
		     "getsockopt(3, SOL_TCP, TCP_NODELAY, ..., [4])\n"
		     "setsockopt(5, SOL_TCP, TCP_NODELAY, [1], 4)\n"
		     "getsockopt(5, SOL_TCP, TCP_NODELAY, ..., [4])\n"
		     "getsockopt(3, SOL_TCP, 9999, ..., [4])\n"
		     "setsockopt(3, SOL_TCP, 9999, [1], 4)\n"
		     "getsockopt(3, SOL_SOCKET, 9999, ..., [4])\n"
		     "getsockname(3, ..., [16])\n"
		     "getsockname(5, ..., [100])\n"
		     "getpeername(3, ..., [16])\n"
		     "getpeername(5, ..., [16])\n"
		     "accept(3, NULL, NULL)\n"
		     "accept(5, NULL, NULL)\n"
		     "listen(5, 1)\n"
		     "read(3, ..., 1)\n"
		     "recvfrom(3, ..., 1, MSG_OOB, NULL, NULL)\n"
		     "shutdown(3, SHUT_RD)\n"
		     "shutdown(5, SHUT_RD)\n"
		     "shutdown(3, 3)\n"
		     "sendto(3, \"x\", 1, MSG_NOSIGNAL, NULL, 0)\n"
		     "write(3, \"x\", 1)\n");
}

static void binding_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare_inet("socket(AF_INET, SOCK_STREAM, 0)\n"
		     "bind(3, {sa_family=AF_INET, sin_port=htons(5000), "
		     "sin_addr=inet_addr(\"127.0.0.1\")}, 15)\n"
		     "bind(3, {sa_family=AF_UNIX, sun_path=\"a\"}, 110)\n"
		     "bind(3, {sa_family=AF_UNSPEC}, 16)\n"
		     "getsockname(3, ..., [16])\n"
		     "bind(3, @127.0.0.1:5001)\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "bind(4, @10.0.0.1:5001)\n"
		     "bind(4, @127.0.0.1:5001)\n"
		     "getsockname(4, ..., [16])\n"
		     "bind(4, @127.0.0.1:32768)\n"
		     "bind(4, @127.0.0.1:5001)\n"
		     "bind(4, @10.0.0.1:5001)\n"
		     "socket(AF_INET, SOCK_DGRAM, 0)\n"
		     "bind(5, @127.0.0.1:5001)\n"
		     "bind(5, @127.0.0.1:5002)\n"
		     "socket(AF_INET, SOCK_DGRAM, 0)\n"
		     "bind(6, @0.0.0.0:5001)\n"
		     "bind(6, @127.0.0.2:5001)\n"
		     "getsockname(6, ..., [16])\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "bind(7, @127.0.0.3:32768)\n"
		     "close(4)\n"
		     "close(7)\n"
		     "close(3)\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "bind(4, @0.0.0.0:80)\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "bind(7, @0.0.0.0:0)\n"
		     "getsockname(7, ..., [16])\n"
		     "getsockname(7, ..., [6])\n"
		     "socket(AF_INET, SOCK_DGRAM, 0)\n"
		     "bind(8, @127.0.0.1:0)\n"
		     "getsockname(8, ..., [16])\n"
		     "listen(4, 1)\n"
		     "bind(4, @0.0.0.0:81)\n");
}

static void sharing_ports_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare_inet("socket(AF_INET, SOCK_STREAM, 0)\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4)\n"
		     "setsockopt(4, SOL_SOCKET, SO_REUSEADDR, [1], 4)\n"
		     "bind(3, @0.0.0.0:5000)\n"
		     "bind(5, @127.0.0.1:5000)\n"
		     "bind(4, @127.0.0.1:5000)\n"
		     "listen(3, 1)\n"
		     "listen(4, 1)\n"
		     "setsockopt(5, SOL_SOCKET, SO_REUSEADDR, [1], 4)\n"
		     "bind(5, @127.0.0.2:5000)\n"
		     "close(3)\n"
		     "listen(4, 1)\n"
		     "bind(5, @127.0.0.1:5000)\n"
		     "bind(5, @127.0.0.2:5000)\n"
		     "listen(5, 1)\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "setsockopt(3, SOL_SOCKET, SO_REUSEPORT, [1], 4)\n"
		     "bind(3, @127.0.0.1:5100)\n"
		     "bind(6, @127.0.0.1:5100)\n"
		     "setsockopt(6, SOL_SOCKET, SO_REUSEPORT, [1], 4)\n"
		     "listen(3, 1)\n"
		     "bind(6, @127.0.0.1:5100)\n"
		     "listen(6, 1)\n"
		     "socket(AF_INET, SOCK_DGRAM, 0)\n"
		     "socket(AF_INET, SOCK_DGRAM, 0)\n"
		     "setsockopt(7, SOL_SOCKET, SO_REUSEADDR, [1], 4)\n"
		     "bind(7, @127.0.0.1:5000)\n"
		     "bind(8, @127.0.0.1:5000)\n"
		     "setsockopt(8, SOL_SOCKET, SO_REUSEADDR, [1], 4)\n"
		     "bind(8, @127.0.0.1:5000)\n"
		     "socket(AF_INET, SOCK_DGRAM|SOCK_NONBLOCK, 0)\n"
		     "sendto(9, \"x\", 1, 0, @127.0.0.1:5000)\n"
		     "recvfrom(7, ..., 9, MSG_DONTWAIT, NULL, NULL)\n"
		     "recvfrom(8, ..., 9, MSG_DONTWAIT, NULL, NULL)\n");
}

static void connections_agree_with_the_kernel(void **state)
{
	(void)state;
	compare_inet("socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		     "bind(3, @127.0.0.1:5000)\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "connect(4, @10.0.0.1:5000)\n"
		     "connect(4, {sa_family=AF_UNIX, sun_path=\"a\"}, 110)\n"
		     "connect(4, {sa_family=AF_INET, sin_port=htons(1), "
		     "sin_addr=inet_addr(\"127.0.0.1\")}, 8)\n"
		     "connect(4, {sa_family=AF_INET, sin_port=htons(1), "
		     "sin_addr=inet_addr(\"127.0.0.1\")}, 1)\n"
		     "connect(4, {sa_family=AF_UNSPEC}, 16)\n"
		     "getsockopt(4, SOL_SOCKET, SO_ERROR, ..., [4])\n"
		     "listen(3, 5)\n"
		     "listen(3, 6)\n"
		     "getsockopt(3, SOL_SOCKET, SO_ACCEPTCONN, ..., [4])\n"
		     "connect(3, @127.0.0.1:5000)\n"
		     "accept(3, NULL, NULL)\n"
		     "read(3, ..., 1)\n"
		     "poll([{fd=3, events=POLLIN|POLLOUT}, {fd=4, events=POLLIN|POLLOUT}], 2, 0)\n"
		     "connect(4, @0.0.0.0:5000)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "getsockname(4, ..., [16])\n"
		     "getpeername(4, ..., [16])\n"
		     "getpeername(4, ..., [6])\n"
		     "poll([{fd=3, events=POLLIN|POLLOUT}, {fd=4, events=POLLIN|POLLOUT}], 2, 0)\n"
		     "write(4, \"early\", 5)\n"
		     "accept4(3, ..., [16], SOCK_NONBLOCK|SOCK_CLOEXEC)\n"
		     "fcntl(5, F_GETFL)\n"
		     "fcntl(5, F_GETFD)\n"
		     "getsockname(5, ..., [16])\n"
		     "getpeername(5, ..., [16])\n"
		     "ioctl(5, FIONREAD, ...)\n"
		     "recvfrom(5, ..., 2, MSG_PEEK, ..., [16])\n"
		     "recvfrom(5, ..., 2, 0, ..., [16])\n"
		     "read(5, ..., 100)\n"
		     "read(5, ..., 100)\n"
		     "listen(5, 1)\n"
		     "bind(5, @127.0.0.1:5001)\n"
		     "sendto(5, \"to\", 2, 0, @127.0.0.1:5001)\n"
		     "write(5, \"\", 0)\n"
		     "read(4, ..., 100)\n"
		     "close(3)\n"
		     "write(5, \"on\", 2)\n"
		     "write(5, \"e\", 1)\n"
		     "recvfrom(4, ..., 3, MSG_WAITALL, NULL, NULL)\n"
		     "sendto(4, \"abc\", 3, 0, NULL, 0)\n"
		     "recvfrom(5, ..., 2, MSG_TRUNC, NULL, NULL)\n"
		     "read(5, ..., 10)\n"
		     "connect(4, {sa_family=AF_UNSPEC}, 16)\n"
		     "read(5, ..., 10)\n"
		     "read(5, ..., 10)\n"
		     "getpeername(5, ..., [16])\n"
		     "getsockname(5, ..., [16])\n"
		     "connect(5, @127.0.0.1:5000)\n"
		     "getsockopt(4, SOL_SOCKET, SO_ERROR, ..., [4])\n"
		     "connect(4, @127.0.0.1:5000)\n");
}

static void connecting_without_waiting_agrees_with_the_kernel(void **state)
{
	(void)state;
	port_range = "32768 32783\n";
	compare_inet("socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		     "bind(3, @0.0.0.0:5000)\n"
		     "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "poll([{fd=4, events=POLLIN|POLLOUT}], 1, 0)\n"
		     "getsockopt(4, SOL_SOCKET, SO_ERROR, ..., [4])\n"
		     "getsockopt(4, SOL_SOCKET, SO_ERROR, ..., [4])\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "listen(3, 0)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "close(4)\n"
		     "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "poll([{fd=4, events=POLLIN|POLLOUT}], 1, 0)\n"
		     "accept(3, NULL, NULL)\n"
		     "shutdown(3, SHUT_RDWR)\n"
		     "accept(3, ..., [16])\n"
		     "getsockname(3, ..., [16])\n"
		     "listen(3, 0)\n");
	compare_inet("socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		     "bind(3, @127.0.0.1:5000)\n"
		     "listen(3, 0)\n"
		     "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		     "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "connect(5, @127.0.0.1:5000)\n"
		     "connect(5, @127.0.0.1:5000)\n"
		     "read(5, ..., 1)\n"
		     "write(5, \"x\", 1)\n"
		     "getpeername(5, ..., [16])\n"
		     "poll([{fd=4, events=POLLIN|POLLOUT}, {fd=5, events=POLLIN|POLLOUT}], 2, 0)\n"
		     "shutdown(5, SHUT_RD)\n"
		     "close(3)\n"
		     "read(4, ..., 1)\n"
		     "read(4, ..., 1)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "write(4, \"x\", 1)\n");
	port_range = "32768 32768\n";
}

static void the_queue_of_a_listener_agrees_with_the_kernel(void **state)
{
	(void)state;
	port_range = "32768 32783\n";
	compare_inet("socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		     "bind(3, @127.0.0.1:5000)\n"
		     "listen(3, 1)\n"
		     "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		     "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		     "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "connect(5, @127.0.0.1:5000)\n"
		     "connect(6, @127.0.0.1:5000)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "connect(5, @127.0.0.1:5000)\n"
		     "connect(6, @127.0.0.1:5000)\n"
		     "poll([{fd=6, events=POLLIN|POLLOUT}], 1, 0)\n"
		     "getpeername(6, ..., [16])\n"
		     "close(6)\n"
		     "accept(3, NULL, NULL)\n"
		     "accept(3, NULL, NULL)\n"
		     "accept(3, NULL, NULL)\n");
	port_range = "32768 32768\n";
}

/* A connection, 4, and its other side, 5. */
#define CONNECTED                                                                                  \
	"socket(AF_INET, SOCK_STREAM, 0)\n"                                                        \
	"bind(3, @127.0.0.1:5000)\n"                                                               \
	"listen(3, 5)\n"                                                                           \
	"socket(AF_INET, SOCK_STREAM, 0)\n"                                                        \
	"connect(4, @127.0.0.1:5000)\n"                                                            \
	"fcntl(4, F_SETFL, O_NONBLOCK)\n"                                                          \
	"accept4(3, NULL, NULL, SOCK_NONBLOCK)\n"

#define POLL_BOTH                                                                                  \
	"poll([{fd=4, events=POLLIN|POLLOUT|POLLRDHUP}, "                                          \
	"{fd=5, events=POLLIN|POLLOUT|POLLRDHUP}], 2, 0)\n"

static void shutting_down_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare_inet(CONNECTED "write(4, \"a\", 1)\n"
			       "shutdown(4, SHUT_WR)\n" POLL_BOTH "read(5, ..., 10)\n"
			       "read(5, ..., 10)\n"
			       "write(5, \"b\", 1)\n"
			       "read(4, ..., 10)\n"
			       "read(4, ..., 10)\n"
			       "sendto(4, \"x\", 1, MSG_NOSIGNAL, NULL, 0)\n"
			       "getpeername(4, ..., [16])\n"
			       "getpeername(5, ..., [16])\n"
			       "shutdown(5, SHUT_WR)\n" POLL_BOTH "getpeername(4, ..., [16])\n"
			       "getpeername(5, ..., [16])\n"
			       "getsockname(4, ..., [16])\n"
			       "read(4, ..., 10)\n"
			       "read(5, ..., 10)\n"
			       "shutdown(4, SHUT_WR)\n"
			       "connect(4, @127.0.0.1:5000)\n"
			       "write(5, \"x\", 1)\n");
	compare_inet(CONNECTED "shutdown(4, SHUT_RD)\n" POLL_BOTH "read(4, ..., 10)\n"
			       "write(5, \"late\", 4)\n"
			       "read(4, ..., 10)\n"
			       "read(4, ..., 10)\n"
			       "shutdown(4, SHUT_WR)\n"
			       "write(5, \"x\", 1)\n" POLL_BOTH "read(4, ..., 1)\n"
			       "read(5, ..., 1)\n"
			       "getsockopt(5, SOL_SOCKET, SO_ERROR, ..., [4])\n"
			       "getsockopt(4, SOL_SOCKET, SO_ERROR, ..., [4])\n");
}

static void closing_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare_inet(CONNECTED "write(4, \"left\", 4)\n"
			       "close(4)\n"
			       "poll([{fd=5, events=POLLIN|POLLOUT|POLLRDHUP}], 1, 0)\n"
			       "read(5, ..., 10)\n"
			       "read(5, ..., 10)\n"
			       "getpeername(5, ..., [16])\n"
			       "write(5, \"x\", 1)\n"
			       "poll([{fd=5, events=POLLIN|POLLOUT|POLLRDHUP}], 1, 0)\n"
			       "getpeername(5, ..., [16])\n"
			       "read(5, ..., 1)\n"
			       "sendto(5, \"x\", 1, MSG_NOSIGNAL, NULL, 0)\n"
			       "getsockopt(5, SOL_SOCKET, SO_ERROR, ..., [4])\n"
			       "write(5, \"x\", 1)\n");
	compare_inet(CONNECTED "write(5, \"unread\", 6)\n"
			       "write(4, \"kept\", 4)\n"
			       "close(4)\n"
			       "poll([{fd=5, events=POLLIN|POLLOUT|POLLRDHUP}], 1, 0)\n"
			       "read(5, ..., 10)\n"
			       "read(5, ..., 10)\n"
			       "read(5, ..., 10)\n"
			       "write(5, \"x\", 1)\n");
	compare_inet(CONNECTED "shutdown(5, SHUT_WR)\n"
			       "write(4, \"unread\", 6)\n"
			       "close(5)\n"
			       "getsockopt(4, SOL_SOCKET, SO_ERROR, ..., [4])\n"
			       "read(4, ..., 10)\n");
}

static void a_port_of_a_connection_is_taken_as_the_kernel_has_it(void **state)
{
	(void)state;
	compare_inet(CONNECTED "close(3)\n"
			       "socket(AF_INET, SOCK_STREAM, 0)\n"
			       "bind(3, @127.0.0.1:5000)\n"
			       "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4)\n"
			       "bind(3, @127.0.0.1:5000)\n"
			       "close(5)\n"
			       "bind(3, @127.0.0.1:5000)\n");
	compare_inet("socket(AF_INET, SOCK_STREAM, 0)\n"
		     "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4)\n"
		     "bind(3, @127.0.0.1:5000)\n"
		     "listen(3, 5)\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "connect(4, @127.0.0.1:5000)\n"
		     "accept(3, NULL, NULL)\n"
		     "getsockopt(5, SOL_SOCKET, SO_REUSEADDR, ..., [4])\n"
		     "close(3)\n"
		     "socket(AF_INET, SOCK_STREAM, 0)\n"
		     "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4)\n"
		     "bind(3, @127.0.0.1:5000)\n"
		     "listen(3, 5)\n");
}

/* Datagrams from 4 to 3, without a connection. */
#define SEND_DATAGRAMS                                                                             \
	"socket(AF_INET, SOCK_DGRAM|SOCK_NONBLOCK, 0)\n"                                           \
	"bind(3, @0.0.0.0:5000)\n"                                                                 \
	"socket(AF_INET, SOCK_DGRAM|SOCK_NONBLOCK, 0)\n"                                           \
	"poll([{fd=3, events=POLLIN|POLLOUT}], 1, 0)\n"                                            \
	"read(3, ..., 10)\n"                                                                       \
	"write(4, \"x\", 1)\n"                                                                     \
	"getsockname(4, ..., [16])\n"                                                              \
	"sendto(4, \"one\", 3, 0, @127.0.0.1:5000)\n"                                              \
	"getsockname(4, ..., [16])\n"                                                              \
	"sendto(4, \"two\", 3, 0, @0.0.0.0:5000)\n"                                                \
	"sendto(4, \"\", 0, 0, @127.0.0.1:5000)\n"                                                 \
	"sendto(4, \"lost\", 4, 0, @127.0.0.1:5001)\n"                                             \
	"sendto(4, \"x\", 1, 0, @127.0.0.1:0)\n"                                                   \
	"sendto(4, \"x\", 1, 0, @10.0.0.1:5000)\n"                                                 \
	"sendto(4, \"x\", 1, 0, {sa_family=AF_UNIX, sun_path=\"a\"}, 110)\n"                       \
	"sendto(4, \"x\", 1, 0, {sa_family=AF_INET, sin_port=htons(1), "                           \
	"sin_addr=inet_addr(\"127.0.0.1\")}, 8)\n"                                                 \
	"sendto(4, \"x\", 65508, 0, @127.0.0.1:5000)\n"                                            \
	"sendto(4, \"x\", 65536, 0, @127.0.0.1:5000)\n"                                            \
	"sendto(4, \"x\", 1, MSG_OOB, @127.0.0.1:5000)\n"                                          \
	"getsockopt(4, SOL_SOCKET, SO_ERROR, ..., [4])\n"                                          \
	"poll([{fd=3, events=POLLIN|POLLOUT}], 1, 0)\n"                                            \
	"ioctl(3, FIONREAD, ...)\n"                                                                \
	"recvfrom(3, ..., 2, MSG_PEEK, ..., [16])\n"                                               \
	"recvfrom(3, ..., 2, MSG_TRUNC, ..., [16])\n"                                              \
	"recvfrom(3, ..., 9, 0, NULL, NULL)\n"                                                     \
	"recvfrom(3, ..., 9, 0, ..., [16])\n"                                                      \
	"recvfrom(3, ..., 9, 0, ..., [16])\n"

static void datagrams_agree_with_the_kernel(void **state)
{
	(void)state;
	compare_inet(SEND_DATAGRAMS "connect(4, @10.0.0.1:5000)\n"
				    "connect(4, @127.0.0.1:5001)\n"
				    "getpeername(4, ..., [16])\n"
				    "getsockname(4, ..., [16])\n"
				    "write(4, \"a\", 1)\n"
				    "poll([{fd=4, events=POLLIN|POLLOUT}], 1, 0)\n"
				    "write(4, \"a\", 1)\n"
				    "write(4, \"a\", 1)\n"
				    "read(4, ..., 1)\n"
				    "read(4, ..., 1)\n"
				    "sendto(4, \"b\", 1, 0, @127.0.0.1:5000)\n"
				    "sendto(4, \"b\", 1, 0, @127.0.0.1:5002)\n"
				    "getsockopt(4, SOL_SOCKET, SO_ERROR, ..., [4])\n"
				    "read(3, ..., 1)\n"
				    "sendto(3, \"c\", 1, 0, @127.0.0.1:32768)\n"
				    "read(4, ..., 1)\n"
				    "connect(4, @127.0.0.1:5000)\n"
				    "sendto(3, \"c\", 1, 0, @127.0.0.1:32768)\n"
				    "read(4, ..., 1)\n"
				    "shutdown(4, SHUT_WR)\n"
				    "write(4, \"x\", 1)\n"
				    "shutdown(4, SHUT_RD)\n"
				    "poll([{fd=4, events=POLLIN|POLLOUT|POLLRDHUP}], 1, 0)\n"
				    "read(4, ..., 1)\n"
				    "fcntl(4, F_SETFL, 0)\n"
				    "read(4, ..., 1)\n"
				    "connect(4, {sa_family=AF_UNSPEC}, 16)\n"
				    "getsockname(4, ..., [16])\n"
				    "getpeername(4, ..., [16])\n"
				    "bind(4, @127.0.0.1:5005)\n");
}

static void descriptors_do_not_go_over_the_network(void **state)
{
	(void)state;
	compare_inet(CONNECTED
		     "sendmsg(4, {msg_name=NULL, msg_namelen=0, "
		     "msg_iov=[{iov_base=\"x\", iov_len=1}], msg_iovlen=1, "
		     "msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, "
		     "cmsg_data=[99]}], msg_controllen=24, msg_flags=0}, 0)\n"
		     "read(5, ..., 10)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(making_sockets_agrees_with_the_kernel),
		cmocka_unit_test(binding_agrees_with_the_kernel),
		cmocka_unit_test(sharing_ports_agrees_with_the_kernel),
		cmocka_unit_test(connections_agree_with_the_kernel),
		cmocka_unit_test(connecting_without_waiting_agrees_with_the_kernel),
		cmocka_unit_test(the_queue_of_a_listener_agrees_with_the_kernel),
		cmocka_unit_test(shutting_down_agrees_with_the_kernel),
		cmocka_unit_test(closing_agrees_with_the_kernel),
		cmocka_unit_test(a_port_of_a_connection_is_taken_as_the_kernel_has_it),
		cmocka_unit_test(datagrams_agree_with_the_kernel),
		cmocka_unit_test(descriptors_do_not_go_over_the_network),
	};

	if (!oracle_start())
		return 77;
	if (!networks_can_be_made()) {
		print_message("skipped: there may be no network namespace here\n");
		remove_top(NULL);
		return 77;
	}
	oracle_prepare = prepare;
	oracle_settle = settle;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
