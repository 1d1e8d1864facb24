/*
 * getsockopt and setsockopt for options that are numbers, a row an option. Some of them are kept
 * and returned without any effect.
 */
#include "socket/sockopt.h"

#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "process/pidfd.h"
#include "socket/calls.h"
#include "socket/known_options.h"
#include "socket/sock.h"
#include "socket/socket_calls.h"
#include "socket/timeouts.h"
#include "vfs/fd.h"
#include "vfs/file.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

enum option_kind { OPTION_BOOL, OPTION_GET, OPTION_SET, OPTION_BUFFER };

/* The options of AF_UNIX at level 0, which NetBSD has. */
enum { LOCAL_CREDS = 1, LOCAL_CONNWAIT = 2 };

struct option {
	int level, name;
	enum option_kind kind;
	size_t offset;                     /* in struct sock, of a bool or a buffer's size */
	int (*get)(const struct sock *sk); /* OPTION_GET, which cannot be set */
	bool once;                         /* reading it clears it */
	bool local;                        /* of AF_UNIX alone */
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
#define LOCAL(option, how, member)                                                                 \
	{                                                                                          \
		.level = 0, .name = (option), .kind = (how), .local = true,                        \
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
	BOOL(SO_PASSCRED, passcred),
	BOOL(OPT_PASSPIDFD, passpidfd),
	LOCAL(LOCAL_CREDS, OPTION_BOOL, local_creds),
	LOCAL(LOCAL_CONNWAIT, OPTION_SET, connwait),
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

static const struct option *find_option(const struct sock *sk, int64_t level, int64_t name)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].level == level && options[i].name == name &&
		    (!options[i].local || sk->ops->family == AF_UNIX))
			return &options[i];
	}
	return NULL;
}

static void *member(struct sock *sk, const struct option *o)
{
	return (char *)sk + o->offset;
}

static int protocol_level(const struct sock *sk)
{
	return sk->type == SOCK_STREAM ? SOL_TCP : IPPROTO_UDP;
}

/*
 * The error of a family for an option, or a level, that it does not know. ENOSYS: the kernel has
 * the option, and the model has not.
 */
static int no_option(const struct sock *sk, int64_t level, int64_t name, bool set)
{
	if (option_is_refused(sk, level, name, set))
		return -EOPNOTSUPP;
	if (option_is_known(sk, level, name, set))
		return -ENOSYS;
	if (level == SOL_SOCKET)
		return -ENOPROTOOPT;
	if (sk->ops->family == AF_UNIX)
		return sk->machine->kernel->local_options ? -ENOPROTOOPT : -EOPNOTSUPP;
	if (set || level == SOL_IP || level == protocol_level(sk))
		return -ENOPROTOOPT;
	return -EOPNOTSUPP;
}

