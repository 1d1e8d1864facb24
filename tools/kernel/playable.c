/* Options, files and calls are checked one line at a time. */
#include "kernel/playable.h"

#include "kernel/calls.h"
#include "kernel/start.h"
#include "scenario/modelled.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static uint64_t running_nr_open(void)
{
	unsigned long long nr_open = 0;
	FILE *f = fopen("/proc/sys/fs/nr_open", "re");

	if (f) {
		if (fscanf(f, "%llu", &nr_open) != 1)
			nr_open = 0;
		fclose(f);
	}
	return nr_open;
}

static bool limits_can_be_had(const struct fdl_options *o)
{
	struct kernel_start how;
	struct rlimit here;

	kernel_start_limits(o, &how);
	if (getrlimit(RLIMIT_NOFILE, &here))
		return false;
	return how.nofile_hard <= here.rlim_max;
}

static const char *option_refuses(const char *assignment)
{
	struct fdl_options o = { 0 };
	char message[256];

	if (fdl_option_set(&o, assignment, message, sizeof(message)))
		return NULL; /* the start will say what is wrong */
	if (o.kernel && strcmp(o.kernel, "linux") != 0)
		return "other kernel";
	if (!limits_can_be_had(&o))
		return "nofile";
	if (o.nr_open && o.nr_open != running_nr_open())
		return "nr_open";
	if (o.file_max)
		return "file_max";
	if (o.uid || o.gid)
		return "uid";
	return o.tasks || o.bytes || o.memory ? "bounds of a machine" : NULL;
}

static const char *echo_refuses(const char *path)
{
	path += strspn(path, "/");
	if (begins(path, "sys/"))
		return "sysctl";
	return strstr(path, "fail-nth") ? "fail-nth" : "echo";
}

static bool ends_init(const struct fdl_line *line, int pid)
{
	if (pid != 1)
		return false;
	return line->kind == FDL_LINE_END ||
	       (line->kind == FDL_LINE_CALL && begins(fdl_row_name(line->row), "exit"));
}

#define LONGEST 5 /* seconds that a scenario waits */

double kernel_clock_seconds(const char *line)
{
	static const char command[] = "clock +";
	double seconds;
	char *end;

	if (!begins(line, command))
		return -1;
	seconds = strtod(line + strlen(command), &end);
	end += strspn(end, " \t\r");
	return (!*end || *end == '\n' || *end == '#') && seconds >= 0 && seconds <= LONGEST
		       ? seconds
		       : -1;
}

/* Whether a line sets the clock to what is no time. */
static bool is_no_clock(const char *line)
{
	char *end;

	if (!begins(line, "clock") || !strchr(" \t", line[strlen("clock")]))
		return false;
	line += strlen("clock");
	line += strspn(line, " \t");
	strtod(line + (*line == '+'), &end);
	return *line != '+' || end == line + 1;
}

/* Whether a call gives a file a mode with a set-id bit. */
static bool makes_set_id(const struct fdl_line *read)
{
	struct fdl_param param[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(read->row, param);

	for (size_t p = 0; p < n; p++) {
		if (!strcmp(param[p].type, "mode") && read->args[p].num & (S_ISUID | S_ISGID))
			return true;
	}
	return false;
}

const char *kernel_set_id_refuses(const struct fdl_line *read, struct kernel_context *context)
{
	if (read->kind != FDL_LINE_CALL)
		return NULL;
	context->set_id |= makes_set_id(read);
	return context->set_id && begins(fdl_row_name(read->row), "exec") ? "set-id program" : NULL;
}

static const char *call_refuses(const struct fdl_machine *model, const struct scenario_line *line,
				struct kernel_context *context)
{
	struct fdl_line *read;
	const char *why = NULL;
	char message[512];

	/* The player reports a time that cannot be read. */
	if (kernel_clock_seconds(line->text) >= 0 || is_no_clock(line->text))
		return NULL;
	if (scenario_is_command(line))
		return "command of a machine";
	if (fdl_line_read(model, line->text, line->len, &read, message, sizeof(message)))
		return NULL; /* the player will say what is wrong */
	if (read->pid)
		context->pid = read->pid;
	context->handles |=
		read->kind == FDL_LINE_CALL && !strcmp(fdl_row_name(read->row), "rt_sigaction");
	if (read->kind == FDL_LINE_UNFINISHED || read->kind == FDL_LINE_STEP)
		why = "in flight";
	else if (read->kind == FDL_LINE_INTERRUPT ||
		 (read->kind == FDL_LINE_RESUMED && read->states &&
		  ((read->result == -EINTR && !context->handles) || read->result <= -512)))
		why = "interrupted";
	else if (ends_init(read, context->pid))
		why = "end of init";
	else if (read->kind == FDL_LINE_CALL)
		why = kernel_call_refuses(read->row);
	if (!why)
		why = kernel_set_id_refuses(read, context);
	fdl_line_free(read);
	return why;
}

const char *kernel_line_refuses(const struct fdl_machine *model, const struct scenario_line *line,
				struct kernel_context *context)
{
	switch (line->kind) {
	case LINE_OPTION:
		return option_refuses(line->text);
	case LINE_ECHO:
		return echo_refuses(line->path);
	case LINE_CALL:
		return call_refuses(model, line, context);
	default:
		return NULL;
	}
}

const char *kernel_scenario_refuses(const struct fdl_machine *model, const struct scenario *s,
				    unsigned *number)
{
	const char *why = NULL;
	struct kernel_context context = { .pid = 1 };

	for (size_t i = 0; !why && i < s->n_lines; i++) {
		*number = s->lines[i].number;
		why = kernel_line_refuses(model, &s->lines[i], &context);
	}
	if (why)
		return why;
	*number = scenario_not_modelled(s);
	return *number ? NOT_MODELLED : NULL;
}
