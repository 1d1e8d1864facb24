/*
 * Files that programs written for /proc look for in every task, and that have little to say here: a
 * simulated program does no input or output of its own, has a page of text and a stack, and is in no
 * control group.
 */
#include "proc.h"

#include "machine/task.h"
#include "base/text.h"
#include "tree/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* What the text of a program and its stack come to, as maps and statm have it. */
#define RSS_KB 4
#define VM_KB  136

int proc_io(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\n"
		       "cancelled_write_bytes: 0\n");
	return 0;
}

/* The sums that smaps has for each mapping, here of one page that nobody shares. */
static void put_sums(struct text *out, int rss)
{
	static const struct {
		const char *name;
		bool counts;
	} sums[] = {
		{ "Rss", true },
		{ "Pss", true },
		{ "Pss_Dirty", false },
		{ "Shared_Clean", false },
		{ "Shared_Dirty", false },
		{ "Private_Clean", true },
		{ "Private_Dirty", false },
		{ "Referenced", true },
		{ "Anonymous", false },
		{ "LazyFree", false },
		{ "Swap", false },
		{ "SwapPss", false },
		{ "Locked", false },
	};

	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		text_printf(out, "%s:%*d kB\n", sums[i].name, 23 - (int)strlen(sums[i].name),
			    sums[i].counts ? rss : 0);
}

/* Each line of maps, and below it what of it is in memory: the text is, the stack is not. */
int proc_smaps(const struct node *n, struct text *out)
{
	struct text maps = TEXT_EMPTY;
	int error = proc_maps(n, &maps);

	if (maps.error)
		error = maps.error;
	for (char *at = maps.s, *line; !error && at && (line = strsep(&at, "\n")) != NULL;) {
		const bool stack = strstr(line, "[stack]");

		if (!*line)
			break;
		text_printf(out, "%s\nSize:%*d kB\n", line, 18, stack ? VM_KB - RSS_KB : RSS_KB);
		put_sums(out, stack ? 0 : RSS_KB);
	}
	text_free(&maps);
	return error;
}

int proc_smaps_rollup(const struct node *n, struct text *out)
{
	if (!n->task->image)
		return 0;
	text_puts(out, "00400000-7ffd00021000 ---p 00000000 00:00 0                        "
		       "      [rollup]\n");
	put_sums(out, RSS_KB);
	return 0;
}

/* The one mount that there is; its number is that of fdinfo. */
int proc_mountinfo(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "1 0 0:1 / / rw - rootfs rootfs rw\n");
	return 0;
}

int proc_mounts(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "rootfs / rootfs rw 0 0\n");
	return 0;
}

int proc_zero(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "0\n");
	return 0;
}

int proc_cgroup(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "0::/\n");
	return 0;
}
