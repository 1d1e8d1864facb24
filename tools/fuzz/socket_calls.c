/*
 * Calls on sockets, with the function that writes the arguments of each.
 */
#include "fuzz/writer.h"

#include <limits.h>

static const char *const addresses[] = {
	"{sa_family=AF_UNIX, sun_path=\"/tmp/sock\"}, 110",
	"{sa_family=AF_UNIX, sun_path=\"/tmp/sock2\"}, 110",
	"{sa_family=AF_UNIX, sun_path=@\"abs\"}, 6",
	"{sa_family=AF_UNIX}, 2",
	"{sa_family=AF_INET, sin_port=htons(5000), sin_addr=inet_addr(\"127.0.0.1\")}, 16",
	"{sa_family=AF_INET, sin_port=htons(5001), sin_addr=inet_addr(\"127.0.0.1\")}, 16",
	"{sa_family=AF_INET, sin_port=htons(5000), sin_addr=inet_addr(\"0.0.0.0\")}, 16",
	"{sa_family=AF_UNSPEC}, 16",
	"NULL, 0",
	"{sa_family=AF_INET, sin_port=htons(5000), sin_addr=inet_addr(\"127.0.0.1\")}, 8",
};
static const char *const flags_of_send[] = { "0", "MSG_DONTWAIT", "MSG_NOSIGNAL", "MSG_EOR" };
static const char *const flags_of_receive[] = { "MSG_DONTWAIT",
						"MSG_DONTWAIT|MSG_PEEK",
						"MSG_DONTWAIT|MSG_TRUNC",
						"MSG_DONTWAIT|MSG_WAITALL",
						"MSG_DONTWAIT|MSG_CMSG_CLOEXEC",
						"MSG_DONTWAIT|MSG_PEEK|MSG_TRUNC",
						"MSG_DONTWAIT|MSG_ERRQUEUE" };

static int sock(struct program_writer *w)
{
	return fuzz_fd_of(w->p, KIND_SOCKET);
}

static void put_socket(struct program_writer *w)
{
	static const char *const families[] = { "AF_UNIX", "AF_INET" };
	static const char *const types[] = { "SOCK_STREAM", "SOCK_STREAM", "SOCK_DGRAM" };

	w->p->makes = KIND_SOCKET;
	fuzz_put(w, "socket(%s, %s|SOCK_NONBLOCK, 0)", PICK(w->p, families), PICK(w->p, types));
}

static void put_socketpair(struct program_writer *w)
{
	static const char *const types[] = { "SOCK_STREAM", "SOCK_STREAM", "SOCK_DGRAM",
					     "SOCK_SEQPACKET" };

	w->p->makes = KIND_SOCKET;
	fuzz_put(w, "socketpair(AF_UNIX, %s|SOCK_NONBLOCK, 0, ...)", PICK(w->p, types));
}

static void put_address(struct program_writer *w)
{
	fuzz_put(w, "%s(%d, %s)", fuzz_one_in(w->p, 2) ? "bind" : "connect", sock(w),
		 PICK(w->p, addresses));
}

static void put_listen(struct program_writer *w)
{
	fuzz_put(w, "listen(%d, %d)", sock(w), (int)fuzz_below(w->p, 4));
}

static void put_accept(struct program_writer *w)
{
	w->p->makes = KIND_SOCKET;
	fuzz_put(w, "accept4(%d, %s, SOCK_NONBLOCK)", sock(w),
		 fuzz_one_in(w->p, 3) ? "..., [128]" : "NULL, NULL");
}

static void put_names(struct program_writer *w)
{
	static const int lengths[] = { 128, 16, 2, 0, 3 };

	fuzz_put(w, "%s(%d, ..., [%d])", fuzz_one_in(w->p, 2) ? "getsockname" : "getpeername",
		 sock(w), PICK(w->p, lengths));
}

