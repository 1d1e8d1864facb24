/*
 * fdlab fuzz: plays random programs on a machine and on the running kernel. The first difference is
 * shrunk to a scenario and saved.
 */
#include "verbs/verbs.h"

#include "cli/number.h"
#include "cli/options.h"
#include "fdlab.h"
#include "fuzz/program.h"
#include "fuzz/shrink.h"
#include "fuzz/sides.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define USUAL_CALLS   20000
#define PROGRAM_LINES 600 /* of one machine */
#define LOOK_EVERY    32  /* lines: compare the table of the last caller */
#define LOOK_DEEP     250 /* lines: compare everything */

struct seed {
	uint64_t number;
	bool given;
};

struct fuzz {
	const struct verb *verb;

	/* what is wanted */
	uint64_t calls;
	struct seed seed;
	double seconds; /* 0: no limit */
	const char *save, *only;
	bool json, progress;
	const struct fuzz_topic *topic;
	uint64_t hard; /* the highest limit that can be had */

	/* the program at hand */
	struct fuzz_sides sides;
	struct fuzz_program program;
	char option[2][48];
	char *line[PROGRAM_LINES];
	size_t nlines;

	/* results */
	uint64_t done, programs;
	struct timespec began;
	struct fuzz_difference difference;
	uint64_t differed_at; /* the call, from 1 */
	char file[4096];
};

static double elapsed(const struct fuzz *f)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - f->began.tv_sec) +
	       (double)(now.tv_nsec - f->began.tv_nsec) / 1e9;
}

static void show_progress(const struct fuzz *f)
{
	double seconds = elapsed(f);

	if (f->progress)
		fprintf(stderr, "\r%" PRIu64 " calls, %.0f a second ", f->done,
			seconds > 0 ? (double)f->done / seconds : 0);
}

/* ---- one program ---------------------------------------------------------------------------- */

static int start_sides(struct fuzz *f, char *err, size_t errsize)
{
	const char *const options[] = { f->option[0], f->option[1], NULL };

	return fuzz_sides_start(&f->sides, options, f->only, err, errsize);
}

/* A call that waits may have reserved a descriptor, which the kernel does not show. */
static bool any_reserves(const struct fuzz_program *p)
{
	for (size_t i = 0; i < p->ntasks; i++)
		if (p->task[i].reserves)
			return true;
	return false;
}

/* Compares the tables of all tasks of the program: 0, 1 with the difference, -ENOMEM. */
static int compare_all(struct fuzz *f, struct fuzz_difference *d)
{
	int differs = 0;

	for (int pid = 1; !differs && !any_reserves(&f->program) && pid <= f->program.last_pid;
	     pid++)
		differs = fuzz_sides_tables(&f->sides, pid, true, d);
	return differs ?: fuzz_sides_check(&f->sides, d);
}

/* The next line of the program, on both sides. */
static int next_line(struct fuzz *f)
{
	struct fuzz_difference *d = &f->difference;
	char text[FUZZ_LINE_MAX];
	int differs;

	fuzz_program_next(&f->program, text);
	f->line[f->nlines] = strdup(text);
	if (!f->line[f->nlines++])
		return -ENOMEM;
	f->done++;
	differs = fuzz_sides_line(&f->sides, text, d);
	if (!differs)
		fuzz_program_told(&f->program, f->sides.replies);
	if (!differs && f->nlines % LOOK_DEEP == 0)
		differs = compare_all(f, d);
	else if (!differs && f->nlines % LOOK_EVERY == 0 && !any_reserves(&f->program))
		differs = fuzz_sides_tables(&f->sides, f->program.maker.pid, false, d);
	return differs;
}

static void forget_lines(struct fuzz *f)
{
	for (size_t i = 0; i < f->nlines; i++)
		free(f->line[i]);
	f->nlines = 0;
}

static bool is_over(const struct fuzz *f)
{
	return f->done >= f->calls || (f->seconds > 0 && elapsed(f) >= f->seconds);
}

