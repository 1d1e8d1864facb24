/*
 * fdlab shell: a prompt for calls, on a machine of its own or on a mounted one.
 */
#include "verbs/verbs.h"

#include "cli/options.h"
#include "fdlab.h"
#include "scenario/target.h"
#include "shell/edit.h"
#include "shell/session.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
	const char *on, *kernel;
};

static const struct verb_option options[] = {
	{ .name = "on",
	  .argument = "mount=DIR",
	  .help = "work on the machine mounted at DIR",
	  .read = option_text,
	  .offset = offsetof(struct settings, on) },
	OPTION_KERNEL(struct settings),
	{ 0 },
};

/* The target, started. NULL: message says why not. */
static struct target *start(const struct settings *set, char *message, size_t size)
{
	static const char mount[] = "mount=";
	struct target *t = NULL;
	char kernel[64];
	const char *const assignments[] = { kernel };
	int error;

	if (!set->on) {
		t = target_sim();
		error = t ? 0 : -ENOMEM;
	} else if (!strncmp(set->on, mount, strlen(mount)) && set->on[strlen(mount)]) {
		error = target_mount(set->on + strlen(mount), &t, message, size);
	} else {
		snprintf(message, size, "--on takes mount=DIR, not '%s'", set->on);
		return NULL;
	}
	snprintf(kernel, sizeof(kernel), "kernel=%s", set->kernel ? set->kernel : "");
	if (!error && t->ops->join)
		error = t->ops->join(t, message, size);
	else if (!error)
		error = t->ops->start(t, assignments, set->kernel ? 1 : 0, message, size);
	if (!error)
		return t;
	if (!*message)
		snprintf(message, size, "%s", strerror(-error));
	if (t)
		t->ops->free(t);
	return NULL;
}

static void greet(const struct settings *set)
{
	printf("fdlab %s, %s.\n"
	       "help lists the commands, help CALL tells about a call; quit leaves.\n",
	       fdl_version(), set->on ? set->on + strlen("mount=") : "a machine of its own");
	if (!edit_has_editor())
		puts("This fdlab was built without libedit: no history, no completion.");
}

static int run(const struct verb *verb, int argc, char **argv)
{
	const bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	struct settings set = { 0 };
	char message[256] = "";
	struct session s;
	struct target *t;
	int status, error;

	if (!options_read(verb, &set, argc, argv, &status))
		return status;
	if (optind < argc)
		return usage_error(verb, "it takes no files; at the prompt, load FILE plays one");
	t = start(&set, message, sizeof(message));
	if (!t)
		return not_run(verb, "%s", message);
	error = session_begin(&s, t, set.on ? NULL : target_sim_machine(t), wants_colour(stdout));
	if (terminal)
		greet(&set);
	if (!error)
		error = edit_lines(&s);
	status = error                   ? not_run(verb, "%s", strerror(-error))
		 : s.failed && !terminal ? EXIT_FAILED
					 : EXIT_PASSED;
	session_end(&s);
	t->ops->stop(t);
	t->ops->free(t);
	return status;
}

const struct verb verb_shell = {
	.name = "shell",
	.operands = "",
	.summary = "type calls at a prompt, and see what they change",
	.about =
		"A prompt for calls, in either form of the notation, and as C programs have them.\n"
		"Shows the reply, what an error means, and the rows of tables that changed; undo\n"
		"takes calls back. Standard input that is no terminal is a script.",
	.options = options,
	.statuses = "0 done, 1 a line of a script was not understood, 2 there is no machine.",
	.run = run,
};
