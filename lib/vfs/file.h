/*
 * struct file, the open file description: what open makes, dup shares, fork shares, and the last
 * close frees. It knows the inode that it is of, and nothing of descriptor tables.
 */
#ifndef FILE_H
#define FILE_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct dentry;
struct fdl_machine;
struct file;
struct inode;
struct poll_table;
struct task;
struct text;

enum {
	FMODE_READ = 1,
	FMODE_WRITE = 2,
	FMODE_PATH = 4,   /* O_PATH: a name only */
	FMODE_LSEEK = 8,  /* has a position */
	FMODE_PREAD = 16, /* and can be read and written at others */
};

/*
 * What can be done with a file, by the kind of its object. A NULL read or write is EINVAL, as in
 * the kernel; a NULL llseek is ESPIPE, and so is pread then. Functions are called with the access
 * mode checked.
 */
struct file_ops {
	/* They touch nothing but the description and its inode (touch.h). */
	bool traced;
	/* Up to count bytes at *pos, which they move; may block. The number, or an error. */
	ssize_t (*read)(struct task *current, struct file *f, char *buf, size_t count, off_t *pos);
	ssize_t (*write)(struct task *current, struct file *f, const char *buf, size_t count,
			 off_t *pos);
	/* No read at pos brings more than this, however long it waits; NULL: there is no bound. */
	size_t (*readable)(const struct file *f, off_t pos);
	/* The bytes that could be read now, as ioctl's FIONREAD says; NULL: ENOTTY. */
	size_t (*available)(const struct file *f);
	off_t (*llseek)(struct file *f, off_t offset, int whence);
	/*
	 * The EPOLL* events that hold now; each list on which a change of them is told goes to
	 * poll_wait with pt. NULL: always readable and writable, and nothing for epoll.
	 */
	unsigned (*poll)(struct file *f, struct poll_table *pt);
	/* At every filp_close, by the table that closes: an error is close's. May be NULL. */
	int (*flush)(struct task *current, struct file *f, void *owner);
	/* When the last reference has gone, readers and writers counted already. May be NULL. */
	void (*release)(struct task *current, struct file *f);
	/*
	 * The inode at its other end, of which the descriptions count that have any of *mode; NULL:
	 * there is none, or it is gone. A NULL function: it has no other end.
	 */
	const struct inode *(*other_end)(const struct file *f, unsigned *mode);
	/* What procfs adds to fdinfo for this kind, whole lines; NULL: nothing. */
	void (*fdinfo)(const struct file *f, struct text *out);
};

/*
 * A watch that an object of a room above keeps on a description, without a reference to it. Its
 * owner puts it into the description's list, and takes it out again, at the latest in released,
 * which is called once the last reference has gone.
 */
struct file_watch {
	struct list of_file;
	void (*released)(struct file_watch *watch);
};

/* Of a description that has no object yet, and of objects that nothing can be done with. */
extern const struct file_ops no_fops;

struct file {
	struct list all; /* the machine's files, oldest first */
	struct fdl_machine *machine;
	uint64_t id; /* counts from 1, never given out again */
	uint64_t count;
	uint64_t leaked; /* references that a misuse by hand lost: nobody will drop them */
	/*
	 * Where the kernel counts them, the calls that are using it now: what has lost its last
	 * reference is released with its last use.
	 */
	uint32_t uses;
	bool larval;    /* in a table already, and being opened still: it may have no inode yet */
	bool wantclose; /* the last reference is gone, a use is not */
	unsigned flags; /* f_flags: O_*, without O_CLOEXEC and what only matters to open */
	unsigned mode;  /* FMODE_* */
	off_t pos;
	struct inode *inode; /* holds a reference */
	/* The name it was opened by, holds a reference; NULL: none (a pipe). */
	struct dentry *dentry;
	const struct file_ops *ops;
	void *private;       /* the object's own */
	struct list watches; /* file_watch.of_file, the newest first */
};

/*
 * A new description with count 1, of inode (and dentry, may be NULL), of which it takes references
 * of its own. flags are open's: mode and f_flags are made from them. ENFILE at file-max (and the
 * kernel log, once per crossing), ENOMEM (one allocation for fail-nth); then *error is set and NULL
 * returned.
 */
struct file *alloc_file(struct task *current, struct inode *inode, struct dentry *dentry,
			unsigned flags, const struct file_ops *ops, int *error);

/*
 * The same step by step, for open(2), which knows only after the walk what it opens, and may fail
 * even then: room for a description; what it is of, counted among the inode's readers and writers;
 * and its place among the machine's files. Until then nobody sees it, and free_file gives it back.
 */
struct file *alloc_empty_file(struct task *current, unsigned flags, int *error);
void file_attach(struct file *f, struct inode *inode, struct dentry *dentry,
		 const struct file_ops *ops);
void file_publish(struct task *current, struct file *f);
void free_file(struct file *f);

/* Takes back what file_attach did. */
void file_detach(struct file *f);

/* The flags of an open for a description that was made before they were known. */
void file_set_flags(struct file *f, unsigned flags);

/* Puts it among the machine's files without an object yet, and without an event: it gets its id. */
void file_enlist(struct file *f);

/* Frees the memory that is kept for descriptions to come. */
void file_free_spare(struct fdl_machine *m);

/* For objects that have a position in name only: it stays where it is. */
off_t noop_llseek(struct file *f, off_t offset, int whence);

/* One reference more. */
static inline struct file *get_file(struct file *f)
{
	f->count++;
	return f;
}

/* One reference less; the last one [point fput] releases the object and frees the description. */
void fput(struct task *current, struct file *f);

/* What follows when neither a reference nor a use is left. */
void file_release(struct task *current, struct file *f);

/*
 * A use of it begins, and ends: whoever waits for the others to end is woken where that leaves him
 * alone with it, and where nobody is left it is released.
 */
static inline void file_use(struct file *f)
{
	f->uses++;
}

void file_unuse(struct task *current, struct file *f);
/* What the end of a reference touches, the last one or not (touch.h). */
void touch_dropped(const struct file *f);
void file_drained(struct task *current,
		  struct file *f); /* the rest of it where f is to be closed */

/* What every close does first: the object's flush, if it has one, for the table that closes. */
int file_flush(struct task *current, struct file *f, void *owner);

/*
 * What close does to a file: SEMANTICS filp_close. owner is the table whose POSIX locks go. current
 * may be an exiting task. 0, or the error of the object's flush.
 */
int filp_close(struct task *current, struct file *f, void *owner);

/* The EPOLL* events that hold now; the lists of the object are named to pt, which may be NULL. */
unsigned vfs_poll(struct file *f, struct poll_table *pt);

/* Its name as the links of fd/ show it: "/etc/passwd", "/tmp/x (deleted)", "pipe:[12]". */
void file_name(const struct file *f, struct text *out);

/* The same on one line, whatever bytes are in it. */
void put_file_name(struct text *out, const struct file *f);

/* Its access mode as a word: "r", "w", "rw", "path" for O_PATH, "none". */
const char *mode_word(const struct file *f);

/* The permissions of its links in fd/: what it was opened for; none where it was for neither. */
static inline mode_t fd_link_mode(const struct file *f)
{
	return (f->mode & FMODE_READ ? 0500u : 0) | (f->mode & FMODE_WRITE ? 0300u : 0);
}

/* The description with this id, or NULL. A walk over all: for the tree and calls by hand only. */
struct file *file_find(struct fdl_machine *m, uint64_t id);

#endif
