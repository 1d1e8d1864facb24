/*
 * A machine that is made of a checkpoint, and of the records after it, is the one that all records
 * make. The dumps are made by processes of their own, as the daemon makes them: this program runs
 * itself, so that its memory lies at other addresses.
 */
#include "base/snapshot.h"
#include "base/snapshot_layout.h"
#include "fdlab.h"
#include "support/random.h"
#include "support/random_run.h"
#include "support/recorder.h"
#include "support/valgrind.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

static const char *program; /* this one */

struct bytes {
	char *s;
	size_t len;
};

static int put(void *ctx, const char *buf, size_t len)
{
	struct bytes *b = ctx;

	b->s = realloc(b->s, b->len + len);
	if (!b->s)
		return -ENOMEM;
	memcpy(b->s + b->len, buf, len);
	b->len += len;
	return 0;
}

static struct bytes read_all(int fd)
{
	struct bytes b = { NULL, 0 };
	char buf[65536];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		put(&b, buf, (size_t)n);
	return b;
}

/* ---- the process that dumps --------------------------------------------------------------- */

static int write_out(void *ctx, const char *buf, size_t len)
{
	(void)ctx;
	return fwrite(buf, 1, len, stdout) == len ? 0 : -EIO;
}

/* Reads a journal from standard input, and dumps its machine to standard output. */
static int dump(int checkpoint)
{
	const struct bytes b = read_all(STDIN_FILENO), c = read_all(checkpoint);
	struct fdl_history *history;
	struct fdl_options o;
	struct fdl_machine *m;
	struct fdl_journal *j;
	char err[256];
	int error = fdl_journal_open(b.s, b.len, &j, err, sizeof(err));

	if (!error)
		error = fdl_journal_options(j, &o, err, sizeof(err));
	fdl_journal_close(j);
	if (!error && c.len)
		error = fdl_journal_resume(b.s, b.len, c.s, c.len, &j, err, sizeof(err));
	else if (!error)
		error = fdl_journal_open(b.s, b.len, &j, err, sizeof(err));
	if (!error)
		error = fdl_machine_new(&o, &m);
	if (!error)
		error = fdl_history_new(m, 0, &history);
	if (!error)
		error = fdl_journal_dump(j, m, write_out, NULL, err, sizeof(err));
	if (error && error != -EBUSY)
		fprintf(stderr, "%s: %s\n", strerror(-error), err);
	return -error;
}