static void put_shutdown(struct program_writer *w)
{
	static const char *const hows[] = { "SHUT_RD", "SHUT_WR", "SHUT_RDWR", "7" };

	fuzz_put(w, "shutdown(%d, %s)", sock(w), PICK(w->p, hows));
}

static void put_send(struct program_writer *w)
{
	static const char *const buffers[] = { "\"abc\", 3", "\"\", 0", "\"x\"..., 5000", "NULL, 2",
					       "\"defgh\", 5" };
	const char *to = fuzz_one_in(w->p, 4) ? PICK(w->p, addresses) : "NULL, 0";

	fuzz_put(w, "sendto(%d, %s, %s, %s)", sock(w), PICK(w->p, buffers),
		 PICK(w->p, flags_of_send), to);
}

static void put_receive(struct program_writer *w)
{
	static const int counts[] = { 0, 1, 2, 10, 4096 };
	const int fd = sock(w);
	const int count = PICK(w->p, counts);

	fuzz_put(w, "recvfrom(%d, ..., %d, %s, %s)", fd, count, PICK(w->p, flags_of_receive),
		 fuzz_one_in(w->p, 3) ? "..., [128]" : "NULL, NULL");
}

static void put_message(struct program_writer *w)
{
	const int fd = sock(w);
	const char *flags = PICK(w->p, flags_of_send);

	if (fuzz_one_in(w->p, 3))
		fuzz_put(w,
			 "sendmsg(%d, {msg_iov=[{iov_base=\"mno\", iov_len=3}], msg_iovlen=1}, %s)",
			 fd, flags);
	else
		fuzz_put(w,
			 "sendmsg(%d, {msg_iov=[{iov_base=\"mn\", iov_len=2}], msg_iovlen=1, "
			 "msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, "
			 "cmsg_data=[%d, %d]}]}, %s)",
			 fd, fuzz_open_fd(w->p), fuzz_open_fd(w->p), flags);
}

static void put_receive_message(struct program_writer *w)
{
	static const int rooms[] = { 0, 16, 20, 24, 128 };
	const int fd = sock(w);
	const int count = 1 + (int)fuzz_below(w->p, 6);

	fuzz_put(w,
		 "recvmsg(%d, {msg_iov=[{iov_base=..., iov_len=%d}], msg_iovlen=1, "
		 "msg_controllen=%d}, %s)",
		 fd, count, PICK(w->p, rooms), PICK(w->p, flags_of_receive));
}

static void put_option(struct program_writer *w)
{
	static const char *const options[] = { "SO_REUSEADDR",  "SO_TYPE",     "SO_ERROR",
					       "SO_ACCEPTCONN", "SO_PASSCRED", "SO_DOMAIN",
					       "SO_PROTOCOL",   "SO_SNDBUF",   "SO_RCVBUF",
					       "SO_REUSEPORT" };
	static const int values[] = { 0, 1, 1, 2, 5000, 100000 };
	const int fd = sock(w);
	const char *option = PICK(w->p, options);

	if (fuzz_one_in(w->p, 2))
		fuzz_put(w, "getsockopt(%d, SOL_SOCKET, %s, ..., [%d])", fd, option,
			 fuzz_one_in(w->p, 6) ? (int)fuzz_below(w->p, 4) : 4);
	else
		fuzz_put(w, "setsockopt(%d, SOL_SOCKET, %s, [%d], 4)", fd, option,
			 PICK(w->p, values));
}

/* clang-format off */
const struct fuzz_call fuzz_socket_calls[] = {
	{ 50, put_socket,          false },
	{ 50, put_socketpair,      false },
	{ 70, put_address,         false },
	{ 30, put_listen,          false },
	{ 40, put_accept,          false },
	{ 25, put_names,           false },
	{ 25, put_shutdown,        false },
	{ 70, put_send,            false },
	{ 60, put_receive,         false },
	{ 60, put_message,         false },
	{ 60, put_receive_message, false },
	{ 40, put_option,          false },
	{ 0 },
};
/* clang-format on */