/* Runs a program to its end. 0, 1 when the sides differ, or an error with a message in err. */
static int run_program(struct fuzz *f, char *err, size_t errsize)
{
	uint64_t seed = f->seed.number + f->programs * UINT64_C(0xd1342543de82ef95);
	int differs;

	fuzz_program_start(&f->program, f->topic, seed, f->hard);
	snprintf(f->option[0], sizeof(f->option[0]), "nofile=%" PRIu64, f->program.nofile);
	snprintf(f->option[1], sizeof(f->option[1]), "nofile_hard=%" PRIu64,
		 f->program.nofile_hard);
	forget_lines(f);
	differs = start_sides(f, err, errsize);
	if (differs)
		return differs;
	f->programs++;
	while (!differs && f->nlines < PROGRAM_LINES && f->program.last_pid < FUZZ_PIDS &&
	       f->done < f->calls)
		differs = next_line(f);
	if (!differs)
		differs = compare_all(f, &f->difference);
	f->differed_at = f->done;
	fuzz_sides_stop(&f->sides);
	if (differs < 0)
		snprintf(err, errsize, "%s", strerror(-differs));
	return differs;
}

/* ---- a difference --------------------------------------------------------------------------- */

/*
 * Plays the first lines and these on both sides up to the first difference, which goes to *d.
 * Returns the number of lines that were played; 0: no difference. Replies of the model go to out,
 * or NULL.
 */
static size_t play_again(struct fuzz *f, const char *const *lines, size_t n,
			 struct fuzz_difference *d, FILE *out)
{
	char message[256];
	int differs = 0;
	size_t i = 0;

	if (start_sides(f, message, sizeof(message)))
		return 0;
	while (!differs && i < FUZZ_FIRST + n) {
		const char *line = i < FUZZ_FIRST ? fuzz_first[i] : lines[i - FUZZ_FIRST];

		i++;
		differs = fuzz_sides_line(&f->sides, line, d);
		if (out && f->sides.replies)
			fputs(f->sides.replies, out);
	}
	if (!differs)
		differs = compare_all(f, d);
	fuzz_sides_stop(&f->sides);
	return differs == 1 ? i : 0;
}

static bool still_differs(void *ctx, const char *const *lines, size_t n)
{
	struct fuzz_difference d = { 0 };
	bool differs = play_again(ctx, lines, n, &d, NULL);

	fuzz_difference_free(&d);
	return differs;
}

/* Shrinks the lines and returns their number. f->difference is then of the lines that are left. */
static size_t shrink(struct fuzz *f, const char **lines, size_t n)
{
	struct fuzz_difference d = { 0 };
	size_t used;

	n = fuzz_shrink(lines, n, still_differs, f);
	used = play_again(f, lines, n, &d, NULL);
	if (used) {
		fuzz_difference_free(&f->difference);
		f->difference = d;
		n = used > FUZZ_FIRST ? used - FUZZ_FIRST : 0;
	}
	return n;
}

/* Writes each line of a text as a comment. */
static void put_comment(FILE *out, const char *what, const char *text)
{
	fprintf(out, "# %s", what);
	for (const char *p = text; *p; p++) {
		fputc(*p, out);
		if (*p == '\n' && p[1])
			fputs("# ", out);
	}
	if (!*text || text[strlen(text) - 1] != '\n')
		fputc('\n', out);
}

/* Writes the scenario, with the results of the machine: on the kernel it fails. */
static int write_scenario(struct fuzz *f, const char *const *lines, size_t n, FILE *out)
{
	const struct fuzz_difference *d = &f->difference;
	struct fuzz_difference again = { 0 };
	size_t used;

	fprintf(out, "# fdlab fuzz --seed %" PRIu64 ", call %" PRIu64 ", on %s.\n", f->seed.number,
		f->differed_at, f->sides.kernel->ops->release(f->sides.kernel));
	put_comment(out, "", d->what);
	put_comment(out, "  the machine: ", d->model);
	put_comment(out, "  the kernel:  ", d->kernel);
	fprintf(out, "\noption %s %s%s%s\n", f->option[0], f->option[1], f->only ? " " : "",
		f->only ? f->only : "");
	used = play_again(f, lines, n, &again, out);
	if (d->expect)
		fprintf(out, "%s\n", d->expect);
	fuzz_difference_free(&again);
	return used ? 0 : -EAGAIN;
}

