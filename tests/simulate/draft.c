#include "simulate/draft.h"

#include "support/random.h"
#include "support/random_lines.h"

#include <stdio.h>
#include <string.h>

#define LINES 6 /* in a write, at most */

void draft_start(struct draft *d, uint64_t seed)
{
	*d = (struct draft){ .nsteps = 0 };
	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	fuzz_program_start(&d->program, fuzz_topics, random_state, 4096);
	d->sensible = pick(2);
	d->starving = pick(2) ? pick(3) : NEITHER;
	d->past = pick(2);
	d->journal = d->starving != THE_HOST && pick(3) == 0;
}

/* The machine: of either kernel, and often with limits that programs reach. */
static void draft_machine(const struct draft *d, char *step)
{
	static const char *const options[] = {
		"tasks=4",       "file_max=30", "bytes=131072",
		"memory=300000", "nr_open=512", "uid=1000 gid=1000"
	};
	const uint64_t soft = d->program.nofile, hard = d->program.nofile_hard;
	int n = snprintf(step, STEP_MAX, "machine 0 kernel=%s", pick(3) ? "linux" : "netbsd");

	if (pick(2))
		n += snprintf(step + n, STEP_MAX - (size_t)n, " nofile=%llu nofile_hard=%llu",
			      (unsigned long long)soft, (unsigned long long)hard);
	if (pick(3) == 0)
		snprintf(step + n, STEP_MAX - (size_t)n, " %s", PICK(options));
	/* An nr_open below the limits is refused. */
	if (strstr(step, "nr_open") && strstr(step, "nofile"))
		*strstr(step, " nofile") = '\0';
}

/* One line of the program, or some that may make no sense. Tabs part lines in a step. */
static void draft_write(struct draft *d, char *step)
{
	int n = snprintf(step, STEP_MAX, "%s %u ", pick(3) ? "write" : "nowait", pick(CLIENTS));
	char *text = step + n;
	size_t len = 0;

	if (d->sensible && pick(5) && d->program.last_pid < FUZZ_PIDS - 10) {
		fuzz_program_next(&d->program, text);
		d->told = true;
		return;
	}
	for (unsigned i = 1 + pick(pick(3) ? 1 : LINES); i; i--)
		len = pick(12) ? add_random_line(text, len) : add_random_words(text, len);
	text[len - 1] = '\0';
	for (size_t i = 0; i + 1 < len; i++)
		if (text[i] == '\n' || !text[i])
			text[i] = '\t';
}

static const char *draft_path(void)
{
	static const char *const paths[] = {
		"log",
		"events",
		"errors",
		"state.json",
		"open_files",
		"dot",
		"stat",
		"locks",
		"rcu",
		"net/unix",
		"1/status",
		"1/fdinfo/0",
		"1/fdinfo/3",
		"1/files/slots",
		"2/files/slots",
		"2/syscall",
		"1/maps",
		"self/fd/3",
		"1/files/max_fds",
		"3/status",
		"1/limits",
		"1/task/1/comm",
		"mounts",
		"1/fd/4",
		"rootfs/tmp/x",
		"1/control",
		"2/fdinfo/3",
		"kmsg",
		"1/files/freefile",
	};

	return PICK(paths);
}

static void draft_look(char *step)
{
	static const char *const folders[] = { "", "1", "2", "1/fdinfo", "rootfs", "1/files", "3" };

	switch (pick(4)) {
	case 0:
		snprintf(step, STEP_MAX, "list %u %s", pick(4), PICK(folders));
		break;
	case 1:
		snprintf(step, STEP_MAX, "follow %u %s", pick(READERS), draft_path());
		break;
	case 2:
		snprintf(step, STEP_MAX, "more %u", pick(1000));
		break;
	default:
		snprintf(step, STEP_MAX, "read 0 %s", draft_path());
	}
}

static void draft_other(char *step)
{
	static const char *const values[] = { "sys/fs/nr_open", "sys/fs/file-max" };
	static const char *const calls[] = { "dup", "dup2", "close" };
	static const char *const texts[] = {
		"", "\t", " ", "a > b", "\xff\"\\", "a\tb", "#", "-1"
	};
	static const char *const files[] = { "1/comm", "2/comm", "1/fail-nth", "sys/fs/nr_open" };

	switch (pick(20)) {
	case 0:
		snprintf(step, STEP_MAX, "reset %u%s", pick(2), pick(2) ? " kernel" : "");
		break;
	case 1:
		snprintf(step, STEP_MAX, "value %u %s", 8 << pick(10), PICK(values));
		break;
	case 2:
		snprintf(step, STEP_MAX, "put 0 %s %s", PICK(files), PICK(texts));
		break;
	case 3:
	case 4:
	case 5:
		snprintf(step, STEP_MAX, "call %u %s", pick(6400), PICK(calls));
		break;
	case 6:
	case 7:
	case 8:
	case 9:
		snprintf(step, STEP_MAX, "kill %u%s", pick(CLIENTS), pick(2) ? " close" : "");
		break;
	case 10:
	case 11:
		snprintf(step, STEP_MAX, "poll %u", pick(CLIENTS));
		break;
	default:
		snprintf(step, STEP_MAX, "interrupt %u", pick(CLIENTS));
	}
}

/* Back and forth in the past of the machine, or of what is kept of it. */
static void draft_time(const struct draft *d, char *step)
{
	static const char *const words[] = { "undo", "redo", "goto" };

	if (d->journal && pick(3) == 0)
		snprintf(step, STEP_MAX, "crash %u", pick(pick(2) ? 40 : 4000));
	else if (d->past && pick(3) == 0)
		snprintf(step, STEP_MAX, "look %u", pick(200));
	else
		snprintf(step, STEP_MAX, "write %u %s %u", pick(CLIENTS), PICK(words),
			 pick(pick(2) ? 4 : 60));
}

void draft_next(struct draft *d, const char *replies, char step[STEP_MAX])
{
	if (d->told)
		fuzz_program_told(&d->program, replies);
	d->told = false;
	if (!d->nsteps++)
		draft_machine(d, step);
	else if (d->nsteps == 2 && d->past)
		snprintf(step, STEP_MAX, "past %u", pick(2) ? 0 : 100000);
	else if (d->nsteps == 3 && d->journal)
		snprintf(step, STEP_MAX, "journal 0");
	else if (d->starving == THE_MACHINE && pick(4) == 0)
		snprintf(step, STEP_MAX, "value %u %u/fail-nth", 1 + pick(8), 1 + pick(4));
	else if (d->starving == THE_HOST && pick(6) == 0)
		snprintf(step, STEP_MAX, "fail %u", pick(pick(2) ? 8 : 80));
	else if (pick(12) == 0)
		draft_time(d, step);
	else if (pick(8) == 0)
		draft_look(step);
	else if (pick(8) == 0)
		draft_other(step);
	else
		draft_write(d, step);
}
