/*
 * Makes the machine of a journal: does what its records say by the functions of fdlab.h that did it
 * the first time.
 */
#include "base/heap.h"

#include "base/reserve.h"
#include "base/text.h"
#include "boot.h"
#include "fdlab.h"
#include "journal/checkpoint.h"
#include "journal/format.h"
#include "journal/player.h"
#include "journal/reader.h"
#include "machine/machine.h"
#include "options.h"
#include "tree/texts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of open files: a program has far fewer. */
#define FILES_MAX ((uint32_t)1 << 20)

/* Replies are thrown away once a file has so many bytes of them, as far as writes tell. */
#define REPLIES_DUE 65536

/* The longest path of a file that can be written. */
#define PATH_LEN_MAX 256

void player_done(void *ctx, ssize_t result)
{
	(void)ctx, (void)result;
}

/* Says that a record cannot be carried out. Returns -EBADMSG. */
static int senseless(const struct journal_player *p, const struct fdl_record *r, const char *why)
{
	snprintf(p->err, p->errsize,
		 "record %" PRIu64 ", at offset %" PRIu64 ", makes no sense: %s", r->number,
		 r->offset, why);
	return -EBADMSG;
}

static struct opened *opened(const struct journal_player *p, uint32_t number)
{
	return number < p->nfiles && p->files[number].handle ? &p->files[number] : NULL;
}

static void close_all(struct journal_player *p)
{
	for (uint32_t i = 0; i < p->nfiles; i++) {
		if (p->files[i].handle)
			fdl_close(p->files[i].handle);
		p->files[i].handle = NULL;
	}
}

/* ---- the kinds of records ----------------------------------------------------------------- */

/* Options as words on one line: "kernel=netbsd nofile=20". */
static void put_words(struct text *out, const char *lines, size_t len)
{
	static const char word[] = "option ";
	const char *end = lines + len, *newline;

	for (; lines < end; lines = newline + 1) {
		newline = memchr(lines, '\n', (size_t)(end - lines));
		if (!newline)
			newline = end;
		if ((size_t)(newline - lines) >= sizeof(word) - 1)
			lines += sizeof(word) - 1;
		text_puts(out, out->len ? " " : "");
		text_printable(out, lines, (size_t)(newline - lines));
	}
	if (!out->len)
		text_puts(out, "none");
}

/* Reads the options of a machine's record. 0; -EBADMSG, -EINVAL with a message in err. */
static int read_options(const struct fdl_record *r, struct fdl_options *o, char *err,
			size_t errsize)
{
	static const char word[] = "option ";
	const char *line, *end = r->text + r->len, *newline;
	char assignment[128];
	int error = 0;

	*o = (struct fdl_options){ 0 };
	for (line = r->text; line < end && !error; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		if (!newline || (size_t)(newline - line) >= sizeof(assignment) ||
		    strncmp(line, word, sizeof(word) - 1) != 0) {
			snprintf(err, errsize, "record 1, at offset %u, has no options",
				 JOURNAL_HEAD);
			return -EBADMSG;
		}
		line += sizeof(word) - 1;
		memcpy(assignment, line, (size_t)(newline - line));
		assignment[newline - line] = '\0';
		error = fdl_option_set(o, assignment, err, errsize);
	}
	return error;
}

/* Puts the options that decide what a machine does, and not how much of that it can show. */
static void put_deciding(struct text *out, const struct fdl_options *given)
{
	struct fdl_options o = *given;

	o.log = 0;
	o.text_limit = 0;
	text_puts(out, "");
	options_print(&o, out);
}

static int play_machine(struct journal_player *p, const struct fdl_record *r)
{
	struct text mine = TEXT_EMPTY, its = TEXT_EMPTY, words = TEXT_EMPTY;
	struct fdl_options o;
	int error = read_options(r, &o, p->err, p->errsize);

	if (error)
		return error;
	put_deciding(&mine, &p->m->given);
	put_deciding(&its, &o);
	if (mine.error || its.error) {
		error = -ENOMEM;
	} else if (strcmp(mine.s, its.s) != 0) {
		put_words(&words, its.s, its.len);
		snprintf(p->err, p->errsize, "it is of a machine with other options: %s",
			 words.error ? "?" : words.s);
		error = -EINVAL;
	}
	text_free(&mine);
	text_free(&its);
	text_free(&words);
	if (error)
		return error;
	fdl_machine_stamp(p->m, r->time);
	return fdl_machine_reset(p->m, NULL);
}

/* The checksum of state.json. 0 or an error. */
static int state_sum(struct fdl_machine *m, uint32_t *sum)
{
	struct text text = TEXT_EMPTY;
	int error = text_of_file(m, "state.json", &text);

	if (!error)
		*sum = record_sum(text.s, text.len);
	text_free(&text);
	return error;
}

