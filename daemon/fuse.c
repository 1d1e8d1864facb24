/*
 * The tree as a FUSE file system: every request of the kernel becomes a call of libfdlab, and its
 * result the answer. The files, and the meaning of writes to them, are not known here. Nothing
 * is kept in the kernel's caches, because any write may change any file.
 */
#include "fuse.h"
#include "answers.h"
#include "makers.h"
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
LIST_HEAD(readers, text_reader);

struct mount {
	struct lab *lab;
	struct fdl_machine *machine; /* the lab's */
	struct lab_server server;
	struct nodes nodes;
	struct open_files open;
	struct open_files waiting; /* those that are polled */
	struct readers readers;
	char *buf; /* for answers to reads and listings */
	size_t bufsize;
	struct answers answers; /* that wait for the journal */
	uid_t uid;
	gid_t gid;
};

/* The target of the kernel's file handle. */
struct open_file {
	LIST_ENTRY(open_file) open;
	LIST_ENTRY(open_file) waiting; /* in a list while ph is there */
	struct lab_file file;
	struct mount *mount;
	fuse_req_t writer;          /* the write that waits for a call, or NULL */
	struct fuse_pollhandle *ph; /* notified when it is ready, or NULL */
	uint32_t events;            /* that ph waits for */
};

/* A request to open a file, or to read its beginning, that waits until the text is made. */
struct text_reader {
	LIST_ENTRY(text_reader) link;
	struct mount *mount;
	fuse_req_t req;
	struct wanted_text *making;
	fdl_ino ino;
	int flags;
	struct open_file *file; /* to be read; NULL: it is to be opened */
	size_t size;
};

static struct mount *mount_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

static fdl_ino ino_of(fuse_req_t req, fuse_ino_t node)
{
	return nodes_ino(&mount_of(req)->nodes, node);
}

static struct open_file *open_file_of(const struct fuse_file_info *fi)
{
	return (struct open_file *)(uintptr_t)fi->fh;
}

static int getattr(struct mount *mount, fdl_ino ino, struct stat *st)
{
	int r = fdl_getattr(mount->machine, ino, st);

	/* Files of the machine have their owners there. */
	if (!r && !fdl_is_simulated(mount->machine, ino)) {
		st->st_uid = mount->uid;
		st->st_gid = mount->gid;
	}
	return r;
}

