/*
 * Random programs and their past: fuzz_history [ROUNDS [SEED]]. The whole tree of a machine is kept
 * after every line; later the history must show the same, byte for byte, in any order, with calls
 * in flight, with little memory for checkpoints, and with a transcript that loses its beginning.
 * The machine itself goes back to moments and forth again, and must be the same there, too. The
 * rounds go through all kernels.
 */
#include "fdlab.h"
#include "support/random.h"
#include "support/random_lines.h"
#include "support/tree_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define ROUNDS 2 /* one of each kernel: without checkpoints of calls in flight a look takes long */
#else
#define ROUNDS 6
#endif
#define WRITES    600 /* of one line, in a round */
#define LINE_SIZE 1024
#define LOOKS     20 /* at the past, in a row */

/* A moment, and the tree at it. */
struct kept {
	uint64_t n;
	char *tree;
	char *rest; /* the same without its log */
};

struct round {
	struct fdl_machine *m;
	struct fdl_history *history;
	struct fdl_handle *control;
	struct kept kept[WRITES];
	unsigned n_kept;
};

static uint64_t present(const struct round *r)
{
	uint64_t first, last;

	fdl_history_range(r->history, &first, &last);
	return last;
}

static void fail(struct round *r, const char *what, uint64_t n)
{
	size_t len;
	char *log;

	printf("FAILED: %s (moment %llu)\n", what, (unsigned long long)n);
	if (fdl_read_file(r->m, "log", &log, &len) == 0)
		fwrite(log, 1, len, stdout);
	fflush(stdout);
	abort();
}

/*
 * The whole tree; or all but what counts the lines of the log, in which a comment may say what is
 * undone.
 */
static char *tree_below(struct round *r, struct fdl_machine *m, const char *dir, bool with_log)
{
	static const char *const past[] = { "at", "changes", NULL };
	static const char *const log[] = { "at",           "changes",      "log",
					   "log.numbered", "picture.json", NULL };
	char *tree = tree_text(m, dir, with_log ? past : log);

	if (!tree)
		fail(r, "the tree cannot be read", 0);
	return tree;
}

static char *tree_of(struct round *r, struct fdl_machine *m, bool with_log)
{
	return tree_below(r, m, "", with_log);
}

static void print_difference(const char *expected, const char *got)
{
	size_t i = 0, from;

	while (expected[i] && expected[i] == got[i])
		i++;
	for (from = i; from && i - from < 200; from--)
		;
	printf("expected: ...%.400s\n", expected + from);
	printf("got: ...%.400s\n", got + from);
}

/* Forgets the moments but the first n. */
static void forget_after(struct round *r, unsigned n)
{
	while (r->n_kept > n) {
		free(r->kept[--r->n_kept].tree);
		free(r->kept[r->n_kept].rest);
	}
}

/* Lines that are refused are no line of the log: they belong to the moment before. */
static void keep(struct round *r)
{
	if (r->n_kept && r->kept[r->n_kept - 1].n == present(r))
		forget_after(r, r->n_kept - 1);
	r->kept[r->n_kept++] =
		(struct kept){ present(r), tree_of(r, r->m, true), tree_of(r, r->m, false) };
}

/* Looks at a moment; it may be gone where the transcript has lost its beginning. */
static void look(struct round *r, const struct kept *k)
{
	uint64_t first, last;
	struct fdl_machine *then;
	char *got, err[256], dir[32];
	int error = fdl_history_at(r->history, k->n, &then);

	fdl_history_range(r->history, &first, &last);
	if (error == -ENOENT && k->n < first)
		return;
	if (error)
		fail(r, strerror(-error), k->n);
	if (fdl_machine_check(then, err, sizeof(err)))
		fail(r, err, k->n);
	snprintf(dir, sizeof(dir), "/at/%llu", (unsigned long long)k->n);
	got = pick(2) ? tree_of(r, then, true) : tree_below(r, r->m, dir, true);
	/* Records that were kept then may be gone now. */
	if (!first && strcmp(k->tree, got)) {
		print_difference(k->tree, got);
		fail(r, "the tree differs", k->n);
	}
	free(got);
}

