/*
 * filedesc, the NetBSD kernel's descriptor table, as kern_descrip.c of NetBSD 4.0 has it. Functions
 * and members bear the kernel's names; `current` is the calling lwp, which the kernel knows from
 * the CPU. lib/netbsd/README.md says what each function does and in which order it checks.
 *
 * fd_slock does not exist as an object. The model gives way only at preemption points and in
 * closef's wait, and the kernel holds the lock at none of these.
 */
#ifndef NETBSD_FILEDESC_H
#define NETBSD_FILEDESC_H

#include "base/sparse.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dentry;
struct fdl_machine;
struct file;
struct inode;
struct refs;
struct text;

#define NDFILE     20u /* slots embedded in a filedesc */
#define NDEXTENT   50u /* the first size beyond them */
#define NDENTRIES  32u /* descriptors in a word of lomap; words of lomap in a word of himap */
#define NDMAP_BITS (NDENTRIES * NDENTRIES) /* descriptors in a word of himap */
#define UF_EXCLOSE 0x01u                   /* in ofileflags: close on exec */

struct filedesc {
	unsigned fd_refcnt;
	unsigned fd_nfiles; /* slots */
	int fd_lastfile;    /* the highest descriptor in use; -1: none */
	int fd_freefile;    /* where fdalloc looks first */
	uint32_t id;
	unsigned by_hand;    /* marked and empty descriptors that no call in flight will fill */
	struct sparse slots; /* ofiles, ofileflags, lomap, himap: see fdtable.h */
	struct sparse_leaf first;       /* its embedded part */
	struct kmem self, ofiles, maps; /* the kernel's allocations, for the account */
};

/* The part of a machine that belongs to this kernel. */
struct netbsd_machine {
	uint32_t next_id;          /* of a table; starts over after four billion */
	bool odd;                  /* some table has or had what no call in flight will finish */
	struct wait_queue changed; /* F_CLOSEM waits for a descriptor that cannot be closed yet */
};

static inline struct netbsd_machine *netbsd_machine(const struct task *current)
{
	return current->machine->kernel_data;
}

/* Descriptors are below this: the smaller one of the soft RLIMIT_NOFILE and kern.maxfiles. */
int64_t fd_limit(const struct task *current);

/* The file of a descriptor, which may be any number; NULL: empty, larval or being closed. */
struct file *fd_getfile(const struct task *current, const struct filedesc *fdp, int64_t fd);

/* Lets closem, which waits for a descriptor that it could not close, look again. */
void tell_changed(struct task *current);

/* Marks a descriptor in the maps, and takes the mark away. fd_used: 0 or -ENOMEM. */
int fd_used(struct task *current, struct filedesc *fdp, int fd);
void fd_unused(struct task *current, struct filedesc *fdp, int fd);
/*
 * Marks a descriptor again if its mark has gone since the caller set it, or if lastfile, which
 * passes over empty slots, has sunk below it. The kernel does not look: it may give the number out
 * a second time, or never close the file. 0 or -ENOMEM.
 */
int fd_used_still(struct task *current, struct filedesc *fdp, int fd);

/*
 * Marks the lowest free descriptor from want on: 0 and *result, -EMFILE, -ENOMEM, or -ENOSPC, which
 * fdexpand mends.
 */
int fdalloc(struct task *current, int want, int *result);
void fdexpand(struct task *current);
/* fdalloc, with as many expansions as it takes. */
int fdalloc_expand(struct task *current, int want, int *result);

/* A new larval file in the lowest free slot, used by the caller: 0, -EMFILE, -ENFILE, -ENOMEM. */
int falloc(struct task *current, struct file **f, int *fd);
/* FILE_SET_MATURE and FILE_UNUSE: the file can be used from now on, and the caller's use ends. */
void file_mature(struct task *current, struct file *f, int fd);
/* Drops a larval file whose open failed. Its slot is empty then, and marked still. */
void falloc_undo(struct task *current, struct file *f, int fd);
/* The same, and gives the descriptor back. */
void falloc_fail(struct task *current, struct file *f, int fd);
/* Frees a larval file, unless a copied table refers to it, or a closer waits for the caller. */
void ffree(struct task *current, struct file *f);

/*
 * Empties a slot, whatever is in it, and takes its mark. The file that was there and its reference
 * are the caller's; NULL: there was none.
 */
struct file *fdremove(struct task *current, struct filedesc *fdp, int fd);
/* close(2). fd may be any number. 0, -EBADF, or the error of the file's flush. */
int fdrelease(struct task *current, int64_t fd);
/*
 * Takes the caller's use of f and the reference of the slot that f was in. The last reference waits
 * for the end of all other uses. 0, or the error of the file's flush.
 */
int closef(struct task *current, struct file *f);
/*
 * The descriptor new, which is marked, gets old's file. f is the file that old had when the caller
 * looked, and the caller's use of it ends. Closes what new had. new, -EBADF or -ENOMEM.
 */
int finishdup(struct task *current, struct file *f, int old, int new);

/* A new table with refcnt 1: empty, or a copy of current's. NULL: no memory. */
struct filedesc *fdinit(struct task *current);
struct filedesc *fdcopy(struct task *current);
/* task's table, which may be NULL, with one user more. */
struct filedesc *fdshare(struct task *task);
/* A private copy in place of a shared table; an empty table in place of any. 0 or -ENOMEM. */
int fdunshare(struct task *current);
int fdclear(struct task *current);
/* One user less. The last one closes every file and frees the table. */
void fdfree(struct task *current, struct filedesc *fdp);
/* For exec: closes every descriptor that is close-on-exec; -ENOMEM: nothing is done. */
int fdcloseexec(struct task *current);
/* For exec of a set-id program: opens /dev/null for 0, 1 and 2. 0 or an error of open. */
int fdcheckstd(struct task *current);

/*
 * Makes the larval file f in the slot of fd an open of a cloning device, and remembers fd for
 * dupfdopen. -EMOVEFD, always.
 */
int fdclone(struct task *current, struct file *f, int fd, unsigned flags, struct inode *inode,
	    struct dentry *dentry);
/*
 * For open, after its name's open failed with -EDUPFD or -EMOVEFD: indx gets dfd's file. 0, or
 * an error and nothing is done.
 */
int dupfdopen(struct task *current, int indx, int64_t dfd, unsigned flags, int error);

/*
 * Descriptors for the n files of a message, of which each gets a reference: all of them, in fds, or
 * -EMSGSIZE or -ENOMEM and none. The receiver has room for the numbers of so many; the others are
 * closed again.
 */
int unp_externalize(struct task *current, struct file *const *files, size_t n, size_t room,
		    int *fds);

/* Whether it is a kqueue, which no copy of a table gets. */
bool is_kqueue(const struct file *f);

/* The check of struct kernel (machine/kernel.h). */
int netbsd_check(const struct fdl_machine *m, const void *table, size_t users, size_t calls,
		 struct refs *files, struct text *why);

#endif
