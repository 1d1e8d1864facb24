/*
 * struct file, the open file description: open makes it, dup and fork share it, the last close
 * frees it. It knows its inode, and nothing of descriptor tables.
 */
#ifndef FILE_H
#define FILE_H

#include "base/list.h"
#include "machine/task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct dentry;
struct dir_context;
struct fdl_machine;
struct file;
struct fown_struct;
struct inode;
struct poll_table;
struct task;
struct text;

enum {
	FMODE_READ = 1,
	FMODE_WRITE = 2,
	FMODE_PATH = 4,    /* O_PATH: a name only */
	FMODE_LSEEK = 8,   /* has a position */
	FMODE_PREAD = 16,  /* can be read and written at any position */
	FMODE_NOWAIT = 64, /* RWF_NOWAIT is allowed */
	FMODE_UNCOUNTED =
		128, /* neither a reader nor a writer of its inode, as memfd_create leaves it */
	FMODE_CREATED = 32,   /* the open that made it made the file, too */
	FMODE_NONOTIFY = 256, /* its reads and writes are reported to no mark */
};

/*
 * The operations of a kind of object. As in the kernel, a NULL read or write is EINVAL, and without
 * llseek both lseek and pread are ESPIPE. The access mode has been checked before a call.
 */
struct file_ops {
	/* The operations touch nothing but the description and its inode (machine/touch.h). */
	bool traced;
	/* RWF_NOWAIT is allowed. */
	bool nowait;
	/* FMODE_READ, FMODE_WRITE: readv, writev make a read or a write of each piece. */
	unsigned by_pieces;
	/* Move up to count bytes at *pos, and advance it; may block. The number, or an error. */
	ssize_t (*read)(struct task *current, struct file *f, char *buf, size_t count, off_t *pos);
	/*
	 * The buffer of a write is NULL if the caller's cannot be read: EFAULT once it is needed.
	 */
	ssize_t (*write)(struct task *current, struct file *f, const char *buf, size_t count,
			 off_t *pos);
	/*
	 * As read, for splice and sendfile; nonblock: with SPLICE_F_NONBLOCK. NULL: they are
	 * EINVAL. And whether they can write to it.
	 */
	ssize_t (*splice_read)(struct task *current, struct file *f, char *buf, size_t count,
			       off_t *pos, bool nonblock);
	bool splice_write;
	/* A read at pos returns no more than this, even if it waits; NULL: there is no bound. */
	size_t (*readable)(const struct file *f, off_t pos);
	/* The bytes that could be read now, as ioctl's FIONREAD says, or an error; NULL: ENOTTY. */
	ssize_t (*available)(const struct file *f);
	/*
	 * The error of a request of ioctl that the model has not: ENOSYS if the kernel has it for
	 * this object, or else the object's own error. NULL: ENOTTY.
	 */
	int (*ioctl)(const struct file *f, unsigned request);
	off_t (*llseek)(struct file *f, off_t offset, int whence);
	/*
	 * Emits the entries of a directory from ctx->pos on (readdir.h). 0 or an error. NULL:
	 * ENOTDIR.
	 */
	int (*iterate)(struct task *current, struct file *f, struct dir_context *ctx);
	/*
	 * The EPOLL* events that hold now; names each list that announces a change of them to
	 * poll_wait, with pt. NULL: always readable and writable, and epoll_ctl is EPERM.
	 */
	unsigned (*poll)(struct file *f, struct poll_table *pt);
	/* A reference went that was not the last, of a description in transit. */
	void (*dropped)(struct file *f);
	/*
	 * Sets or clears O_ASYNC for descriptor fd: fasync_helper with the object's list. 0 or an
	 * error. NULL: the object sends no signals.
	 */
	int (*fasync)(struct task *current, struct file *f, int fd, bool on);
	/* Called at every close, with the table that closes; an error is close's. May be NULL. */
	int (*flush)(struct task *current, struct file *f, void *owner);
	/* The last reference has gone, and the inode's counts are right already. May be NULL. */
	void (*release)(struct task *current, struct file *f);
	/*
	 * The inode at the object's other end, whose descriptions with any of *mode count; NULL: it
	 * is gone. A NULL function: the object has no other end.
	 */
	const struct inode *(*other_end)(const struct file *f, unsigned *mode);
	/* Adds this kind's own lines to fdinfo. May be NULL. */
	void (*fdinfo)(const struct file *f, struct text *out);
};

/*
 * A watch on a description, without a reference to it (epoll). Its owner adds it to the
 * description's list, and takes it out again: at the latest in released, which is called when the
 * last reference has gone.
 */
struct file_watch {
	struct list of_file;
	void (*released)(struct file_watch *watch);
};

