/*
 * libfdlab: journals. A program includes fdlab.h, which includes this part of it.
 */
#ifndef FDLAB_JOURNAL_H
#define FDLAB_JOURNAL_H

#include "fdlab.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A journal has what was done to a machine through open files of its tree, so that the same machine
 * can be made again: fdlab-journal(5). These functions make and read its bytes; where they are kept
 * is the caller's.
 */
enum fdl_record_kind {
	FDL_RECORD_MACHINE = 1, /* the first: a machine was made at a time; text has its options */
	FDL_RECORD_START,       /* a program took over: all open files of the tree are closed */
	FDL_RECORD_TIME,        /* fdl_machine_stamp */
	FDL_RECORD_OPEN,        /* a file was opened for writing: text is its path */
	FDL_RECORD_WRITE,       /* text was written to it */
	FDL_RECORD_INTERRUPT,   /* fdl_interrupt */
	FDL_RECORD_CLOSE,       /* fdl_close */
	FDL_RECORD_PACKED,      /* a block of records, which fdl_journal_next takes apart */
};

struct fdl_record {
	enum fdl_record_kind kind;
	bool nonblock; /* WRITE: with O_NONBLOCK */
	bool more;     /* WRITE: by fdl_write_more */
	uint32_t file; /* OPEN, WRITE, INTERRUPT, CLOSE: the file's number while it is open */
	struct timespec time; /* MACHINE, TIME */
	const char *text;     /* len bytes */
	size_t len;
	uint64_t number; /* of the record, from 1 */
	uint64_t offset; /* in the journal; of a packed record that of its block */
};

/*
 * The bytes of a record, without number and offset. Returns how many there are, and fills buf if
 * they fit; 0: no memory. A text of WRITE is not empty, and has at most FDL_WRITE_MAX bytes.
 */
size_t fdl_record_encode(const struct fdl_record *r, char *buf, size_t size);

/*
 * The bytes that a journal begins with: its version, and the record of m, which was stamped with
 * now and then reset. As fdl_record_encode.
 */
size_t fdl_journal_begin(const struct fdl_machine *m, struct timespec now, char *buf, size_t size);

/*
 * The text of a START record: the version of the library, and a checksum of the machine. Returns
 * its length, as snprintf does, or a negative errno.
 */
int fdl_journal_start(struct fdl_machine *m, char *buf, size_t size);

/*
 * A command that the computer has no memory for ends otherwise than it does when it is done again
 * from a journal. fdl_reserve keeps size bytes of address space for this thread, if it has none
 * yet: the library takes them when an allocation is refused. 0; -ENOMEM: there are none, and a
 * command should not be recorded. With a size of 0 they are given back. fdl_refused says how many
 * allocations of the thread were refused even so: the machine is another one than its journal makes
 * if the number grew during a command.
 */
int fdl_reserve(size_t size);
uint64_t fdl_refused(void);

struct fdl_journal; /* a journal that is read */

/*
 * Checks a journal of size bytes, which must stay where they are until it is closed. 0; -EINVAL: it
 * is none; -EPROTONOSUPPORT: it is of a newer version; -EBADMSG: a record is broken, and others
 * come after it; each with a message in err. -ENOMEM. After 0 and -EBADMSG *jp is the caller's, to
 * be given to fdl_journal_close. A file of less than a whole first record is a journal without
 * records.
 */
int fdl_journal_open(const char *data, size_t size, struct fdl_journal **jp, char *err,
		     size_t errsize);
void fdl_journal_close(struct fdl_journal *j);

struct fdl_journal_info {
	uint64_t records;    /* that are whole, those in blocks included */
	uint64_t bytes;      /* of these without compression */
	uint64_t last_start; /* the number of the last START; 0: there is none */
	size_t whole;        /* bytes up to the end of the last whole record */
	size_t packed;       /* of these, bytes of blocks */
	size_t settled;      /* bytes at the beginning that a compaction leaves as they are */
	size_t torn;         /* bytes after them, of a record that was not written to its end */
};
void fdl_journal_info(const struct fdl_journal *j, struct fdl_journal_info *info);

