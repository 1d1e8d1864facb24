/*
 * Sockets as descriptors: their file operations, and the calls on names and connections, which the
 * sock_ops of the family and type carry out. Calls that send and receive are in socket_io.c.
 */
#include "socket/socket_calls.h"

#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "socket/calls.h"
#include "socket/families.h"
#include "socket/message.h"
#include "socket/scm.h"
#include "socket/unix.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/fown.h"
#include "vfs/inode.h"
#include "vfs/read_write.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define SOCK_TYPE_MASK 0xf
#define UNIX_FILE      0x89e0     /* SIOCUNIXFILE */
#define CMSG_COMPAT    0x80000000 /* MSG_CMSG_COMPAT */

static void socket_free(struct inode *inode)
{
	struct sock *sk = inode->private;

	if (!sk)
		return;
	sk->inode = NULL;
	sock_changed(sk);
	sock_put(sk);
}

static void socket_chowned(struct inode *inode)
{
	struct sock *sk = inode->private;

	sock_touch(inode->machine);
	if (sk)
		sock_changed(sk);
}

static const struct inode_ops socket_inode = {
	.name = "socket",
	.file = &socket_file,
	.open = no_open,
	.chowned = socket_chowned,
	.evict = socket_free,
};

int64_t sock_call(struct task *current, struct fdl_arg *a, sock_call_fn *fn)
{
	struct fd fd = fdget(current, a[0].num);
	struct sock *sk = fd.file ? sock_from_file(fd.file) : NULL;
	int64_t result = fd.file ? -ENOTSOCK : -EBADF;

	sock_touch(current->machine);
	if (sk)
		result = fn(current, fd.file, sk, a);
	fdput(current, fd);
	return result;
}

int forbidden_flags(const struct task *current, int64_t flags)
{
	return (flags & CMSG_COMPAT) && !current->machine->kernel->bsd_sockets ? -EINVAL : 0;
}

/* ---- the file ------------------------------------------------------------------------------- */

static ssize_t receive_bytes(struct task *current, struct file *f, char *buf, size_t count,
			     bool nonblock)
{
	struct sock *sk = f->inode->private;
	struct receive r = { .data = buf, .len = count, .nonblock = nonblock };
	ssize_t n;

	sock_touch(current->machine);
	if (!count)
		return 0;
	n = sk->ops->recv(current, sk, &r);
	scm_fp_destroy(current, r.fp);
	return n;
}

static ssize_t socket_read(struct task *current, struct file *f, char *buf, size_t count,
			   off_t *pos)
{
	(void)pos;
	return receive_bytes(current, f, buf, count, io_flags(current, f) & O_NONBLOCK);
}

/* Streams alone heed SPLICE_F_NONBLOCK. */
static ssize_t socket_splice_read(struct task *current, struct file *f, char *buf, size_t count,
				  off_t *pos, bool nonblock)
{
	const struct sock *sk = f->inode->private;

	(void)pos;
	nonblock = nonblock && sk->type == SOCK_STREAM;
	return receive_bytes(current, f, buf, count, nonblock || f->flags & O_NONBLOCK);
}

static ssize_t socket_write(struct task *current, struct file *f, const char *buf, size_t count,
			    off_t *pos)
{
	struct sock *sk = f->inode->private;
	struct send s = { .data = buf,
			  .len = count,
			  .fault_at = current->call->fault_at,
			  .flags = current->call->rwf & RWF_FLAG_NOSIGNAL ? MSG_NOSIGNAL : 0,
			  .nonblock = io_flags(current, f) & O_NONBLOCK };

	(void)pos;
	sock_touch(current->machine);
	return sk->ops->send(current, sk, &s);
}

static size_t socket_readable(const struct file *f, off_t pos)
{
	const struct sock *sk = f->inode->private;

	(void)pos;
	sock_touch(f->machine);
	return (size_t)sk->sndbuf + (size_t)sk->rcvbuf;
}