/* "fdlab VERSION\nstate SUM\n" */
static int play_start(struct journal_player *p, const struct fdl_record *r)
{
	char text[128], version[65];
	uint32_t said, sum;
	int error;

	close_all(p);
	if (r->number != p->last_start)
		return 0;
	if (r->len >= sizeof(text))
		return senseless(p, r, "it is too long");
	memcpy(text, r->text, r->len);
	text[r->len] = '\0';
	if (sscanf(text, "fdlab %64s state %" SCNx32, version, &said) != 2)
		return senseless(p, r, "it does not say which state the machine had");
	error = state_sum(p->m, &sum);
	if (error || sum == said)
		return error;
	snprintf(p->err, p->errsize,
		 "up to record %" PRIu64 ", at offset %" PRIu64
		 ", it makes another machine than it "
		 "did for fdlab %s; this is fdlab %s",
		 r->number, r->offset, version, fdl_version());
	return -EUCLEAN;
}

static int play_time(struct journal_player *p, const struct fdl_record *r)
{
	fdl_machine_stamp(p->m, r->time);
	return 0;
}

int player_room(struct journal_player *p, uint32_t number)
{
	uint32_t n = p->nfiles ? p->nfiles : 16;
	struct opened *files;

	if (number >= FILES_MAX)
		return -EBADMSG;

	while (n <= number)
		n *= 2;
	if (n == p->nfiles)
		return 0;
	files = reallocarray(p->files, n, sizeof(*files));
	if (!files)
		return -ENOMEM;
	memset(files + p->nfiles, 0, (n - p->nfiles) * sizeof(*files));
	p->files = files;
	p->nfiles = n;
	return 0;
}

int player_open(struct journal_player *p, uint32_t number, const char *path)
{
	struct opened *f = &p->files[number];
	fdl_ino ino;
	int error = fdl_walk(p->m, path, &ino);

	if (!error)
		error = fdl_open(p->m, ino, O_RDWR, &f->handle);
	if (error == -EACCES)
		error = fdl_open(p->m, ino, O_WRONLY, &f->handle);
	if (error)
		f->handle = NULL;
	f->written = 0;
	return error;
}

static int play_open(struct journal_player *p, const struct fdl_record *r)
{
	char path[PATH_LEN_MAX];
	int error;

	if (r->file >= FILES_MAX || opened(p, r->file))
		return senseless(p, r, "a file with this number is open already");
	if (r->len >= sizeof(path) || memchr(r->text, '\0', r->len))
		return senseless(p, r, "it is no path");
	error = player_room(p, r->file);
	if (error)
		return error;
	memcpy(path, r->text, r->len);
	path[r->len] = '\0';
	error = player_open(p, r->file, path);
	if (error && error != -ENOMEM)
		return senseless(p, r, "there is no such file");
	return error;
}

/* Nothing reads the replies: without this each file would keep megabytes of them. */
static void drop_replies(struct opened *f)
{
	char buf[16384];

	f->written = 0;
	if (fdl_is_stream(f->handle)) {
		while (fdl_read(f->handle, buf, sizeof(buf), 0, O_NONBLOCK) > 0)
			;
	}
}

static int play_write(struct journal_player *p, const struct fdl_record *r)
{
	struct opened *f = opened(p, r->file);

	if (!f)
		return senseless(p, r, "no file with this number is open");
	if (r->more)
		fdl_write_more(f->handle, r->text, r->len);
	else
		fdl_write(f->handle, r->text, r->len, r->nonblock ? O_NONBLOCK : 0, player_done,
			  NULL);
	f->written += r->len;
	if (f->written > REPLIES_DUE)
		drop_replies(f);
	return 0;
}

static int play_interrupt(struct journal_player *p, const struct fdl_record *r)
{
	const struct opened *f = opened(p, r->file);

	if (!f)
		return senseless(p, r, "no file with this number is open");
	fdl_interrupt(f->handle);
	return 0;
}

static int play_close(struct journal_player *p, const struct fdl_record *r)
{
	struct opened *f = opened(p, r->file);

	if (!f)
		return senseless(p, r, "no file with this number is open");
	fdl_close(f->handle);
	f->handle = NULL;
	return 0;
}

static int (*const play[RECORD_KINDS])(struct journal_player *p, const struct fdl_record *r) = {
	[FDL_RECORD_MACHINE] = play_machine, [FDL_RECORD_START] = play_start,
	[FDL_RECORD_TIME] = play_time,       [FDL_RECORD_OPEN] = play_open,
	[FDL_RECORD_WRITE] = play_write,     [FDL_RECORD_INTERRUPT] = play_interrupt,
	[FDL_RECORD_CLOSE] = play_close,
};

