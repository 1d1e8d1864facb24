/*
 * The tree as a FUSE file system: every request of the kernel becomes a call of libfdlab, and its
 * result the answer. What files there are, and what is written to them, is not known here. Nothing
 * is kept in the kernel's caches, because any write may change any file.
 */
#include "fuse.h"
#include "answers.h"
#include "nodes.h"
#include "refused.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#define WRITE_MAX (1U << 20) /* the largest write that the kernel sends whole */
#define TIMEOUT   0.0        /* how long names and attributes may be believed */

LIST_HEAD(open_files, open_file);

struct lab {
	struct fdl_machine *machine;
	struct fdl_history *history; /* or NULL */
	struct nodes nodes;
	struct open_files open;
	struct open_files waiting; /* those that are polled */
	char *buf;                 /* for answers to reads and listings */
	size_t bufsize;
	struct journal *journal; /* or NULL */
	struct answers answers;  /* that wait for it */
	uid_t uid;
	gid_t gid;
};

/* What the kernel's file handle points to. */
struct open_file {
	LIST_ENTRY(open_file) open;
	LIST_ENTRY(open_file) waiting; /* in a list while ph is there */
	struct fdl_handle *handle;
	struct lab *lab;
	bool in_journal;            /* it was opened for writing */
	uint32_t number;            /* there */
	fuse_req_t writer;          /* the write that waits for a call, or NULL */
	struct fuse_pollhandle *ph; /* notified when it is ready, or NULL */
	uint32_t events;            /* that ph waits for */
};

static struct lab *lab_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

static fdl_ino ino_of(fuse_req_t req, fuse_ino_t node)
{
	return nodes_ino(&lab_of(req)->nodes, node);
}

static struct open_file *open_file_of(const struct fuse_file_info *fi)
{
	return (struct open_file *)(uintptr_t)fi->fh;
}

static int getattr(struct lab *lab, fdl_ino ino, struct stat *st)
{
	int r = fdl_getattr(lab->machine, ino, st);

	/* Files of the machine have their owners there. */
	if (!r && !fdl_is_simulated(lab->machine, ino)) {
		st->st_uid = lab->uid;
		st->st_gid = lab->gid;
	}
	return r;
}

/* Makes room for an answer of size bytes; the room stays, so that reading allocates once. */
static int reserve(struct lab *lab, size_t size)
{
	char *buf;

	if (size <= lab->bufsize)
		return 0;
	buf = realloc(lab->buf, size);
	if (!buf)
		return -ENOMEM;
	lab->buf = buf;
	lab->bufsize = size;
	return 0;
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* Keeps an answer while the journal has to be synced before it. False: it is to be given now. */
static bool is_kept(struct lab *lab, fuse_req_t req, const char *data, ssize_t result)
{
	if (!lab->journal || !journal_is_due(lab->journal))
		return false;
	if (answers_hold(&lab->answers, req, data, result))
		return true;
	lab_turn(lab);
	return false;
}

void lab_turn(void *ctx)
{
	struct lab *lab = ctx;

	if (!lab->journal)
		return;
	answers_give(&lab->answers, journal_is_due(lab->journal) ? journal_sync(lab->journal) : 0);
	journal_compact(lab->journal, false);
}

static void stop_waiting(struct open_file *f)
{
	if (!f->ph)
		return;
	fuse_pollhandle_destroy(f->ph);
	f->ph = NULL;
	f->events = 0;
	LIST_REMOVE(f, waiting);
}

/*
 * After anything that may have changed the machine: tells the pollers whose files have become
 * ready.
 */
static void wake_pollers(struct lab *lab)
{
	struct open_file *next;

	for (struct open_file *f = LIST_FIRST(&lab->waiting); f; f = next) {
		next = LIST_NEXT(f, waiting);
		if (!((uint16_t)fdl_poll(f->handle) & (f->events | POLLERR | POLLHUP)))
			continue;
		fuse_lowlevel_notify_poll(f->ph);
		stop_waiting(f);
	}
}

static void reply_write(struct lab *lab, fuse_req_t req, ssize_t result)
{
	if (!is_kept(lab, req, NULL, result))
		answer_write(req, result);
}

/* A fdl_done_fn: the call that a write waited for is over. */
static void write_done(void *ctx, ssize_t result)
{
	struct open_file *f = ctx;
	fuse_req_t req = f->writer;

	if (!req)
		return;
	f->writer = NULL;
	reply_write(f->lab, req, result);
}

/*
 * Interrupts the call that a write waits for. If the journal takes no more records the call goes on
 * waiting, and only the write ends.
 */
static void interrupt(struct open_file *f)
{
	struct lab *lab = f->lab;

	if (!f->in_journal || !journal_interrupt(lab->journal, f->number))
		fdl_interrupt(f->handle);
	else
		write_done(f, -EINTR);
}

/* A fuse_interrupt_func_t: the process that waits in a write got a signal. */
static void write_interrupted(fuse_req_t req, void *data)
{
	struct open_file *f = data;

	if (f->writer != req)
		return;
	interrupt(f);
	wake_pollers(lab_of(req));
}

static void close_file(struct open_file *f)
{
	stop_waiting(f);
	if (f->writer)
		interrupt(f);
	if (f->in_journal)
		journal_file_closed(f->lab->journal, f->number);
	LIST_REMOVE(f, open);
	fdl_close(f->handle);
	free(f);
}

/* ---- names and attributes -------------------------------------------------------------------- */

/*
 * The kernel locks the inode for a write, and to open with O_TRUNC. So a write that waits for a
 * call would block every other write to the same file, signals or not, even the write that would
 * end the wait. Therefore each lookup of a file that can be written gives the kernel an inode of
 * its own. stat shows the same number for all of them.
 */
static bool wants_own_inode(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_mode & 0222;
}

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct lab *lab = lab_of(req);
	struct fuse_entry_param e = { .attr_timeout = TIMEOUT, .entry_timeout = TIMEOUT };
	fdl_ino ino;
	int r;

	r = fdl_lookup(lab->machine, ino_of(req, parent), name, &ino);
	if (!r)
		r = getattr(lab, ino, &e.attr);
	if (!r) {
		e.ino = ino;
		if (wants_own_inode(&e.attr))
			r = nodes_alias(&lab->nodes, ino, &e.ino);
	}
	if (r)
		fuse_reply_err(req, -r);
	else if (fuse_reply_entry(req, &e))
		nodes_forget(&lab->nodes, e.ino);
}

