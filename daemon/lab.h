#ifndef FDLABD_LAB_H
#define FDLABD_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <fdlab.h>
#include "journal.h"

/* The machine, its history and its journal, which all that show it to clients share. */
struct lab;
struct long_write;
struct makers;
struct turns;

/* Makes the machine. 0 and the lab, to be given to lab_free; or the error of fdl_machine_new. */
int lab_new(const struct fdl_options *options, struct lab **labp);

/* Frees the machine. No file of it may be open. NULL is allowed. */
void lab_free(struct lab *lab);

/*
 * Keeps the machine's history, with checkpoints of so many bytes: at/ and changes/. To be called
 * right after lab_new. 0 or -ENOMEM.
 */
int lab_history(struct lab *lab, size_t memory);

/* Links of tasks lead to rootfs/ below this absolute path from now on. 0 or -ENOMEM. */
int lab_links(struct lab *lab, const char *mountpoint);

/*
 * Opens or makes a journal, whose machine the lab then has. Before any file is opened. 0, or a
 * negative errno after saying on standard error what is wrong.
 */
int lab_journal(struct lab *lab, const char *path, enum journal_sync sync);

/* The parts of the lab; NULL: it has no history, no journal. */
struct fdl_machine *lab_machine(const struct lab *lab);
struct fdl_history *lab_its_history(const struct lab *lab);
struct journal *lab_its_journal(const struct lab *lab);

/*
 * The makers of texts that take long, which the lab only keeps for its servers; NULL: there are
 * none.
 */
void lab_set_makers(struct lab *lab, struct makers *makers);
struct makers *lab_its_makers(const struct lab *lab);

/*
 * Writes of many lines are made in parts from now on, so that other clients are answered in
 * between. NULL: in one piece.
 */
void lab_set_turns(struct lab *lab, struct turns *turns);
struct turns *lab_its_turns(const struct lab *lab);

/* ---- open files ---- */

/* An open file of the tree. A write to it is in the journal before it is done. */
struct lab_file {
	struct lab *lab;
	struct fdl_handle *handle;
	bool in_journal;         /* it was opened for writing */
	uint32_t number;         /* there */
	struct long_write *rest; /* of a write that is made in parts; or NULL */
	int untold;              /* the error of a write that returned a short count; or 0 */
};

/* As fdl_open, by an errno of the journal as well; after 0 the file is to be given to lab_close. */
int lab_open(struct lab *lab, fdl_ino ino, int flags, struct lab_file *f);
void lab_close(struct lab_file *f);

/* As fdl_open_made, of a file that is not written. */
int lab_open_made(struct lab *lab, fdl_ino ino, int flags, const struct fdl_made *made,
		  struct lab_file *f);

/*
 * As fdl_write, by an errno of the journal as well. lab_changed is to be called when it is
 * answered. A write of many lines that has a done is made in parts, and returns -EINPROGRESS,
 * also with O_NONBLOCK. If a part after the first fails, the result is the bytes of the parts
 * before it; an error that ends the journal is that of the file's next write.
 */
ssize_t lab_write(struct lab_file *f, const char *buf, size_t size, int flags, fdl_done_fn *done,
		  void *ctx);

/* As fdl_poll. */
short lab_poll(const struct lab_file *f);

/*
 * As fdl_interrupt; a write that is made in parts ends with the bytes that were written. False: the
 * journal takes no more records, and nothing was done; the caller then ends the write alone.
 */
bool lab_interrupt(struct lab_file *f);

/* ---- for what serves clients ---- */

/* Notices for a server of clients. A member may be NULL. */
struct lab_server {
	void (*changed)(void *ctx);            /* the machine may have changed */
	void (*settled)(void *ctx, int error); /* what was done is on the disk, or is not: error */
	/*
	 * The calls that a command woke will wait again, since it was taken back: they get this
	 * error.
	 */
	void (*taken_back)(void *ctx, uint64_t command, int error);
	void *ctx;
	struct lab_server *next; /* of the lab */
};

/* The server must stay where it is, and is told until the lab is freed. */
void lab_add_server(struct lab *lab, struct lab_server *server);

/* Tells all servers that the machine may have changed. */
void lab_changed(struct lab *lab);

/* Whether an answer must wait for lab_settle. */
bool lab_is_due(struct lab *lab);

/*
 * The number of the command that is being run, if it is in the journal and may be taken back; or 0.
 */
uint64_t lab_command(const struct lab *lab);

/*
 * Has the journal written to the disk where that is due, and tells all servers; then compacts it,
 * if it is long enough. 0, or the error of the disk, now or before.
 */
int lab_settle(struct lab *lab);

/*
 * A part of what a client asked for is done, and other clients are answered before the next: tells
 * all servers that the machine may have changed, and settles if an answer waits for it.
 */
void lab_part_over(struct lab *lab);

/* Nothing more is recorded: the daemon ends, and the calls that wait go on in the journal. */
void lab_end(struct lab *lab);

#endif