static void look_around(struct round *r)
{
	for (unsigned i = 0; i < LOOKS; i++)
		look(r, &r->kept[pick(r->n_kept)]);
	for (unsigned i = r->n_kept; i-- > 0 && i + 5 > r->n_kept;)
		look(r, &r->kept[i]);
}

/* The machine is at a moment, by way of undo and redo. */
static void assert_at(struct round *r, const struct kept *k, bool with_log)
{
	const char *expected = with_log ? k->tree : k->rest;
	char *got = tree_of(r, r->m, with_log), err[256];

	if (fdl_machine_check(r->m, err, sizeof(err)))
		fail(r, err, k->n);
	if (strcmp(got, expected)) {
		print_difference(expected, got);
		fail(r, "undo and redo make another machine", k->n);
	}
	free(got);
}

static void go_to(struct round *r, const struct kept *k)
{
	const int error = fdl_goto(r->m, k->n);

	if (error)
		fail(r, strerror(-error), k->n);
}

/*
 * Goes back to a moment, by another one, and then forth again to the last one; or on from there, to
 * another future.
 */
static void go_around(struct round *r)
{
	const unsigned place = pick(r->n_kept);
	const struct kept *to = &r->kept[place], *by = &r->kept[pick(r->n_kept)];
	const struct kept *last = &r->kept[r->n_kept - 1];
	uint64_t first, end;

	fdl_history_range(r->history, &first, &end);
	if (first)
		return;
	go_to(r, by);
	assert_at(r, by, false);
	look(r, &r->kept[pick((unsigned)(by - r->kept) + 1)]);
	go_to(r, to);
	assert_at(r, to, false);
	look(r, &r->kept[pick(place + 1)]);
	if (pick(2)) {
		go_to(r, last);
		assert_at(r, last, true);
	} else {
		fdl_write(r->control, "clock +0.1", 10, 0, NULL, NULL);
		forget_after(r, place + 1);
	}
}

static void play_round(const char *kernel)
{
	const struct fdl_options o = { .kernel = kernel, .log = pick(3) ? 0 : 65536 };
	struct round r = { .n_kept = 0 };
	fdl_ino ino;

	if (fdl_machine_new(&o, &r.m) || fdl_history_new(r.m, pick(2) ? 0 : 200000, &r.history) ||
	    fdl_walk(r.m, "control", &ino) || fdl_open(r.m, ino, O_RDWR, &r.control))
		abort();
	keep(&r);
	for (unsigned i = 1; i < WRITES; i++) {
		char line[LINE_SIZE];
		const size_t len = pick(10) ? add_random_line(line, 0) : add_random_words(line, 0);

		fdl_write(r.control, line, len, O_NONBLOCK, NULL, NULL);
		if (pick(100) == 0) {
			fdl_write(r.control, "reset nofile=20", 15, 0, NULL, NULL);
			forget_after(&r, 0);
		}
		keep(&r);
		if (pick(20) == 0)
			look_around(&r);
		if (pick(30) == 0)
			go_around(&r);
		if (pick(50) == 0)
			fdl_history_idle(r.history);
	}
	look_around(&r);
	forget_after(&r, 0);
	fdl_close(r.control);
	fdl_history_free(r.history);
	fdl_machine_free(r.m);
}

int main(int argc, char **argv)
{
	const char *const *kernel = fdl_kernels();
	long rounds = argc > 1 ? atol(argv[1]) : ROUNDS;

	random_state = (argc > 2 ? strtoull(argv[2], NULL, 0) : 1) * 0x9e3779b97f4a7c15;
	for (long i = 0; i < rounds; i++) {
		play_round(*kernel++);
		if (!*kernel)
			kernel = fdl_kernels();
	}
	printf("%ld rounds\n", rounds);
	return 0;
}
