/*
 * fdlab lesson: plays the scenarios that teach, with their comments, a call at a time, and draws
 * the tables that each call has changed. On a terminal it waits for the reader before each call.
 */
#include "verbs/verbs.h"

#include "cli/options.h"
#include "fdlab.h"
#include "scenario/draw.h"
#include "scenario/play.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX      ".fdl"
#define LESSONS_MAX 64 /* compared with a misspelt name */

/* ---- where they are ------------------------------------------------------------------------- */

/*
 * Beside the program, in the tree in which it was installed or built, also if that was moved; and
 * in the directory of the installation.
 */
static const char *const places[] = {
	"../share/fdlab/lessons",
	"share/fdlab/lessons",
	FDLAB_DATADIR "/lessons",
};

#define N_PLACES (sizeof(places) / sizeof(places[0]))

/* The directory of the program, with a slash at its end. False: it cannot be told. */
static bool program_dir(char *dir, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", dir, size - 1);
	char *slash;

	dir[n > 0 ? n : 0] = '\0';
	slash = strrchr(dir, '/');
	if (slash)
		slash[1] = '\0';
	return slash;
}

/* The directory of the lessons. False: there is none. */
static bool lessons_dir(char *dir, size_t size)
{
	char beside[PATH_MAX];

	for (size_t i = 0; i < N_PLACES; i++) {
		const bool relative = *places[i] != '/';

		if (relative && !program_dir(beside, sizeof(beside)))
			continue;
		if (snprintf(dir, size, "%s%s", relative ? beside : "", places[i]) < (int)size &&
		    access(dir, R_OK | X_OK) == 0)
			return true;
	}
	return false;
}

/* The file of a lesson: a path is itself. False: the path is too long. */
static bool lesson_path(char *path, size_t size, const char *dir, const char *name)
{
	if (strchr(name, '/'))
		return snprintf(path, size, "%s", name) < (int)size;
	return snprintf(path, size, "%s/%s" SUFFIX, dir, name) < (int)size;
}

/* ---- the list ------------------------------------------------------------------------------- */

static int is_lesson(const struct dirent *de)
{
	const char *dot = strrchr(de->d_name, '.');

	return dot && dot > de->d_name && !strcmp(dot, SUFFIX);
}

/* A lesson and its title, which is its first line. */
static void print_title(const char *dir, const char *name)
{
	char path[PATH_MAX], *line = NULL;
	size_t room = 0;
	FILE *f = lesson_path(path, sizeof(path), dir, name) ? fopen(path, "re") : NULL;

	printf("  %-12s", name);
	if (f && getline(&line, &room, f) > 0)
		printf(" %.*s", (int)strcspn(line + strspn(line, "# "), "\n"),
		       line + strspn(line, "# "));
	puts("");
	free(line);
	if (f)
		fclose(f);
}

/* The names of the lessons, sorted; -errno. They are to be given to free_names. */
static int read_names(const char *dir, struct dirent ***names)
{
	const int n = scandir(dir, names, is_lesson, alphasort);

	for (int i = 0; i < n; i++)
		*strrchr((*names)[i]->d_name, '.') = '\0';
	return n < 0 ? -errno : n;
}

static void free_names(struct dirent **names, int n)
{
	for (int i = 0; i < n; i++)
		free(names[i]);
	if (n >= 0)
		free(names);
}

static int list_lessons(const struct verb *verb, const char *dir)
{
	struct dirent **names;
	const int n = read_names(dir, &names);

	if (n < 0)
		return not_run(verb, "%s: %s", dir, strerror(-n));
	for (int i = 0; i < n; i++)
		print_title(dir, names[i]->d_name);
	free_names(names, n);
	return EXIT_PASSED;
}

/* The names after each other with commas, to be freed; NULL: no memory. */
static char *join_names(struct dirent **names, int n)
{
	size_t size = 1, len = 0;
	char *joined;

	for (int i = 0; i < n; i++)
		size += strlen(names[i]->d_name) + strlen(", ");
	joined = malloc(size);
	for (int i = 0; joined && i < n; i++)
		len += (size_t)sprintf(joined + len, "%s%s", i ? ", " : "", names[i]->d_name);
	return joined;
}

