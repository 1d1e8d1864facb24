#ifndef FDLABD_FUSE_H
#define FDLABD_FUSE_H

#include <fdlab.h>
#include "journal.h"
#include "libfuse.h"

struct lab; /* a machine, and the files that the kernel has open in it */

/* Makes the machine. 0 and the lab, to be given to lab_free; or the error of fdl_machine_new. */
int lab_new(const struct fdl_options *options, struct lab **labp);

/*
 * Keeps the machine's history, with checkpoints of so many bytes: at/ and changes/. To be called right
 * after lab_new. 0 or -ENOMEM.
 */
int lab_history(struct lab *lab, size_t memory);

/* Links of tasks lead to rootfs/ below this absolute path from now on. 0 or -ENOMEM. */
int lab_links(struct lab *lab, const char *mountpoint);

/*
 * Opens or makes a journal, whose machine the lab then has. Before the session serves anything. 0, or
 * a negative errno after saying on standard error what is wrong.
 */
int lab_journal(struct lab *lab, const char *path, enum journal_sync sync);

/* The lab's journal; NULL: it has none. */
struct journal *lab_its_journal(const struct lab *lab);

/* The requests that came together have been served: gives answers that wait for the journal. */
void lab_turn(void *lab);

/* Closes what is still open and frees the machine. The session must be gone. NULL is allowed. */
void lab_free(struct lab *lab);

/*
 * The error of a change to a directory: error, or EROFS for the machine's own files, which are
 * read-only.
 */
int lab_refusal(fuse_req_t req, fuse_ino_t parent, int error);

/*
 * Answers every write that waits for a call, with EINTR; before the session is destroyed. The journal
 * ends first: in it the calls go on waiting.
 */
void lab_interrupt(struct lab *lab);

/* A session that shows the lab, not mounted yet. NULL: args were wrong; libfuse has said why. */
struct fuse_session *lab_session(struct lab *lab, struct fuse_args *args);

#endif