/* Of a stream all bytes in the queue; otherwise those of the next message. */
static ssize_t socket_available(const struct file *f)
{
	const struct sock *sk = f->inode->private;
	size_t bytes = 0;

	if (sk->state == SOCK_LISTEN && !f->machine->kernel->bsd_sockets)
		return -EINVAL;
	list_for_each(pos, &sk->messages) {
		const struct message *msg = container_of(pos, struct message, link);

		bytes += msg->len - msg->offset;
		if (sk->type == SOCK_DGRAM)
			break;
	}
	return (ssize_t)bytes;
}

static unsigned socket_poll(struct file *f, struct poll_table *pt)
{
	struct sock *sk = f->inode->private;

	poll_wait(f, &sk->poll, pt);
	return sk->ops->poll(f, sk, pt);
}

static void socket_release(struct task *current, struct file *f)
{
	struct sock *sk = f->inode->private;

	/* A socket cannot be reopened, so that this was its only description. */
	sock_touch(current->machine);
	sk->ops->release(current, sk);
}

static const struct inode *socket_other_end(const struct file *f, unsigned *mode)
{
	const struct sock *sk = f->inode->private;

	*mode = FMODE_READ | FMODE_WRITE;
	return sk->peer ? sk->peer->inode : NULL;
}

static int socket_fasync(struct task *current, struct file *f, int fd, bool on)
{
	struct sock *sk = f->inode->private;

	sock_touch(current->machine);
	return fasync_helper(current, fd, f, on, &sk->fasync);
}

/*
 * The requests of sockets, with TIOCOUTQ. There are numbers among them that a kernel without some
 * driver refuses.
 */
static int socket_ioctl(const struct file *f, unsigned request)
{
	const struct sock *sk = f->inode->private;
	const bool is_unix = sk->ops->family == AF_UNIX;

	if (request == UNIX_FILE)
		return is_unix ? -ENOSYS : -ENOTTY;
	/* The routes and the times of a packet are AF_INET's. */
	if (is_unix && (request == SIOCADDRT || request == SIOCDELRT || request == SIOCGSTAMP))
		return -ENOTTY;
	if (request == SIOCATMARK && sk->ops->family == AF_INET && sk->type == SOCK_DGRAM)
		return -ENOTTY;
	return request == TIOCOUTQ || _IOC_TYPE(request) == _IOC_TYPE(SIOCATMARK) ? -ENOSYS
										  : -ENOTTY;
}

const struct file_ops socket_file = {
	.ioctl = socket_ioctl,
	.traced = true,
	.nowait = true,
	.read = socket_read,
	.write = socket_write,
	.splice_read = socket_splice_read,
	.splice_write = true,
	.readable = socket_readable,
	.available = socket_available,
	.poll = socket_poll,
	.fasync = socket_fasync,
	.dropped = unix_suspect,
	.release = socket_release,
	.other_end = socket_other_end,
};

/* ---- making sockets ------------------------------------------------------------------------- */

static void sock_close(struct task *current, struct sock *sk)
{
	sk->ops->release(current, sk);
	sock_put(sk);
}

/* A description for a socket that sock_graft will give it. NULL and *error. */
static struct file *sock_empty_file(struct task *current, unsigned flags, int *error)
{
	struct inode *inode = inode_new(current->machine, S_IFSOCK | 0777, &socket_inode, error);
	struct file *f;

	*error = inode ? 0 : -ENFILE;
	if (!inode)
		return NULL;
	inode->uid = current->uid;
	inode->gid = current->gid;
	f = alloc_file(current, inode, NULL, O_RDWR | flags, &socket_file, error);
	iput(inode);
	return f;
}

/* Connects the two. Takes the caller's reference to the socket. */
static void sock_graft(struct sock *sk, struct file *f)
{
	f->inode->private = sk;
	sk->inode = f->inode;
	sock_changed(sk);
}

