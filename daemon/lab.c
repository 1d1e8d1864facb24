/*
 * The machine with its history and its journal. All writes of clients go through here, over FUSE or
 * HTTP: a write is recorded before it is done, and all servers hear of a change. How clients
 * come, and when they get their answers, is not known here.
 */
#include "lab.h"
#include "turns.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * For a command that is in the journal. A command that needs still more when the computer has no
 * memory left is cut short.
 */
#define RESERVE ((size_t)4 << 20)

struct lab {
	struct fdl_machine *machine;
	struct fdl_history *history; /* or NULL */
	struct journal *journal;     /* or NULL */
	struct makers *makers;       /* or NULL */
	struct lab_server *servers;
	uint64_t commands;   /* that are in the journal */
	bool runs;           /* the last one of them */
	bool waited;         /* an answer waits for lab_settle */
	int64_t took;        /* nanoseconds of the last part of a write but the first */
	int sync_error;      /* or 0; then commands that were run may not be in the journal */
	struct turns *turns; /* or NULL */
};

static void stamp(const struct lab *lab)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (lab->journal)
		journal_time(lab->journal, now);
	fdl_machine_stamp(lab->machine, now);
}

/* ---- the life of a lab ---- */

/* Resets the machine after telling it the time, so that nothing in it is stamped 1970. */
static int make_machine(struct lab *lab, const struct fdl_options *options)
{
	int r = fdl_machine_new(options, &lab->machine);

	if (r)
		return r;
	stamp(lab);
	r = fdl_machine_reset(lab->machine, NULL);
	if (r)
		fdl_machine_free(lab->machine);
	return r;
}

int lab_new(const struct fdl_options *options, struct lab **labp)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	int r;

	if (!lab)
		return -ENOMEM;
	r = make_machine(lab, options);
	if (r) {
		free(lab);
		return r;
	}
	*labp = lab;
	return 0;
}

void lab_free(struct lab *lab)
{
	if (!lab)
		return;
	fdl_history_free(lab->history);
	fdl_machine_free(lab->machine);
	journal_close(lab->journal);
	free(lab);
}

int lab_history(struct lab *lab, size_t memory)
{
	return fdl_history_new(lab->machine, memory, &lab->history);
}

int lab_links(struct lab *lab, const char *mountpoint)
{
	char *rootfs;
	int r;

	if (asprintf(&rootfs, "%s/rootfs", strcmp(mountpoint, "/") ? mountpoint : "") < 0)
		return -ENOMEM;
	r = fdl_machine_links(lab->machine, rootfs);
	free(rootfs);
	return r;
}

int lab_journal(struct lab *lab, const char *path, enum journal_sync sync)
{
	return journal_open(path, sync, lab->machine, &lab->journal);
}

struct fdl_machine *lab_machine(const struct lab *lab)
{
	return lab->machine;
}

struct fdl_history *lab_its_history(const struct lab *lab)
{
	return lab->history;
}

struct journal *lab_its_journal(const struct lab *lab)
{
	return lab->journal;
}

void lab_set_makers(struct lab *lab, struct makers *makers)
{
	lab->makers = makers;
}

void lab_set_turns(struct lab *lab, struct turns *turns)
{
	lab->turns = turns;
}

struct turns *lab_its_turns(const struct lab *lab)
{
	return lab->turns;
}

struct makers *lab_its_makers(const struct lab *lab)
{
	return lab->makers;
}

/* ---- open files ---- */

/* Gives a file that is open for writing its number in the journal. 0 or a negative errno. */
static int put_in_journal(struct lab_file *f, fdl_ino ino)
{
	char path[256];
	ssize_t len = fdl_path(f->lab->machine, ino, path, sizeof(path));
	int r;

	if (len < 0 || (size_t)len >= sizeof(path))
		return len < 0 ? (int)len : -ENAMETOOLONG;
	r = journal_file(f->lab->journal, path, &f->number);
	f->in_journal = !r;
	return r;
}

int lab_open_made(struct lab *lab, fdl_ino ino, int flags, const struct fdl_made *made,
		  struct lab_file *f)
{
	*f = (struct lab_file){ .lab = lab };
	return fdl_open_made(lab->machine, ino, flags, made, &f->handle);
}

int lab_open(struct lab *lab, fdl_ino ino, int flags, struct lab_file *f)
{
	int r;

	*f = (struct lab_file){ .lab = lab };
	r = fdl_open(lab->machine, ino, flags, &f->handle);
	if (!r && lab->journal && (flags & O_ACCMODE) != O_RDONLY) {
		r = put_in_journal(f, ino);
		if (r)
			fdl_close(f->handle);
	}
	return r;
}

void lab_close(struct lab_file *f)
{
	if (f->in_journal)
		journal_file_closed(f->lab->journal, f->number);
	fdl_close(f->handle);
}