static void op_forget(fuse_req_t req, fuse_ino_t node, uint64_t nlookup)
{
	(void)nlookup;
	nodes_forget(&lab_of(req)->nodes, node);
	fuse_reply_none(req);
}

static void op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		nodes_forget(&lab_of(req)->nodes, forgets[i].ino);
	fuse_reply_none(req);
}

static void op_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct stat st;
	int r = getattr(lab_of(req), ino_of(req, node), &st);

	(void)fi;
	if (r)
		fuse_reply_err(req, -r);
	else
		fuse_reply_attr(req, &st, TIMEOUT);
}

/*
 * Attributes cannot be changed. But a shell's redirection truncates the file that it opens: this
 * succeeds, and does nothing, for files that can be written.
 */
static int may_set(struct lab *lab, fdl_ino ino, const struct stat *st, int to_set)
{
	if (fdl_is_read_only(lab->machine, ino))
		return -EROFS;
	if (to_set & (FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID))
		return -EPERM;
	if (!(to_set & FUSE_SET_ATTR_SIZE))
		return -EPERM;
	if (S_ISDIR(st->st_mode))
		return -EISDIR;
	return S_ISREG(st->st_mode) && st->st_mode & 0222 ? 0 : -EACCES;
}

static void op_setattr(fuse_req_t req, fuse_ino_t node, struct stat *attr, int to_set,
		       struct fuse_file_info *fi)
{
	const fdl_ino ino = ino_of(req, node);
	struct stat st;
	int r = getattr(lab_of(req), ino, &st);

	(void)attr, (void)fi;
	if (!r)
		r = may_set(lab_of(req), ino, &st, to_set);
	if (r)
		fuse_reply_err(req, -r);
	else
		fuse_reply_attr(req, &st, TIMEOUT);
}

static void op_readlink(fuse_req_t req, fuse_ino_t node)
{
	char target[PATH_MAX];
	ssize_t n =
		fdl_readlink(lab_of(req)->machine, ino_of(req, node), target, sizeof(target) - 1);

	if (n < 0) {
		fuse_reply_err(req, (int)-n);
		return;
	}
	target[n] = '\0';
	fuse_reply_readlink(req, target);
}

/* ---- directories ----------------------------------------------------------------------------- */

/*
 * An open directory has no state: its offsets are the tree's cookies. But a kernel that gets ENOSYS
 * stops asking, and caches listings.
 */
static void op_opendir(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct stat st;
	int r = getattr(lab_of(req), ino_of(req, node), &st);

	if (r)
		fuse_reply_err(req, -r);
	else
		fuse_reply_open(req, fi);
}

