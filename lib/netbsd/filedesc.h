/*
 * filedesc, the NetBSD kernel's descriptor table (kern_descrip.c of NetBSD 4.0). The functions are
 * the kernel's, by its names; `current` is the lwp that calls, explicitly. SEMANTICS: filedesc to
 * dupfdopen. fd_lock is not there as an object: the model gives way only at preemption points and
 * in closef's wait, and those are where the kernel does not hold it. lomap and ofileflags are bits
 * of the sparse array, and himap follows from lomap.
 */
#ifndef NETBSD_FILEDESC_H
#define NETBSD_FILEDESC_H

#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "base/sparse.h"
#include "machine/task.h"
#include "machine/touch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_machine;
struct file;
struct inode;
struct dentry;
struct text;

#define NDFILE     20u /* slots embedded in a filedesc */
#define NDEXTENT   50u /* the first size beyond them */
#define NDENTRIES  32u /* descriptors of a word of lomap, words of lomap of a bit word of himap */
#define NDMAP_BITS (NDENTRIES * NDENTRIES) /* descriptors of a word of himap */
#define UF_EXCLOSE 0x01                    /* in ofileflags */
#define LOMAP      SPARSE_MAP0
#define FILEFLAGS  SPARSE_MAP1 /* UF_EXCLOSE is the one flag */
#define OFILES     SPARSE_SLOT

struct filedesc {
	unsigned refcnt;
	unsigned nfiles;
	int lastfile; /* -1: none */
	int freefile; /* where to look first */
	uint32_t id;
	unsigned by_hand; /* descriptors reserved by a person, or copied while they were reserved */
	struct sparse fds;
	struct sparse_leaf first;
	struct kmem self, ofiles, maps;
};

/* What a machine with this kernel has. */
struct netbsd_machine {
	uint32_t next_id; /* starts over after four billion: ids are for people */
	bool odd;         /* some table has, or had, what no call in flight is going to finish */
	struct wait_queue changed; /* who wants to close what cannot be closed yet */
};

static inline struct netbsd_machine *netbsd_machine(const struct task *current)
{
	return current->machine->kernel_data;
}

/* Descriptors are below the soft RLIMIT_NOFILE and kern.maxfiles. */
int64_t fd_limit(const struct task *current);

/* The file in a slot, larval or not, or NULL; fd may be any number. */
struct file *fd_slot(const struct filedesc *fdp, int64_t fd);

/* The same of a file that can be used: neither larval nor being closed. */
struct file *fd_getfile(const struct task *current, const struct filedesc *fdp, int64_t fd);

/* What a step touches of a descriptor: its marks, its flag and its slot. */
void touch_descriptor(const struct task *current, enum touch how, const struct filedesc *fdp,
		      int64_t fd);
/* A descriptor gets its flag or not, which who goes over all of them sees, too. */
void touch_exclose(const struct task *current, const struct filedesc *fdp, int64_t fd);

/* Marks a descriptor in the maps, and takes the mark away. fd_used: 0 or -ENOMEM. */
int fd_used(struct task *current, struct filedesc *fdp, int fd);
void fd_unused(struct task *current, struct filedesc *fdp, int fd);
/*
 * A slot that was marked some time ago is about to be filled: since then the mark may have gone, and
 * lastfile, which passes over what is empty, may have sunk below it. The kernel does not look, and
 * may give the number out a second time, or never close what is there. 0 or -ENOMEM.
 */
int fd_used_still(struct task *current, struct filedesc *fdp, int fd);

/* The lowest free descriptor from want on: 0 and *result, -EMFILE, -ENOSPC (fdexpand helps). */
int fdalloc(struct task *current, int want, int *result);
void fdexpand(struct task *current);
/* Gives a table so many slots, and accounts them. */
void fd_set_size(struct task *current, struct filedesc *fdp, unsigned nfiles);
/* The two together: as callers of fdalloc do it. */
int fdalloc_expand(struct task *current, int want, int *result);

/* A new larval file in a slot, used by the caller: 0, -EMFILE, -ENFILE, -ENOMEM. */
int falloc(struct task *current, struct file **f, int *fd);
/* The caller has filled it in: everybody may use it now, and the caller's use ends. */
void file_mature(struct task *current, struct file *f, int fd);
/* Drops a larval file that came to nothing: its slot keeps its mark. */
void falloc_undo(struct task *current, struct file *f, int fd);
/* The structure itself goes, unless a copied table has it too, or somebody waits to close it. */
void ffree(struct task *current, struct file *f);

/* Puts a file into the slot of a marked descriptor. The reference is the caller's. */
void fd_fill(struct task *current, struct filedesc *fdp, int fd, struct file *f);
/* Empties a slot, whatever is in it; the file's reference is nobody's now. NULL: there was none. */
struct file *fdremove(struct task *current, struct filedesc *fdp, int fd);
int fdrelease(struct task *current, int64_t fd);
/* Takes the caller's use of f, and the reference of the slot that it was in. */
int closef(struct task *current, struct file *f);
/* new gets old's file and flags; f is that file, and the caller's use of it ends. new, or -EBADF, -ENOMEM. */
int finishdup(struct task *current, struct file *f, int old, int new);

/* A table with refcnt 1, empty or a copy of current's. NULL: -ENOMEM. */
struct filedesc *fdinit(struct task *current);
struct filedesc *fdcopy(struct task *current);
/* One more user of task's table, which may be NULL. */
struct filedesc *fdshare(struct task *task);
int fdunshare(struct task *current);
int fdclear(struct task *current);
/* One user less; the last one closes everything. */
void fdfree(struct task *current, struct filedesc *fdp);
int fdcloseexec(struct task *current);
int fdcheckstd(struct task *current);

/* A cloning device's file f in fd: filled in, with the device's operations. -EMOVEFD, always. */
int fdclone(struct task *current, struct file *f, int fd, unsigned flags, struct inode *inode,
	    struct dentry *dentry);
/* What open does after an error of its name's open: 0, or an error and nothing done. */
int dupfdopen(struct task *current, int indx, int64_t dfd, unsigned flags, int error);

/* kqueue's descriptors, which a copied table has not. */
bool is_kqueue(const struct file *f);

/* The tables' invariants. 0 or -EUCLEAN. */
int netbsd_check(const struct fdl_machine *m, struct text *why);

#endif