/* A machine that is started over needs less memory. */
static bool starts_over(const char *buf, size_t size)
{
	static const char word[] = "reset";

	return size >= sizeof(word) - 1 && !memcmp(buf, word, sizeof(word) - 1);
}

/* A write that the library refuses for its size changes nothing. */
static bool is_recorded(const struct lab_file *f, size_t size)
{
	return f->in_journal && size && size <= FDL_WRITE_MAX;
}

/*
 * Records a write that is about to be made; more: another part of one. 0; or a negative errno,
 * and it must not be made.
 */
static int record_write(struct lab_file *f, const char *buf, size_t size, int flags, bool more)
{
	struct journal *journal = f->lab->journal;
	int r;

	if (!journal_why(journal) && fdl_reserve(RESERVE) && !starts_over(buf, size))
		return -ENOMEM;
	r = journal_write(journal, f->number, buf, size, flags & O_NONBLOCK, more);
	if (r && journal_why(journal) && !more)
		fdl_refuse(f->handle, buf, size, journal_why(journal));
	return r;
}

/* Runs what was recorded last. Returns how many times memory was refused before. */
static uint64_t begin_command(struct lab *lab)
{
	lab->commands++;
	lab->runs = true;
	return fdl_refused();
}

/*
 * The command that was recorded last has been done. 0, or the error of a command that was cut
 * short.
 */
static int end_command(struct lab *lab, uint64_t refused)
{
	int error;

	lab->runs = false;
	if (fdl_refused() == refused)
		return 0;
	error = journal_take_back(lab->journal);
	for (struct lab_server *s = lab->servers; s; s = s->next) {
		if (s->taken_back)
			s->taken_back(s->ctx, lab->commands, error);
	}
	return error;
}

/* Makes a write, or a part of one without done; more: not the first. As lab_write. */
static ssize_t write_recorded(struct lab_file *f, const char *buf, size_t size, int flags,
			      bool more, fdl_done_fn *done, void *ctx)
{
	struct lab *lab = f->lab;
	const bool recorded = is_recorded(f, size);
	uint64_t refused = 0;
	int64_t began;
	ssize_t n;
	int r;

	if (!lab->journal || !journal_why(lab->journal))
		stamp(lab);
	r = recorded ? record_write(f, buf, size, flags, more) : 0;
	if (r)
		return r;
	if (recorded)
		refused = begin_command(lab);
	if (more) {
		/* Without the time of the journal, which a shorter part would not make less. */
		began = turns_now();
		n = fdl_write_more(f->handle, buf, size);
		lab->took = turns_now() - began;
	} else {
		n = fdl_write(f->handle, buf, size, flags, done, ctx);
	}
	r = recorded ? end_command(lab, refused) : 0;
	return r && n > 0 ? r : n;
}

/* ---- writes in parts ---- */

/*
 * Lines of a part: so many that it takes about as long as is right for a turn of the loop, unless
 * a line takes longer. Where a write is parted makes no difference, unless a part fails.
 */
#define LINES_MIN 2
#define LINES_MAX 512

/* The rest of a write, until it is over. */
struct long_write {
	struct turn_work work;
	struct lab_file *file;
	fdl_done_fn *done;
	void *ctx;
	size_t first;   /* bytes of the first part */
	size_t lines;   /* of the next part */
	size_t at, len; /* of text, which is what comes after the first part */
	char text[];
};

/* Makes the next part. 0; or a negative errno, and the part is not written. */
static ssize_t write_part(struct long_write *w)
{
	struct lab_file *f = w->file;
	const char *text = w->text + w->at;
	const size_t part = fdl_write_part(f->handle, text, w->len - w->at, w->lines);
	const ssize_t n = write_recorded(f, text, part, O_NONBLOCK, true, NULL, NULL);
	const int64_t took = f->lab->took;

	if (n < 0)
		return n;
	if (took > TURN_NS && w->lines > LINES_MIN)
		w->lines /= 2;
	else if (took < TURN_NS / 2 && w->lines < LINES_MAX)
		w->lines *= 2;
	w->at += part;
	return 0;
}

/* The write is over, and w is freed; error: of its last part. Returns the write's result. */
static ssize_t free_long_write(struct long_write *w, int error)
{
	struct lab_file *f = w->file;
	const struct journal *journal = f->in_journal ? f->lab->journal : NULL;
	const char *why = journal ? journal_why(journal) : NULL;
	const size_t written = w->first + w->at, size = w->first + w->len;

	f->rest = NULL;
	/* Before memory is needed to say why. */
	free(w);
	if (f->lab->sync_error)
		return f->lab->sync_error;
	if (!error)
		return (ssize_t)written;
	fdl_write_cut(f->handle, written, size, why ? why : strerror(-error));
	if (why)
		f->untold = error;
	return (ssize_t)written;
}

