/* Reads the lines beside, learnt and exercise. */
#include "scenario/teaching.h"

#include "fdlab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int read_learnt(struct scenario *s, char *args, const char **wrong)
{
	char **learnt;

	if (!*args) {
		*wrong = "a text must follow";
		return -EINVAL;
	}
	learnt = reallocarray(s->learnt, s->n_learnt + 1, sizeof(*learnt));
	if (!learnt)
		return -ENOMEM;
	s->learnt = learnt;
	learnt[s->n_learnt] = strdup(args);
	return learnt[s->n_learnt++] ? 0 : -ENOMEM;
}

static int read_exercise(struct scenario *s, char *args, const char **wrong)
{
	*wrong = !*args        ? "a name or a text must follow"
		 : s->exercise ? "there are two exercises"
			       : NULL;
	if (*wrong)
		return -EINVAL;
	s->exercise = strdup(args);
	return s->exercise ? 0 : -ENOMEM;
}

static bool is_kernel(const char *name)
{
	for (const char *const *k = fdl_kernels(); *k; k++) {
		if (!strcmp(*k, name))
			return true;
	}
	return false;
}

/* "netbsd = -1 EBADF": the result of the line before on another kernel. */
static int read_beside(struct scenario *s, char *args, const char **wrong)
{
	struct scenario_line *line = s->n_lines ? &s->lines[s->n_lines - 1] : NULL;
	char *result = strstr(args, " = ");

	if (result) {
		args[strcspn(args, " ")] = '\0';
		result += strlen(" = ");
		result += strspn(result, " \t");
	}
	*wrong = !result || !*result                                ? "it takes KERNEL = RESULT"
		 : !line || line->kind != LINE_CALL || line->beside ? "it must follow a call, once"
		 : !is_kernel(args)                                 ? "there is no such kernel"
		 : s->other_kernel && strcmp(s->other_kernel, args) != 0
			 ? "there is another kernel already"
			 : NULL;
	if (*wrong)
		return -EINVAL;
	line->beside = strdup(result);
	if (!s->other_kernel)
		s->other_kernel = strdup(args);
	return line->beside && s->other_kernel ? 0 : -ENOMEM;
}

static const struct {
	const char *word;
	int (*read)(struct scenario *s, char *args, const char **wrong);
} words[] = {
	{ "learnt", read_learnt },
	{ "exercise", read_exercise },
	{ "beside", read_beside },
};

int teaching_read(struct scenario *s, const char *word, char *args, const char **wrong)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(word, words[i].word))
			return words[i].read(s, args, wrong);
	}
	*wrong = "there is no such line";
	return -EINVAL;
}

void teaching_free(struct scenario *s)
{
	for (size_t i = 0; i < s->n_learnt; i++)
		free(s->learnt[i]);
	free(s->learnt);
	free(s->exercise);
	free(s->other_kernel);
}
