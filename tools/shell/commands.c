/*
 * The commands of the prompt: a table of words and functions. Everything else that is typed is a
 * call, or a command of the machine.
 */
#include "shell/session.h"

#include "cli/number.h"
#include "cli/verb.h"
#include "shell/about.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- looking -------------------------------------------------------------------------------- */

/* Prints a file of the machine. */
static void show_path(struct session *s, const char *path)
{
	char *text;
	size_t len;
	const int error = s->target->ops->read(s->target, path, &text, &len);

	if (error) {
		session_complain(s, "%s: %s", path, strerror(-error));
		return;
	}
	fwrite(text, 1, len, stdout);
	if (len && text[len - 1] != '\n')
		putchar('\n');
	free(text);
}

static void run_show(struct session *s, char *arguments)
{
	show_path(s, *arguments ? arguments : "open_files");
}

static void run_fdtable(struct session *s, char *arguments)
{
	char path[64];
	uint64_t pid = (uint64_t)s->pid;

	if (*arguments && (!decimal_at(arguments, &pid) || pid > INT_MAX)) {
		session_complain(s, "fdtable takes a task's number, not '%s'", arguments);
		return;
	}
	snprintf(path, sizeof(path), "%llu/files/fdtable", (unsigned long long)pid);
	show_path(s, path);
}

static void run_draw(struct session *s, char *arguments)
{
	static const struct fdl_drawing how = { .format = FDL_DRAW_TEXT };
	struct fdl_machine *m = s->machine;
	char *text;
	size_t len;
	int error;

	(void)arguments;
	if (!m) {
		session_complain(s, "a mounted machine is drawn by fdlab draw");
		return;
	}
	error = fdl_draw(m, &how, &text, &len);
	if (error) {
		session_complain(s, "%s", strerror(-error));
		return;
	}
	fwrite(text, 1, len, stdout);
	free(text);
}

static void run_tasks(struct session *s, char *arguments)
{
	(void)arguments;
	session_tasks(s, stdout);
}

static void run_task(struct session *s, char *arguments)
{
	uint64_t pid;
	const char *end = decimal_at(arguments, &pid);
	char path[64];

	snprintf(path, sizeof(path), "%s", arguments);
	if (!end || *end || pid > INT_MAX || s->target->ops->find(s->target, path)) {
		session_complain(s, "there is no task '%s'; tasks lists them", arguments);
		return;
	}
	s->pid = (int)pid;
}

/* ---- calls in flight ------------------------------------------------------------------------ */

static void run_stop(struct session *s, char *arguments)
{
	if (strncmp(arguments, "at ", 3) != 0 || !arguments[3]) {
		session_complain(s,
				 "stop at POINT, such as stop at fd_install; the next call stops "
				 "there (fdlab(7) lists the points)");
		return;
	}
	free(s->stop_at);
	s->stop_at = strdup(arguments + 3);
	if (!s->stop_at)
		session_complain(s, "%s", strerror(ENOMEM));
}

static void submit_word(struct session *s, const char *word, const char *arguments)
{
	char line[256];

	snprintf(line, sizeof(line), "%d %s%s%s", s->pid, word, *arguments ? " " : "", arguments);
	session_submit(s, line);
}

static void run_step(struct session *s, char *arguments)
{
	submit_word(s, "step", arguments);
}