/* The row of an option that this socket has, to be read or to be set. NULL and *error. */
static const struct option *option_of(const struct sock *sk, int64_t level, int64_t name, bool set,
				      int *error)
{
	const struct option *o = find_option(sk, level, name);

	*error = 0;
	if (o && option_is_known(sk, level, name, set) && !option_is_refused(sk, level, name, set))
		return o;
	*error = no_option(sk, level, name, set);
	return NULL;
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

/*
 * Linux checks the length of an option before it looks at the option's name: at the first level, at
 * that of the protocol, and where it reads an option of IP.
 */
static bool length_comes_first(const struct sock *sk, int64_t level, bool set)
{
	if (sk->machine->kernel->bsd_sockets)
		return false;
	if (level == SOL_SOCKET)
		return true;
	return sk->ops->family == AF_INET &&
	       (level == protocol_level(sk) || (level == SOL_IP && !set));
}

static int bad_length(const struct fdl_arg *len)
{
	if (len->num == VALUE_RESULT_NULL)
		return -EFAULT;
	return value_given(len->num) < 0 ? -EINVAL : 0;
}

/* The value that the caller sees when only the first bytes of it were filled in. */
static int64_t low_bytes(int64_t value, int bytes)
{
	if (bytes <= 0)
		return 0;
	return bytes < (int)sizeof(int) ? value & (((int64_t)1 << 8 * bytes) - 1) : value;
}

int put_length(struct fdl_arg *len, int size)
{
	const int error = bad_length(len);

	if (error)
		return error;
	len->num = value_result(value_given(len->num),
				value_given(len->num) < size ? value_given(len->num) : size);
	return 0;
}

static int64_t do_getsockopt(struct task *current, struct file *f, struct sock *sk,
			     struct fdl_arg *a)
{
	int error;
	const struct option *o = option_of(sk, a[1].num, a[2].num, false, &error);
	struct fdl_arg *value = &a[3], *len = &a[4], *out;
	const int bad = length_comes_first(sk, a[1].num, false) ? bad_length(len) : 0;

	(void)f;
	if (bad)
		return bad;
	if (!o)
		return error;
	if (o->kind == OPTION_SET)
		return -ENOPROTOOPT;
	error = put_length(len, sizeof(int));
	if (error)
		return error;
	out = arena_alloc(&current->call->arena, sizeof(*out));
	if (!out)
		return -ENOMEM;
	*out = (struct fdl_arg){ .num = low_bytes(option_value(sk, o), (int)value_came(len->num)) };
	*value = (struct fdl_arg){ .num = 1, .sub = out };
	return 0;
}

/* The kernel doubles the size that is asked for, and has a minimum. */
static int buffer_size(int64_t wish, int name)
{
	const int least = name == SO_SNDBUF ? 4608 : 2304;
	int64_t size = wish < 0 || wish > SOCK_BUF_MAX ? SOCK_BUF_MAX : wish;

	return size * 2 < least ? least : (int)size * 2;
}

/* A value that is no whole number; options that take a name or a key may have one. */
static bool has_short_value(const struct fdl_arg *a)
{
	const int64_t level = a[1].num, name = a[2].num;

	if (level == SOL_SOCKET && name == SO_BINDTODEVICE)
		return false;
	if (level == SOL_TCP &&
	    (name == TCP_CONGESTION || name == TCP_ULP || name == TCP_FASTOPEN_KEY))
		return false;
	return a[4].num < (int64_t)sizeof(int) || !a[3].sub;
}

/* Only AF_INET can share a port; other families may say that they do not. */
static bool is_inet_alone(const struct sock *sk, const struct option *o)
{
	return o->name == SO_REUSEPORT && o->level == SOL_SOCKET && sk->ops->family != AF_INET &&
	       !sk->machine->kernel->bsd_sockets;
}

static int64_t do_setsockopt(struct task *current, struct file *f, struct sock *sk,
			     struct fdl_arg *a)
{
	int error;
	const struct option *o = option_of(sk, a[1].num, a[2].num, true, &error);
	const struct fdl_arg *value = &a[3];
	const int64_t len = a[4].num;

	(void)current, (void)f;
	if (len < 0)
		return -EINVAL;
	if (length_comes_first(sk, a[1].num, true) && has_short_value(a))
		return len < (int64_t)sizeof(int) ? -EINVAL : -EFAULT;
	if (!o)
		return error;
	if (len < (int64_t)sizeof(int) || (o->local && len != sizeof(int)))
		return -EINVAL;
	if (!value->sub || !value->num)
		return -EFAULT;
	if (value->sub[0].num && is_inet_alone(sk, o))
		return -EOPNOTSUPP;
	if (o->kind == OPTION_BOOL || o->kind == OPTION_SET)
		*(bool *)member(sk, o) = value->sub[0].num != 0;
	else
		*(int *)member(sk, o) = buffer_size(value->sub[0].num, o->name);
	if (o->name == SO_SNDBUF)
		sk->sndbuf_locked = true;
	sock_changed(sk);
	return 0;
}

static int64_t get_peercred(struct task *current, struct file *f, struct sock *sk,
			    struct fdl_arg *a)
{
	const struct ucreds none = { 0, UINT32_MAX, UINT32_MAX };
	const struct ucreds *creds = sk->peercred.pid ? &sk->peercred : &none;
	struct fdl_arg *out = arena_alloc(&current->call->arena, UCRED_FIELDS * sizeof(*out));
	int error, came;

	(void)f;
	if (!option_is_known(sk, SOL_SOCKET, SO_PEERCRED, false))
		return -ENOPROTOOPT;
	error = out ? put_length(&a[4], sizeof(struct ucred)) : -ENOMEM;
	if (error)
		return error;
	came = (int)value_came(a[4].num);
	memset(out, 0, UCRED_FIELDS * sizeof(*out));
	out[UCRED_PID].num = low_bytes(creds->pid, came);
	out[UCRED_UID].num = low_bytes(creds->uid, came - (int)offsetof(struct ucred, uid));
	out[UCRED_GID].num = low_bytes(creds->gid, came - (int)offsetof(struct ucred, gid));
	a[3] = (struct fdl_arg){ .num = UCRED_FIELDS, .sub = out };
	return 0;
}

/* A pidfd of the peer; the process may be gone. */
static int64_t get_peerpidfd(struct task *current, struct file *f, struct sock *sk,
			     struct fdl_arg *a)
{
	struct fdl_arg *out = arena_alloc(&current->call->arena, sizeof(*out));
	const int pid = sk->peercred.pid;
	int fd, error;

	(void)f;
	if (!option_is_known(sk, SOL_SOCKET, OPT_PEERPIDFD, false))
		return -ENOPROTOOPT;
	error = out ? put_length(&a[4], sizeof(int)) : -ENOMEM;
	if (!error && !pid)
		error = -ENODATA;
	if (!error)
		error = fd_reserve(current, O_CLOEXEC, &fd, 1);
	if (error)
		return error;
	f = pidfd_file_by_number(current, pid, &error);
	fd = fd_complete(current, fd, f, error);
	if (fd < 0)
		return fd;
	*out = (struct fdl_arg){ .num = low_bytes(fd, (int)value_came(a[4].num)) };
	a[3] = (struct fdl_arg){ .num = 1, .sub = out };
	return 0;
}

static int64_t sys_get_peercred(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, get_peercred);
}

