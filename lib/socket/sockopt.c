/*
 * getsockopt and setsockopt, as far as the options are numbers: a row an option. Those that mean
 * nothing to the model are kept and told again.
 */
#include "machine/machine.h"
#include "machine/task.h"
#include "socket/calls.h"
#include "socket/sock.h"
#include "socket/socket_calls.h"
#include "vfs/fd.h"
#include "vfs/file.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

enum option_kind { OPTION_BOOL, OPTION_GET, OPTION_BUFFER };

struct option {
	int level, name;
	enum option_kind kind;
	size_t offset;                     /* of a bool or a buffer's size in struct sock */
	int (*get)(const struct sock *sk); /* OPTION_GET: cannot be set */
	bool once;                         /* reading it clears it */
};

static int get_type(const struct sock *sk)
{
	return sk->type;
}

static int get_domain(const struct sock *sk)
{
	return sk->ops->family;
}

static int get_protocol(const struct sock *sk)
{
	return sk->protocol;
}

static int get_acceptconn(const struct sock *sk)
{
	return sk->state == SOCK_LISTEN;
}

static int get_error(const struct sock *sk)
{
	return sk->error;
}

#define BOOL(option, member)                                                                       \
	{                                                                                          \
		.level = SOL_SOCKET, .name = (option), .kind = OPTION_BOOL,                        \
		.offset = offsetof(struct sock, member)                                            \
	}
#define BUFFER(option, member)                                                                     \
	{                                                                                          \
		.level = SOL_SOCKET, .name = (option), .kind = OPTION_BUFFER,                      \
		.offset = offsetof(struct sock, member)                                            \
	}
#define GET(option, function)                                                                      \
	{                                                                                          \
		.level = SOL_SOCKET, .name = (option), .kind = OPTION_GET, .get = (function)       \
	}

static const struct option options[] = {
	BOOL(SO_REUSEADDR, reuseaddr),
	BOOL(SO_REUSEPORT, reuseport),
	BOOL(SO_KEEPALIVE, keepalive),
	BOOL(SO_BROADCAST, broadcast),
	BUFFER(SO_SNDBUF, sndbuf),
	BUFFER(SO_RCVBUF, rcvbuf),
	GET(SO_TYPE, get_type),
	GET(SO_DOMAIN, get_domain),
	GET(SO_PROTOCOL, get_protocol),
	GET(SO_ACCEPTCONN, get_acceptconn),
	{ .level = SOL_SOCKET,
	  .name = SO_ERROR,
	  .kind = OPTION_GET,
	  .get = get_error,
	  .once = true },
	{ .level = SOL_TCP,
	  .name = TCP_NODELAY,
	  .kind = OPTION_BOOL,
	  .offset = offsetof(struct sock, nodelay) },
};

static const struct option *find_option(int64_t level, int64_t name)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].level == level && options[i].name == name)
			return &options[i];
	}
	return NULL;
}

static void *member(struct sock *sk, const struct option *o)
{
	return (char *)sk + o->offset;
}

/* Options of TCP are those of its sockets only. */
static bool has_option(const struct sock *sk, const struct option *o)
{
	return o &&
	       (o->level == SOL_SOCKET || (sk->ops->family == AF_INET && sk->type == SOCK_STREAM));
}

/* What a family says of an option, or a level, that it does not know. */
static int no_option(const struct sock *sk, int64_t level, bool set)
{
	if (level == SOL_SOCKET)
		return -ENOPROTOOPT;
	if (sk->ops->family == AF_UNIX)
		return -EOPNOTSUPP;
	if (set || level == SOL_IP || (level == SOL_TCP && sk->type == SOCK_STREAM))
		return -ENOPROTOOPT;
	return -EOPNOTSUPP;
}

static int option_value(struct sock *sk, const struct option *o)
{
	int value;

	switch (o->kind) {
	case OPTION_BOOL:
		return *(bool *)member(sk, o);
	case OPTION_BUFFER:
		return *(int *)member(sk, o);
	default:
		value = o->get(sk);
		if (o->once)
			sk->error = 0;
		return value;
	}
}

