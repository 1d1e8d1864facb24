/*
 * Runs lines: habits of C are read, a pid is put before a call, and the reply is printed with its
 * explanation and the rows that changed.
 */
#include "shell/session.h"

#include "cli/memory.h"
#include "cli/number.h"
#include "cli/result.h"
#include "scenario/play.h"
#include "shell/explain.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int session_begin(struct session *s, struct target *t, struct fdl_machine *machine, bool colour)
{
	*s = (struct session){ .target = t, .machine = machine, .pid = 1, .colour = colour };
	s->drawing = drawing_new(colour);
	if (!s->drawing)
		return -ENOMEM;
	drawing_make_terse(s->drawing);
	drawing_look(s->drawing, t, NULL);
	if (machine) {
		s->rows = machine;
		return 0;
	}
	return fdl_machine_new(NULL, &s->rows);
}

void session_end(struct session *s)
{
	if (!s->machine)
		fdl_machine_free(s->rows);
	drawing_free(s->drawing);
	free(s->stop_at);
}

void session_complain(struct session *s, const char *format, ...)
{
	va_list args;

	fputs("  ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	s->failed = true;
}

/* ---- tasks ---------------------------------------------------------------------------------- */

/* The machine's tasks, as state.json has them; NULL: they cannot be read. To be given back. */
static json_t *read_tasks(const struct session *s)
{
	char *text;
	size_t len;
	json_t *state, *tasks;

	const int error = s->target->ops->read(s->target, "state.json", &text, &len);

	if (error == -ENOMEM)
		memory_is_out();
	if (error)
		return NULL;
	state = json_loadb(text, len, 0, NULL);
	free(text);
	if (!state)
		memory_is_out();
	tasks = json_incref(json_object_get(state, "tasks"));
	json_decref(state);
	return tasks;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

void session_tasks(const struct session *s, FILE *to)
{
	json_t *tasks = read_tasks(s), *task;
	size_t i;

	json_array_foreach(tasks, i, task)
	{
		const json_t *call = json_object_get(task, "call");
		const long long pid = json_integer_value(json_object_get(task, "pid"));

		fprintf(to, "%c %lld %s", pid == s->pid ? '*' : ' ', pid, string_of(task, "comm"));
		if (string_of(task, "state")[0] == 'Z')
			fputs(", has ended", to);
		if (json_is_object(call))
			fprintf(to, ", in %s: %s at %s", string_of(call, "name"),
				string_of(call, "state"), string_of(call, "at"));
		fputc('\n', to);
	}
	json_decref(tasks);
}

void session_prompt(const struct session *s, char *buf, size_t size)
{
	json_t *tasks = read_tasks(s), *task;
	size_t i;

	snprintf(buf, size, "%d> ", s->pid);
	json_array_foreach(tasks, i, task)
	{
		const json_t *call = json_object_get(task, "call");

		if (json_integer_value(json_object_get(task, "pid")) == s->pid &&
		    json_is_object(call))
			snprintf(buf, size, "%d (in %s)> ", s->pid, string_of(call, "name"));
	}
	json_decref(tasks);
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* A message about a line that could not be read: without the number of the line, which is typed. */
static bool print_message(struct session *s, const char *reply)
{
	const char *message = play_message(reply), *after;
	uint64_t column;

	if (!message)
		return false;
	/* The column is that of the line that was sent, not of the one that was typed. */
	if (!strncmp(message, "column ", 7) && (after = decimal_at(message + 7, &column)) != NULL &&
	    !strncmp(after, ": ", 2))
		message = after + 2;
	session_complain(s, "%s", message);
	return true;
}

static void print_reply(struct session *s, char *reply)
{
	uint64_t pid = 0;

	decimal_at(reply, &pid);
	if (print_message(s, reply))
		return;
	printf("%s%s%s\n", s->colour ? "\033[1m" : "", reply, s->colour ? "\033[0m" : "");
	explain_error(s->target, reply, stdout);
	if (!stated_result(reply, strlen(reply)) && strchr(reply, '(') &&
	    !strstr(reply, "<unfinished at"))
		explain_wait(s->target, (int)pid, reply, stdout);
}

void session_submit(struct session *s, const char *line)
{
	struct scenario_line l = { .text = (char *)line, .len = strlen(line) };
	ssize_t written;
	char *replies = play_submit(s->target, &l, &written), *rest = replies, *reply;
	bool any = false;

	if (!replies) {
		session_complain(s, "%s", strerror(ENOMEM));
		return;
	}
	while ((reply = strsep(&rest, "\n")) != NULL) {
		if (*reply) {
			print_reply(s, reply);
			any = true;
		}
	}
	free(replies);
	if (!any && written < 0)
		session_complain(s, "%s", strerror((int)-written));
	drawing_look(s->drawing, s->target, stdout);
}

/* The log, in memory of malloc; NULL: it cannot be read, which has been said. */
static char *read_log(struct session *s, size_t *len)
{
	char *log;
	const int error = s->target->ops->read(s->target, "log", &log, len);

	if (!error)
		return log;
	session_complain(s, "log: %s", strerror(-error));
	return NULL;
}

/* Notes the results of "int fd = open(...)" and "pipe(p)", which the log now ends with. */
static void keep_results(struct session *s, const struct habit *h)
{
	char *log, *line, *bracket, name[NAME_SIZE + 3];
	const char *result, *end;
	int64_t number;
	size_t len;
	bool room = true;

	if (!*h->result && !*h->pair)
		return;
	log = read_log(s, &len);
	if (!log)
		return;
	while (len && log[len - 1] == '\n')
		log[--len] = '\0';
	line = strrchr(log, '\n');
	line = line ? line + 1 : log;
	result = stated_result(line, strlen(line));
	if (*h->result && result && integer_at(result, &number))
		room = variable_set(&s->variables, h->result, number);
	bracket = strchr(line, '[');
	end = bracket && result && *result == '0' ? integer_at(bracket + 1, &number) : NULL;
	if (*h->pair && end) {
		snprintf(name, sizeof(name), "%s[0]", h->pair);
		room &= variable_set(&s->variables, name, number);
		snprintf(name, sizeof(name), "%s[1]", h->pair);
		if (!strncmp(end, ", ", 2) && integer_at(end + 2, &number))
			room &= variable_set(&s->variables, name, number);
	}
	if (!room)
		session_complain(s, "there are too many variables: %s has no value",
				 *h->result ? h->result : h->pair);
	free(log);
}

/* The call as it is to be run: for the session's task, and stopping where it is to stop. */
static char *complete_call(struct session *s, char *call)
{
	char *line, *end = call + strlen(call);
	const bool has_pid = isdigit((unsigned char)*call);
	int n;

	if (s->stop_at && end > call && end[-1] == ')')
		*--end = '\0';
	if (has_pid)
		n = asprintf(&line, "%s", call);
	else
		n = asprintf(&line, "%d %s", s->pid, call);
	if (n >= 0 && s->stop_at) {
		char *stopping;

		n = asprintf(&stopping, "%s <unfinished at %s ...>", line, s->stop_at);
		free(line);
		line = stopping;
		free(s->stop_at);
		s->stop_at = NULL;
	}
	return n < 0 ? NULL : line;
}

/* The command of the machine that a line begins with, or NULL. */
static const struct fdl_command *machine_command(const char *line)
{
	const size_t n = strcspn(line, " \t");
	const struct fdl_command *c;

	for (size_t i = 0; (c = fdl_command_at(i)) != NULL; i++) {
		if (strlen(c->name) == n && !memcmp(c->name, line, n))
			break;
	}
	return c;
}

/* Cuts the last line off a text, and returns it. */
static char *cut_last_line(char *text)
{
	char *end = text + strlen(text), *last;

	while (end > text && end[-1] == '\n')
		*--end = '\0';
	last = strrchr(text, '\n');
	if (!last)
		return text;
	*last = '\0';
	return last + 1;
}

/*
 * Tells, after a step in time, the lines that are undone now, as the comment at the end of the log
 * does; and after a step that was not undo, the last line before that moment.
 */
static void print_moment(struct session *s, bool undo)
{
	char *last, *undone = NULL;
	size_t len;
	char *log = read_log(s, &len);

	if (!log)
		return;
	last = cut_last_line(log);
	if (*last == '#') {
		undone = last + strspn(last, "# ");
		last = last > log ? cut_last_line(log) : "";
	}
	if (undone && undo)
		printf("  %s\n", undone);
	else
		printf("  %s%s%s%s\n", *last ? "now after: " : "now at the start", last,
		       undone ? "; " : "", undone ?: "");
	free(log);
}

static void run_call(struct session *s, const char *text)
{
	struct habit h;
	char why[256], *line;
	const struct fdl_command *command;
	const int error = habit_read(&s->variables, s->rows, text, &h, why, sizeof(why));

	if (error) {
		session_complain(s, "%s", error == -EINVAL ? why : strerror(-error));
		free(h.line);
		return;
	}
	if (!*h.line) {
		printf("  %s\n", why);
		free(h.line);
		return;
	}
	command = machine_command(h.line);
	line = command ? strdup(h.line) : complete_call(s, h.line);
	if (line) {
		const bool failed_before = s->failed;

		s->failed = false;
		session_submit(s, line);
		keep_results(s, &h);
		if (command && command->moves && !s->failed)
			print_moment(s, !strncmp(line, "undo", 4));
		s->failed |= failed_before;
	} else {
		session_complain(s, "%s", strerror(ENOMEM));
	}
	free(line);
	free(h.line);
}

/* The task that calls were for is gone, after a reset or its exit: they are for task 1 again. */
static void leave_ended_task(struct session *s)
{
	char path[32];

	snprintf(path, sizeof(path), "%d", s->pid);
	if (s->pid == 1 || s->target->ops->find(s->target, path) != -ENOENT)
		return;
	printf("  task %d is gone: calls are for task 1\n", s->pid);
	s->pid = 1;
}

void session_line(struct session *s, const char *text)
{
	char *line = strdup(text + strspn(text, " \t")), *arguments;
	const struct shell_command *command;
	size_t n = line ? strlen(line) : 0;

	while (n && isspace((unsigned char)line[n - 1]))
		line[--n] = '\0';
	if (!line) {
		session_complain(s, "%s", strerror(ENOMEM));
		return;
	}
	command = shell_command_find(s, line, &arguments);
	if (command)
		command->run(s, arguments);
	else if (*line && *line != '#')
		run_call(s, line);
	free(line);
	leave_ended_task(s);
	if (s->extra)
		s->extra->after(s, s->extra);
}
