/* The verbs, each defined in the file of its name; the table of main.c lists them. */
#ifndef FDLAB_TOOLS_VERBS_H
#define FDLAB_TOOLS_VERBS_H

#include "cli/verb.h"

extern const struct verb verb_run, verb_explore, verb_lesson, verb_compare, verb_replay, verb_fuzz,
	verb_draw, verb_fmt, verb_shell, verb_journal, verb_check, verb_exercise, verb_quiz,
	verb_view;

#endif