static int do_getsockopt(struct task *current, struct sock *sk, int64_t level, int64_t name,
			 struct fdl_arg *value, struct fdl_arg *len)
{
	const struct option *o = find_option(level, name);
	struct fdl_arg *out;

	if (!has_option(sk, o))
		return no_option(sk, level, false);
	if (len->num == VALUE_RESULT_NULL)
		return -EFAULT;
	if (value_given(len->num) < 0)
		return -EINVAL;
	out = arena_alloc(&current->call->arena, sizeof(*out));
	if (!out)
		return -ENOMEM;
	*out = (struct fdl_arg){ .num = option_value(sk, o) };
	*value = (struct fdl_arg){ .num = 1, .sub = out };
	len->num = value_result(value_given(len->num), value_given(len->num) < (int)sizeof(int)
							       ? value_given(len->num)
							       : (int)sizeof(int));
	return 0;
}

/* The kernel doubles what is asked for, and gives some in any case. */
static int buffer_size(int64_t wish, int name)
{
	const int least = name == SO_SNDBUF ? 4608 : 2304;
	int64_t size = wish < 0 || wish > SOCK_BUF_MAX ? SOCK_BUF_MAX : wish;

	return size * 2 < least ? least : (int)size * 2;
}

static int do_setsockopt(struct sock *sk, int64_t level, int64_t name, const struct fdl_arg *value,
			 int64_t len)
{
	const struct option *o = find_option(level, name);

	if (len < 0)
		return -EINVAL;
	if (!has_option(sk, o) || o->kind == OPTION_GET)
		return no_option(sk, level, true);
	if (len < (int64_t)sizeof(int))
		return -EINVAL;
	if (!value->sub || !value->num)
		return -EFAULT;
	if (o->kind == OPTION_BOOL)
		*(bool *)member(sk, o) = value->sub[0].num != 0;
	else
		*(int *)member(sk, o) = buffer_size(value->sub[0].num, o->name);
	if (o->name == SO_SNDBUF)
		sk->sndbuf_locked = true;
	return 0;
}

static int64_t sys_getsockopt(struct task *current, struct fdl_arg *a)
{
	struct fd fd;
	int error;
	struct sock *sk = sockfd_lookup(current, a[0].num, &fd, &error);

	if (!sk)
		return error;
	error = do_getsockopt(current, sk, a[1].num, a[2].num, &a[3], &a[4]);
	fdput(current, fd);
	return error;
}

static int64_t sys_setsockopt(struct task *current, struct fdl_arg *a)
{
	struct fd fd;
	int error;
	struct sock *sk = sockfd_lookup(current, a[0].num, &fd, &error);

	if (!sk)
		return error;
	error = do_setsockopt(sk, a[1].num, a[2].num, &a[3], a[4].num);
	fdput(current, fd);
	return error;
}

/* The names of options are each level's own. */
const struct call_row sockopt_calls[] = {
	{ "getsockopt",
	  "fd sockfd, =SOL_SOCKET, sockopt optname, out int optval, socklen optlen=[4]",
	  sys_getsockopt, 0, NULL },
	{ "getsockopt", "fd sockfd, =SOL_TCP, tcpopt optname, out int optval, socklen optlen=[4]",
	  sys_getsockopt, 0, NULL },
	{ "getsockopt",
	  "fd sockfd, socklevel level, int optname, out int optval, socklen optlen=[4]",
	  sys_getsockopt, 0, NULL },
	{ "setsockopt", "fd sockfd, =SOL_SOCKET, sockopt optname, intlist optval, int optlen=4",
	  sys_setsockopt, 0, NULL },
	{ "setsockopt", "fd sockfd, =SOL_TCP, tcpopt optname, intlist optval, int optlen=4",
	  sys_setsockopt, 0, NULL },
	{ "setsockopt", "fd sockfd, socklevel level, int optname, intlist optval, int optlen=4",
	  sys_setsockopt, 0, NULL },
	{ 0 },
};
