/* The fdlab command: the table of its verbs. */
#include "cli/command.h"
#include "verbs/verbs.h"

#include <stddef.h>

static const struct verb *const verbs[] = {
	&verb_run,   &verb_explore,  &verb_lesson, &verb_compare, &verb_replay,
	&verb_fuzz,  &verb_draw,     &verb_fmt,    &verb_shell,   &verb_journal,
	&verb_check, &verb_exercise, &verb_quiz,   &verb_view,    NULL,
};

int main(int argc, char **argv)
{
	return command_run(verbs, argc, argv);
}
