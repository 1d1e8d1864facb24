/*
 * The process that compresses a journal. It is forked before the sandbox is entered, knows one
 * path, and is told a size and yes or no.
 */
#include "compactor.h"
#include "checkpoint.h"
#include "offspring.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fdlab.h>

#define NICE   10
#define BUFFER ((size_t)65536)
#define SUFFIX ".new"
#define ACCEPT 'y'
#define REFUSE 'n'

/*
 * The report of the process: an error, or the size of the file that comes with it; or only a note.
 */
struct result {
	int error;
	off_t size;
	char note[COMPACTOR_NOTE];
};

/* A journal with the options of the daemon's machine, for checkpoints. */
static char head[4096];
static size_t head_len;

/* ---- the process -------------------------------------------------------------------------- */

/* A file that is written through a buffer. */
struct packed_file {
	int fd;
	size_t len;
	off_t size;
	char buf[BUFFER];
};

static int flush(struct packed_file *o)
{
	size_t done = 0;

	while (done < o->len) {
		const ssize_t n = write(o->fd, o->buf + done, o->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	o->size += (off_t)o->len;
	o->len = 0;
	return 0;
}

static int put(void *ctx, const char *buf, size_t len)
{
	struct packed_file *o = ctx;
	int error = 0;

	while (len && !error) {
		const size_t room = BUFFER - o->len, n = len < room ? len : room;

		memcpy(o->buf + o->len, buf, n);
		o->len += n;
		buf += n;
		len -= n;
		if (o->len == BUFFER)
			error = flush(o);
	}
	return error;
}

/* Compresses size bytes of a file. 0 or a negative errno. */
static int pack(int from, size_t size, struct packed_file *o)
{
	struct fdl_journal *j = NULL;
	char *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, from, 0), why[256];
	int error;

	if (data == MAP_FAILED)
		return -errno;
	error = fdl_journal_open(data, size, &j, why, sizeof(why));
	if (!error)
		error = fdl_journal_compact(j, put, o);
	if (!error)
		error = flush(o);
	fdl_journal_close(j);
	munmap(data, size);
	if (!error && fsync(o->fd))
		error = -errno;
	return error;
}

/*
 * Makes the new file, as the old one is. The process of a daemon that was killed just now may still
 * write to it: waits for its end. 0 or a negative errno.
 */
static int make_file(int from, const char *name, struct packed_file *o)
{
	struct stat st;

	if (fstat(from, &st))
		return -errno;
	o->fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (o->fd < 0 || flock(o->fd, LOCK_EX) || ftruncate(o->fd, 0) ||
	    fchmod(o->fd, st.st_mode & 07777))
		return -errno;
	if (fchown(o->fd, st.st_uid, st.st_gid) && errno != EPERM)
		return -errno;
	return 0;
}

/* Says how it went; the descriptor, unless it is -1, goes along. */
static bool say(struct result result, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec iov = { &result, sizeof(result) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *c;

		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	return sendmsg(OFFSPRING_SOCKET, &msg, MSG_NOSIGNAL) == sizeof(result);
}

/* Gives the new file the journal's name, for ever. 0 or a negative errno. */
static int take_place(const char *name, const char *path)
{
	char *copy = strdup(path);
	int fd, error = copy ? 0 : -ENOMEM;

	if (!error && rename(name, path))
		error = -errno;
	fd = error ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!error && (fd < 0 || fsync(fd)))
		error = -errno;
	if (fd >= 0)
		close(fd);
	free(copy);
	return error;
}

/* Makes a checkpoint, or says why there is none. False: the daemon is gone. */
static bool keep_checkpoint(const char *path)
{
	struct result result = { .error = 0 };

	if (!checkpoint_make(path, head, head_len, result.note, sizeof(result.note)))
		return true;
	return say(result, -1);
}

/* Does what one request asks. False: the daemon is gone. */
static bool serve(const char *path, const char *name, off_t size)
{
	static struct packed_file o;
	struct result result = { .error = 0 };
	const int from = open(path, O_RDONLY | O_CLOEXEC);
	bool told;
	char answer;

	o = (struct packed_file){ .fd = -1 };
	result.error = from < 0 ? -errno : make_file(from, name, &o);
	if (!result.error)
		result.error = pack(from, (size_t)size, &o);
	result.size = o.size;
	if (from >= 0)
		close(from);
	told = say(result, result.error ? -1 : o.fd);
	/* The lock is the daemon's now. */
	if (o.fd >= 0)
		close(o.fd);
	if (result.error) {
		unlink(name);
		return told;
	}
	if (!told || read(OFFSPRING_SOCKET, &answer, 1) != 1) {
		unlink(name);
		return false;
	}
	if (answer == ACCEPT)
		result.error = take_place(name, path);
	else
		unlink(name);
	if (!say(result, -1))
		return false;
	return answer != ACCEPT || result.error || keep_checkpoint(path);
}

static void compact(const char *path)
{
	char *name;
	off_t size;

	/* The next daemon has a process of its own, which works on the same file. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (asprintf(&name, "%s%s", path, SUFFIX) < 0)
		_exit(1);
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	while (read(OFFSPRING_SOCKET, &size, sizeof(size)) == sizeof(size) &&
	       (size ? serve(path, name, size) : keep_checkpoint(path)))
		;
	_exit(0);
}

/* ---- the daemon --------------------------------------------------------------------------- */

int compactor_start(const char *path, const struct fdl_machine *m)
{
	const struct timespec never = { 0 };

	head_len = fdl_journal_begin(m, never, head, sizeof(head));
	if (!head_len || head_len > sizeof(head))
		return -ENOMEM;
	return offspring_start(SOCK_SEQPACKET, compact, path);
}

int compactor_ask(int socket, off_t size)
{
	return write(socket, &size, sizeof(size)) == sizeof(size) ? 0 : -EPIPE;
}

static int receive(int socket, struct result *result, int *fd)
{
	char control[CMSG_SPACE(sizeof(*fd))] = { 0 };
	struct iovec iov = { result, sizeof(*result) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	*fd = -1;
	if (n != sizeof(*result))
		return -EPIPE;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return result->error;
}

int compactor_keep_checkpoint(int socket)
{
	return compactor_ask(socket, 0);
}

int compactor_file(int socket, off_t *size, char note[COMPACTOR_NOTE])
{
	struct result result = { .error = 0 };
	int fd, error = receive(socket, &result, &fd);

	*size = result.size;
	memcpy(note, result.note, COMPACTOR_NOTE);
	return error ? error : fd < 0 ? -EPIPE : fd;
}

static int send_answer(int socket, char byte)
{
	struct result result = { .error = 0 };
	int fd;

	if (write(socket, &byte, 1) != 1)
		return -EPIPE;
	return receive(socket, &result, &fd);
}

int compactor_accept(int socket)
{
	return send_answer(socket, ACCEPT);
}

int compactor_refuse(int socket)
{
	return send_answer(socket, REFUSE);
}
