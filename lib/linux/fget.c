/*
 * From a number to a file: the look-ups under RCU, which take no lock. Between reading the table
 * and reading the slot, and between that and taking the reference, everybody else may do what they
 * like: so the reference is only taken while there still is one.
 */
#include "linux/files.h"

#include "file.h"
#include "machine.h"
#include "task.h"

static struct file *__fget(struct task *current, unsigned fd, unsigned mask)
{
	struct files_struct *files = current->files;
	struct rcu_reader reader;
	struct fdtable *fdt;
	struct file *file;

	rcu_read_lock(current, &reader);
	fdt = files->fdt;
	preempt(current, "fget:fdt");
	file = fd < fdt->max_fds ? sparse_get(&fdt->fds, fd) : NULL;
	preempt(current, "fget:slot");
	if (file && ((file->mode & mask) || file->count == 0))
		file = NULL;
	if (file)
		get_file(file);
	rcu_read_unlock(current, &reader);
	return file;
}

/* Nobody else can close it under us when the table is ours alone: no reference is needed. */
static struct file *__fget_light(struct task *current, unsigned fd, unsigned mask, int *fput_needed)
{
	struct files_struct *files = current->files;
	struct file *file;

	*fput_needed = 0;
	if (__builtin_expect(files->count == 1, 1)) {
		file = fcheck_files(files, fd);
		return file && !(file->mode & mask) ? file : NULL;
	}
	file = __fget(current, fd, mask);
	*fput_needed = file != NULL;
	return file;
}

struct file *fget(struct task *current, unsigned fd)
{
	return __fget(current, fd, FMODE_PATH);
}

struct file *fget_raw(struct task *current, unsigned fd)
{
	return __fget(current, fd, 0);
}

struct file *fget_light(struct task *current, unsigned fd, int *fput_needed)
{
	return __fget_light(current, fd, FMODE_PATH, fput_needed);
}

struct file *fget_raw_light(struct task *current, unsigned fd, int *fput_needed)
{
	return __fget_light(current, fd, 0, fput_needed);
}