static int save(struct fuzz *f, const char *const *lines, size_t n)
{
	FILE *out;
	int error;

	snprintf(f->file, sizeof(f->file), "%s/fuzz-%" PRIu64 "-%" PRIu64 ".fdl", f->save,
		 f->seed.number, f->differed_at);
	out = fopen(f->file, "we");
	if (!out)
		return -errno;
	error = write_scenario(f, lines, n, out);
	if (ferror(out) | fclose(out))
		return -EIO;
	return error;
}

static void keep_difference(struct fuzz *f)
{
	const char *lines[PROGRAM_LINES];
	size_t n = f->nlines > FUZZ_FIRST ? f->nlines - FUZZ_FIRST : 0;
	int error;

	if (f->progress)
		fprintf(stderr, "\rshrinking %zu lines      ", n);
	memcpy(lines, f->line + FUZZ_FIRST, n * sizeof(*lines));
	n = shrink(f, lines, n);
	error = save(f, lines, n);
	if (f->progress)
		fputs("\r\033[K", stderr);
	if (error == -EAGAIN)
		not_run(f->verb, "the difference did not come again");
	else if (error)
		not_run(f->verb, "%s: %s", f->file, strerror(-error));
}

/* ---- the report ----------------------------------------------------------------------------- */

static void print_report(const struct fuzz *f, bool differs)
{
	const struct fuzz_difference *d = &f->difference;

	if (differs) {
		printf("call %" PRIu64 ": %s\n", f->differed_at, d->what);
		printf("  the machine: %s%s", d->model, strchr(d->model, '\n') ? "" : "\n");
		printf("  the kernel:  %s%s", d->kernel, strchr(d->kernel, '\n') ? "" : "\n");
		printf("saved as %s\n", f->file);
	}
	printf("%" PRIu64 " calls in %" PRIu64 " programs, %.0f a second, %s\n", f->done,
	       f->programs, (double)f->done / elapsed(f),
	       differs ? "1 divergence" : "no divergence");
}

static int print_json(const struct fuzz *f, bool differs)
{
	const struct fuzz_difference *d = &f->difference;
	json_t *divergence = json_null();
	json_t *root;

	if (differs)
		divergence = json_pack("{s:I, s:s, s:s, s:s, s:s}", "call",
				       (json_int_t)f->differed_at, "what", d->what, "machine",
				       d->model, "kernel", d->kernel, "file", f->file);
	root = json_pack("{s:s, s:s, s:o, s:I, s:I, s:o}", "version", fdl_version(), "on",
			 f->sides.kernel->ops->release(f->sides.kernel), "seed",
			 json_sprintf("%" PRIu64, f->seed.number), "calls", (json_int_t)f->done,
			 "programs", (json_int_t)f->programs, "divergence", divergence);
	if (!root)
		return not_run(f->verb, "%s", strerror(ENOMEM));
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
	return differs ? EXIT_FAILED : EXIT_PASSED;
}

static int run_all(struct fuzz *f)
{
	char message[256];
	int differs = 0, status;

	if (fuzz_sides_make(&f->sides, message, sizeof(message)))
		return not_run(f->verb, "%s", message);
	if (!f->json) {
		printf("seed %" PRIu64 "\n", f->seed.number);
		fflush(stdout);
	}
	clock_gettime(CLOCK_MONOTONIC, &f->began);
	while (!differs && !is_over(f)) {
		differs = run_program(f, message, sizeof(message));
		show_progress(f);
	}
	if (f->progress)
		fputs("\r\033[K", stderr);
	if (differs < 0) {
		status = not_run(f->verb, "%s", message);
	} else {
		if (differs)
			keep_difference(f);
		status = differs ? EXIT_FAILED : EXIT_PASSED;
		if (f->json)
			status = print_json(f, differs);
		else
			print_report(f, differs);
	}
	forget_lines(f);
	fuzz_difference_free(&f->difference);
	fuzz_sides_free(&f->sides);
	return status;
}

