/*
 * A journal that is played again makes the same machine, to the last byte of its tree: random
 * programs of all kernels, with calls in flight, interrupts, steps, files that are closed, options
 * and resets.
 */
#include "support/random.h"
#include "support/random_run.h"
#include "support/recorder.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bytes {
	char *s;
	size_t len;
};

static int put(void *ctx, const char *buf, size_t len)
{
	struct bytes *b = ctx;

	b->s = realloc(b->s, b->len + len);
	assert_non_null(b->s);
	memcpy(b->s + b->len, buf, len);
	b->len += len;
	return 0;
}

static struct bytes pack(const char *bytes, size_t len,
			 int (*how)(struct fdl_journal *j, fdl_put_fn *put, void *ctx))
{
	struct bytes packed = { NULL, 0 };
	struct fdl_journal *j;
	char err[256];

	assert_int_equal(fdl_journal_open(bytes, len, &j, err, sizeof(err)), 0);
	assert_int_equal(how(j, put, &packed), 0);
	fdl_journal_close(j);
	return packed;
}

static void a_journal_replayed_equals_the_machine(void **state)
{
	const uint64_t rounds = setting("FDLAB_ROUNDS", 120);

	(void)state;
	random_state = setting("FDLAB_SEED", 1) * 0x9e3779b97f4a7c15;
	for (uint64_t i = 0; i < rounds; i++) {
		const struct fdl_options *o = random_machine();
		struct fdl_machine *again;
		struct recorder r;
		struct bytes packed, less;

		recorder_init(&r, o);
		play_at_random(&r, 20 + pick(200));
		recorder_start(&r);
		again = recorder_replay(r.bytes, r.len, o);
		assert_same_machine(r.m, again);
		fdl_machine_free(again);
		packed = pack(r.bytes, r.len, fdl_journal_pack);
		again = recorder_replay(packed.s, packed.len, o);
		assert_same_machine(r.m, again);
		fdl_machine_free(again);
		less = pack(packed.s, packed.len, fdl_journal_compact);
		again = recorder_replay(less.s, less.len, o);
		assert_same_machine(r.m, again);
		fdl_machine_free(again);
		free(less.s);
		free(packed.s);
		recorder_free(&r);
	}
}

/* The rest after the text of the machine was made by the second program. */
static void a_packed_journal_goes_on_with_plain_records(void **state)
{
	static const char call[] = "1 open(\"/etc/hosts\", O_RDONLY)\n";
	struct fdl_machine *again;
	struct recorder r, more;
	struct bytes packed, twice;
	struct fdl_journal_info info;
	struct fdl_journal *j;
	char err[256];

	(void)state;
	recorder_init(&r, NULL);
	assert_true(recorder_open(&r, 0, "control"));
	for (int i = 0; i < 9000; i++)
		recorder_write(&r, 0, "1 dup 0\n1 close 3\n", 18, false);
	packed = pack(r.bytes, r.len, fdl_journal_pack);
	assert_true(packed.len * 8 < r.len);
	more = (struct recorder){ .m = r.m, .bytes = packed.s, .len = packed.len };
	more.files = r.files;
	more.nfiles = r.nfiles;
	recorder_write(&more, 0, call, sizeof(call) - 1, false);
	recorder_start(&more);
	again = recorder_replay(more.bytes, more.len, NULL);
	assert_same_machine(more.m, again);
	fdl_machine_free(again);
	assert_int_equal(fdl_journal_open(more.bytes, more.len, &j, err, sizeof(err)), 0);
	fdl_journal_info(j, &info);
	assert_true(info.packed > 0 && info.packed < packed.len);
	fdl_journal_close(j);
	/* Large blocks stay as they are, and small ones become larger. */
	twice = pack(more.bytes, more.len, fdl_journal_compact);
	assert_memory_equal(twice.s, more.bytes, info.packed / 2);
	again = recorder_replay(twice.s, twice.len, NULL);
	assert_same_machine(more.m, again);
	fdl_machine_free(again);
	free(twice.s);
	free(r.bytes);
	recorder_free(&more);
}

/* Nothing but the reset and what follows is left, and what goes on can be written to the files. */
static void records_before_a_reset_are_left_out(void **state)
{
	struct fdl_machine *again;
	struct recorder r, more;
	struct bytes less;
	struct fdl_journal_info info;
	struct fdl_journal *j;
	char err[256];

	(void)state;
	recorder_init(&r, NULL);
	assert_true(recorder_open(&r, 3, "control"));
	assert_true(recorder_open(&r, 1, "1/control"));
	recorder_time(&r, (struct timespec){ .tv_sec = 1700000000 });
	for (int i = 0; i < 9000; i++)
		recorder_write(&r, 3, "1 dup 0\n1 fork\n", 15, false);
	recorder_write(&r, 3, " reset nofile=20 # again\n1 dup 0\n", 33, false);
	recorder_write(&r, 3, "reset nofile=many\n", 18, false);
	recorder_write(&r, 1, "reset\n", 6, false);
	less = pack(r.bytes, r.len, fdl_journal_compact);
	assert_true(less.len < 500);
	more = (struct recorder){ .m = r.m, .bytes = less.s, .len = less.len };
	more.files = r.files;
	more.nfiles = r.nfiles;
	recorder_write(&more, 1, "dup 0\n", 6, false);
	recorder_close(&more, 3);
	again = recorder_replay(more.bytes, more.len, NULL);
	assert_same_machine(more.m, again);
	fdl_machine_free(again);
	assert_int_equal(fdl_journal_open(more.bytes, more.len, &j, err, sizeof(err)), 0);
	fdl_journal_info(j, &info);
	assert_int_equal(info.records, 1 + 1 + 2 + 3 + 2);
	fdl_journal_close(j);
	free(r.bytes);
	recorder_free(&more);
}

static void the_options_of_the_machine_are_those_of_its_journal(void **state)
{
	const struct fdl_options o = { .kernel = "netbsd", .nofile = 20, .uid = 7 };
	struct fdl_options read;
	struct fdl_machine *other;
	struct fdl_journal *j;
	struct recorder r;
	char err[256];

	(void)state;
	recorder_init(&r, &o);
	assert_int_equal(fdl_journal_open(r.bytes, r.len, &j, err, sizeof(err)), 0);
	assert_int_equal(fdl_journal_options(j, &read, err, sizeof(err)), 0);
	assert_string_equal(read.kernel, "netbsd");
	assert_int_equal(read.nofile, 20);
	assert_int_equal(read.uid, 7);
	assert_int_equal(read.bytes, 0);
	assert_int_equal(fdl_machine_new(NULL, &other), 0);
	assert_int_equal(fdl_journal_replay(j, other, err, sizeof(err)), -EINVAL);
	assert_string_equal(err, "it is of a machine with other options: kernel=netbsd nofile=20 "
				 "uid=7");
	fdl_journal_close(j);
	fdl_machine_free(other);
	recorder_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_journal_replayed_equals_the_machine),
		cmocka_unit_test(a_packed_journal_goes_on_with_plain_records),
		cmocka_unit_test(records_before_a_reset_are_left_out),
		cmocka_unit_test(the_options_of_the_machine_are_those_of_its_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
