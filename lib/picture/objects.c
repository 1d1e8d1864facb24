/*
 * The card of an object: a file of the file system, a pipe, a socket, an anonymous inode. Title and
 * lines are words, and no bare numbers.
 */
#include "picture/picture.h"

#include "base/heap.h"
#include "base/text.h"
#include "machine/machine.h"
#include "notation/args.h"
#include "objects/epoll.h"
#include "objects/pipe_ring.h"
#include "socket/message.h"
#include "socket/scm.h"
#include "socket/sock.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/lock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define PREVIEW   16 /* bytes of a buffer that are shown */
#define DATA_MAX  64 /* bytes of a buffer that a program gets */
#define QUEUE_MAX 8  /* messages or connections that are listed */
#define MORE_MAX  3  /* lines that fdinfo adds */
#define LOCKS_MAX 3  /* locks that are shown one by one */

static const char *type_word(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symbolic link";
	case S_IFCHR:
		return "character device";
	case S_IFIFO:
		return "FIFO";
	case S_IFSOCK:
		return "socket";
	default:
		return "object";
	}
}

/* The first bytes in a pipe, and how full it is. */
static void describe_pipe(const struct inode *inode, struct card *c)
{
	const struct pipe *pipe = inode->private;
	const struct pipe_buffer *first = pipe_buf(pipe, pipe->tail);
	char bytes[DATA_MAX];
	c->used = pipe_bytes(pipe);
	c->room = pipe->nbuffers * (uint64_t)PAGE_SIZE;
	text_printf(&c->body, "%" PRIu64 " of %" PRIu64 " bytes\n", c->used, c->room);
	if (c->used) {
		text_put(&c->data, bytes, pipe_peek(inode, bytes, sizeof(bytes)));
		text_quoted(&c->body, first->page->data + first->offset, first->len, PREVIEW);
		text_puts(&c->body, "\n");
	}
	text_printf(&c->body, "open to read %u, to write %u\n", inode->readers, inode->writers);
}

/* The queue of a socket: connections of a listener, or messages. */
static void list_queue(const struct sock *sk, struct card *c)
{
	unsigned n = 0;

	list_for_each(pos, &sk->embryos) {
		const struct sock *embryo = container_of(pos, struct sock, embryo);

		if (n++ == QUEUE_MAX)
			break;
		text_printf(&c->queue, "a connection, %u message%s\n", embryo->nmessages,
			    embryo->nmessages == 1 ? "" : "s");
	}
	list_for_each(pos, &sk->messages) {
		const struct message *msg = container_of(pos, struct message, link);

		if (n++ == QUEUE_MAX)
			break;
		text_printf(&c->queue, "%zu bytes ", msg->len - msg->offset);
		text_quoted(&c->queue, msg->data + msg->offset, msg->len - msg->offset, PREVIEW);
		for (size_t i = 0; msg->fp && i < msg->fp->n; i++)
			text_printf(&c->queue, "%s%" PRIu64, i ? ", " : ", file ",
				    msg->fp->file[i]->id);
		text_puts(&c->queue, "\n");
	}
}

static void describe_socket(const struct sock *sk, struct card *c)
{
	static const char *const states[] = {
		[SOCK_CLOSE] = "not connected",
		[SOCK_LISTEN] = "listens",
		[SOCK_CONNECTED] = "connected",
	};
	const size_t name = unix_name_len(&sk->name);

	text_puts(&c->body, sk->ops->family == AF_UNIX ? "AF_UNIX " : "AF_INET ");
	text_puts(&c->body, sk->type == SOCK_STREAM  ? "stream"
			    : sk->type == SOCK_DGRAM ? "datagram"
						     : "seqpacket");
	text_printf(&c->body, ", %s\n", states[sk->state]);
	if (sk->name.family == AF_UNIX && name) {
		text_puts(&c->body, "bound to ");
		text_quoted(&c->body, sk->name.path, sk->name.path[0] ? name - 1 : name,
			    2 * PREVIEW);
		text_puts(&c->body, "\n");
	} else if (sk->name.family == AF_INET && sk->name.port) {
		text_printf(&c->body, "port %u\n", sk->name.port);
	}
	if (sk->state == SOCK_LISTEN)
		text_printf(&c->body, "queue: %u of %u connections\n", sk->nembryos,
			    sk->backlog + 1);
	else if (sk->nmessages)
		text_printf(&c->body, "queue: %u message%s\n", sk->nmessages,
			    sk->nmessages == 1 ? "" : "s");
	if (sk->shutdown)
		text_printf(&c->body, "shut down to %s\n",
			    sk->shutdown == SHUTDOWN_MASK  ? "read and write"
			    : sk->shutdown == RCV_SHUTDOWN ? "read"
							   : "write");
}

