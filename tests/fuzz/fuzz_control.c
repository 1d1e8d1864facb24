/*
 * Random programs through control files: fuzz_control [ROUNDS [SEED]]. The kernel's invariants hold
 * after every write, and a machine's transcript, run on a new machine, makes the same machine. The
 * same seed always makes the same programs. The rounds go through all kernels; calls that a kernel
 * lacks fail on it.
 */
#include "fdlab.h"
#include "support/random.h"
#include "support/random_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS     150
#define WRITES     80 /* in a round */
#define LINES      8  /* in a write, at most */
#define HANDLES    4
#define WRITE_SIZE 2048

static void fail(struct fdl_machine *m, const char *what)
{
	size_t len;
	char *log;

	printf("FAILED: %s\n", what);
	if (fdl_read_file(m, "log", &log, &len) == 0)
		fwrite(log, 1, len, stdout);
	fflush(stdout);
	abort();
}

static struct fdl_machine *new_machine(const char *kernel)
{
	const struct fdl_options o = { .kernel = kernel };
	struct fdl_machine *m;

	if (fdl_machine_new(&o, &m) < 0)
		abort();
	return m;
}

static struct fdl_handle *open_control(struct fdl_machine *m)
{
	struct fdl_handle *h;
	fdl_ino ino;

	if (fdl_walk(m, "control", &ino) < 0 || fdl_open(m, ino, O_RDWR, &h) < 0)
		abort();
	return h;
}

static void told(void *ctx, ssize_t result)
{
	(void)result;
	--*(int *)ctx;
}

/* A write of a random program, whose memory ends exactly after it. */
static void write_program(struct fdl_handle *h, int *waiting)
{
	char program[WRITE_SIZE], *exact;
	size_t len = 0;
	ssize_t n;

	for (unsigned i = 1 + pick(LINES); i; i--)
		len = pick(10) ? add_random_line(program, len) : add_random_words(program, len);
	exact = malloc(len);
	if (!exact)
		abort();
	memcpy(exact, program, len);
	++*waiting;
	n = fdl_write(h, exact, len, pick(2) ? O_NONBLOCK : 0, told, waiting);
	if (n != -EINPROGRESS)
		--*waiting;
	free(exact);
}

/* Reads everything that can be read. */
static void walk(struct fdl_machine *m, fdl_ino dir)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;

	while (fdl_readdir(m, dir, &cookie, &de) == 1) {
		struct fdl_handle *h;
		struct stat st;
		char buf[4096];

		if (de.name[0] == '.')
			continue;
		if (fdl_getattr(m, de.ino, &st) < 0)
			fail(m, "a file that was listed has no attributes");
		if (S_ISDIR(de.mode)) {
			walk(m, de.ino);
		} else if (S_ISREG(de.mode) && fdl_open(m, de.ino, O_RDONLY, &h) == 0) {
			for (off_t off = 0;
			     (off += fdl_read(h, buf, sizeof(buf), off, 0)) < st.st_size;)
				;
			fdl_close(h);
		}
	}
}

static char *state_of(struct fdl_machine *m)
{
	size_t len;
	char *text;

	if (fdl_read_file(m, "state.json", &text, &len) < 0)
		fail(m, "there is no state");
	return text;
}

/* The transcript, run on a new machine, makes the same machine. */
static void repeat(struct fdl_machine *m, const char *kernel)
{
	struct fdl_machine *again = new_machine(kernel);
	struct fdl_handle *h = open_control(again);
	char *log, *expected = state_of(m), *got;
	size_t len;

	if (fdl_read_file(m, "log", &log, &len) < 0)
		fail(m, "there is no log");
	for (char *line = log, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		char reply[4096];
		ssize_t n;

		/* The new machine was made with these already. */
		if (strncmp(line, "option ", 7) == 0)
			continue;
		fdl_write(h, line, (size_t)(end - line), O_NONBLOCK, NULL, NULL);
		n = fdl_read(h, reply, sizeof(reply) - 1, 0, O_NONBLOCK);
		reply[n > 0 ? n : 0] = '\0';
		if (*reply == '#' || strstr(reply, "  # expected")) {
			printf("%s", reply);
			fail(m, "the transcript does not hold on another machine");
		}
	}
	got = state_of(again);
	if (strcmp(expected, got) != 0) {
		printf("first: %s\nagain: %s\n", expected, got);
		fail(m, "the transcript makes another machine");
	}
	free(expected);
	free(got);
	free(log);
	fdl_close(h);
	fdl_machine_free(again);
}

static void play_round(const char *kernel)
{
	struct fdl_machine *m = new_machine(kernel);
	struct fdl_handle *h[HANDLES];
	int waiting[HANDLES] = { 0 };
	char err[256];

	for (unsigned i = 0; i < HANDLES; i++)
		h[i] = open_control(m);
	for (unsigned i = 0; i < WRITES; i++) {
		unsigned k = pick(HANDLES);

		write_program(h[k], &waiting[k]);
		if (pick(10) == 0)
			fdl_interrupt(h[k]);
		if (pick(20) == 0) {
			fdl_close(h[k]);
			h[k] = open_control(m);
			waiting[k] = 0;
		}
		if (fdl_machine_check(m, err, sizeof(err)) < 0)
			fail(m, err);
	}
	walk(m, FDL_ROOT);
	repeat(m, kernel);
	for (unsigned i = 0; i < HANDLES; i++)
		fdl_close(h[i]);
	fdl_machine_free(m);
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