/* Makes room for an answer of size bytes; the room stays, so that reading allocates once. */
static int reserve(struct mount *mount, size_t size)
{
	char *buf;

	if (size <= mount->bufsize)
		return 0;
	buf = realloc(mount->buf, size);
	if (!buf)
		return -ENOMEM;
	mount->buf = buf;
	mount->bufsize = size;
	return 0;
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* Keeps an answer while the journal has to be synced before it. False: it is to be given now. */
static bool is_kept(struct mount *mount, fuse_req_t req, const char *data, ssize_t result)
{
	if (!lab_is_due(mount->lab))
		return false;
	if (answers_hold(&mount->answers, req, data, result, lab_command(mount->lab)))
		return true;
	lab_settle(mount->lab);
	return false;
}

static void on_settled(void *ctx, int error)
{
	answers_give(&((struct mount *)ctx)->answers, error);
}

static void on_taken_back(void *ctx, uint64_t command, int error)
{
	answers_take_back(&((struct mount *)ctx)->answers, command, error);
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

/* The machine may have changed: tells the pollers whose files have become ready. */
static void on_changed(void *ctx)
{
	struct mount *mount = ctx;
	struct open_file *next;

	for (struct open_file *f = LIST_FIRST(&mount->waiting); f; f = next) {
		next = LIST_NEXT(f, waiting);
		if (!((uint16_t)lab_poll(&f->file) & (f->events | POLLERR | POLLHUP)))
			continue;
		fuse_lowlevel_notify_poll(f->ph);
		stop_waiting(f);
	}
}

static void reply_write(struct mount *mount, fuse_req_t req, ssize_t result)
{
	if (!is_kept(mount, req, NULL, result))
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
	reply_write(f->mount, req, result);
}

/* Interrupts the call of a write; if the journal takes no records, the write alone ends. */
static void interrupt(struct open_file *f)
{
	if (!lab_interrupt(&f->file))
		write_done(f, -EINTR);
}

/* A fuse_interrupt_func_t: the process that waits in a write got a signal. */
static void write_interrupted(fuse_req_t req, void *data)
{
	struct open_file *f = data;

	if (f->writer != req)
		return;
	interrupt(f);
	lab_changed(f->mount->lab);
}

static void close_file(struct open_file *f)
{
	stop_waiting(f);
	if (f->writer)
		interrupt(f);
	LIST_REMOVE(f, open);
	lab_close(&f->file);
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
	struct mount *mount = mount_of(req);
	struct fuse_entry_param e = { .attr_timeout = TIMEOUT, .entry_timeout = TIMEOUT };
	fdl_ino ino;
	int r;

	r = fdl_lookup(mount->machine, ino_of(req, parent), name, &ino);
	if (!r)
		r = getattr(mount, ino, &e.attr);
	if (!r) {
		e.ino = ino;
		if (wants_own_inode(&e.attr))
			r = nodes_alias(&mount->nodes, ino, &e.ino);
	}
	if (r)
		fuse_reply_err(req, -r);
	else if (fuse_reply_entry(req, &e))
		nodes_forget(&mount->nodes, e.ino);
}

static void op_forget(fuse_req_t req, fuse_ino_t node, uint64_t nlookup)
{
	(void)nlookup;
	nodes_forget(&mount_of(req)->nodes, node);
	fuse_reply_none(req);
}

static void op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		nodes_forget(&mount_of(req)->nodes, forgets[i].ino);
	fuse_reply_none(req);
}

static void op_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct stat st;
	int r = getattr(mount_of(req), ino_of(req, node), &st);

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
static int may_set(struct mount *mount, fdl_ino ino, const struct stat *st, int to_set)
{
	if (fdl_is_read_only(mount->machine, ino))
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
	int r = getattr(mount_of(req), ino, &st);

	(void)attr, (void)fi;
	if (!r)
		r = may_set(mount_of(req), ino, &st, to_set);
	if (r)
		fuse_reply_err(req, -r);
	else
		fuse_reply_attr(req, &st, TIMEOUT);
}

static void op_readlink(fuse_req_t req, fuse_ino_t node)
{
	char target[PATH_MAX];
	ssize_t n =
		fdl_readlink(mount_of(req)->machine, ino_of(req, node), target, sizeof(target) - 1);

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
	int r = getattr(mount_of(req), ino_of(req, node), &st);

	if (r)
		fuse_reply_err(req, -r);
	else
		fuse_reply_open(req, fi);
}

static void op_readdir(fuse_req_t req, fuse_ino_t node, size_t size, off_t off,
		       struct fuse_file_info *fi)
{
	struct mount *mount = mount_of(req);
	fdl_ino dir = ino_of(req, node);
	uint64_t cookie = (uint64_t)off;
	struct fdl_dirent de;
	size_t used = 0;
	int r;

	(void)fi;
	r = reserve(mount, size);
	if (r)
		goto error;
	for (;;) {
		struct stat st = { .st_mode = 0 };
		size_t len;

		r = fdl_readdir(mount->machine, dir, &cookie, &de);
		if (r <= 0)
			break;
		/* A file of the machine has its number there, and stat(2) says that. */
		st.st_ino = de.ino;
		if (fdl_is_simulated(mount->machine, de.ino))
			getattr(mount, de.ino, &st);
		st.st_mode = de.mode;
		len = fuse_add_direntry(req, mount->buf + used, size - used, de.name, &st,
					(off_t)cookie);
		if (len > size - used)
			break;
		used += len;
	}
	if (r < 0 && !used)
		goto error;
	fuse_reply_buf(req, mount->buf, used);
	return;
error:
	fuse_reply_err(req, -r);
}

/* ---- open files ------------------------------------------------------------------------------ */

/* made: the text, or NULL. */
static int open_file(struct mount *mount, fdl_ino ino, int flags, const struct fdl_made *made,
		     struct open_file **fp)
{
	struct open_file *f = calloc(1, sizeof(*f));
	int r;

	if (!f) {
		if (made)
			free(made->text);
		return -ENOMEM;
	}
	f->mount = mount;
	if (made)
		r = lab_open_made(mount->lab, ino, flags, made, &f->file);
	else
		r = lab_open(mount->lab, ino, flags, &f->file);
	if (r) {
		free(f);
		return r;
	}
	LIST_INSERT_HEAD(&mount->open, f, open);
	*fp = f;
	return 0;
}

/*
 * fuse_reply_open does not know FOPEN_STREAM, without which a description that two processes share
 * cannot be read while a write through it waits. FOPEN_NOFLUSH keeps close from waiting likewise.
 */
static void open_and_reply(fuse_req_t req, fdl_ino ino, int flags, const struct fdl_made *made)
{
	struct fuse_open_out out = { .open_flags = FOPEN_DIRECT_IO | FOPEN_NOFLUSH };
	struct open_file *f;
	int r = open_file(mount_of(req), ino, flags, made, &f);

	if (r) {
		fuse_reply_err(req, -r);
		return;
	}
	out.fh = (uintptr_t)f;
	if (fdl_is_stream(f->file.handle))
		out.open_flags |= FOPEN_NONSEEKABLE | FOPEN_STREAM;
	if (fuse_reply_buf(req, (const char *)&out, sizeof(out)))
		close_file(f);
}

static void reply_read(struct mount *mount, fuse_req_t req, ssize_t n)
{
	if (!is_kept(mount, req, mount->buf ? mount->buf : "", n))
		answer_read(req, mount->buf, n);
}

static void free_reader(struct text_reader *r)
{
	LIST_REMOVE(r, link);
	free(r);
}

/* A made_fn: the text that a reader waits for is there. */
static void on_made(void *ctx, const struct fdl_made *made)
{
	struct text_reader *r = ctx;
	struct mount *mount = r->mount;
	ssize_t n;

	fuse_req_interrupt_func(r->req, NULL, NULL);
	if (!r->file) {
		open_and_reply(r->req, r->ino, r->flags, made);
	} else {
		n = reserve(mount, r->size);
		if (n)
			free(made->text);
		else
			n = fdl_reread(r->file->file.handle, made, mount->buf, r->size);
		reply_read(mount, r->req, n);
	}
	free_reader(r);
}

static void stop_reader(struct text_reader *r)
{
	making_drop(r->making);
	fuse_reply_err(r->req, EINTR);
	free_reader(r);
}

/* A fuse_interrupt_func_t: the process that waits for a text got a signal. */
static void reader_interrupted(fuse_req_t req, void *data)
{
	struct mount *mount = data;
	struct text_reader *r;

	LIST_FOREACH(r, &mount->readers, link)
	{
		if (r->req == req) {
			stop_reader(r);
			return;
		}
	}
}

/* Has a text made for a request. False: it is to be made at once. */
static bool wait_for_text(fuse_req_t req, const struct text_reader *of)
{
	struct mount *mount = mount_of(req);
	struct makers *makers = lab_its_makers(mount->lab);
	struct text_reader *r = makers ? malloc(sizeof(*r)) : NULL;

	if (!r)
		return false;
	*r = *of;
	r->mount = mount;
	r->req = req;
	r->making = makers_ask(makers, r->ino, on_made, r);
	if (!r->making) {
		free(r);
		return false;
	}
	LIST_INSERT_HEAD(&mount->readers, r, link);
	/* It is called at once if the signal has come already. */
	fuse_req_interrupt_func(req, reader_interrupted, mount);
	return true;
}

static void op_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	const struct text_reader r = { .ino = ino_of(req, node), .flags = fi->flags };

	if ((fi->flags & O_ACCMODE) == O_RDONLY && fdl_takes_long(mount_of(req)->machine, r.ino) &&
	    wait_for_text(req, &r))
		return;
	open_and_reply(req, r.ino, r.flags, NULL);
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
	struct mount *mount = mount_of(req);
	const struct text_reader r = { .ino = ino_of(req, node),
				       .file = open_file_of(fi),
				       .size = size };
	ssize_t n;

	if (!off && fdl_rereads_long(r.file->file.handle) && wait_for_text(req, &r))
		return;
	n = reserve(mount, size);
	if (!n)
		n = fdl_read(r.file->file.handle, mount->buf, size, off, fi->flags);
	reply_read(mount, req, n);
}