/* The first lines that a kind adds to fdinfo, with their tabs as blanks. */
static void describe_other(const struct file *f, struct card *c)
{
	struct text t = TEXT_EMPTY;
	size_t lines = 0;

	if (file_epoll(f))
		text_printf(&c->body, "watches %zu\n", file_epoll(f)->items.n);
	else if (f->ops && f->ops->fdinfo)
		f->ops->fdinfo(f, &t);
	for (size_t i = 0; i < t.len && lines < MORE_MAX; i++) {
		if (t.s[i] == '\t')
			t.s[i] = ' ';
		text_putc(&c->body, t.s[i]);
		lines += t.s[i] == '\n';
	}
	if (t.error)
		c->body.error = t.error;
	text_free(&t);
}

static void put_lock(const struct file_lock *l, struct card *c)
{
	static const char *const kinds[] = {
		[LOCK_POSIX] = "record",
		[LOCK_OFD] = "OFD",
		[LOCK_FLOCK] = "flock",
		[LOCK_LEASE] = "lease",
	};
	size_t waiting = 0;

	text_printf(&c->body, "%s %s lock", kinds[l->kind], l->type == F_WRLCK ? "write" : "read");
	if (l->kind == LOCK_POSIX || l->kind == LOCK_OFD) {
		text_printf(&c->body, " %lld-", (long long)l->start);
		if (l->end != OFFSET_MAX)
			text_int(&c->body, l->end);
	}
	if (l->kind == LOCK_POSIX)
		text_printf(&c->body, " of %d", l->pid);
	else
		text_printf(&c->body, " of file %" PRIu64, l->file->id);
	list_for_each(pos, &l->blocked)
		waiting++;
	if (waiting)
		text_printf(&c->body, ", %zu wait", waiting);
	text_puts(&c->body, "\n");
}

static void describe_locks(struct inode *of, struct card *c)
{
	const struct inode *inode = inode_common(of);
	const struct list *lists[3];
	size_t n = 0;

	if (!inode->locks)
		return;
	lists[0] = &inode->locks->flock;
	lists[1] = &inode->locks->posix;
	lists[2] = &inode->locks->lease;
	for (size_t i = 0; i < 3; i++) {
		list_for_each(pos, lists[i]) {
			if (n++ < LOCKS_MAX)
				put_lock(container_of(pos, struct file_lock, place), c);
		}
	}
	if (n > LOCKS_MAX)
		text_printf(&c->body, "and %zu more locks\n", n - LOCKS_MAX);
}

void describe_object(const struct file *f, struct card *c)
{
	const struct inode *inode = f->inode;
	struct text name = TEXT_EMPTY;

	file_name(f, &name);
	text_printable(&c->title, name.s ? name.s : "", name.len);
	if (name.error)
		c->title.error = name.error;
	text_free(&name);
	c->kind = file_epoll(f) ? "epoll" : type_word(inode->mode);
	if (S_ISFIFO(inode->mode) && inode->private) {
		c->kind = "pipe";
		describe_pipe(inode, c);
	} else if (sock_from_file(f)) {
		describe_socket(sock_from_file(f), c);
		list_queue(sock_from_file(f), c);
	} else if (inode->mode & S_IFMT) {
		text_printf(&c->body, "%s, %04o", type_word(inode->mode),
			    (unsigned)inode->mode & 07777);
		if (S_ISREG(inode->mode))
			text_printf(&c->body, ", %lld bytes", (long long)inode->size);
		text_puts(&c->body, "\n");
	} else {
		describe_other(f, c);
	}
	text_printf(&c->body, "inode %" PRIu64 "%s\n", inode->ino,
		    inode->nlink || !S_ISREG(inode->mode) ? "" : ", has no name any more");
	c->locks = c->body.len;
	describe_locks(f->inode, c);
}
