/*
 * sendmmsg and recvmmsg: several messages in one call. An error after the first message is none of
 * this call's: it returns how many messages there were.
 */
#include "socket/calls.h"

#include "machine/clock.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "objects/poll_calls.h"
#include "socket/sock.h"
#include "socket/socket_calls.h"
#include "socket/socket_io.h"
#include "vfs/iov.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/*
 * A list that is not written is printed whole, with every message that came: the call receives no
 * more than a line has room for. Each message has MESSAGE_WORDS, and bytes of data, name and
 * control messages, which may be escapes of four; the last one may have BYTES_MOST of them.
 */
#define CALL_WORDS    ((size_t)256)
#define MESSAGE_WORDS ((size_t)256)
#define DATA_MOST     ((size_t)4096) /* the usual room; MSG_TRUNC counts what had none, too */
#define BYTES_MOST    (DATA_MOST + 1200)

static size_t message_text(size_t bytes)
{
	return MESSAGE_WORDS + 4 * bytes;
}

/*
 * A copy of the first n messages of a list, to be filled in; those that are not written are zeros.
 */
static struct fdl_arg *copy_messages(struct task *current, const struct fdl_arg *given, size_t n)
{
	struct arena *arena = &current->call->arena;
	struct fdl_arg *list = arena_alloc(arena, (n + 1) * sizeof(*list));
	struct fdl_arg *fields = arena_alloc(arena, (n + 1) * MMSGHDR_FIELDS * sizeof(*fields));

	if (!list || !fields)
		return NULL;
	memset(fields, 0, (n + 1) * MMSGHDR_FIELDS * sizeof(*fields));
	for (size_t i = 0; i < n; i++) {
		struct fdl_arg *e = &fields[i * MMSGHDR_FIELDS];

		if (given->sub && (int64_t)i < given->num && given->sub[i].sub)
			memcpy(e, given->sub[i].sub, MMSGHDR_FIELDS * sizeof(*e));
		list[i] = (struct fdl_arg){ .num = MMSGHDR_FIELDS, .sub = e };
	}
	return list;
}

static int64_t do_sendmmsg(struct task *current, struct file *f, struct sock *sk, struct fdl_arg *a)
{
	const size_t given = a[1].sub ? (size_t)a[1].num : 0;
	const size_t vlen = (uint64_t)a[2].num > UIO_MAXIOV ? UIO_MAXIOV : (size_t)a[2].num;
	struct fdl_arg *list = copy_messages(current, &a[1], given);
	bool part = false;
	ssize_t n = 0;
	size_t sent;

	if (!list)
		return -ENOMEM;
	for (sent = 0; sent < vlen && !part; sent++) {
		struct fdl_arg *e = sent < given ? list[sent].sub : NULL;

		n = e && e[MMSGHDR_HDR].sub ? send_message(current, f, sk, &e[MMSGHDR_HDR],
							   (unsigned)a[3].num, &part)
					    : -EFAULT;
		if (n < 0)
			break;
		e[MMSGHDR_LEN].num = n;
	}
	if (sent)
		a[1] = (struct fdl_arg){ .num = (int64_t)given, .sub = list };
	return sent || n >= 0 ? (int64_t)sent : n;
}

static int64_t sys_sendmmsg(struct task *current, struct fdl_arg *a)
{
	return forbidden_flags(current, a[3].num) ?: sock_call(current, a, do_sendmmsg);
}

/* The room that a message of len bytes takes in a line. */
static size_t text_of(const struct fdl_arg *msghdr, size_t len)
{
	const struct fdl_arg *msg = msghdr->sub;

	return message_text((len < DATA_MOST ? len : DATA_MOST) +
			    (size_t)value_given(msg[MSGHDR_NAMELEN].num) +
			    (size_t)msg[MSGHDR_CONTROLLEN].num);
}

/*
 * Receives up to vlen messages into list, as far as the line has room for their text. How many;
 * *error: why there are no more, or 0.
 */
static size_t receive_messages(struct task *current, struct file *f, struct sock *sk,
			       struct fdl_arg *list, size_t vlen, unsigned flags, int64_t expires,
			       size_t room, int *error)
{
	size_t n;

	*error = 0;
	for (n = 0; n < vlen && room >= message_text(BYTES_MOST); n++) {
		struct fdl_arg *e = list[n].sub;
		ssize_t len = receive_message(current, f, sk, &e[MMSGHDR_HDR],
					      flags & ~(unsigned)MSG_WAITFORONE);
		size_t used;

		if (len < 0) {
			*error = (int)len;
			break;
		}
		e[MMSGHDR_LEN].num = len;
		used = text_of(&e[MMSGHDR_HDR], (size_t)len);
		room -= used < room ? used : room;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		/* The time is looked at only after a message. */
		if (expires <= current->machine->clock.now)
			return n + 1;
	}
	return n;
}

static int64_t do_recvmmsg(struct task *current, struct file *f, struct sock *sk, struct fdl_arg *a)
{
	const size_t given = a[1].sub ? (size_t)a[1].num : 0;
	const size_t vlen = (uint64_t)a[2].num > UIO_MAXIOV ? UIO_MAXIOV : (size_t)a[2].num;
	const size_t room = a[1].sub ? SIZE_MAX : FDL_LINE_MAX - CALL_WORDS;
	struct fdl_arg *list = copy_messages(current, &a[1], given > vlen ? given : vlen);
	int64_t expires;
	size_t n;
	int error = poll_select_set_timeout(current, &a[4], 1, &expires);

	if (!error && !(a[3].num & MSG_ERRQUEUE))
		error = sock_error(sk);
	if (error)
		return error;
	if (!list)
		return -ENOMEM;
	if (vlen && !a[1].sub && !a[1].num)
		return -EFAULT;
	/*
	 * A message of a list that is not written has the usual room; after one that is, there is
	 * none.
	 */
	for (size_t i = given; i < vlen && !a[1].sub; i++)
		list[i].sub[MMSGHDR_HDR].num = 1;
	n = receive_messages(current, f, sk, list, vlen, (unsigned)a[3].num, expires, room, &error);
	if (!n)
		return error;
	if (error && error != -EAGAIN)
		sk->error = -error;
	poll_put_left(current, &a[4], 1, expires);
	a[1] = (struct fdl_arg){ .num = (int64_t)(given > n ? given : n), .sub = list };
	return (int64_t)n;
}

static int64_t sys_recvmmsg(struct task *current, struct fdl_arg *a)
{
	int64_t expires;
	int error = forbidden_flags(current, a[3].num);

	/* A time that is none is found before the descriptor is looked up. */
	if (!error)
		error = poll_select_set_timeout(current, &a[4], 1, &expires);
	return error ? error : sock_call(current, a, do_recvmmsg);
}

const struct call_row mmsg_calls[] = {
	{ "sendmmsg", "fd sockfd, inout sentmsgs msgvec, uint vlen=len(msgvec), msgflags flags=0",
	  sys_sendmmsg, CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "recvmmsg",
	  "fd sockfd, inout mmsghdrs msgvec=0x1000, uint vlen=len(msgvec), msgflags flags=0, "
	  "timeout timeout=NULL",
	  sys_recvmmsg, CALL_MAY_BLOCK | CALL_TRACED, "mmsgresult" },
	{ 0 },
};
