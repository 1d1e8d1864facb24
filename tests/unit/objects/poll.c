/*
 * Readiness: the events that objects report when polled, and the watches that they notify of a
 * change.
 */
#include "support/play.h"

#include "vfs/file.h"
#include "machine/poll.h"

/* Watches that note their order and events when they are notified. */
struct told {
	struct poll_watch watch;
	char name;
	bool woke;
};

static char order[32];
static unsigned last_events;

static bool note(struct poll_watch *watch, unsigned events)
{
	struct told *t = container_of(watch, struct told, watch);

	strncat(order, &t->name, 1);
	last_events = events;
	return t->woke;
}

static void the_newest_watch_is_told_first_and_one_exclusive_one(void **state)
{
	struct told t[5] = { { .name = 'a', .woke = true },
			     { .name = 'b', .woke = true },
			     { .name = 'x' },
			     { .name = 'y', .woke = true },
			     { .name = 'z', .woke = true } };
	struct poll_list list;

	(void)state;
	poll_list_init(&list);
	for (size_t i = 0; i < 5; i++) {
		t[i].watch.changed = note;
		t[i].watch.exclusive = i >= 2;
		poll_watch_add(&list, &t[i].watch);
	}
	*order = '\0';
	poll_notify(&list, EPOLLIN);
	assert_string_equal(order, "baxy");
	assert_int_equal(last_events, EPOLLIN);
	poll_watch_del(&t[0].watch);
	poll_watch_del(&t[0].watch);
	poll_watch_del(&t[3].watch);
	*order = '\0';
	poll_notify(&list, 0);
	assert_string_equal(order, "bxz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_watch_is_told_first_and_one_exclusive_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
