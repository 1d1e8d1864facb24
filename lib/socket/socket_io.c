/*
 * The calls that send and receive: with a buffer (sendto, recvfrom), and with a msghdr (sendmsg,
 * recvmsg), that is a buffer in pieces and descriptors.
 */
#include "socket/calls.h"

#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "socket/message.h"
#include "socket/scm.h"
#include "socket/sock.h"
#include "socket/socket_calls.h"
#include "socket/socket_io.h"
#include "vfs/fd.h"
#include "vfs/inode.h"
#include "vfs/iov.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

/* A call moves no more bytes. */
#define SOCK_IO_MAX ((size_t)1 << 20)

_Static_assert(FDL_USUAL_CONTROL >= CMSG_SPACE(SCM_MAX_FD * sizeof(int)) +
					    CMSG_SPACE(sizeof(struct ucred)) +
					    CMSG_SPACE(sizeof(int)),
	       "descriptors, credentials and a pidfd in one message");

static ssize_t send_to(struct task *current, const struct file *f, struct sock *sk, struct send *s)
{
	sock_touch(current->machine);
	touch(current->machine, TOUCH_READ, f, PART_ITSELF);
	if (s->to)
		touch(current->machine, TOUCH_READ, current->machine, PART_NAMES);
	s->nonblock = (f->flags & O_NONBLOCK) || (s->flags & MSG_DONTWAIT);
	return sk->ops->send(current, sk, s);
}

static ssize_t receive_from(struct task *current, const struct file *f, struct sock *sk,
			    struct receive *r)
{
	sock_touch(current->machine);
	touch(current->machine, TOUCH_READ, f, PART_ITSELF);
	r->nonblock = (f->flags & O_NONBLOCK) || (r->flags & MSG_DONTWAIT);
	return sk->ops->recv(current, sk, r);
}

/* The len bytes of a buffer, with zeros for those that the notation left out. NULL: no memory. */
static const char *whole_buffer(struct task *current, const struct fdl_arg *buf, size_t len)
{
	const size_t given = buf->str ? (size_t)buf->num : 0;
	char *bytes;

	if (given >= len && buf->str)
		return buf->str;
	bytes = arena_alloc(&current->call->arena, len + 1);
	if (!bytes)
		return NULL;
	if (given)
		memcpy(bytes, buf->str, given);
	memset(bytes + given, 0, len - given);
	return bytes;
}

static size_t io_size(int64_t len)
{
	return (uint64_t)len > SOCK_IO_MAX ? SOCK_IO_MAX : (size_t)len;
}

/* Whether an address is given: NULL is none, whatever its length is. */
static bool is_name(const struct fdl_arg *name)
{
	return name->sub || name->num;
}

static int64_t do_sendto(struct task *current, struct file *f, struct sock *sk, struct fdl_arg *a)
{
	struct send s = { .len = io_size(a[2].num), .flags = (unsigned)a[3].num };
	struct sock_addr to;
	int error = 0;

	if (is_name(&a[4])) {
		error = move_addr_to_kernel(&a[4], a[5].num, &to);
		/* AF_INET takes one of no bytes for an address that is too short. */
		s.to = to.len || sk->ops->family == AF_INET ? &to : NULL;
	}
	if (error)
		return error;
	s.data = a[1].str || !s.len ? whole_buffer(current, &a[1], s.len) : NULL;
	return s.data || !a[1].str ? send_to(current, f, sk, &s) : -ENOMEM;
}

static int64_t sys_sendto(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, do_sendto);
}

static int64_t do_recvfrom(struct task *current, struct file *f, struct sock *sk, struct fdl_arg *a)
{
	struct receive r = { .len = io_size(a[2].num), .flags = (unsigned)a[3].num };
	int error = 0;
	ssize_t n;

	if (r.len > socket_file.readable(f, 0))
		r.len = socket_file.readable(f, 0);
	r.data = arena_alloc(&current->call->arena, r.len + 1);
	n = r.data ? receive_from(current, f, sk, &r) : -ENOMEM;
	scm_fp_destroy(current, r.fp);
	if (n < 0)
		return n;
	/* With MSG_TRUNC, n may be more than the buffer holds. */
	a[1] = (struct fdl_arg){ .num = (size_t)n < r.len ? n : (int64_t)r.len, .str = r.data };
	if (a[5].num != VALUE_RESULT_NULL)
		error = move_addr_to_user(current, &r.from, &a[4], &a[5]);
	return error ? error : n;
}