static void end_long_write(struct long_write *w, int error)
{
	fdl_done_fn *done = w->done;
	void *ctx = w->ctx;

	done(ctx, free_long_write(w, error));
}

/* A turn_work's part. */
static bool on_write_turn(struct turn_work *work)
{
	struct long_write *w = (struct long_write *)work; /* its first member */
	struct lab *lab = w->file->lab;
	const int error = (int)write_part(w);
	const bool over = error || w->at == w->len;

	if (over)
		end_long_write(w, error);
	/* The writer waits for the sync once, and not for each part. */
	lab->waited |= over;
	lab_part_over(lab);
	return !over;
}

/* Makes the first part of a write, of part bytes. As lab_write. */
static ssize_t begin_long_write(struct long_write *w, const char *buf, size_t part)
{
	struct lab_file *f = w->file;
	const ssize_t n = write_recorded(f, buf, part, O_NONBLOCK, false, NULL, NULL);
	int error = 0;

	if (n < 0) {
		free(w);
		return n;
	}
	if (turns_add(f->lab->turns, &w->work)) {
		f->rest = w;
		return -EINPROGRESS;
	}
	while (!error && w->at < w->len)
		error = (int)write_part(w);
	return free_long_write(w, error);
}

/* Where the first part of a write ends; size: it is made in one piece. */
static size_t first_part(const struct lab_file *f, const char *buf, size_t size, bool waits)
{
	/* A line has a byte or more. */
	if (!f->lab->turns || !waits || size <= LINES_MAX)
		return size;
	return fdl_write_part(f->handle, buf, size, LINES_MAX);
}

ssize_t lab_write(struct lab_file *f, const char *buf, size_t size, int flags, fdl_done_fn *done,
		  void *ctx)
{
	const size_t part = first_part(f, buf, size, done);
	const size_t rest = size - part;
	const int untold = f->untold;
	struct long_write *w;

	if (untold) {
		f->untold = 0;
		return untold;
	}
	/* Without memory for the rest it is made in one piece. */
	w = rest ? malloc(sizeof(*w) + rest) : NULL;
	if (!w)
		return write_recorded(f, buf, size, flags, false, done, ctx);
	*w = (struct long_write){ .work.run = on_write_turn,
				  .file = f,
				  .done = done,
				  .ctx = ctx,
				  .first = part,
				  .lines = LINES_MAX,
				  .len = rest };
	memcpy(w->text, buf + part, rest);
	return begin_long_write(w, buf, part);
}

short lab_poll(const struct lab_file *f)
{
	const short ready = fdl_poll(f->handle);

	return f->rest ? (short)(ready & ~POLLOUT) : ready;
}

/* ---- interrupts ---- */

bool lab_interrupt(struct lab_file *f)
{
	struct journal *journal = f->in_journal ? f->lab->journal : NULL;
	uint64_t refused = 0;

	if (f->rest) {
		turns_drop(f->lab->turns, &f->rest->work);
		end_long_write(f->rest, 0);
		return true;
	}
	if (journal) {
		(void)fdl_reserve(RESERVE);
		if (journal_interrupt(journal, f->number))
			return false;
		refused = begin_command(f->lab);
	}
	fdl_interrupt(f->handle);
	if (journal)
		(void)end_command(f->lab, refused);
	return true;
}

/* ---- for what serves clients ---- */

void lab_add_server(struct lab *lab, struct lab_server *server)
{
	server->next = lab->servers;
	lab->servers = server;
}

void lab_changed(struct lab *lab)
{
	for (struct lab_server *s = lab->servers; s; s = s->next) {
		if (s->changed)
			s->changed(s->ctx);
	}
}

bool lab_is_due(struct lab *lab)
{
	const bool due = lab->runs || (lab->journal && journal_is_due(lab->journal));

	lab->waited |= due;
	return due;
}

uint64_t lab_command(const struct lab *lab)
{
	return lab->runs ? lab->commands : 0;
}

int lab_settle(struct lab *lab)
{
	int error;

	if (!lab->journal)
		return 0;
	lab->waited = false;
	error = journal_is_due(lab->journal) ? journal_sync(lab->journal) : 0;
	if (error)
		lab->sync_error = error;
	for (struct lab_server *s = lab->servers; s; s = s->next) {
		if (s->settled)
			s->settled(s->ctx, error);
	}
	journal_compact(lab->journal, false);
	return lab->sync_error;
}

void lab_part_over(struct lab *lab)
{
	lab_changed(lab);
	if (lab->waited)
		lab_settle(lab);
}

void lab_end(struct lab *lab)
{
	lab_settle(lab);
	if (lab->journal)
		journal_end(lab->journal);
}
