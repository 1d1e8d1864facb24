/*
 * The limits are taken from the options of the machine; its files are read by calls of its task 1.
 */
#include "kernel/start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void kernel_start_limits(const struct fdl_options *o, struct kernel_start *how)
{
	how->nofile = o->nofile ? o->nofile : 1024;
	how->nofile_hard = o->nofile_hard ? o->nofile_hard : 4096;
	if (how->nofile_hard < how->nofile && !o->nofile_hard)
		how->nofile_hard = how->nofile;
	if (how->nofile > how->nofile_hard && !o->nofile)
		how->nofile = how->nofile_hard;
}

/* The content of one of the model's files, as task 1 reads it, in memory of malloc; or NULL. */
static char *model_file(struct fdl_machine *m, const char *name)
{
	struct fdl_arg open[] = { { .num = (int64_t)strlen(name), .str = name } };
	struct fdl_arg read[3] = { 0 };
	struct fdl_arg close[1] = { 0 };
	char *text = NULL;

	read[0].num = close[0].num = fdl_call(m, 1, fdl_row_find(m, "open"), open, 1);
	read[2].num = 4096;
	if (read[0].num >= 0 && fdl_call(m, 1, fdl_row_find(m, "read"), read, 3) >= 0)
		text = strndup(read[1].str, (size_t)read[1].num);
	if (read[0].num >= 0)
		fdl_call(m, 1, fdl_row_find(m, "close"), close, 1);
	return text;
}

int kernel_start_like(struct fdl_machine *m, const struct fdl_options *o, struct kernel_start *how)
{
	*how = (struct kernel_start){
		.passwd = model_file(m, "/etc/passwd"),
		.hosts = model_file(m, "/etc/hosts"),
	};
	kernel_start_limits(o, how);
	return how->passwd && how->hosts ? 0 : -ENOMEM;
}

void kernel_start_free(struct kernel_start *how)
{
	free((void *)(uintptr_t)how->passwd);
	free((void *)(uintptr_t)how->hosts);
}
