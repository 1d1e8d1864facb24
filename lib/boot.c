/*
 * The start of a machine: task 1, its program and its descriptors. The names are the kernel's
 * (first_names.h).
 */
#include "boot.h"

#include "base/heap.h"
#include "base/text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "process/exit.h"
#include "process/limits.h"
#include "process/signals.h"
#include "process/task.h"
#include "vfs/dcache.h"
#include "vfs/file.h"
#include "vfs/namei.h"
#include "vfs/open.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Descriptors 0, 1 and 2 of task 1: one description of the console. */
static int open_console(struct task *init)
{
	const struct kernel *k = init->machine->kernel;
	struct file *console;
	int error = do_filp_open(init, NULL, "/dev/console", O_RDWR, 0, 0, &console);

	for (int fd = 0; !error && fd < 3; fd++) {
		if (fd > 0)
			get_file(console);
		error = k->fd_new(init, console, 0);
		if (error < 0)
			fput(init, console);
		else
			error = 0;
	}
	return error;
}

/* Task 1 runs the shell. NULL: no memory. */
static struct image *init_image(struct task *init, const char *name, size_t len)
{
	struct text cmdline = TEXT_EMPTY, env = TEXT_EMPTY;
	struct image *image = NULL;
	struct dentry *exe;

	text_put(&cmdline, name, len);
	if (!cmdline.error && path_lookup(init, NULL, "/bin/sh", true, &exe) == 0) {
		image = image_new(init->machine, exe, &cmdline, &env);
		dput(exe);
	}
	text_free(&cmdline);
	return image;
}

int machine_boot(struct fdl_machine *m)
{
	static const char name[] = "init";
	struct task *init = task_new(m);
	int error;

	if (!init)
		return -ENOMEM;
	error = task_publish(init);
	if (error) {
		free(init);
		return error;
	}
	init->call = m->exiting;
	init->uid = init->ruid = (uint32_t)m->options.uid;
	init->gid = init->rgid = (uint32_t)m->options.gid;
	memcpy(init->comm, name, sizeof(name));
	init->limits = limits_new(m);
	init->fs = fs_new(m);
	init->signal = signal_new(m, init);
	if (!init->limits || !init->fs || !init->signal)
		return -ENOMEM;
	init->image = init_image(init, name, sizeof(name));
	if (!init->image)
		return -ENOMEM;
	error = m->kernel->table_new(init);
	/* The option nofile may be below three: it holds from now on. */
	init->limits->of[RLIMIT_NOFILE].cur = 3;
	if (!error)
		error = open_console(init);
	init->limits->of[RLIMIT_NOFILE].cur = m->options.nofile;
	init->call = NULL;
	return error;
}