static void op_readdir(fuse_req_t req, fuse_ino_t node, size_t size, off_t off,
		       struct fuse_file_info *fi)
{
	struct lab *lab = lab_of(req);
	fdl_ino dir = ino_of(req, node);
	uint64_t cookie = (uint64_t)off;
	struct fdl_dirent de;
	size_t used = 0;
	int r;

	(void)fi;
	r = reserve(lab, size);
	if (r)
		goto error;
	for (;;) {
		struct stat st = { .st_mode = 0 };
		size_t len;

		r = fdl_readdir(lab->machine, dir, &cookie, &de);
		if (r <= 0)
			break;
		/* A file of the machine has its number there, and stat(2) says that. */
		st.st_ino = de.ino;
		if (fdl_is_simulated(lab->machine, de.ino))
			getattr(lab, de.ino, &st);
		st.st_mode = de.mode;
		len = fuse_add_direntry(req, lab->buf + used, size - used, de.name, &st,
					(off_t)cookie);
		if (len > size - used)
			break;
		used += len;
	}
	if (r < 0 && !used)
		goto error;
	fuse_reply_buf(req, lab->buf, used);
	return;
error:
	fuse_reply_err(req, -r);
}

/* ---- open files ------------------------------------------------------------------------------ */

/* Gives a file that is open for writing its number in the journal. 0 or a negative errno. */
static int put_in_journal(struct lab *lab, fdl_ino ino, struct open_file *f)
{
	char path[256];
	ssize_t len = fdl_path(lab->machine, ino, path, sizeof(path));
	int r;

	if (len < 0 || (size_t)len >= sizeof(path))
		return len < 0 ? (int)len : -ENAMETOOLONG;
	r = journal_file(lab->journal, path, &f->number);
	f->in_journal = !r;
	return r;
}

static int open_file(struct lab *lab, fdl_ino ino, int flags, struct open_file **fp)
{
	struct open_file *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return -ENOMEM;
	f->lab = lab;
	r = fdl_open(lab->machine, ino, flags, &f->handle);
	if (!r && lab->journal && (flags & O_ACCMODE) != O_RDONLY) {
		r = put_in_journal(lab, ino, f);
		if (r)
			fdl_close(f->handle);
	}
	if (r) {
		free(f);
		return r;
	}
	LIST_INSERT_HEAD(&lab->open, f, open);
	*fp = f;
	return 0;
}

/*
 * fuse_reply_open does not know FOPEN_STREAM, without which a description that two processes share
 * cannot be read while a write through it waits. FOPEN_NOFLUSH keeps close from waiting likewise.
 */
static void op_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct fuse_open_out out = { .open_flags = FOPEN_DIRECT_IO | FOPEN_NOFLUSH };
	struct open_file *f;
	int r = open_file(lab_of(req), ino_of(req, node), fi->flags, &f);

	if (r) {
		fuse_reply_err(req, -r);
		return;
	}
	out.fh = (uintptr_t)f;
	if (fdl_is_stream(f->handle))
		out.open_flags |= FOPEN_NONSEEKABLE | FOPEN_STREAM;
	if (fuse_reply_buf(req, (const char *)&out, sizeof(out)))
		close_file(f);
}

static void op_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	(void)node;
	close_file(open_file_of(fi));
	fuse_reply_err(req, 0);
}

static void op_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	struct lab *lab = lab_of(req);
	ssize_t n = reserve(lab, size);

	(void)node;
	if (!n)
		n = fdl_read(open_file_of(fi)->handle, lab->buf, size, off, fi->flags);
	if (!is_kept(lab, req, lab->buf ? lab->buf : "", n))
		answer_read(req, lab->buf, n);
}

static void stamp(const struct lab *lab)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (lab->journal)
		journal_time(lab->journal, now);
	fdl_machine_stamp(lab->machine, now);
}

/*
 * Records a write that is about to be made. 0, or a negative errno, and then it must not be made. A
 * write that the library refuses for its size changes nothing.
 */
static int record_write(struct lab *lab, struct open_file *f, const char *buf, size_t size,
			int flags)
{
	int r;

	if (!f->in_journal || !size || size > FDL_WRITE_MAX)
		return 0;
	r = journal_write(lab->journal, f->number, buf, size, flags & O_NONBLOCK);
	if (r && journal_why(lab->journal))
		fdl_refuse(f->handle, buf, size, journal_why(lab->journal));
	return r;
}

static void op_write(fuse_req_t req, fuse_ino_t node, const char *buf, size_t size, off_t off,
		     struct fuse_file_info *fi)
{
	struct lab *lab = lab_of(req);
	struct open_file *f = open_file_of(fi);
	ssize_t n;

