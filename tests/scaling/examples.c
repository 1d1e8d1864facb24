/*
 * What tests/scaling/check makes rows of, so that no call and no file is forgotten: the lines that
 * make a machine with a descriptor of every kind; an example of each call of the kernel that
 * returns on it; each file of its tree. A line each, with "%" between the three.
 */
#include "fdlab.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "options.h"
#include "support/call_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KERNEL "linux"

static void print_setup(void)
{
	struct fdl_machine *m = example_machine(KERNEL);
	char *log;
	size_t len;

	assert_int_equal(fdl_read_file(m, "log", &log, &len), 0);
	fputs(log, stdout);
	free(log);
	fdl_machine_free(m);
}

/* Whether task 1 is there afterwards, and in no call. */
static bool returns(const char *call)
{
	struct fdl_machine *m = example_machine(KERNEL);
	const struct task *task;
	char *reply = NULL;
	bool there;

	fdl_run_line(m, call, &reply);
	free(reply);
	task = task_find(m, 1);
	there = task && task->state == TASK_RUNNING && !task->call;
	fdl_machine_free(m);
	return there;
}

static void print_calls(void)
{
	const struct kernel *const *k = all_kernels;
	char call[EXAMPLE_MAX];

	while (strcmp((*k)->name, KERNEL) != 0)
		k++;
	for (const struct call_row *const *list = (*k)->calls; *list; list++)
		for (const struct call_row *row = *list; row->name; row++)
			if (!(row->flags & CALL_INTERNAL) && call_example(row, call) &&
			    returns(call))
				puts(call);
}

/* Files that do not give more each time that they are read. */
static void print_files(struct fdl_machine *m, fdl_ino dir, const char *path)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;

	while (fdl_readdir(m, dir, &cookie, &de) == 1) {
		char below[512];

		if (!strcmp(de.name, ".") || !strcmp(de.name, "..") || !strcmp(de.name, "rootfs") ||
		    !strcmp(de.name, "2"))
			continue;
		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "/" : "", de.name);
		if (S_ISDIR(de.mode))
			print_files(m, de.ino, below);
		else if (strcmp(de.name, "control") != 0)
			puts(below);
	}
}

int main(void)
{
	struct fdl_machine *m = example_machine(KERNEL);

	print_setup();
	puts("%");
	print_calls();
	puts("%");
	print_files(m, FDL_ROOT, "");
	fdl_machine_free(m);
	return 0;
}