/* Says that there is no such lesson, and which one may be meant, or which there are. */
static int unknown_lesson(const struct verb *verb, const char *dir, const char *name)
{
	const char *known[LESSONS_MAX + 1] = { NULL }, *nearest = NULL;
	struct dirent **names;
	const int n = read_names(dir, &names);
	char *joined = NULL;

	for (int i = 0; i < n && i < LESSONS_MAX; i++)
		known[i] = names[i]->d_name;
	if (n > 0)
		nearest = fdl_suggest(name, known);
	if (n > 0 && !nearest)
		joined = join_names(names, n);
	if (nearest)
		not_run(verb, "there is no lesson '%s'; did you mean '%s'?", name, nearest);
	else
		not_run(verb, "there is no lesson '%s'%s%s", name, joined ? "; there are " : "",
			joined ?: "");
	free(joined);
	free_names(names, n);
	return EXIT_NOT_RUN;
}

/* ---- playing one ---------------------------------------------------------------------------- */

struct lesson {
	struct play_watcher watcher;
	FILE *file;      /* of the scenario, read for its comments */
	unsigned number; /* of lines read from it */
	char *line;      /* the last of them */
	size_t room;
	bool waits, colour; /* for the reader; on a terminal */
	bool left;          /* the reader has left before the end */
	struct drawing *drawing;
};

static struct lesson *lesson_of(struct play_watcher *w)
{
	return (struct lesson *)w;
}

static void print_text(const struct lesson *l, const char *text)
{
	text += *text == '#';
	text += *text == ' ';
	printf("%s%s%s", l->colour ? "\033[36m" : "", text, l->colour ? "\033[0m" : "");
}

/* Prints the comments and empty lines up to a line of the file, which is left in l->line. */
static void print_up_to(struct lesson *l, unsigned number)
{
	while (l->number < number && getline(&l->line, &l->room, l->file) > 0) {
		l->number++;
		if (l->number == number)
			break;
		if (*l->line == '#' || *l->line == '\n')
			print_text(l, l->line);
	}
}

/* Waits until the reader wants to go on. False: the reader does not. */
static bool wait_for_reader(const char *line)
{
	char *answer = NULL;
	size_t room = 0;
	ssize_t n;

	printf("> %.*s ", (int)strcspn(line, "\n"), line);
	fflush(stdout);
	n = getline(&answer, &room, stdin);
	if (n <= 0)
		puts("");
	n = n > 0 && *answer != 'q';
	free(answer);
	return n;
}

static bool before_line(struct play_watcher *w, struct target *t, const struct scenario_line *line)
{
	struct lesson *l = lesson_of(w);

	print_up_to(l, line->number);
	if (drawing_look(l->drawing, t, false))
		return false;
	l->left = line->kind == LINE_CALL && l->waits && !wait_for_reader(l->line);
	return !l->left;
}

static void show_replies(struct play_watcher *w, const char *replies)
{
	const bool bold = lesson_of(w)->colour;

	for (const char *at = replies; *at; at += *at == '\n') {
		const size_t len = strcspn(at, "\n");

		printf("  %s%.*s%s\n", bold ? "\033[1m" : "", (int)len, at, bold ? "\033[0m" : "");
		at += len;
	}
}

/* Shows an expectation as a look at its file. */
static void show_file(struct target *t, const struct scenario_line *line)
{
	char *text;
	size_t len;

	if (t->ops->read(t, line->path, &text, &len)) {
		printf("  there is no %s\n", line->path);
		return;
	}
	printf("  %s:\n", line->path);
	for (char *at = text, *next; (next = strsep(&at, "\n")) != NULL;) {
		if (*next || at)
			printf("    %s\n", next);
	}
	free(text);
}