/* Whether there can be a dump there. */
static bool start_dump(const char *journal, size_t len, const struct bytes *checkpoint, int out)
{
	FILE *in = tmpfile(), *from = tmpfile();
	pid_t pid;
	int status;

	assert_non_null(in);
	assert_non_null(from);
	fwrite(journal, 1, len, in);
	if (checkpoint)
		fwrite(checkpoint->s, 1, checkpoint->len, from);
	fflush(in);
	fflush(from);
	pid = fork();
	if (!pid) {
		char number[16];

		lseek(fileno(in), 0, SEEK_SET);
		lseek(fileno(from), 0, SEEK_SET);
		dup2(fileno(in), STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		snprintf(number, sizeof(number), "%d", fileno(from));
		execl(program, program, "dump", number, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	status = WEXITSTATUS(status);
	assert_true(status == (snapshot_possible() ? 0 : EOPNOTSUPP) || status == EBUSY);
	fclose(in);
	fclose(from);
	return !status;
}

static struct bytes dump_of(const char *journal, size_t len, const struct bytes *checkpoint)
{
	struct bytes b = { NULL, 0 };
	FILE *out = tmpfile();

	assert_non_null(out);
	if (start_dump(journal, len, checkpoint, fileno(out))) {
		lseek(fileno(out), 0, SEEK_SET);
		b = read_all(fileno(out));
	}
	fclose(out);
	return b;
}

/* ---- checkpoints -------------------------------------------------------------------------- */

static struct bytes checkpoint_of(const char *journal, size_t len, const struct bytes *before)
{
	struct bytes a = dump_of(journal, len, before), b = dump_of(journal, len, before);
	struct bytes made = { NULL, 0 };
	char err[256];

	assert_int_equal(!a.s, !b.s);
	if (!a.s)
		return made;
	if (fdl_checkpoint_make(a.s, a.len, b.s, b.len, put, &made, err, sizeof(err)))
		fail_msg("there is no checkpoint: %s", err);
	free(a.s);
	free(b.s);
	return made;
}

/* The machine of a journal, made of a checkpoint. */
static struct fdl_machine *resume(const struct recorder *r, const struct bytes *checkpoint,
				  const struct fdl_options *o)
{
	struct fdl_machine *m;
	struct fdl_journal *j;
	char err[256];

	if (fdl_journal_resume(r->bytes, r->len, checkpoint->s, checkpoint->len, &j, err,
			       sizeof(err)))
		fail_msg("the checkpoint does not fit: %s", err);
	assert_int_equal(fdl_machine_new(o, &m), 0);
	if (fdl_journal_replay(j, m, err, sizeof(err)))
		fail_msg("the checkpoint cannot be loaded: %s", err);
	fdl_journal_close(j);
	return m;
}

/*
 * The journal goes on for a while; the machine of the checkpoint and the rest is the recorded one.
 */
static void check_resumed(const struct recorder *r, const struct bytes *checkpoint,
			  const struct fdl_options *o)
{
	struct fdl_machine *again;

	if (!checkpoint->s)
		return;
	again = resume(r, checkpoint, o);
	assert_same_machine(r->m, again);
	fdl_machine_free(again);
}

static void a_machine_of_a_checkpoint_is_that_of_all_records(void **state)
{
	const uint64_t rounds = setting("FDLAB_ROUNDS", 25);
	uint64_t made = 0;

	(void)state;
	random_state = setting("FDLAB_SEED", 1) * 0x9e3779b97f4a7c15;
	for (uint64_t i = 0; i < rounds; i++) {
		const struct fdl_options *o = random_machine();
		struct bytes first, second;
		struct recorder r;

		recorder_init(&r, o);
		play_at_random(&r, 20 + pick(200));
		first = checkpoint_of(r.bytes, r.len, NULL);
		play_at_random(&r, 20 + pick(200));
		second = checkpoint_of(r.bytes, r.len, first.s ? &first : NULL);
		play_at_random(&r, 20 + pick(200));
		recorder_start(&r);
		check_resumed(&r, &first, o);
		check_resumed(&r, &second, o);
		made += (first.s != NULL) + (second.s != NULL);
		free(first.s);
		free(second.s);
		recorder_free(&r);
	}
	assert_true(made > rounds);
}

/* ---- checkpoints that do not fit ---------------------------------------------------------- */

/* A machine that has done a little, and its checkpoint. */
static struct bytes make_one(struct recorder *r)
{
	static const char lines[] = "1 pipe()\n1 fork()\n1 read(3, ..., 1)\n2 dup2(4, 9)\n";
	struct bytes checkpoint;

	recorder_init(r, NULL);
	assert_true(recorder_open(r, 0, "control"));
	recorder_write(r, 0, lines, sizeof(lines) - 1, true);
	checkpoint = checkpoint_of(r->bytes, r->len, NULL);
	recorder_write(r, 0, "2 write(4, \"x\", 1)\n", 19, true);
	recorder_start(r);
	return checkpoint;
}

static int try_open(const struct recorder *r, const char *checkpoint, size_t len)
{
	struct fdl_journal *j;
	char err[256];
	const int error =
		fdl_journal_resume(r->bytes, r->len, checkpoint, len, &j, err, sizeof(err));

	if (!error)
		fdl_journal_close(j);
	else
		assert_true(*err != '\0');
	return error;
}

static void a_checkpoint_with_a_wrong_byte_is_refused(void **state)
{
	struct bytes checkpoint;
	struct recorder r;

	(void)state;
	checkpoint = make_one(&r);
	assert_int_equal(try_open(&r, checkpoint.s, checkpoint.len), 0);
	for (size_t at = 0; at < checkpoint.len; at += 1 + at / 64) {
		checkpoint.s[at] ^= 0x10;
		assert_int_equal(try_open(&r, checkpoint.s, checkpoint.len), -ESTALE);
		checkpoint.s[at] ^= 0x10;
		assert_int_equal(try_open(&r, checkpoint.s, at), -ESTALE);
	}
	/* Another journal: one byte is not the same, or it ends before. */
	r.bytes[30] ^= 1;
	assert_int_equal(try_open(&r, checkpoint.s, checkpoint.len), -ESTALE);
	r.bytes[30] ^= 1;
	r.len = 40;
	assert_int_equal(try_open(&r, checkpoint.s, checkpoint.len), -ESTALE);
	free(checkpoint.s);
	recorder_free(&r);
}

/* Loads a checkpoint that cannot be, and then plays the journal on the same machine. */
static void check_refused(const struct recorder *r, const struct bytes *checkpoint,
			  const struct fdl_options *o, const char *why)
{
	struct fdl_machine *m;
	struct fdl_journal *j;
	char err[256];

	assert_int_equal(fdl_machine_new(o, &m), 0);
	assert_int_equal(fdl_journal_resume(r->bytes, r->len, checkpoint->s, checkpoint->len, &j,
					    err, sizeof(err)),
			 0);
	assert_int_equal(fdl_journal_replay(j, m, err, sizeof(err)), -ESTALE);
	assert_non_null(strstr(err, why));
	fdl_journal_close(j);
	assert_int_equal(fdl_journal_open(r->bytes, r->len, &j, err, sizeof(err)), 0);
	assert_int_equal(fdl_journal_replay(j, m, err, sizeof(err)), 0);
	fdl_journal_close(j);
	if (!o)
		assert_same_machine(r->m, m);
	fdl_machine_free(m);
}

static void a_checkpoint_of_another_program_is_not_loaded(void **state)
{
	const struct fdl_options other = { .text_limit = 1 << 20 };
	struct snapshot_region *region;
	struct snapshot_head *head;
	struct bytes checkpoint;
	struct recorder r;

	(void)state;
	checkpoint = make_one(&r);
	check_refused(&r, &checkpoint, &other, "other options");
	head = (struct snapshot_head *)(void *)checkpoint.s;
	region = (struct snapshot_region *)(void *)(checkpoint.s + sizeof(*head));
	/* The program has no file name, and its build id. */
	while (*region->name != ' ')
		region++;
	region->name[3] = region->name[3] == 'a' ? 'b' : 'a';
	head->sum = (uint32_t)crc32(crc32(0, NULL, 0), (Bytef *)checkpoint.s + SUMMED_FROM,
				    (uInt)(checkpoint.len - SUMMED_FROM));
	check_refused(&r, &checkpoint, NULL, "another program");
	free(checkpoint.s);
	recorder_free(&r);
}

/* ---- the past ----------------------------------------------------------------------------- */

/* A machine of a journal with a history, from a checkpoint or from its first record. */
static struct fdl_machine *with_history(const struct recorder *r, const struct bytes *checkpoint,
					const struct fdl_options *o, struct fdl_history **history)
{
	struct fdl_machine *m;
	struct fdl_journal *j;
	char err[256];

	assert_int_equal(fdl_machine_new(o, &m), 0);
	assert_int_equal(fdl_history_new(m, 0, history), 0);
	if (checkpoint)
		assert_int_equal(fdl_journal_resume(r->bytes, r->len, checkpoint->s,
						    checkpoint->len, &j, err, sizeof(err)),
				 0);
	else
		assert_int_equal(fdl_journal_open(r->bytes, r->len, &j, err, sizeof(err)), 0);
	assert_int_equal(fdl_journal_replay(j, m, err, sizeof(err)), 0);
	fdl_journal_close(j);
	return m;
}

static void the_past_before_a_checkpoint_is_what_it_was(void **state)
{
	struct fdl_history *history, *other;
	struct fdl_machine *m, *all, *before, *was;
	struct bytes checkpoint;
	struct recorder r;
	uint64_t first, last;

	(void)state;
	checkpoint = make_one(&r);
	m = with_history(&r, &checkpoint, NULL, &history);
	all = with_history(&r, NULL, NULL, &other);
	fdl_history_range(history, &first, &last);
	assert_int_equal(first, 0);
	assert_int_equal(last, 6);
	for (uint64_t n = 0; n <= last; n++) {
		assert_int_equal(fdl_history_at(history, n, &before), 0);
		assert_int_equal(fdl_history_at(other, n, &was), 0);
		assert_same_machine(was, before);
	}
	/* The call that waited at the checkpoint waits again, and is undone. */
	for (unsigned n = 0; n < 4; n++) {
		assert_int_equal(fdl_write_file(m, "control", "undo\n", 5), 0);
		assert_int_equal(fdl_write_file(all, "control", "undo\n", 5), 0);
		assert_same_machine(all, m);
	}
	fdl_history_free(history);
	fdl_history_free(other);
	fdl_machine_free(m);
	fdl_machine_free(all);
	free(checkpoint.s);
	recorder_free(&r);
}

/* Lines that a machine runs, with calls in flight now and then. */
static void do_lines(struct recorder *r, unsigned n)
{
	static const char *const lines[] = {
		"1 dup2(0, 9)\n",
		"1 close(9)\n",
		"2 read(3, ..., 1)\n",
		"1 write(4, \"x\", 1)\n",
	};

	for (unsigned i = 0; i < n; i++) {
		const char *line = PICK(lines);

		recorder_write(r, 0, line, strlen(line), true);
	}
}

/* The transcript has lost its beginning, before the checkpoint and after it. */
static void moments_that_the_transcript_still_has_are_what_they_were(void **state)
{
	const struct fdl_options o = { .log = 65536 };
	uint64_t first, last, resumed_first, resumed_last;
	struct fdl_history *history, *other;
	struct fdl_machine *m, *all, *before, *was;
	struct bytes checkpoint;
	struct recorder r;

	(void)state;
	random_state = setting("FDLAB_SEED", 1) * 0x9e3779b97f4a7c15;
	for (unsigned more = 0; more < 4000; more += 1300) {
		recorder_init(&r, &o);
		assert_true(recorder_open(&r, 0, "control"));
		recorder_write(&r, 0, "1 pipe()\n1 fork()\n", 18, true);
		do_lines(&r, 5000);
		checkpoint = checkpoint_of(r.bytes, r.len, NULL);
		do_lines(&r, more);
		recorder_start(&r);
		m = with_history(&r, &checkpoint, &o, &history);
		all = with_history(&r, NULL, &o, &other);
		assert_same_machine(all, m);
		fdl_history_range(other, &first, &last);
		fdl_history_range(history, &resumed_first, &resumed_last);
		assert_true(first > 0);
		assert_true(resumed_first <= first + 1024);
		assert_int_equal(last, resumed_last);
		for (uint64_t n = resumed_first > first ? resumed_first : first; n <= last;
		     n += 1 + pick(150)) {
			assert_int_equal(fdl_history_at(history, n, &before), 0);
			assert_int_equal(fdl_history_at(other, n, &was), 0);
			assert_same_machine(was, before);
		}
		fdl_history_free(history);
		fdl_history_free(other);
		fdl_machine_free(m);
		fdl_machine_free(all);
		free(checkpoint.s);
		recorder_free(&r);
	}
}

static void no_machine_is_dumped_where_memory_is_watched(void **state)
{
	struct recorder r;
	FILE *out = tmpfile();

	(void)state;
	assert_non_null(out);
	recorder_init(&r, NULL);
	assert_true(recorder_open(&r, 0, "control"));
	recorder_write(&r, 0, "1 pipe()\n", 9, true);
	recorder_start(&r);
	assert_false(start_dump(r.bytes, r.len, NULL, fileno(out)));
	fclose(out);
	recorder_free(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest watched[] = {
		cmocka_unit_test(no_machine_is_dumped_where_memory_is_watched),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_of_a_checkpoint_is_that_of_all_records),
		cmocka_unit_test(a_checkpoint_with_a_wrong_byte_is_refused),
		cmocka_unit_test(a_checkpoint_of_another_program_is_not_loaded),
		cmocka_unit_test(the_past_before_a_checkpoint_is_what_it_was),
		cmocka_unit_test(moments_that_the_transcript_still_has_are_what_they_were),
	};

	program = argv[0];
	if (argc == 3 && !strcmp(argv[1], "dump"))
		return dump(atoi(argv[2]));
	/* The processes that dump are not watched by it, and this one loads nothing. */
	if (under_valgrind())
		return 77;
	if (!snapshot_possible())
		return cmocka_run_group_tests(watched, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
