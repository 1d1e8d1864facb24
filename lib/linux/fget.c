/*
 * From a number to a file: the look-ups under RCU, which take no lock. Between reading the table
 * and reading the slot, and between that and taking the reference, everybody else may do what they
 * like: so the reference is only taken while there still is one.
 */
#include "linux/files.h"

#include "vfs/file.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"

/*
 * RCU keeps the memory of a released file for those who may still look at it, and they find the
 * count at 0. The model frees it at once, and asks here, without looking at the memory: is it still
 * one of the files that there were when the highest id was newest?
 */
static bool is_there(const struct fdl_machine *m, const struct file *file, uint64_t newest)
{
	list_for_each(pos, &m->files) {
		const struct file *f = container_of(pos, struct file, all);

		if (f == file)
			return f->id <= newest;
	}
	return false;
}

/*
 * Reads the slot while others may run in between: the table may be replaced, the file closed. Not
 * part of its caller, for nearly all calls run straight through.
 */
static __attribute__((noinline)) struct file *fcheck_stepped(struct task *current, unsigned fd)
{
	const struct fdl_machine *m = current->machine;
	struct files_struct *files = current->files;
	struct rcu_reader reader;
	struct fdtable *fdt;
	uint64_t newest;
	struct file *file;

	rcu_read_lock(current, &reader);
	touch(m, TOUCH_READ, files, PART_TABLE);
	fdt = files->fdt;
	preempt(current, "fget:fdt");
	if (is_explored(m))
		touch_fd(current, TOUCH_READ, files, fd);
	if (fdt != &files->fdtab)
		touch(m, TOUCH_READ, fdt, PART_ITSELF);
	file = fd < fdt->max_fds ? sparse_get(&fdt->fds, fd) : NULL;
	if (fdt != files->fdt && !is_there(m, file, fdt->newest))
		file = NULL;
	newest = m->next_file_id;
	preempt(current, "fget:slot");
	touch_rcu(m, file, PART_ITSELF);
	if (!is_there(m, file, newest))
		file = NULL;
	rcu_read_unlock(&reader);
	return file;
}

static struct file *__fget(struct task *current, unsigned fd, unsigned mask)
{
	struct file *file = __builtin_expect(current->call->stepped, 0)
				    ? fcheck_stepped(current, fd)
				    : fcheck_files(current->files, fd);

	if (file)
		touch(current->machine, TOUCH_READ, file, PART_ITSELF);
	if (file && ((file->mode & mask) || file->count == 0))
		file = NULL;
	if (file)
		get_file(file);
	return file;
}

static TOUCHES void touch_light(const struct task *current, const struct files_struct *files,
				unsigned fd)
{
	touch(current->machine, TOUCH_READ, files, PART_COUNT);
	if (files->count == 1)
		touch_fd(current, TOUCH_READ, files, fd);
}

/* Nobody else can close it under us when the table is ours alone: no reference is needed. */
static struct file *__fget_light(struct task *current, unsigned fd, unsigned mask, int *fput_needed)
{
	struct files_struct *files = current->files;
	struct file *file;

	*fput_needed = 0;
	if (is_explored(current->machine))
		touch_light(current, files, fd);
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
