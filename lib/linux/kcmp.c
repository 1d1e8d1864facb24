/*
 * kcmp compares two tasks' files, tables and other resources. Its results order them, so that they
 * can be sorted. The kernel scrambles that order; here it is the order of their creation.
 */
#include "linux/calls.h"
#include "linux/fdtable.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <linux/kcmp.h>

/* 0: the same; 1: the first comes before the second; 2: after it. */
static int64_t order(uint64_t a, uint64_t b)
{
	return a == b ? 0 : a < b ? 1 : 2;
}

/* The kernel's fget_task, without the reference: the file is only compared. */
static const struct file *file_of(const struct task *current, const struct task *task, unsigned fd)
{
	const struct files_struct *files = task->files;

	return files ? fcheck_files(current, files, fd) : NULL;
}

static int64_t compare_files(const struct task *current, const struct task *t1,
			     const struct task *t2, struct fdl_arg *a)
{
	const struct file *f1 = file_of(current, t1, (unsigned)a[3].num);
	const struct file *f2 = file_of(current, t2, (unsigned)a[4].num);

	return f1 && f2 ? order(f1->id, f2->id) : -EBADF;
}

/*
 * A struct fs has no number of its own, and its address differs from run to run: it is ordered by
 * the first task that has it.
 */
static uint64_t first_with_fs(const struct task *task)
{
	const struct task *first = task_next(task->machine, 1);

	while (first->fs != task->fs)
		first = task_next(task->machine, first->pid + 1);
	return (uint64_t)first->pid;
}

static int64_t sys_kcmp(struct task *current, struct fdl_arg *a)
{
	const struct task *t1 = task_find(current->machine, (int)a[0].num);
	const struct task *t2 = task_find(current->machine, (int)a[1].num);

	if (!t1 || !t2)
		return -ESRCH;
	if (current->uid != 0 && (t1->uid != current->uid || t2->uid != current->uid))
		return -EPERM;
	switch (a[2].num) {
	case KCMP_FILE:
		return compare_files(current, t1, t2, a);
	case KCMP_FILES:
		return order(current->machine->kernel->table_id(t1),
			     current->machine->kernel->table_id(t2));
	case KCMP_VM:
		return order(t1->vm, t2->vm);
	case KCMP_SIGHAND:
		return order(t1->sighand, t2->sighand);
	case KCMP_FS:
		return order(first_with_fs(t1), first_with_fs(t2));
	case KCMP_IO:
	case KCMP_SYSVSEM:
		return 0; /* no task has any */
	case KCMP_EPOLL_TFD:
		return -ENOSYS;
	default:
		return -EINVAL;
	}
}

const struct call_row linux_kcmp_calls[] = {
	{ "kcmp", "pid pid1, pid pid2, kcmptype type, long idx1=0, long idx2=0", sys_kcmp,
	  CALL_NO_FILES | CALL_KNOWS_IDS, NULL },
	{ 0 },
};
