/*
 * Measures the time that a moment of a long log takes, and the memory of the history, against
 * making the same machine anew by its lines. Times of single moments are the slowest of many.
 */
#include "fdlab.h"
#include "support/bench.h"

#include <fcntl.h>

#define LINES  1000000u /* of the log */
#define WRITE  2000u    /* lines in a write */
#define LOOKS  200u     /* at moments far apart */
#define UNDONE 500u     /* lines that are undone and redone */
#define BESIDE 10000u   /* at moments side by side */

static struct fdl_machine *m;
static struct fdl_history *history;

/* Of the processor: the slowest of many looks must not be that in which another process ran. */
static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct fdl_handle *open_control(struct fdl_machine *of)
{
	struct fdl_handle *h;
	fdl_ino ino;

	if (fdl_walk(of, "control", &ino) || fdl_open(of, ino, O_RDWR, &h))
		errx(1, "control");
	return h;
}

/* Lines that fill a table of 200 slots and empty it again. */
static size_t make_lines(char *text, unsigned first, unsigned n)
{
	size_t len = 0;

	for (unsigned i = first; i < first + n; i++) {
		const unsigned fd = 10 + i % 200;

		if (i % 400 < 200)
			len += (size_t)sprintf(text + len, "1 dup2(%u, %u)\n", i % 3, fd);
		else
			len += (size_t)sprintf(text + len, "1 close(%u)\n", fd);
	}
	return len;
}

/* Writes the first n lines to a machine. Returns how many milliseconds that took. */
static double write_lines(struct fdl_machine *to, unsigned n)
{
	static char text[WRITE * 32];
	struct fdl_handle *h = open_control(to);
	double ms = 0, start;
	char reply[65536];

	for (unsigned i = 0; i < n; i += WRITE) {
		const size_t len = make_lines(text, i, WRITE);

		start = now_ms();
		if (fdl_write(h, text, len, O_NONBLOCK, NULL, NULL) < 0)
			errx(1, "write");
		ms += now_ms() - start;
		while (fdl_read(h, reply, sizeof(reply), 0, O_NONBLOCK) > 0)
			;
	}
	fdl_close(h);
	return ms;
}

/* The milliseconds that going to a moment takes, with a look at it. */
static double look(uint64_t n)
{
	const double start = now_ms();
	struct fdl_machine *then;
	size_t len;
	char *text;

	if (fdl_history_at(history, n, &then) ||
	    fdl_read_file(then, "1/files/open_fds_list", &text, &len))
		errx(1, "moment %llu", (unsigned long long)n);
	free(text);
	return now_ms() - start;
}

/* Takes lines back one after the other, and brings them again. */
static void undo_and_redo(void)
{
	double worst = 0, start, ms;

	for (unsigned i = 0; i < 2 * UNDONE; i++) {
		start = now_ms();
		if (i < UNDONE ? fdl_undo(m, 1) : fdl_redo(m, 1))
			errx(1, "undo or redo");
		ms = now_ms() - start;
		worst = ms > worst ? ms : worst;
		if (i == 0)
			bench_value("undo of a line after a million", ms * 1e3, "us", AT_MOST,
				    20000);
	}
	bench_value("undo and redo of a line, slowest", worst * 1e3, "us", AT_MOST, 20000);
	start = now_ms();
	if (fdl_goto(m, LINES / 2))
		errx(1, "goto");
	bench_value("goto to the middle of a million lines", (now_ms() - start) * 1e3, "us",
		    AT_LEAST, NO_LIMIT);
}

int main(int argc, char **argv)
{
	const struct fdl_options o = { .log = (uint64_t)1 << 30 };
	struct fdl_machine *anew;
	double with, without, far = 0, beside = 0, beside_worst = 0, sum = 0;
	uint64_t n = 12345;

	bench_start(argc, argv, "moment", "anew");
	if (fdl_machine_new(&o, &m) || fdl_history_new(m, 0, &history) ||
	    fdl_machine_new(&o, &anew))
		errx(1, "no memory");
	with = write_lines(m, LINES);
	without = write_lines(anew, LINES);
	look(LINES);
	for (unsigned i = 0; i < LOOKS; i++) {
		const double ms = look(n = (n * 48271 + 11) % LINES);

		far = ms > far ? ms : far;
		sum += ms;
	}
	look(LINES / 2);
	for (unsigned i = 1; i <= BESIDE; i++) {
		const double ms = look(LINES / 2 - i);

		beside_worst = ms > beside_worst ? ms : beside_worst;
		beside += ms;
	}
	bench_value("any moment of a million lines, slowest", far * 1e3, "us", AT_MOST, 20000);
	bench_value("any moment, mean", sum / LOOKS * 1e3, "us", AT_MOST, 20000);
	bench_value("the moment before, mean", beside / BESIDE * 1e3, "us", AT_MOST, 1000);
	bench_value("the moment before, slowest", beside_worst * 1e3, "us", AT_MOST, 1000);
	bench_value("any moment, in 1/1000 of the machine made anew", sum / LOOKS / without * 1e3,
		    "", AT_MOST, 20);
	bench_value("lines with a history, in percent of without", with / without * 100, "%",
		    AT_LEAST, NO_LIMIT);
	bench_value("checkpoints of a million lines",
		    (double)fdl_history_memory(history) / (1 << 20), "MiB", AT_MOST, 64);
	undo_and_redo();
	fdl_history_free(history);
	fdl_machine_free(m);
	fdl_machine_free(anew);
	return 0;
}
