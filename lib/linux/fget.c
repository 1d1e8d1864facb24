/*
 * From a number to a file: the look-ups under RCU, which take no lock. Between reading the table
 * and reading the slot, and between that and taking the reference, other tasks may close the file.
 * So a reference is only taken while the file still has one.
 */
#include "linux/files.h"

#include "linux/fdtable.h"
#include "linux/rcu.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/file.h"

/*
 * Reads a slot for a call that may stop in between, while the table is replaced or the file closed.
 * Not part of its caller, because nearly all calls run straight through.
 */
static __attribute__((noinline)) struct file *fcheck_stepped(struct task *current, unsigned fd)
{
	const struct files_struct *files = current->files;
	const struct fdtable *fdt;
	struct rcu_reader reader;
	struct file *file;
	uint64_t newest;

	rcu_read_lock(current, &reader);
	fdt = files_fdtable(current, files);
	preempt(current, "fget:fdt");
	file = fdt_get_rcu(current, files, fdt, fd);
	newest = current->machine->next_file_id;
	preempt(current, "fget:slot");
	if (!file_is_there(current, file, newest))
		file = NULL;
	rcu_read_unlock(&reader);
	return file;
}

static struct file *__fget(struct task *current, unsigned fd, unsigned mask)
{
	struct file *file = __builtin_expect(current->call->stepped, 0)
				    ? fcheck_stepped(current, fd)
				    : fcheck_files(current, current->files, fd);

	if (!file || (file->mode & mask) || !get_file_not_zero(current, file))
		return NULL;
	return call_holds(current, file);
}

/* No other task can close it meanwhile where the table has one user: no reference is needed. */
static struct file *__fget_light(struct task *current, unsigned fd, unsigned mask, int *fput_needed)
{
	struct files_struct *files = current->files;
	struct file *file;

	*fput_needed = 0;
	if (__builtin_expect(files_count(current, files) == 1, 1)) {
		file = fcheck_files(current, files, fd);
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
