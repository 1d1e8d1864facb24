/*
 * The judge of an exercise: looks at a machine, and tells how far it is from the goal. Where the
 * machine is, and what is done about the verdict, is not known here.
 */
#ifndef FDLAB_TOOLS_EXERCISE_JUDGE_H
#define FDLAB_TOOLS_EXERCISE_JUDGE_H

#include "exercise/exercise.h"
#include "scenario/target.h"

#include <stdbool.h>

struct judgement {
	bool undone;           /* the machine is not one that began with the start */
	unsigned calls;        /* made since the start, without those that were undone */
	const char *forbidden; /* a call that was made and is forbidden; or NULL */
	char *missing;         /* why the first goal that does not hold does not; or NULL */
	const char *mistake;   /* what is said to a usual mistake that was made; or NULL */
};

/* 0 or an error of reading the machine. In every case, *j is to be given to judgement_free. */
int exercise_judge(const struct exercise *e, struct target *t, struct judgement *j);
void judgement_free(struct judgement *j);

/* Whether more calls were made than are allowed. */
bool judgement_is_long(const struct exercise *e, const struct judgement *j);

/* Whether the goal is reached within the limits. */
bool judgement_is_good(const struct exercise *e, const struct judgement *j);

#endif