/* A description for a socket, which is closed if that fails. NULL and *error. */
static struct file *sock_alloc_file(struct task *current, struct sock *sk, unsigned flags,
				    int *error)
{
	struct file *f = sock_empty_file(current, flags & O_NONBLOCK, error);

	if (f)
		sock_graft(sk, f);
	else
		sock_close(current, sk);
	return f;
}

/* The flags of open for SOCK_NONBLOCK and SOCK_CLOEXEC, whose values differ on some processors. */
static unsigned open_flags(unsigned flags)
{
	return (flags & SOCK_NONBLOCK ? O_NONBLOCK : 0) | (flags & SOCK_CLOEXEC ? O_CLOEXEC : 0);
}

static int64_t sys_socket(struct task *current, struct fdl_arg *a)
{
	const unsigned type = (unsigned)a[1].num;
	const unsigned flags = type & ~(unsigned)SOCK_TYPE_MASK;
	struct sock *sk = NULL;
	struct file *f;
	int fd, error;

	if (flags & ~(unsigned)(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	error = sock_create(current, (int)a[0].num, (int)(type & SOCK_TYPE_MASK), (int)a[2].num,
			    &sk);
	if (error)
		return error;
	error = fd_reserve(current, open_flags(flags), &fd, 1);
	if (error) {
		sock_close(current, sk);
		return error;
	}
	f = sock_alloc_file(current, sk, open_flags(flags), &error);
	return fd_complete(current, fd, f, error);
}

/* Two sockets for a pair, not connected yet. */
static int create_pair(struct task *current, const struct fdl_arg *a, struct sock *sk[2])
{
	const int type = (int)(a[1].num & SOCK_TYPE_MASK);
	int error = sock_create(current, (int)a[0].num, type, (int)a[2].num, &sk[0]);

	if (error)
		return error;
	error = sock_create(current, (int)a[0].num, type, (int)a[2].num, &sk[1]);
	if (!error && !sk[0]->ops->pair) {
		error = -EOPNOTSUPP;
		sock_close(current, sk[1]);
	}
	if (error)
		sock_close(current, sk[0]);
	return error;
}

static int pair_files(struct task *current, struct sock *sk[2], unsigned flags, struct file *f[2])
{
	int error;

	sk[0]->ops->pair(sk[0], sk[1]);
	sk[0]->peercred = sk[1]->peercred = sock_peercred(current);
	sock_hold(sk[1]);
	f[0] = sock_alloc_file(current, sk[0], flags, &error);
	if (f[0])
		f[1] = sock_alloc_file(current, sk[1], flags, &error);
	else
		sock_close(current, sk[1]);
	sock_put(sk[1]);
	if (f[0] && error)
		fput(current, f[0]);
	return error;
}

static int64_t sys_socketpair(struct task *current, struct fdl_arg *a)
{
	const unsigned flags = (unsigned)a[1].num & ~(unsigned)SOCK_TYPE_MASK;
	struct fdl_arg *out = arena_alloc(&current->call->arena, 2 * sizeof(*out));
	struct sock *sk[2] = { NULL, NULL };
	struct file *f[2] = { NULL, NULL };
	int error, fd[2];

	if (!out)
		return -ENOMEM;
	if (flags & ~(unsigned)(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	error = fd_reserve(current, open_flags(flags), fd, 2);
	if (error)
		return error;
	error = create_pair(current, a, sk);
	if (!error)
		error = pair_files(current, sk, open_flags(flags), f);
	if (error) {
		fd_unreserve(current, fd, 2);
		return error;
	}
	fd_publish(current, fd, f, 2);
	out[0] = (struct fdl_arg){ .num = fd[0] };
	out[1] = (struct fdl_arg){ .num = fd[1] };
	a[3] = (struct fdl_arg){ .num = 2, .sub = out };
	return 0;
}

/* ---- names and connections ------------------------------------------------------------------ */

static int64_t do_bind(struct task *current, struct file *f, struct sock *sk, struct fdl_arg *a)
{
	struct sock_addr addr;
	int error = move_addr_to_kernel(&a[1], a[2].num, &addr);

	(void)f;
	touch(current->machine, TOUCH_WRITE, current->machine, PART_NAMES);
	return error ? error : sk->ops->bind(current, sk, &addr);
}

static int64_t sys_bind(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, do_bind);
}

static int64_t sys_connect(struct task *current, struct fdl_arg *a)
{
	struct sock_addr addr;
	struct fd fd = fdget(current, a[0].num);
	struct sock *sk;
	int error;

	if (!fd.file)
		return -EBADF;
	error = move_addr_to_kernel(&a[1], a[2].num, &addr);
	sock_touch(current->machine);
	touch(current->machine, TOUCH_READ, fd.file, PART_ITSELF);
	touch(current->machine, TOUCH_READ, current->machine, PART_NAMES);
	sk = sock_from_file(fd.file);
	if (!error && !sk)
		error = -ENOTSOCK;
	if (!error)
		error = sk->ops->connect(current, sk, &addr, fd.file->flags & O_NONBLOCK);
	fdput(current, fd);
	return error;
}

static int64_t do_listen(struct task *current, struct file *f, struct sock *sk, struct fdl_arg *a)
{
	unsigned backlog = (unsigned)a[1].num;

	(void)f;
	if (backlog > SOMAXCONN_LIMIT)
		backlog = SOMAXCONN_LIMIT;
	return sk->ops->listen ? sk->ops->listen(current, sk, backlog) : -EOPNOTSUPP;
}

static int64_t sys_listen(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, do_listen);
}

/* Waits for a connection of a listener. *skp: its socket. */
static int accept_wait(struct task *current, const struct file *listener, struct sock **skp)
{
	struct sock *sk = *skp = sock_from_file(listener);

	sock_touch(current->machine);
	touch(current->machine, TOUCH_READ, listener, PART_ITSELF);
	if (!sk)
		return -ENOTSOCK;
	if (!sk->ops->accept)
		return -EOPNOTSUPP;
	return sk->ops->accept_wait(current, sk, listener->flags & O_NONBLOCK);
}

static int wait_then_reserve(struct task *current, const struct file *listener, unsigned oflags,
			     struct sock **sk, int *fd)
{
	int error = accept_wait(current, listener, sk);

	while (!error) {
		error = fd_reserve(current, oflags, fd, 1);
		sock_touch(current->machine);
		if (error || !list_empty(&(*sk)->embryos))
			break;
		/* Another accept has taken the connection while the table was expanded. */
		current->machine->kernel->put_unused_fd(current, (unsigned)*fd);
		error = accept_wait(current, listener, sk);
	}
	return error;
}

/* Waits for a connection, and reserves a descriptor before that or after it, as the kernel does. */
static int wait_and_reserve(struct task *current, const struct file *listener, unsigned oflags,
			    struct sock **sk, int *fd)
{
	int error;

	if (current->machine->kernel->accept_reserves_late)
		return wait_then_reserve(current, listener, oflags, sk, fd);
	preempt(current, "get_unused_fd_flags");
	error = fd_reserve(current, oflags, fd, 1);
	if (error)
		return error;
	preempt(current, "do_accept");
	error = accept_wait(current, listener, sk);
	if (error)
		fd_unreserve(current, fd, 1);
	return error;
}

/* The file of a connection that is there, and the peer's address for a[1]. NULL and *error. */
static struct file *do_accept(struct task *current, const struct file *listener, struct sock *sk,
			      struct fdl_arg *a, unsigned oflags, int *error)
{
	const bool inherits = current->machine->kernel->accept_inherits;
	struct file *f =
		sock_empty_file(current, inherits ? listener->flags : oflags & O_NONBLOCK, error);
	struct sock_addr addr;
	struct sock *new;

	if (!f)
		return NULL;
	new = sk->ops->accept(current, sk);
	sock_graft(new, f);
	if (a[2].num == VALUE_RESULT_NULL)
		return f;
	*error = -ECONNABORTED;
	if (!new->ops->getname(new, true, &addr))
		*error = move_addr_to_user(current, &addr, &a[1], &a[2]);
	if (*error)
		fput(current, f);
	return *error ? NULL : f;
}

static int64_t do_accept4(struct task *current, struct fdl_arg *a, unsigned flags)
{
	struct sock *sk;
	struct file *f;
	struct fd fd;
	int new, error;

	fd = fdget(current, a[0].num);
	if (!fd.file)
		return -EBADF;
	if (flags & ~(unsigned)(SOCK_CLOEXEC | SOCK_NONBLOCK))
		error = -EINVAL;
	else
		error = wait_and_reserve(current, fd.file, open_flags(flags), &sk, &new);
	if (!error) {
		f = do_accept(current, fd.file, sk, a, open_flags(flags), &error);
		error = new = fd_complete(current, new, f, error);
	}
	fdput(current, fd);
	return error < 0 ? error : new;
}

static int64_t sys_accept(struct task *current, struct fdl_arg *a)
{
	return do_accept4(current, a, 0);
}

static int64_t sys_accept4(struct task *current, struct fdl_arg *a)
{
	return do_accept4(current, a, (unsigned)a[3].num);
}

static int64_t getname(struct task *current, struct sock *sk, bool peer, struct fdl_arg *a)
{
	struct sock_addr addr;
	int error = sk->ops->getname(sk, peer, &addr);

	return error ? error : move_addr_to_user(current, &addr, &a[1], &a[2]);
}

static int64_t do_getsockname(struct task *current, struct file *f, struct sock *sk,
			      struct fdl_arg *a)
{
	(void)f;
	return getname(current, sk, false, a);
}

static int64_t sys_getsockname(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, do_getsockname);
}

static int64_t do_getpeername(struct task *current, struct file *f, struct sock *sk,
			      struct fdl_arg *a)
{
	(void)f;
	return getname(current, sk, true, a);
}

static int64_t sys_getpeername(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, do_getpeername);
}