/* ---- the whole ---------------------------------------------------------------------------- */

/* Plays the records that come next. 0 or an error. */
static int play_rest(struct journal_player *p, struct fdl_journal *j)
{
	struct fdl_record r;
	int error = 0;

	while (!error && (error = fdl_journal_next(j, &r)) == 1) {
		const uint64_t refused = reserve_refused();

		error = play[r.kind](p, &r);
		/* Its calls have failed for want of memory, if not the record itself. */
		if (reserve_refused() != refused)
			error = -ENOMEM;
	}
	return error;
}

/* Makes the machine of a checkpoint, after the first record has made it anew. 0 or an error. */
static int begin_at_checkpoint(struct journal_player *p, struct fdl_journal *j)
{
	struct text why = TEXT_EMPTY;
	struct fdl_record r;
	int error;

	journal_first(j);
	error = fdl_journal_next(j, &r);
	if (error == 1)
		error = r.kind == FDL_RECORD_MACHINE ? play_machine(p, &r) : -EBADMSG;
	journal_rewind(j);
	if (!error && !p->m->heap)
		error = machine_move(p->m);
	if (!error)
		error = checkpoint_load(p, &j->checkpoint, &why);
	if (error)
		snprintf(p->err, p->errsize, "%s", why.s && !why.error ? why.s : strerror(-error));
	text_free(&why);
	return error;
}

static int play_all(struct journal_player *p, struct fdl_journal *j)
{
	int error = 0;

	if (p->errsize)
		*p->err = '\0';
	journal_rewind(j);
	if (j->base.records)
		error = begin_at_checkpoint(p, j);
	return error ? error : play_rest(p, j);
}

static void end(struct journal_player *p)
{
	close_all(p);
	free(p->files);
}

int fdl_journal_replay(struct fdl_journal *j, struct fdl_machine *m, char *err, size_t errsize)
{
	struct journal_player p = {
		.m = m, .last_start = j->info.last_start, .err = err, .errsize = errsize
	};
	const int error = play_all(&p, j);

	end(&p);
	return error;
}

int fdl_journal_dump(struct fdl_journal *j, struct fdl_machine *m, fdl_put_fn *put, void *ctx,
		     char *err, size_t errsize)
{
	struct journal_player p = {
		.m = m, .last_start = j->info.last_start, .err = err, .errsize = errsize
	};
	struct text dump = TEXT_EMPTY;
	int error = snapshot_possible() ? 0 : -EOPNOTSUPP;

	if (errsize)
		*err = '\0';
	heap_zeroes = true;
	if (!error && !m->heap)
		error = machine_move(m);
	if (!error)
		error = play_all(&p, j);
	heap_zeroes = false;
	if (!error)
		error = checkpoint_dump(&p, j, &dump);
	if (error && !*err)
		snprintf(err, errsize, "%s",
			 error == -EBUSY ? "a file of a task that is gone is open"
					 : strerror(-error));
	end(&p);
	if (!error)
		error = put(ctx, dump.s, dump.len);
	text_free(&dump);
	return error;
}

int fdl_journal_options(struct fdl_journal *j, struct fdl_options *o, char *err, size_t errsize)
{
	struct fdl_record r;
	int error;

	journal_rewind(j);
	if (fdl_journal_next(j, &r) != 1) {
		snprintf(err, errsize, "it has no records");
		return -ENODATA;
	}
	error = read_options(&r, o, err, errsize);
	journal_rewind(j);
	return error;
}

size_t fdl_journal_begin(const struct fdl_machine *m, struct timespec now, char *buf, size_t size)
{
	struct text given = TEXT_EMPTY, t = TEXT_EMPTY;
	struct fdl_record r = { .kind = FDL_RECORD_MACHINE, .time = now };
	size_t len;

	options_print(&m->given, &given);
	r.text = given.s;
	r.len = given.len;
	text_put(&t, journal_head, JOURNAL_HEAD);
	record_put(&t, &r);
	len = t.error || given.error ? 0 : t.len;
	if (len && len <= size)
		memcpy(buf, t.s, len);
	text_free(&given);
	text_free(&t);
	return len;
}

int fdl_journal_start(struct fdl_machine *m, char *buf, size_t size)
{
	uint32_t sum;
	int error = state_sum(m, &sum);

	if (error)
		return error;
	return snprintf(buf, size, "fdlab %s\nstate %08" PRIx32 "\n", fdl_version(), sum);
}
