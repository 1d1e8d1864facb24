/*
 * Journals that are not whole: torn ends are told from broken records, newer versions and other
 * files are refused, and no damage goes unnoticed.
 */
#include "support/recorder.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct recorder r;
static char err[256];

static int setup(void **state)
{
	const struct timespec later = { .tv_sec = 1000000002 };

	(void)state;
	recorder_init(&r, &(struct fdl_options){ .nofile = 20 });
	assert_true(recorder_open(&r, 0, "control"));
	recorder_write(&r, 0, "1 dup2 0 9\n", 11, false);
	recorder_time(&r, later);
	recorder_write(&r, 0, "1 pipe\n", 7, true);
	recorder_write(&r, 0, "1 read 3\n", 9, false);
	recorder_interrupt(&r, 0);
	recorder_close(&r, 0);
	recorder_start(&r);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	recorder_free(&r);
	return 0;
}

/* Opens bytes that end where the memory does. */
static int open_exact(const char *bytes, size_t len, char **exact, struct fdl_journal **j)
{
	*exact = malloc(len + !len);
	assert_non_null(*exact);
	memcpy(*exact, bytes, len);
	return fdl_journal_open(*exact, len, j, err, sizeof(err));
}

static void the_records_are_those_that_were_written(void **state)
{
	static const enum fdl_record_kind kinds[] = {
		FDL_RECORD_MACHINE,   FDL_RECORD_OPEN,  FDL_RECORD_WRITE,
		FDL_RECORD_TIME,      FDL_RECORD_WRITE, FDL_RECORD_WRITE,
		FDL_RECORD_INTERRUPT, FDL_RECORD_CLOSE, FDL_RECORD_START,
	};
	const size_t n = sizeof(kinds) / sizeof(kinds[0]);
	struct fdl_journal_info info;
	struct fdl_journal *j;
	struct fdl_record record;

	(void)state;
	assert_memory_equal(r.bytes, "fdlab journal 1\n", 16);
	assert_int_equal(fdl_journal_open(r.bytes, r.len, &j, err, sizeof(err)), 0);
	fdl_journal_info(j, &info);
	assert_int_equal(info.records, n);
	assert_int_equal(info.whole, r.len);
	assert_int_equal(info.torn, 0);
	assert_int_equal(info.last_start, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(fdl_journal_next(j, &record), 1);
		assert_int_equal(record.kind, kinds[i]);
		assert_int_equal(record.number, i + 1);
		if (i == 0)
			assert_int_equal(record.time.tv_sec, 1000000000);
		if (i == 2)
			assert_memory_equal(record.text, "1 dup2 0 9\n", 11);
		if (i == 3)
			assert_int_equal(record.time.tv_sec, 1000000002);
		assert_int_equal(record.nonblock, i == 4);
	}
	assert_int_equal(fdl_journal_next(j, &record), 0);
	fdl_journal_close(j);
}

/* Every prefix is a journal with fewer records, and the rest of the last one. */
static void a_journal_that_was_not_written_to_its_end_is_torn(void **state)
{
	size_t whole = 0;
	uint64_t records = 0;

	(void)state;
	for (size_t len = 0; len <= r.len; len++) {
		struct fdl_journal_info info;
		struct fdl_journal *j;
		struct fdl_record record;
		char *exact;

		assert_int_equal(open_exact(r.bytes, len, &exact, &j), 0);
		fdl_journal_info(j, &info);
		assert_int_equal(info.whole + info.torn, len);
		assert_true(info.whole >= whole && info.records >= records);
		whole = info.whole;
		records = info.records;
		for (uint64_t i = 0; i < records; i++)
			assert_int_equal(fdl_journal_next(j, &record), 1);
		assert_int_equal(fdl_journal_next(j, &record), 0);
		fdl_journal_close(j);
		free(exact);
	}
	assert_int_equal(whole, r.len);
}

/* A file that was made longer before its bytes were written, and the power failed. */
static void zeros_at_the_end_are_a_torn_record(void **state)
{
	struct fdl_journal_info info;
	struct fdl_journal *j;
	char *longer = calloc(1, r.len + 4096);

	(void)state;
	assert_non_null(longer);
	memcpy(longer, r.bytes, r.len);
	assert_int_equal(fdl_journal_open(longer, r.len + 4096, &j, err, sizeof(err)), 0);
	fdl_journal_info(j, &info);
	assert_int_equal(info.torn, 4096);
	fdl_journal_close(j);
	memset(longer + r.len - 9, 0, 9);
	assert_int_equal(fdl_journal_open(longer, r.len + 4096, &j, err, sizeof(err)), 0);
	fdl_journal_info(j, &info);
	assert_int_equal(info.records, 8);
	fdl_journal_close(j);
	/* Not at the end. */
	longer[r.len + 4095] = 'x';
	assert_int_equal(fdl_journal_open(longer, r.len + 4096, &j, err, sizeof(err)), -EBADMSG);
	fdl_journal_close(j);
	free(longer);
}