static void op_write(fuse_req_t req, fuse_ino_t node, const char *buf, size_t size, off_t off,
		     struct fuse_file_info *fi)
{
	struct mount *mount = mount_of(req);
	struct open_file *f = open_file_of(fi);
	ssize_t n;

	(void)node, (void)off;
	if (f->writer) {
		fuse_reply_err(req, EBUSY);
		return;
	}
	n = lab_write(&f->file, buf, size, fi->flags, write_done, f);
	if (n == -EINPROGRESS) {
		f->writer = req;
		fuse_req_interrupt_func(req, write_interrupted, f);
	} else {
		reply_write(mount, req, n);
	}
	lab_changed(mount->lab);
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
		LIST_INSERT_HEAD(&mount_of(req)->waiting, f, waiting);
	}
	fuse_reply_poll(req, (uint16_t)lab_poll(&f->file));
}

int mount_refusal(fuse_req_t req, fuse_ino_t parent, int error)
{
	return fdl_is_read_only(mount_of(req)->machine, ino_of(req, parent)) ? EROFS : error;
}

/* ---- a session ------------------------------------------------------------------------------- */

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
	(void)userdata;
	conn->max_write = WRITE_MAX;
}

static const struct fuse_lowlevel_ops mount_ops = {
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

struct fuse_session *mount_session(struct mount *mount, struct fuse_args *args)
{
	return fuse_session_new(args, &mount_ops, sizeof(mount_ops), mount);
}

int mount_new(struct lab *lab, struct mount **mountp)
{
	struct mount *mount = calloc(1, sizeof(*mount));

	if (!mount)
		return -ENOMEM;
	mount->lab = lab;
	mount->machine = lab_machine(lab);
	answers_init(&mount->answers);
	LIST_INIT(&mount->open);
	LIST_INIT(&mount->waiting);
	LIST_INIT(&mount->readers);
	mount->uid = getuid();
	mount->gid = getgid();
	mount->server = (struct lab_server){ on_changed, on_settled, on_taken_back, mount, NULL };
	lab_add_server(lab, &mount->server);
	*mountp = mount;
	return 0;
}

void mount_interrupt(struct mount *mount)
{
	for (struct open_file *f = LIST_FIRST(&mount->open); f; f = LIST_NEXT(f, open)) {
		if (f->writer)
			interrupt(f);
	}
	while (!LIST_EMPTY(&mount->readers))
		stop_reader(LIST_FIRST(&mount->readers));
	lab_settle(mount->lab);
}

void mount_free(struct mount *mount)
{
	if (!mount)
		return;
	while (!LIST_EMPTY(&mount->open))
		close_file(LIST_FIRST(&mount->open));
	nodes_destroy(&mount->nodes);
	free(mount->buf);
	free(mount);
}
