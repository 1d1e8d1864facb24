/* At which position a descriptor is: dup and fork share it, open does not. */
#include "quiz/problem.h"

#include "cli/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Descriptors from 3 on of a task: those of files. */
static struct number_set files_of(struct maker *k, int pid)
{
	struct number_set open = maker_open(k, pid), files = { .n = 0 };

	for (size_t i = 0; i < open.n; i++)
		if (open.of[i] > 2)
			files.of[files.n++] = open.of[i];
	return files;
}

static void move(struct maker *k, int pid, unsigned fd)
{
	if (k->level > 1 && maker_chance(k, 30))
		maker_call(k, pid, "lseek(%u, %u, SEEK_%s)", fd, maker_below(k, 9),
			   maker_chance(k, 50) ? "SET" : "CUR");
	else
		maker_call(k, pid, "read(%u, ..., %u)", fd, 1 + maker_below(k, 9));
}

static void multiply(struct maker *k, int pid, unsigned fd)
{
	if (maker_chance(k, 50))
		maker_call(k, pid, "dup(%u)", fd);
	else
		maker_call(k, pid, "open(\"/etc/passwd\", O_RDONLY)");
}

/* The holders of the description of a descriptor, "1:3,1:4", in memory of malloc; NULL: none. */
static char *holders_of(struct maker *k, int pid, unsigned fd)
{
	char *text = maker_read(k, "open_files"), *rest = text, *line, *found = NULL, wanted[32];

	snprintf(wanted, sizeof(wanted), "%d:%u,", pid, fd);
	while (rest && !found && (line = strsep(&rest, "\n")) != NULL) {
		char *holders = line, *list;

		for (unsigned i = 0; holders && i < 5; i++) {
			holders = strchr(holders, '\t');
			holders += holders != NULL;
		}
		if (!holders)
			continue;
		if (asprintf(&list, "%.*s,", (int)strcspn(holders, "\t"), holders) < 0)
			memory_is_out();
		for (char *at = strstr(list, wanted); at && !found; at = strstr(at + 1, wanted))
			if (at == list || at[-1] == ',')
				found = strndup(list, strlen(list) - 1);
		free(list);
	}
	free(text);
	return found;
}

static void explain(struct maker *k, int pid, unsigned fd)
{
	char *holders = holders_of(k, pid, fd);

	if (!holders)
		k->failed = true;
	else if (strchr(holders, ','))
		fprintf(k->why,
			"These (task:descriptor) are one description, with one position: %s. "
			"Calls on any of them move it.",
			holders);
	else
		fprintf(k->why,
			"No other descriptor has this description: only calls on %u of task %d "
			"move it.",
			fd, pid);
	free(holders);
}

/* The position of a descriptor, from its fdinfo, in memory of malloc. */
static char *position_of(struct maker *k, int pid, unsigned fd)
{
	char *info = maker_read(k, "%d/fdinfo/%u", pid, fd), *position = NULL;
	const char *digits = info && !strncmp(info, "pos:\t", 5) ? info + 5 : NULL;

	if (digits)
		position = strndup(digits, strspn(digits, "0123456789"));
	free(info);
	return position;
}

static void make(struct maker *k)
{
	struct number_set files;
	unsigned tasks = 1, fd;
	char *position;
	int pid;

	k->tasks = k->level > 1;
	maker_call(k, 1, "open(\"/etc/passwd\", O_RDONLY)");
	move(k, 1, 3);
	multiply(k, 1, 3);
	if (k->level > 1) {
		maker_call(k, 1, "fork()");
		tasks = 2;
	}
	for (unsigned i = 0; i < 1 + k->level; i++) {
		pid = 1 + (int)maker_below(k, tasks);
		files = files_of(k, pid);
		if (k->level > 2 && files.n < 4 && maker_chance(k, 35))
			multiply(k, pid, maker_pick(k, &files));
		else
			move(k, pid, maker_pick(k, &files));
	}
	pid = 1 + (int)maker_below(k, tasks);
	files = files_of(k, pid);
	fd = maker_pick(k, &files);
	position = position_of(k, pid, fd);
	if (position)
		fprintf(k->scenario, "expect %d/fdinfo/%u ~ ^pos:\\t%s$\n", pid, fd, position);
	explain(k, pid, fd);
	if (k->tasks)
		maker_question(k, ANSWER_RESULT, position,
			       "At which position is descriptor %u of task %d?", fd, pid);
	else
		maker_question(k, ANSWER_RESULT, position, "At which position is descriptor %u?",
			       fd);
}

const struct quiz_topic topic_positions = {
	.name = "positions",
	.about = "at which position a descriptor is",
	.make = make,
};