/* ---- the command line ----------------------------------------------------------------------- */

static bool read_seed(const char *argument, void *member)
{
	struct seed *seed = member;

	seed->given = number_read(argument, &seed->number);
	return seed->given;
}

static bool read_seconds(const char *argument, void *member)
{
	double *seconds = member;
	char *end;

	*seconds = strtod(argument, &end);
	return end > argument && !*end && *seconds > 0;
}

static bool read_topic(const char *argument, void *member)
{
	const struct fuzz_topic **topic = member;

	*topic = fuzz_topics;
	while ((*topic)->name && strcmp((*topic)->name, argument) != 0)
		++*topic;
	return (*topic)->name;
}

static const struct verb_option options[] = {
	{ .name = "calls",
	  .argument = "N",
	  .help = "ends after N calls (usually " NUMBER_TEXT(USUAL_CALLS) ")",
	  .read = option_count,
	  .offset = offsetof(struct fuzz, calls),
	  .wrong = "--calls takes a number, not" },
	{ .name = "seed",
	  .argument = "S",
	  .help = "the same seed gives the same programs",
	  .read = read_seed,
	  .offset = offsetof(struct fuzz, seed),
	  .wrong = "--seed takes a number, not" },
	{ .name = "time",
	  .argument = "SEC",
	  .help = "ends after this time; without --calls, however many that are",
	  .read = read_seconds,
	  .offset = offsetof(struct fuzz, seconds),
	  .wrong = "--time takes seconds, not" },
	{ .name = "about",
	  .argument = "TOPIC",
	  .help = "tables (usually), files, objects, sockets, or all",
	  .read = read_topic,
	  .offset = offsetof(struct fuzz, topic),
	  .wrong = "--about takes tables, files, objects, sockets or all, not" },
	{ .name = "save",
	  .argument = "DIR",
	  .help = "where a scenario of what differs is put (usually .)",
	  .read = option_text,
	  .offset = offsetof(struct fuzz, save) },
	{ .name = "model",
	  .argument = "NAME=VALUE",
	  .help = "an option that the machine has and the kernel has not",
	  .read = option_text,
	  .offset = offsetof(struct fuzz, only) },
	OPTION_JSON(struct fuzz),
	{ 0 },
};

static uint64_t fresh_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = (uint64_t)time(NULL);
	return seed >> 32; /* short enough to be typed */
}

static int check_model_option(const struct verb *verb, const char *option)
{
	struct fdl_options o = { 0 };
	char message[256];

	if (fdl_option_set(&o, option, message, sizeof(message)))
		return usage_error(verb, "--model: %s", message);
	return 0;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	static struct fuzz f;
	struct rlimit limit;
	int status;

	f = (struct fuzz){
		.verb = verb, .save = ".", .topic = fuzz_topics, .progress = isatty(STDERR_FILENO)
	};
	if (!options_read(verb, &f, argc, argv, &status))
		return status;
	if (f.only && check_model_option(verb, f.only))
		return EXIT_NOT_RUN;
	if (optind < argc)
		return usage_error(verb, "it takes no argument '%s'", argv[optind]);
	if (!f.calls)
		f.calls = f.seconds > 0 ? UINT64_MAX : USUAL_CALLS;
	if (!f.seed.given)
		f.seed.number = fresh_seed();
	f.hard = getrlimit(RLIMIT_NOFILE, &limit) ? 64 : limit.rlim_max;
	return run_all(&f);
}

const struct verb verb_fuzz = {
	.name = "fuzz",
	.operands = "",
	.summary = "run random programs on a machine and on the running kernel, and compare",
	.about = "Runs random programs on a machine and on the running kernel, and compares what\n"
		 "every call returns and what the tables look like.",
	.options = options,
	.statuses = "0 no divergence, 1 a divergence, 2 it could not run.",
	.run = run,
};