static int64_t sys_recvfrom(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, do_recvfrom);
}

/* ---- messages in pieces --------------------------------------------------------------------- */

/* The length of all pieces together. 0, -EMSGSIZE, -EINVAL, -EFAULT. */
static int msg_length(const struct fdl_arg *msg, size_t *len)
{
	if ((uint64_t)msg[MSGHDR_IOVLEN].num > UIO_MAXIOV)
		return -EMSGSIZE;
	return iov_length(&msg[MSGHDR_IOV], msg[MSGHDR_IOVLEN].num, SOCK_IO_MAX, len);
}

/*
 * The address of a message: Linux cuts a length that is more than any address has. 0 or an error.
 */
static int message_name(const struct task *current, const struct fdl_arg *msg, struct sock_addr *to)
{
	const int64_t most = sizeof(struct sockaddr_storage);
	int64_t len = value_given(msg[MSGHDR_NAMELEN].num);

	if (len > most && !current->machine->kernel->bsd_sockets)
		len = most;
	return move_addr_to_kernel(&msg[MSGHDR_NAME], len, to);
}

ssize_t send_message(struct task *current, const struct file *f, struct sock *sk,
		     const struct fdl_arg *msghdr, unsigned flags, bool *part)
{
	struct send s = { .flags = flags };
	const struct fdl_arg *msg = msghdr->sub;
	struct sock_addr to;
	ssize_t n;
	int error;

	if (!msg)
		return -EFAULT;
	if (is_name(&msg[MSGHDR_NAME])) {
		error = message_name(current, msg, &to);
		if (error)
			return error;
		s.to = to.len ? &to : NULL;
	}
	error = msg_length(msg, &s.len);
	if (error)
		return error;
	error = iov_gather(current, &msg[MSGHDR_IOV], msg[MSGHDR_IOVLEN].num, s.len, &s.data,
			   &s.fault_at);
	if (!error && sk->ops->before_control) {
		sock_touch(current->machine);
		error = sk->ops->before_control(sk);
	}
	/* AF_INET ignores control messages. */
	if (!error && sk->ops->family == AF_UNIX)
		error = scm_send(current, sk, msg, &s);
	if (error)
		return error;
	n = send_to(current, f, sk, &s);
	scm_fp_destroy(current, s.fp);
	*part = n >= 0 && (size_t)n < s.len;
	return n;
}

static int64_t do_sendmsg(struct task *current, struct file *f, struct sock *sk, struct fdl_arg *a)
{
	bool part;

	return send_message(current, f, sk, &a[1], (unsigned)a[2].num, &part);
}

static int64_t sys_sendmsg(struct task *current, struct fdl_arg *a)
{
	return forbidden_flags(current, a[2].num) ?: sock_call(current, a, do_sendmsg);
}

/*
 * A msghdr with the pieces and lengths that the caller gave, to be filled in; the usual room where
 * it gave none. NULL: no memory.
 */
static struct fdl_arg *message_wanted(struct task *current, const struct fdl_arg *given)
{
	struct arena *arena = &current->call->arena;
	struct fdl_arg *msg = arena_alloc(arena, MSGHDR_FIELDS * sizeof(*msg));
	/* Without a msghdr there is one piece; with one, perhaps none. */
	const bool has_pieces = !given->sub || given->sub[MSGHDR_IOV].sub;
	const struct fdl_arg no_pieces = { 0 };
	const struct fdl_arg *iov = given->sub ? &given->sub[MSGHDR_IOV] : &no_pieces;
	const int64_t pieces = !given->sub ? 1 : iov->sub ? iov->num : 0;
	struct fdl_arg *wanted = has_pieces ? iov_wanted(current, iov) : NULL;