static void after_line(struct play_watcher *w, struct target *t, const struct scenario_line *line)
{
	struct lesson *l = lesson_of(w);

	if (line->kind == LINE_ECHO)
		printf("  %.*s > %s\n", (int)strcspn(line->text, "\n"), line->text, line->path);
	if (line->kind == LINE_EXPECT_TEXT || line->kind == LINE_EXPECT_MATCH ||
	    line->kind == LINE_EXPECT_NOTHING)
		show_file(t, line);
	else if (drawing_look(l->drawing, t, true))
		puts("  the machine does not say how it is");
}

/* Prints the comments after the last call. */
static void print_rest(struct lesson *l)
{
	print_up_to(l, UINT_MAX);
}

static int play_lesson(const struct verb *verb, struct lesson *l, const struct scenario *s,
		       const char *path)
{
	struct target *t = target_sim();
	struct report *report = report_begin_quiet("sim");
	int status = EXIT_NOT_RUN;

	if (t && report && l->drawing) {
		report_file(report, path);
		if (play_watched(s, t, NULL, report, &l->watcher))
			t->ops->stop(t);
		report_file_end(report, OUTCOME_PASSED, NULL);
		if (!l->left)
			print_rest(l);
	} else {
		not_run(verb, "%s", strerror(ENOMEM));
	}
	if (report)
		status = report_end(report);
	if (t)
		t->ops->free(t);
	return status;
}

/* Opens the file twice: for the lines of the scenario and for its comments. */
static int open_lesson(struct lesson *l, struct scenario *s, const char *path)
{
	struct report *report = report_begin_quiet("sim");
	int error;

	if (!report)
		return -ENOMEM;
	report_file(report, path);
	error = scenario_read(s, path, report);
	report_file_end(report, OUTCOME_PASSED, NULL);
	report_end(report);
	if (error)
		return error;
	l->file = fopen(path, "re");
	return l->file ? 0 : -errno;
}

static int play_path(const struct verb *verb, const char *path, const char *dir, const char *name)
{
	struct lesson l = {
		.watcher = { .before = before_line, .replied = show_replies, .after = after_line },
		.waits = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
		.colour = wants_colour(stdout),
	};
	struct scenario s = { 0 };
	int status = EXIT_NOT_RUN, error = open_lesson(&l, &s, path);

	if (error == -ENOENT && !strchr(name, '/')) {
		unknown_lesson(verb, dir, name);
	} else if (error) {
		not_run(verb, "%s: %s", path, strerror(-error));
	} else {
		l.drawing = drawing_new(l.colour);
		status = play_lesson(verb, &l, &s, path);
	}
	scenario_free(&s);
	drawing_free(l.drawing);
	free(l.line);
	if (l.file)
		fclose(l.file);
	return status;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	char dir[PATH_MAX], path[PATH_MAX];
	bool found;
	int status;

	if (!options_read(verb, NULL, argc, argv, &status))
		return status;
	if (argc - optind > 1)
		return usage_error(verb, "one lesson at a time");
	found = lessons_dir(dir, sizeof(dir));
	if (!found && !(optind < argc && strchr(argv[optind], '/')))
		return not_run(verb, "there are no lessons in " FDLAB_DATADIR "/lessons");
	if (optind == argc)
		return list_lessons(verb, dir);
	if (!lesson_path(path, sizeof(path), dir, argv[optind]))
		return usage_error(verb, "the name is too long");
	return play_path(verb, path, dir, argv[optind]);
}

const struct verb verb_lesson = {
	.name = "lesson",
	.operands = "[NAME|FILE]",
	.summary = "play a lesson a call at a time, or list the lessons",
	.about =
		"Plays a lesson: a scenario with its explanations, a call at a time, with the "
		"tables\n"
		"that each call has changed. On a terminal, enter goes on and q leaves. Without a\n"
		"name, lists the lessons. A name with a slash in it is a file.",
	.statuses = "0 all came out as the lesson says, 1 something did not, 2 it could not\n"
		    "be played.",
	.run = run,
};