struct file {
	struct list all; /* in the machine's list, the oldest first */
	struct fdl_machine *machine;
	uint64_t id; /* counts from 1, and is not used again */
	uint64_t count;
	uint64_t leaked; /* references that misuse by hand lost, and that are never dropped */
	/*
	 * The calls that are using it, where the kernel counts them (NetBSD): a description without
	 * references is released at the end of its last use.
	 */
	uint32_t uses;
	bool in_transit : 1;  /* a message holds it: ops->dropped is told */
	bool flushes : 1;     /* ops->flush is not NULL; beside in_transit for filp_close */
	uint32_t posix_locks; /* POSIX locks that were taken by it: lock_index.c */
	bool larval;          /* in a table, but not opened yet: it may have no inode */
	bool wantclose;       /* the last reference has gone, a use has not ended */
	uint32_t place;       /* among all descriptions, in the last census */
	unsigned flags;       /* f_flags: O_*, without O_CLOEXEC and the flags of open alone */
	unsigned mode;        /* FMODE_* */
	off_t pos;
	struct inode *inode; /* holds a reference */
	/* The name that it was opened by, holds a reference; NULL: none (a pipe). */
	struct dentry *dentry;
	const struct file_ops *ops;
	void *private;       /* the object's own */
	struct list watches; /* file_watch.of_file, the newest first */
	struct fown_struct
		*owner; /* is told by signals (fown.h); NULL: nothing was said about it */
};

/*
 * A new description with count 1, of an inode and a dentry (may be NULL), to which it takes
 * references of its own. flags are open's. NULL and *error: -ENFILE at file-max (the kernel log
 * says so, once per crossing), -ENOMEM (one allocation for fail-nth).
 */
struct file *alloc_file(struct task *current, struct inode *inode, struct dentry *dentry,
			unsigned flags, const struct file_ops *ops, int *error);

/*
 * The same in steps, for open(2), which knows its inode only after the walk, and may fail even
 * then: memory; the inode, among whose readers and writers it counts; and its place in the
 * machine's list, with an event. A description that was not published is freed by free_file.
 */
struct file *alloc_empty_file(struct task *current, unsigned flags, int *error);
void file_attach(struct file *f, struct inode *inode, struct dentry *dentry,
		 const struct file_ops *ops);
void file_publish(struct task *current, struct file *f);
void free_file(struct file *f);

/* The description counts among its inode's readers and writers no more, whatever its mode. */
void file_uncount(struct file *f);

/* Undoes file_attach. */
void file_detach(struct file *f);

/* Sets the flags of a description that was made before they were known. */
void file_set_flags(struct file *f, unsigned flags);

/* Gives a description its id and its place in the machine's list: no object yet, and no event. */
void file_enlist(struct file *f);

/* Frees the memory that is kept for new descriptions. */
void file_free_spare(struct fdl_machine *m);

/* An llseek that leaves the position where it is. */
off_t noop_llseek(struct file *f, off_t offset, int whence);

/* Takes a reference. */
static inline struct file *get_file(struct file *f)
{
	f->count++;
	return f;
}

/* Drops a reference: true if it was the last. */
static inline bool file_drop(struct file *f)
{
	if (--f->count == 0)
		return true;
	if (__builtin_expect(f->in_transit, 0))
		f->ops->dropped(f);
	return false;
}

/*
 * A call notes the references that are its own, so that the tree can tell which call in flight
 * holds a description: call_holds when it has got one, call_drops when it has dropped it or handed
 * it on. Only a call on a coroutine can be in flight.
 */
void call_note(struct call *c, const struct file *f);
void call_unnote(struct call *c, const struct file *f);

static inline struct file *call_holds(struct task *current, struct file *f)
{
	if (__builtin_expect(current->call->co != NULL, 0))
		call_note(current->call, f);
	return f;
}

static inline void call_drops(struct task *current, const struct file *f)
{
	if (__builtin_expect(current->call->co != NULL, 0))
		call_unnote(current->call, f);
}

/*
 * Drops a reference. After the last one, at the preemption point fput, the object is released and
 * the description freed.
 */
void fput(struct task *current, struct file *f);

/* Releases and frees a description without references and uses. */
void file_release(struct task *current, struct file *f);

/*
 * A use begins, and ends. If the description has no references any more, the end of the last use
 * releases it, and the end of the last but one wakes the call that waits to close it.
 */
static inline void file_use(struct file *f)
{
	f->uses++;
}

void file_unuse(struct task *current, struct file *f);

/* The second half of file_unuse, for a description without references. */
void file_drained(struct task *current, struct file *f);

/* Reports what dropping a reference touches; it must not depend on whether it is the last. */
void touch_dropped(const struct file *f);

/* The first step of every close: the object's flush, if it has one, with the table that closes. */
int file_flush(struct task *current, struct file *f, void *owner);

/*
 * Closes a file for a table, owner, whose POSIX locks on the inode it deletes: flush, locks, fput.
 * current may be an exiting task. 0, or the error of the object's flush.
 */
int filp_close(struct task *current, struct file *f, void *owner);

/* The EPOLL* events that hold now. The object names its lists to pt, which may be NULL. */
unsigned vfs_poll(struct file *f, struct poll_table *pt);

/* The name as the links of fd/ show it: "/etc/passwd", "/tmp/x (deleted)", "pipe:[12]". */
void file_name(const struct file *f, struct text *out);

/* The same on one line: unprintable bytes are escaped. */
void put_file_name(struct text *out, const struct file *f);

/* The access mode as a word: "r", "w", "rw", "path" for O_PATH, "none". */
const char *mode_word(const struct file *f);

/* The permissions of the links in fd/, as the description was opened for reading or writing. */
static inline mode_t fd_link_mode(const struct file *f)
{
	return (f->mode & FMODE_READ ? 0500u : 0) | (f->mode & FMODE_WRITE ? 0300u : 0);
}

/* The description with this id, or NULL. It walks over all: only for the tree and calls by hand. */
struct file *file_find(struct fdl_machine *m, uint64_t id);

#endif
