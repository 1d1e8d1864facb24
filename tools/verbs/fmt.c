/*
 * fdlab fmt: writes scenario files in one form, in place, or tells which are not in it.
 */
#include "verbs/verbs.h"

#include "cli/memory.h"
#include "cli/options.h"
#include "scenario/fmt.h"
#include "scenario/gather.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct settings {
	bool check;
};

static const struct verb_option options[] = {
	{ .name = "check",
	  .help = "change nothing, and name the files that would change",
	  .read = option_flag,
	  .offset = offsetof(struct settings, check) },
	{ 0 },
};

/* A file in memory and in its form. Both texts are the caller's. 0 or a negative errno. */
static int read_both(FILE *from, char **text, size_t *len, char **form, size_t *form_len)
{
	FILE *copy = memory_stream(text, len), *in, *to;
	char buf[4096];
	size_t n;
	int error = copy ? 0 : -ENOMEM;

	while (!error && (n = fread(buf, 1, sizeof(buf), from)) > 0)
		fwrite(buf, 1, n, copy);
	if (!error && ferror(from))
		error = -EIO;
	if (copy && fclose(copy))
		error = -ENOMEM;
	if (error || memchr(*text, '\0', *len))
		return error ? error : -EILSEQ;
	in = fmemopen(*text, *len ? *len : 1, "r");
	to = memory_stream(form, form_len);
	error = in && to ? *len ? fmt_stream(in, to) : 0 : -ENOMEM;
	if (in)
		fclose(in);
	if (to && fclose(to))
		error = -ENOMEM;
	return error;
}

/* Puts a text in the place of a file, at once: a reader sees the old file or the new one. */
static int replace(const char *name, const char *text, size_t len)
{
	struct stat st;
	char *new;
	FILE *to;
	int fd, error;

	if (stat(name, &st) || asprintf(&new, "%s.XXXXXX", name) < 0)
		return -errno;
	fd = mkstemp(new);
	to = fd < 0 ? NULL : fdopen(fd, "w");
	error = to ? 0 : -errno;
	if (to) {
		fwrite(text, 1, len, to);
		if (fchmod(fd, st.st_mode & 07777) || fflush(to) || ferror(to))
			error = -EIO;
		if (fclose(to) || (!error && rename(new, name)))
			error = -errno;
		if (error)
			unlink(new);
	}
	free(new);
	return error;
}

static int format_file(const char *name, bool check, bool *changes)
{
	char *text = NULL, *form = NULL;
	size_t len, form_len;
	FILE *from = strcmp(name, "-") ? fopen(name, "re") : stdin;
	int error;

	if (!from)
		return -errno;
	error = read_both(from, &text, &len, &form, &form_len);
	if (from != stdin)
		fclose(from);
	*changes = !error && (len != form_len || memcmp(text, form, len) != 0);
	if (!error && from == stdin && !check)
		fwrite(form, 1, form_len, stdout);
	else if (*changes && !check)
		error = replace(name, form, form_len);
	free(text);
	free(form);
	return error;
}

static int format_all(const struct verb *verb, const struct gathered *files, bool check)
{
	int status = EXIT_PASSED;

	for (size_t i = 0; i < files->n; i++) {
		bool changes = false;
		const int error = format_file(files->names[i], check, &changes);

		if (error == -EILSEQ)
			status = not_run(verb, "%s: there is a NUL byte in it", files->names[i]);
		else if (error)
			status = not_run(verb, "%s: %s", files->names[i], strerror(-error));
		if (changes && check) {
			puts(files->names[i]);
			status = status == EXIT_PASSED ? EXIT_FAILED : status;
		}
	}
	return status;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct settings set = { 0 };
	struct gathered files;
	const char *failed;
	int status, error;

	if (!options_read(verb, &set, argc, argv, &status))
		return status;
	error = gather_files(argv + optind, (size_t)(argc - optind), NULL, &files, &failed);
	if (error)
		status = not_run(verb, "%s: %s", failed,
				 error == -ENOENT ? "there are no scenarios (*.fdl) in it"
						  : strerror(-error));
	else
		status = format_all(verb, &files, set.check);
	gathered_free(&files);
	return status;
}

const struct verb verb_fmt = {
	.name = "fmt",
	.operands = "FILE|DIR...",
	.missing = "a scenario file is missing",
	.summary = "write scenario files in one form",
	.about = "Writes scenario and litmus files in one form, in place: blanks, empty lines, "
		 "pids\n"
		 "before calls. Comments and meaning stay. '-' is standard input, written to "
		 "standard\n"
		 "output; a directory stands for all *.fdl in it.",
	.options = options,
	.statuses = "0 done, 1 --check found files in another form, 2 a file could not be read\n"
		    "or written.",
	.run = run,
};