static void run_finish(struct session *s, char *arguments)
{
	submit_word(s, "finish", arguments);
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Writes the log, which is a scenario with the results. */
static void run_save(struct session *s, char *arguments)
{
	char *text;
	size_t len;
	FILE *to;
	int error = *arguments ? s->target->ops->read(s->target, "log", &text, &len) : -EINVAL;

	if (error) {
		session_complain(s, "save takes a file's name");
		return;
	}
	to = fopen(arguments, "we");
	if (to)
		fwrite(text, 1, len, to);
	if (!to || fflush(to) || ferror(to))
		session_complain(s, "%s: %s", arguments, strerror(errno));
	if (to && fclose(to))
		session_complain(s, "%s: %s", arguments, strerror(errno));
	free(text);
}

/* Plays the lines of a file, as if they were typed. */
static void run_load(struct session *s, char *arguments)
{
	FILE *from = *arguments ? fopen(arguments, "re") : NULL;
	char *line = NULL;
	size_t room = 0;

	if (!from) {
		session_complain(s, "%s: %s", *arguments ? arguments : "load",
				 *arguments ? strerror(errno) : "takes a file's name");
		return;
	}
	while (!s->left && getline(&line, &room, from) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		session_line(s, line);
	}
	free(line);
	fclose(from);
}

/* ---- help and the end ----------------------------------------------------------------------- */

/* Prints the rows of the list, or with a name only that row. Whether there was one. */
static bool print_row(const char *only, const char *name, const char *arguments, const char *help)
{
	if (only && strcmp(only, name) != 0)
		return false;
	printf("  %-8s %-15s %s\n", name, arguments, help);
	return true;
}

static bool print_commands(const struct session *s, const char *only)
{
	const struct fdl_command *command;
	bool any = false;

	for (const struct shell_command *c = shell_commands; c->name; c++)
		any |= print_row(only, c->name, c->arguments, c->help);
	for (size_t i = 0; (command = fdl_command_at(i)) != NULL; i++)
		any |= print_row(only, command->name, command->args, command->words);
	for (const struct shell_command *c = s->extra ? s->extra->commands : NULL; c && c->name;
	     c++)
		any |= print_row(only, c->name, c->arguments, c->help);
	return any;
}

static void run_help(struct session *s, char *arguments)
{
	const char *nearest;
	bool told;

	if (!*arguments) {
		puts("A line is a call: open(\"/etc/passwd\", O_RDONLY), or open /etc/passwd.\n"
		     "With a number before it, it is another task's: 2 close(3). And:");
		print_commands(s, NULL);
		return;
	}
	/* A word may be both. */
	told = print_commands(s, arguments);
	told |= !about_call(s->rows, arguments, stdout);
	if (told)
		return;
	nearest = fdl_suggest(arguments, about_names());
	session_complain(s, "there is no call '%s'%s%s%s", arguments, DID_YOU_MEAN(nearest));
}

static void run_quit(struct session *s, char *arguments)
{
	(void)arguments;
	s->left = true;
}

/* exit is a call, too: alone on a line it may mean either. */
static void run_exit(struct session *s, char *arguments)
{
	if (*arguments)
		submit_word(s, "exit", arguments);
	else
		session_complain(s, "exit 0 ends task %d; quit leaves the prompt", s->pid);
}

const struct shell_command shell_commands[] = {
	{ "show", "[PATH]", "a file of the machine's tree; or the open files", run_show },
	{ "fdtable", "[N]", "the table of the task, or of task N", run_fdtable },
	{ "draw", "", "the machine in three columns", run_draw },
	{ "tasks", "", "the tasks, and the calls that they are in", run_tasks },
	{ "task", "N", "calls are for task N from now on", run_task },
	{ "stop", "at POINT", "the next call stops at a preemption point", run_stop },
	{ "step", "[POINT]", "a call that stopped goes on to the next point", run_step },
	{ "finish", "", "it goes on to its end", run_finish },
	{ "save", "FILE", "write what was done as a scenario", run_save },
	{ "load", "FILE", "play the lines of a file", run_load },
	{ "help", "[WORD]", "this list, or what a call or command does", run_help },
	{ "exit", "STATUS", "the call that ends the task", run_exit },
	{ "quit", "", "leave the prompt, as the end of input does", run_quit },
	{ 0 },
};

static const struct shell_command *find(const struct shell_command *c, const char *word, size_t n)
{
	for (; c->name; c++) {
		if (strlen(c->name) == n && !memcmp(c->name, word, n))
			return c;
	}
	return NULL;
}

const struct shell_command *shell_command_find(const struct session *s, char *line,
					       char **arguments)
{
	const size_t n = strcspn(line, " \t");
	const struct shell_command *c = s->extra ? find(s->extra->commands, line, n) : NULL;

	*arguments = line + n + strspn(line + n, " \t");
	return c ?: find(shell_commands, line, n);
}
