#ifndef FDLABD_CHECKPOINT_H
#define FDLABD_CHECKPOINT_H

#include <stddef.h>

#include <fdlab.h>

/*
 * The checkpoint of a journal stands in a file of its own beside it. It is made by processes of
 * this program, which are given the argument below and nothing else.
 */
#define CHECKPOINT_SUFFIX   ".checkpoint"
#define CHECKPOINT_ARGUMENT "--work-on-checkpoint"

/* The main function of such a process. Returns its exit status. */
int checkpoint_work(void);

/*
 * Makes the checkpoint of the journal of this path, of as many records as a compaction leaves
 * alone. head is a journal of len bytes that has no record but the options of the daemon's machine.
 * 0, also if there is nothing to do; or a negative errno with a message.
 */
int checkpoint_make(const char *path, const char *head, size_t len, char *why, size_t whysize);

/* The bytes of a file that is mapped; size 0: it is empty, or there is none. */
struct checkpoint_file {
	char *bytes;
	size_t size;
};

/*
 * Maps the checkpoint of a journal, if there is one. 0; -ENOENT; or another error: it is another
 * user's, or others can write to it (-EPERM).
 */
int checkpoint_map(const char *path, struct checkpoint_file *f);
void checkpoint_unmap(struct checkpoint_file *f);

#endif
