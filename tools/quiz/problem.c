/* Makes problems by their topic, and compares answers. */
#include "quiz/problem.h"

#include "cli/memory.h"
#include "fuzz/program.h"
#include "scenario/ask.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A program that nothing can be asked about is thrown away; so many in a row there never are. */
#define ATTEMPTS 1000

const struct quiz_topic *const quiz_topics[] = {
	&topic_numbers, &topic_tables, &topic_positions, &topic_pipes, &topic_orders, NULL,
};

#define N_TOPICS (sizeof(quiz_topics) / sizeof(quiz_topics[0]) - 1)

const char *const *quiz_topic_names(void)
{
	static const char *names[N_TOPICS + 1];

	for (size_t i = 0; i < N_TOPICS; i++)
		names[i] = quiz_topics[i]->name;
	return names;
}

const struct quiz_topic *quiz_topic_find(const char *name)
{
	for (size_t i = 0; i < N_TOPICS; i++)
		if (!strcmp(quiz_topics[i]->name, name))
			return quiz_topics[i];
	return NULL;
}

/* ---- making --------------------------------------------------------------------------------- */

/* Opens the texts of a problem. False: no memory. */
static bool open_texts(struct maker *k, size_t len[3])
{
	k->program = memory_stream(&k->p->program, &len[0]);
	k->scenario = memory_stream(&k->p->scenario, &len[1]);
	k->why = memory_stream(&k->p->why, &len[2]);
	return k->program && k->scenario && k->why;
}

static bool close_texts(struct maker *k)
{
	FILE *const texts[] = { k->program, k->scenario, k->why };
	bool good = true;

	for (size_t i = 0; i < 3; i++)
		good &= texts[i] && !fclose(texts[i]);
	return good;
}

/* One program and its question. 0; -EAGAIN: nothing can be asked about it; -EIO: it failed. */
static int attempt(struct maker *k, const struct quiz_topic *topic)
{
	size_t len[3];
	int error = fdl_machine_new(NULL, &k->m);

	if (error)
		return error;
	k->failed = k->no_luck = false;
	k->failed = !open_texts(k, len);
	if (!k->failed)
		topic->make(k);
	k->failed |= !close_texts(k);
	fdl_machine_free(k->m);
	return k->failed ? -EIO : k->no_luck ? -EAGAIN : 0;
}

int problem_make(struct problem *p, const struct quiz_topic *topic, unsigned level, uint64_t seed,
		 uint64_t nth)
{
	struct maker k = { .p = p, .random = seed, .level = level };
	int error = -EAGAIN;

	*p = (struct problem){ .level = level };
	/* Numbers of neighbouring seeds have nothing in common. */
	k.random = fuzz_random(&k.random) + nth;
	k.random = fuzz_random(&k.random);
	if (!topic)
		topic = quiz_topics[maker_below(&k, N_TOPICS)];
	p->topic = topic->name;
	k.tasks = topic->tasks;
	for (unsigned i = 0; error == -EAGAIN && i < ATTEMPTS; i++) {
		problem_free(p);
		error = attempt(&k, topic);
	}
	return error;
}

void problem_free(struct problem *p)
{
	free(p->program);
	free(p->scenario);
	free(p->question);
	free(p->answer);
	free(p->why);
	p->program = p->scenario = p->question = p->answer = p->why = NULL;
}

/* ---- grading -------------------------------------------------------------------------------- */

static bool is_right_set(const char *right, const char *answer)
{
	struct number_set a, b;

	if (!*answer || !numbers_read(right, &a) || !numbers_read(answer, &b) || a.n != b.n)
		return false;
	return !memcmp(a.of, b.of, a.n * sizeof(a.of[0]));
}

bool problem_is_right(const struct problem *p, const char *answer)
{
	if (p->kind == ANSWER_SET)
		return is_right_set(p->answer, answer);
	if (p->kind == ANSWER_CHOICE)
		return tolower((unsigned char)*answer) == *p->answer &&
		       !isalnum((unsigned char)answer[*answer != '\0']);
	return answer_equals(answer, p->answer);
}
