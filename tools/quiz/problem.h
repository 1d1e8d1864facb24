/*
 * Problems by topic, level and seed: made, graded, freed.
 */
#ifndef FDLAB_TOOLS_QUIZ_PROBLEM_H
#define FDLAB_TOOLS_QUIZ_PROBLEM_H

#include "quiz/maker.h"

#include <stdbool.h>
#include <stdint.h>

#define LEVELS 3

/* A topic makes programs and asks about them. */
struct quiz_topic {
	const char *name, *about;
	bool tasks; /* its programs have several */
	void (*make)(struct maker *k);
};

extern const struct quiz_topic topic_numbers, topic_tables, topic_positions, topic_pipes,
	topic_orders;

/* All topics; NULL ends them. And their names, for messages. */
extern const struct quiz_topic *const quiz_topics[];
const char *const *quiz_topic_names(void);

/* The topic with this name, or NULL. */
const struct quiz_topic *quiz_topic_find(const char *name);

/*
 * Makes the nth problem of a seed, of a topic (NULL: of any). 0 or a negative errno. To be given to
 * problem_free in any case.
 */
int problem_make(struct problem *p, const struct quiz_topic *topic, unsigned level, uint64_t seed,
		 uint64_t nth);
void problem_free(struct problem *p);

/* Whether an answer is right, however it is spelt. */
bool problem_is_right(const struct problem *p, const char *answer);

#endif
