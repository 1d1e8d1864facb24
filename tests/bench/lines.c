/*
 * Calls in the notation: many lines in one write to a control file, read, run and answered, against
 * the running kernel doing the same calls without any notation.
 */
#include "bench/bench.h"

#include "fdlab.h"

#include <fcntl.h>
#include <unistd.h>

#define SIZE  ((size_t)256 << 10)
#define HIGH  40
#define LIMIT 8
#define GROUP 4 /* lines of the program that is repeated */

static const char program[] = "1 dup2(1, 40) = 40\n"
			      "1 fcntl(40, F_GETFD) = 0\n"
			      "dup2 1 40\n"
			      "close(40) = 0\n";

static char lines[SIZE];
static size_t size, nlines;
static struct fdl_handle *control;

/* Writes n lines, and whole programs only. */
static void our_lines(void *ctx, unsigned n)
{
	const unsigned groups = (n + GROUP - 1) / GROUP;
	size_t len = groups * (sizeof(program) - 1);

	(void)ctx;
	for (size_t done = 0; done < len;) {
		size_t part = len - done < size ? len - done : size;
		ssize_t written = fdl_write(control, lines, part, O_NONBLOCK, NULL, NULL);

		if (written < 0)
			errx(1, "control: %s", fdl_errname((int)-written));
		done += part;
	}
}

static void their_calls(void *ctx, unsigned n)
{
	(void)ctx;
	for (unsigned groups = (n + GROUP - 1) / GROUP; groups; groups--) {
		if (dup2(1, HIGH) < 0 || fcntl(HIGH, F_GETFD) < 0 || dup2(1, HIGH) < 0 ||
		    close(HIGH) < 0)
			err(1, "a call of the kernel failed");
	}
}

int main(int argc, char **argv)
{
	const struct side ours = { our_lines, NULL }, theirs = { their_calls, NULL };
	struct fdl_machine *m;
	struct turns t;
	fdl_ino ino;

	for (; size + sizeof(program) - 1 <= SIZE; size += sizeof(program) - 1, nlines += GROUP)
		memcpy(lines + size, program, sizeof(program) - 1);
	if (fdl_machine_new(NULL, &m) < 0 || fdl_walk(m, "control", &ino) < 0 ||
	    fdl_open(m, ino, O_RDWR, &control) < 0)
		errx(1, "no machine");
	bench_start(argc, argv, "model", "kernel");
	t = bench_turns(&ours, &theirs);
	bench_ratio("a line of many in one write, against the bare call", t, LIMIT);
	bench_value("lines of one write", 1e9 / t.ours, "a second", AT_LEAST, 1e6);
	fdl_close(control);
	fdl_machine_free(m);
	return 0;
}