/*
 * The next record, whose text is valid until the next call. 1; 0 at the end; -EBADMSG: it is
 * broken; -ENOMEM.
 */
int fdl_journal_next(struct fdl_journal *j, struct fdl_record *r);

/* The options of a journal's machine; the next record is the first one again. 0; or with a message
 * -ENODATA (it has no records), -EBADMSG, -EINVAL.
 */
int fdl_journal_options(struct fdl_journal *j, struct fdl_options *o, char *err, size_t errsize);

/*
 * Makes the machine of a whole journal out of m, which must have the same options, but for log and
 * text_limit; in the end all files are closed. 0. With a message in err: -EINVAL: m has other
 * options; -EBADMSG: a record makes no sense; -EUCLEAN: m is not the machine that the last START
 * tells of, because this version of the library behaves differently. -ENOMEM.
 */
int fdl_journal_replay(struct fdl_journal *j, struct fdl_machine *m, char *err, size_t errsize);

/*
 * Writes a whole journal with its records compressed, piece by piece: put returns 0, or an error,
 * which ends it and is returned. Or -ENOMEM.
 */
typedef int fdl_put_fn(void *ctx, const char *buf, size_t len);
int fdl_journal_pack(struct fdl_journal *j, fdl_put_fn *put, void *ctx);

/*
 * The same, without the records that have no effect any more, which are those before the last
 * "reset" that was written to the machine's control file. The first record stays, then come the
 * time and the files that were open. Files that a new machine need not have, of tasks but the
 * first, keep all before them.
 */
int fdl_journal_compact(struct fdl_journal *j, fdl_put_fn *put, void *ctx);

/*
 * A checkpoint is the machine after the first records of a journal, as memory that a process of the
 * same program can load in place of running them: the records stay what the machine is made of.
 *
 * fdl_journal_dump makes the machine as fdl_journal_replay does, and puts out a dump of the memory,
 * pieces in order; m is only good for being read and freed afterwards. As fdl_journal_replay; or
 * with a message -EBUSY: there can be no checkpoint after these records; -EOPNOTSUPP: with
 * AddressSanitizer or valgrind there are no dumps.
 */
int fdl_journal_dump(struct fdl_journal *j, struct fdl_machine *m, fdl_put_fn *put, void *ctx,
		     char *err, size_t errsize);

/*
 * Makes a checkpoint of the dumps of two processes of one program, which have it at different
 * addresses. 0; an error of put; -ENOMEM; with a message in err: -EINVAL: one is no dump; -EUCLEAN:
 * they differ in more than addresses, and there can be no checkpoint.
 */
int fdl_checkpoint_make(const char *a, size_t a_len, const char *b, size_t b_len, fdl_put_fn *put,
			void *ctx, char *err, size_t errsize);

struct fdl_checkpoint_info {
	uint64_t records; /* of the journal, that it stands for */
	uint64_t bytes;   /* that these take there */
	uint64_t memory;  /* bytes that are loaded */
};

/* Checks the checkpoint of len bytes by itself. 0; -EINVAL with a message in err. */
int fdl_checkpoint_info(const char *checkpoint, size_t len, struct fdl_checkpoint_info *info,
			char *err, size_t errsize);

/*
 * As fdl_journal_open, with a checkpoint, whose bytes must stay, too: its records are neither
 * checked nor replayed, and fdl_journal_next begins after them. -ESTALE with a message in err: the
 * checkpoint is broken, or of another journal, or this is AddressSanitizer or valgrind.
 * fdl_journal_replay returns -ESTALE with a message if it is of another program, or of a machine
 * with other options; m is then to be reset, and the journal to be opened without it.
 */
int fdl_journal_resume(const char *data, size_t size, const char *checkpoint, size_t len,
		       struct fdl_journal **jp, char *err, size_t errsize);

#ifdef __cplusplus
}
#endif
#endif