	if (!msg || (has_pieces && !wanted))
		return NULL;
	memset(msg, 0, MSGHDR_FIELDS * sizeof(*msg));
	msg[MSGHDR_NAMELEN].num = sizeof(struct sockaddr_un);
	msg[MSGHDR_CONTROLLEN].num = FDL_USUAL_CONTROL;
	msg[MSGHDR_IOVLEN].num = pieces;
	if (has_pieces)
		msg[MSGHDR_IOV] = (struct fdl_arg){ .num = pieces, .sub = wanted };
	if (given->sub) {
		msg[MSGHDR_NAMELEN] = given->sub[MSGHDR_NAMELEN];
		msg[MSGHDR_CONTROLLEN] = given->sub[MSGHDR_CONTROLLEN];
		msg[MSGHDR_IOVLEN] = given->sub[MSGHDR_IOVLEN];
	}
	return msg;
}

/* Fills in the control messages. 0 or an error. */
static int receive_control(struct task *current, struct fdl_arg *msg, struct receive *r)
{
	size_t room = (size_t)msg[MSGHDR_CONTROLLEN].num;
	int error;

	if (room > FDL_USUAL_CONTROL)
		room = FDL_USUAL_CONTROL;
	error = scm_recv(current, r, &msg[MSGHDR_CONTROL], &room);
	msg[MSGHDR_CONTROLLEN].num = (int64_t)room;
	return error;
}

ssize_t receive_message(struct task *current, const struct file *f, struct sock *sk,
			struct fdl_arg *given, unsigned flags)
{
	struct receive r = { .flags = flags, .keeps = current->machine->kernel->fds_new };
	struct fdl_arg *msg;
	int error;
	ssize_t n;

	if (!given->sub && !given->num)
		return -EFAULT;
	msg = message_wanted(current, given);
	if (!msg)
		return -ENOMEM;
	/* A BSD's lengths are unsigned. */
	if (value_given(msg[MSGHDR_NAMELEN].num) < 0 && !current->machine->kernel->bsd_sockets)
		return -EINVAL;
	error = msg_length(msg, &r.len);
	if (error)
		return error;
	r.data = arena_alloc(&current->call->arena, r.len + 1);
	n = r.data ? receive_from(current, f, sk, &r) : -ENOMEM;
	if (n < 0)
		return n;
	iov_scatter(&msg[MSGHDR_IOV], msg[MSGHDR_IOVLEN].num, r.data,
		    (size_t)n < r.len ? (size_t)n : r.len);
	error = receive_control(current, msg, &r);
	receive_end(current, sk, &r, !error);
	if (error)
		return error;
	if (value_given(msg[MSGHDR_NAMELEN].num) > 0)
		error = move_addr_to_user(current, &r.from, &msg[MSGHDR_NAME],
					  &msg[MSGHDR_NAMELEN]);
	msg[MSGHDR_FLAGS].num = r.msg_flags | (r.flags & MSG_CMSG_CLOEXEC);
	*given = (struct fdl_arg){ .num = MSGHDR_FIELDS, .sub = msg };
	return error ? error : n;
}

static int64_t do_recvmsg(struct task *current, struct file *f, struct sock *sk, struct fdl_arg *a)
{
	return receive_message(current, f, sk, &a[1], (unsigned)a[2].num);
}

static int64_t sys_recvmsg(struct task *current, struct fdl_arg *a)
{
	return forbidden_flags(current, a[2].num) ?: sock_call(current, a, do_recvmsg);
}

const struct call_row socket_io_calls[] = {
	{ "sendto",
	  "fd sockfd, buf buf, size len=len(buf), msgflags flags=0, sockaddr dest_addr=NULL, "
	  "int addrlen=len(dest_addr)",
	  sys_sendto, CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "recvfrom",
	  "fd sockfd, out buf buf, size len=4096, msgflags flags=0, out sockaddr src_addr, "
	  "socklen addrlen=NULL",
	  sys_recvfrom, CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "sendmsg", "fd sockfd, msghdr msg, msgflags flags=0", sys_sendmsg,
	  CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "recvmsg", "fd sockfd, inout msghdr msg=0x1000, msgflags flags=0", sys_recvmsg,
	  CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ 0 },
};
