#ifndef FDLABD_JOURNAL_H
#define FDLABD_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <fdlab.h>

/* When records are synced, that is, survive a crash of the computer. */
enum journal_sync {
	JOURNAL_SYNC_BATCH, /* before the answers to the requests that came together */
	JOURNAL_SYNC_EACH,  /* before the command is run */
	JOURNAL_SYNC_NONE,  /* when the computer likes to */
};

/*
 * A journal that is written. Once it cannot be written any more, nothing may be done to the
 * machine: every function returns an error from then on.
 */
struct journal;

/*
 * Opens a journal, and makes its machine out of m; or makes a new one, with the machine as it is
 * when it is reset. 0 and the journal, to be given to journal_close, also if it can only be read;
 * or a negative errno, after saying on standard error what is wrong.
 */
int journal_open(const char *path, enum journal_sync sync, struct fdl_machine *m,
		 struct journal **jp);
void journal_close(struct journal *j);

/* Why it cannot be written, for messages; NULL: it can. */
const char *journal_why(const struct journal *j);

/* Gives an open file of the tree its number, with its path. 0 or a negative errno. */
int journal_file(struct journal *j, const char *path, uint32_t *file);

/*
 * Records that a file is closed. Errors can wait until something is written: a journal in which
 * nothing follows makes the same machine.
 */
void journal_file_closed(struct journal *j, uint32_t file);

/* Records the time that the machine is about to be stamped with, if it is another than before. */
void journal_time(struct journal *j, struct timespec now);

/*
 * Records what is about to be done to an open file; more: by fdl_write_more. 0; -ENOMEM; or the
 * journal cannot be written: the error that stopped it, and -EROFS later. After an error it must
 * not be done.
 */
int journal_write(struct journal *j, uint32_t file, const char *text, size_t len, bool nonblock,
		  bool more);
int journal_interrupt(struct journal *j, uint32_t file);

/*
 * Takes the last record back: for want of memory its command was not done as it would be when the
 * journal is run again. The journal takes no more records. Returns -ENOMEM.
 */
int journal_take_back(struct journal *j);

/*
 * Compresses the records in the background, now, or when enough of them are not compressed;
 * journal_compacted goes on when the descriptor can be read that journal_compactor returns (-1:
 * there is none).
 */
void journal_compact(struct journal *j, bool now);
int journal_compactor(const struct journal *j);
void journal_compacted(struct journal *j);

/* Whether answers must wait for journal_sync; and that. 0 or a negative errno. */
bool journal_is_due(const struct journal *j);
int journal_sync(struct journal *j);

/* Nothing more is recorded: the daemon ends, and the machine stays as it is now. */
void journal_end(struct journal *j);

#endif
