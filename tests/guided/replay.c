/*
 * A log for fdlab replay: its reader, the model that it is held against, and each form of its
 * report. What it finds does not matter.
 */
#include "guided/guided.h"
#include "verbs/verbs.h"

#include <getopt.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *const forms[] = { "--json", "--scenario", "--state=1@3", "--svg=/dev/null" };
	char *argv[] = { "replay", forms[size % 4], (char *)guided_file(data, size), NULL };
	char *plain[] = { "replay", argv[2], NULL };

	optind = 0;
	verb_replay.run(&verb_replay, 3, argv);
	optind = 0;
	verb_replay.run(&verb_replay, 2, plain);
	return 0;
}
