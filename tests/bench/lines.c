/*
 * Calls in the notation: many lines in one write to a control file, and their replies. Compared
 * with the running kernel doing the same calls without notation, and with the C library only
 * scanning as many lines.
 */
#include "support/bench.h"

#include "fdlab.h"

#include <fcntl.h>
#include <unistd.h>

#define HIGH  40
#define GROUP 4 /* lines of the program that is repeated */

static const char program[] = "1 dup2(1, 40) = 40\n"
			      "1 fcntl(40, F_GETFD) = 0\n"
			      "dup2 1 40\n"
			      "close(40) = 0\n";

/* The whole programs that fit into one write. */
#define PROGRAM (sizeof(program) - 1)
#define GROUPS  (FDL_WRITE_MAX / PROGRAM)

static char lines[GROUPS * PROGRAM];
static struct fdl_handle *control;

static void read_replies(void)
{
	static char replies[65536];
	ssize_t n;

	while ((n = fdl_read(control, replies, sizeof(replies), 0, 0)) > 0) {
		if (memmem(replies, (size_t)n, "expected", strlen("expected")))
			errx(1, "a line came out otherwise than it says");
	}
	if (n < 0)
		errx(1, "replies: %s", fdl_errname((int)-n));
}

/* Writes n lines as whole programs, as many at once as fit. */
static void our_lines(void *ctx, unsigned n)
{
	size_t left = (n + GROUP - 1) / GROUP * PROGRAM;

	(void)ctx;
	while (left) {
		size_t part = left < sizeof(lines) ? left : sizeof(lines);
		ssize_t written = fdl_write(control, lines, part, 0, NULL, NULL);

		if (written < 0)
			errx(1, "control: %s", fdl_errname((int)-written));
		read_replies();
		left -= part;
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

/* Splits the same lines with sscanf, and ignores the result. */
static void their_reading(void *ctx, unsigned n)
{
	char name[16], command[16];
	int pid, fd, other, result;

	(void)ctx;
	for (unsigned groups = (n + GROUP - 1) / GROUP; groups; groups--) {
		if (sscanf("1 dup2(1, 40) = 40", "%d %15[a-z0-9_](%d, %d) = %d", &pid, name, &fd,
			   &other, &result) != 5 ||
		    sscanf("1 fcntl(40, F_GETFD) = 0", "%d %15[a-z0-9_](%d, %15[A-Z_]) = %d", &pid,
			   name, &fd, command, &result) != 5 ||
		    sscanf("dup2 1 40", "%15s %d %d", name, &fd, &other) != 3 ||
		    sscanf("close(40) = 0", "%15[a-z0-9_](%d) = %d", name, &fd, &result) != 3)
			errx(1, "sscanf");
	}
}

static struct comparison comparisons[] = {
	{ .name = "a line of one write of many, against the bare call",
	  .ours = { our_lines, NULL },
	  .theirs = { their_calls, NULL },
	  .limit = NO_LIMIT },
	{ .name = "a line of one write of many, against sscanf of it",
	  .ours = { our_lines, NULL },
	  .theirs = { their_reading, NULL },
	  .limit = NO_LIMIT },
};

int main(int argc, char **argv)
{
	struct fdl_machine *m;
	fdl_ino ino;

	for (size_t i = 0; i < GROUPS; i++)
		memcpy(lines + i * PROGRAM, program, PROGRAM);
	if (fdl_machine_new(NULL, &m) < 0 || fdl_walk(m, "control", &ino) < 0 ||
	    fdl_open(m, ino, O_RDWR, &control) < 0)
		errx(1, "no machine");
	bench_start(argc, argv, "model", "reference");
	bench_compare(comparisons, sizeof(comparisons) / sizeof(comparisons[0]));
	bench_value("lines in one write", 1e9 / comparisons[0].our_ns, "a second", AT_LEAST, 1e6);
	fdl_close(control);
	fdl_machine_free(m);
	return 0;
}
