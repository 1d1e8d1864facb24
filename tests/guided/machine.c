/*
 * A machine and its clients: an input is steps of the simulator (tests/simulate), a line each. What
 * does not hold aborts, and so does what leaks.
 */
#include "guided/guided.h"
#include "simulate/steps.h"
#include "support/failing_malloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 60 /* in an input, at most */

static void failed(const char *what, const char *evidence)
{
	fprintf(stderr, "%s: %s\n", what, evidence ? evidence : "");
	abort();
}

/* Options that are refused, and machines that they cannot make, are found by other tests. */
static const char *const machines[] = {
	"machine 0 kernel=linux",
	"machine 0 kernel=netbsd",
	"machine 0 kernel=linux nofile=20 tasks=4 memory=300000",
	"machine 0 kernel=linux file_max=20 bytes=131072 uid=1000",
};

/* The first byte chooses the machine. */
static void play(const char *text)
{
	struct simulation *s = simulation_new(failed);

	simulation_step(s, machines[(unsigned char)*text % 4]);
	text += *text != '\0';
	for (size_t i = 0; i < STEPS && *text; i++) {
		const size_t len = strcspn(text, "\n");
		char step[STEP_MAX];

		snprintf(step, sizeof(step), "%.*s", (int)len, text);
		simulation_step(s, step);
		text += len + (text[len] == '\n');
	}
	simulation_end(s);
}

/* The tables of calls are made once and stay. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	for (size_t i = 0; i < 2; i++) {
		char first[64];

		snprintf(first, sizeof(first), "%c\nwrite 0 1 dup(0)\nlist 3 \nlist 1 1\n",
			 (char)('@' + i));
		play(first);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t live = failing_malloc_live();
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	play(text);
	free(text);
	if (failing_malloc_live() > live)
		failed("memory leaks", NULL);
	return 0;
}