	(void)node, (void)off;
	if (f->writer) {
		fuse_reply_err(req, EBUSY);
		return;
	}
	if (!lab->journal || !journal_why(lab->journal))
		stamp(lab);
	n = record_write(lab, f, buf, size, fi->flags);
	if (!n)
		n = fdl_write(f->handle, buf, size, fi->flags, write_done, f);
	if (n == -EINPROGRESS) {
		f->writer = req;
		fuse_req_interrupt_func(req, write_interrupted, f);
	} else {
		reply_write(lab, req, n);
	}
	wake_pollers(lab);
}

static void op_poll(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi,
		    struct fuse_pollhandle *ph)
{
	struct open_file *f = open_file_of(fi);

	(void)node;
	if (ph) {
		uint32_t events = f->events | fi->poll_events;

		stop_waiting(f);
		f->ph = ph;
		f->events = events;
		LIST_INSERT_HEAD(&lab_of(req)->waiting, f, waiting);
	}
	fuse_reply_poll(req, (uint16_t)fdl_poll(f->handle));
}

int lab_refusal(fuse_req_t req, fuse_ino_t parent, int error)
{
	return fdl_is_read_only(lab_of(req)->machine, ino_of(req, parent)) ? EROFS : error;
}

/* ---- a session ------------------------------------------------------------------------------- */

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
	(void)userdata;
	conn->max_write = WRITE_MAX;
}

static const struct fuse_lowlevel_ops lab_ops = {
	.init = op_init,
	.lookup = op_lookup,
	.forget = op_forget,
	.forget_multi = op_forget_multi,
	.getattr = op_getattr,
	.setattr = op_setattr,
	.readlink = op_readlink,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.open = op_open,
	.release = op_release,
	.read = op_read,
	.write = op_write,
	.poll = op_poll,
	.create = refused_create,
	.mknod = refused_mknod,
	.mkdir = refused_mkdir,
	.unlink = refused_remove,
	.rmdir = refused_remove,
	.symlink = refused_symlink,
	.rename = refused_rename,
	.link = refused_link,
};

struct fuse_session *lab_session(struct lab *lab, struct fuse_args *args)
{
	return fuse_session_new(args, &lab_ops, sizeof(lab_ops), lab);
}

/* Resets the machine after telling it the time, so that nothing in it is stamped 1970. */
static int make_machine(struct lab *lab, const struct fdl_options *options)
{
	int r = fdl_machine_new(options, &lab->machine);

	if (r)
		return r;
	stamp(lab);
	r = fdl_machine_reset(lab->machine, NULL);
	if (r)
		fdl_machine_free(lab->machine);
	return r;
}

int lab_new(const struct fdl_options *options, struct lab **labp)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	int r;

	if (!lab)
		return -ENOMEM;
	r = make_machine(lab, options);
	if (r) {
		free(lab);
		return r;
	}
	answers_init(&lab->answers);
	LIST_INIT(&lab->open);
	LIST_INIT(&lab->waiting);
	lab->uid = getuid();
	lab->gid = getgid();
	*labp = lab;
	return 0;
}

int lab_history(struct lab *lab, size_t memory)
{
	return fdl_history_new(lab->machine, memory, &lab->history);
}

int lab_links(struct lab *lab, const char *mountpoint)
{
	char *rootfs;
	int r;

	if (asprintf(&rootfs, "%s/rootfs", strcmp(mountpoint, "/") ? mountpoint : "") < 0)
		return -ENOMEM;
	r = fdl_machine_links(lab->machine, rootfs);
	free(rootfs);
	return r;
}

int lab_journal(struct lab *lab, const char *path, enum journal_sync sync)
{
	return journal_open(path, sync, lab->machine, &lab->journal);
}

struct journal *lab_its_journal(const struct lab *lab)
{
	return lab->journal;
}

void lab_interrupt(struct lab *lab)
{
	lab_turn(lab);
	if (lab->journal)
		journal_end(lab->journal);
	for (struct open_file *f = LIST_FIRST(&lab->open); f; f = LIST_NEXT(f, open)) {
		if (f->writer)
			interrupt(f);
	}
	lab_turn(lab);
}

void lab_free(struct lab *lab)
{
	if (!lab)
		return;
	while (!LIST_EMPTY(&lab->open))
		close_file(LIST_FIRST(&lab->open));
	fdl_history_free(lab->history);
	fdl_machine_free(lab->machine);
	journal_close(lab->journal);
	nodes_destroy(&lab->nodes);
	free(lab->buf);
	free(lab);
}
