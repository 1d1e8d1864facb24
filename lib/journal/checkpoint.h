/*
 * A checkpoint of a machine that a journal is played on, with the open files: a dump of it, and the
 * machine made of the snapshot of two dumps.
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "base/snapshot.h"
#include "base/text.h"
#include "journal/player.h"
#include "journal/reader.h"

/* The beginning of a journal for which a checkpoint stands. */
struct checkpoint_label {
	uint64_t bytes, sum; /* of the journal, and their checksum */
	uint64_t records, plain, last_start;
	uint64_t heap, trails; /* bytes of the machine's heap, and of its records */
};

/* Reads the label. 0; -EINVAL with a message in why. */
int checkpoint_label(const struct snapshot *s, struct checkpoint_label *label, struct text *why);

/*
 * A dump of the machine that a journal was played on, which must have a heap of its own. The
 * handles are of no use afterwards but to be closed. 0; -ENOMEM; -EBUSY: a file of a task that is
 * gone is open, and it is no control file.
 */
int checkpoint_dump(struct journal_player *p, const struct fdl_journal *j, struct text *out);

/*
 * Makes the player's machine, and opens its files. The machine must have a heap of its own, and no
 * open handles. 0; -ENOMEM; -ESTALE with a message in why: it does not fit, and the machine is to
 * be reset.
 */
int checkpoint_load(struct journal_player *p, const struct snapshot *s, struct text *why);

#endif