static int64_t sys_get_peerpidfd(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, get_peerpidfd);
}

static int64_t sys_getsockopt(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, do_getsockopt);
}

static int64_t sys_setsockopt(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, do_setsockopt);
}

#define GETSOCKOPT(level)                                                                          \
	{                                                                                          \
		"getsockopt", "fd sockfd, " level ", out optval optval, socklen optlen=[4]",       \
			sys_getsockopt, CALL_TRACED, NULL                                          \
	}
#define SETSOCKOPT(level)                                                                          \
	{                                                                                          \
		"setsockopt", "fd sockfd, " level ", optval optval, int optlen=4", sys_setsockopt, \
			CALL_TRACED, NULL                                                          \
	}

#define GET_TIMEOUT(option)                                                                        \
	{                                                                                          \
		"getsockopt",                                                                      \
			"fd sockfd, =SOL_SOCKET, =" option                                         \
			", out timeval optval, socklen optlen=[16]",                               \
			sys_get_timeout, CALL_TRACED, NULL                                         \
	}
#define SET_TIMEOUT(option)                                                                        \
	{                                                                                          \
		"setsockopt",                                                                      \
			"fd sockfd, =SOL_SOCKET, =" option ", timeval optval, int optlen=16",      \
			sys_set_timeout, CALL_TRACED, NULL                                         \
	}

/* A name of an option belongs to its level: a row for each level with names. */
const struct call_row sockopt_calls[] = {
	{ "getsockopt",
	  "fd sockfd, =SOL_SOCKET, =SO_PEERCRED, out ucred optval, socklen optlen=[12]",
	  sys_get_peercred, CALL_TRACED, NULL },
	{ "getsockopt",
	  "fd sockfd, =SOL_SOCKET, =SO_PEERPIDFD, out optval optval, socklen optlen=[4]",
	  sys_get_peerpidfd, 0, NULL },
	GET_TIMEOUT("SO_RCVTIMEO"),
	GET_TIMEOUT("SO_SNDTIMEO"),
	GET_TIMEOUT("SO_RCVTIMEO_NEW"),
	GET_TIMEOUT("SO_SNDTIMEO_NEW"),
	GETSOCKOPT("=SOL_SOCKET, sockopt optname"),
	GETSOCKOPT("=SOL_TCP, tcpopt optname"),
	GETSOCKOPT("=SOL_IP, ipopt optname"),
	GETSOCKOPT("=SOL_UDP, udpopt optname"),
	GETSOCKOPT("socklevel level, int optname"),
	SET_TIMEOUT("SO_RCVTIMEO"),
	SET_TIMEOUT("SO_SNDTIMEO"),
	SET_TIMEOUT("SO_RCVTIMEO_NEW"),
	SET_TIMEOUT("SO_SNDTIMEO_NEW"),
	SETSOCKOPT("=SOL_SOCKET, sockopt optname"),
	SETSOCKOPT("=SOL_TCP, tcpopt optname"),
	SETSOCKOPT("=SOL_IP, ipopt optname"),
	SETSOCKOPT("=SOL_UDP, udpopt optname"),
	SETSOCKOPT("socklevel level, int optname"),
	{ 0 },
};