static int64_t do_shutdown(struct task *current, struct file *f, struct sock *sk, struct fdl_arg *a)
{
	(void)f;
	if (a[1].num < SHUT_RD || a[1].num > SHUT_RDWR)
		return -EINVAL;
	return sk->ops->shutdown(current, sk, (unsigned)a[1].num + 1);
}

static int64_t sys_shutdown(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, do_shutdown);
}

const struct call_row socket_calls[] = {
	{ "socket", "family domain=AF_UNIX, socktype type=SOCK_STREAM, protocol protocol=0",
	  sys_socket, CALL_TRACED, NULL },
	{ "socketpair",
	  "family domain=AF_UNIX, socktype type=SOCK_STREAM, protocol protocol=0, out fdpair sv",
	  sys_socketpair, CALL_TRACED, NULL },
	{ "bind", "fd sockfd, sockaddr addr, int addrlen=len(addr)", sys_bind, CALL_TRACED, NULL },
	{ "connect", "fd sockfd, sockaddr addr, int addrlen=len(addr)", sys_connect,
	  CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "listen", "fd sockfd, int backlog=4096", sys_listen, CALL_TRACED, NULL },
	{ "accept", "fd sockfd, out sockaddr addr, socklen addrlen=NULL", sys_accept,
	  CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "accept4", "fd sockfd, out sockaddr addr, socklen addrlen=NULL, socktype flags=0",
	  sys_accept4, CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "getsockname", "fd sockfd, out sockaddr addr, socklen addrlen=[128]", sys_getsockname,
	  CALL_TRACED, NULL },
	{ "getpeername", "fd sockfd, out sockaddr addr, socklen addrlen=[128]", sys_getpeername,
	  CALL_TRACED, NULL },
	{ "shutdown", "fd sockfd, shuthow how=SHUT_RDWR", sys_shutdown, CALL_TRACED, NULL },
	{ 0 },
};