static void a_bit_that_flips_anywhere_is_an_error_that_names_the_place(void **state)
{
	(void)state;
	for (size_t at = 0; at < r.len; at++) {
		for (int bit = 0; bit < 8; bit++) {
			struct fdl_journal_info info;
			struct fdl_journal *j;
			struct fdl_record record;
			char *exact, place[64];
			int error, found;

			r.bytes[at] = (char)(r.bytes[at] ^ 1 << bit);
			error = open_exact(r.bytes, r.len, &exact, &j);
			r.bytes[at] = (char)(r.bytes[at] ^ 1 << bit);
			assert_true(*err);
			if (at < 16) {
				assert_true(error == -EINVAL || error == -EPROTONOSUPPORT);
				free(exact);
				continue;
			}
			assert_int_equal(error, -EBADMSG);
			fdl_journal_info(j, &info);
			assert_true(info.whole <= at);
			snprintf(place, sizeof(place), "record %d, at offset %zu, is broken",
				 (int)info.records + 1, info.whole);
			assert_string_equal(err, place);
			while ((found = fdl_journal_next(j, &record)) == 1)
				;
			assert_int_equal(found, -EBADMSG);
			fdl_journal_close(j);
			free(exact);
		}
	}
}

static void other_files_and_newer_versions_are_refused(void **state)
{
	static const char text[] = "# a scenario\n1 dup 0 = 3\n";
	static const char newer[] = "fdlab journal 12\nwith anything in it";
	struct fdl_journal *j;

	(void)state;
	assert_int_equal(fdl_journal_open(text, sizeof(text) - 1, &j, err, sizeof(err)), -EINVAL);
	assert_string_equal(err, "it is not a journal of fdlab");
	assert_null(j);
	assert_int_equal(fdl_journal_open(newer, sizeof(newer) - 1, &j, err, sizeof(err)),
			 -EPROTONOSUPPORT);
	assert_string_equal(err, "it was written by a newer fdlab: version 12 of the format");
}

/* Replays the journal with one more record of this kind. */
static int replay_with(struct fdl_record record)
{
	struct fdl_machine *m;
	struct fdl_journal *j;
	char buf[256], *bytes = malloc(r.len + sizeof(buf));
	int error;

	assert_non_null(bytes);
	memcpy(bytes, r.bytes, r.len);
	assert_int_equal(fdl_journal_open(bytes,
					  r.len + fdl_record_encode(&record, bytes + r.len, 256),
					  &j, err, sizeof(err)),
			 0);
	assert_int_equal(fdl_machine_new(&(struct fdl_options){ .nofile = 20 }, &m), 0);
	error = fdl_journal_replay(j, m, err, sizeof(err));
	fdl_journal_close(j);
	fdl_machine_free(m);
	free(bytes);
	return error;
}

static void records_that_make_no_sense_are_errors(void **state)
{
	(void)state;
	assert_int_equal(replay_with((struct fdl_record){
				 .kind = FDL_RECORD_WRITE, .file = 3, .text = "x", .len = 1 }),
			 -EBADMSG);
	assert_non_null(strstr(err, "record 10, at offset "));
	assert_non_null(strstr(err, ", makes no sense: no file with this number is open"));
	assert_int_equal(
		replay_with((struct fdl_record){ .kind = FDL_RECORD_CLOSE, .file = 1 << 30 }),
		-EBADMSG);
	assert_int_equal(
		replay_with((struct fdl_record){
			.kind = FDL_RECORD_OPEN, .file = UINT32_MAX, .text = "control", .len = 7 }),
		-EBADMSG);
	assert_int_equal(replay_with((struct fdl_record){
				 .kind = FDL_RECORD_OPEN, .text = "9/control", .len = 9 }),
			 -EBADMSG);
}

/* As if this version of the library did something differently. */
static void a_machine_that_comes_out_differently_is_an_error(void **state)
{
	static const char text[] = "fdlab 0.0.9\nstate 01234567\n";

	(void)state;
	assert_int_equal(replay_with((struct fdl_record){
				 .kind = FDL_RECORD_START, .text = text, .len = sizeof(text) - 1 }),
			 -EUCLEAN);
	assert_non_null(strstr(err, "it makes another machine than it did for fdlab 0.0.9"));
}

#define format_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		format_test(the_records_are_those_that_were_written),
		format_test(a_journal_that_was_not_written_to_its_end_is_torn),
		format_test(zeros_at_the_end_are_a_torn_record),
		format_test(a_bit_that_flips_anywhere_is_an_error_that_names_the_place),
		format_test(other_files_and_newer_versions_are_refused),
		format_test(records_that_make_no_sense_are_errors),
		format_test(a_machine_that_comes_out_differently_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
