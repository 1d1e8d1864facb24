/*
 * The calls that ask for locks: fcntl's commands and flock. They check their arguments in the
 * kernel's order, and make a request for lock.c.
 */
#include "vfs/lock.h"

#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/calls.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/* Where the offset of a struct flock counts from. */
static int whence_start(const struct file *f, int64_t whence, off_t *start)
{
	switch ((int16_t)whence) {
	case SEEK_SET:
		*start = 0;
		return 0;
	case SEEK_CUR:
		touch(f->machine, TOUCH_READ, f, PART_ITSELF);
		*start = f->pos;
		return 0;
	case SEEK_END:
		touch(f->machine, TOUCH_READ, f->inode, PART_ITSELF);
		*start = f->inode->size;
		return 0;
	default:
		return -EINVAL;
	}
}

/* Type and range. With a negative length the range ends before the start. */
static int flock_to_posix_lock(struct file_lock *l, const struct fdl_arg *field)
{
	const int64_t len = field[FLOCK_LEN].num;
	int error = whence_start(l->file, field[FLOCK_WHENCE].num, &l->start);

	if (error)
		return error;
	if (field[FLOCK_START].num > OFFSET_MAX - l->start)
		return -EOVERFLOW;
	l->start += field[FLOCK_START].num;
	if (l->start < 0)
		return -EINVAL;
	if (len > 0) {
		if (len - 1 > OFFSET_MAX - l->start)
			return -EOVERFLOW;
		l->end = l->start + (len - 1);
	} else if (len < 0) {
		if (l->start + len < 0)
			return -EINVAL;
		l->end = l->start - 1;
		l->start += len;
	}
	l->type = (short)field[FLOCK_TYPE].num;
	return l->type == F_RDLCK || l->type == F_WRLCK || l->type == F_UNLCK ? 0 : -EINVAL;
}

static int check_fmode_for_setlk(const struct file_lock *l)
{
	if (l->type == F_RDLCK && !(l->file->mode & FMODE_READ))
		return -EBADF;
	if (l->type == F_WRLCK && !(l->file->mode & FMODE_WRITE))
		return -EBADF;
	return 0;
}

/* Kind and owner of the lock. The struct flock of an OFD lock must have the pid 0. */
static int set_owner(struct task *current, struct file_lock *l, enum lock_kind kind,
		     const struct fdl_arg *field)
{
	l->kind = kind;
	if (kind == LOCK_OFD) {
		l->pid = -1;
		return (int32_t)field[FLOCK_PID].num ? -EINVAL : 0;
	}
	l->owner = current->machine->kernel->lock_owner(current);
	return 0;
}

/*
 * Another thread may have closed the descriptor while the lock was being set, too early to delete
 * it.
 */
static int check_still_open(struct task *current, int64_t fd, struct file_lock *l)
{
	struct slot slot;

	if (current->files)
		touch(current->machine, TOUCH_READ, current->files, PART_SLOTS);
	if (current->files && current->machine->kernel->slot_next(current, (unsigned)fd, &slot) &&
	    slot.fd == (unsigned)fd && slot.file == l->file)
		return 0;
	l->type = F_UNLCK;
	locks_lock_file_wait(current, l);
	return -EBADF;
}

static int do_setlk(struct task *current, struct fdl_arg *a, struct file_lock *l,
		    enum lock_kind kind)
{
	int error = flock_to_posix_lock(l, a[2].sub);

	if (!error)
		error = check_fmode_for_setlk(l);
	if (!error)
		error = set_owner(current, l, kind, a[2].sub);
	if (error)
		return error;
	preempt(current, "vfs_lock_file");
	error = locks_lock_file_wait(current, l);
	if (!error && l->type != F_UNLCK && kind == LOCK_POSIX)
		error = check_still_open(current, a[0].num, l);
	return error;
}

/* The common part of the commands: a file, and memory for a request. no_memory: their error. */
static int64_t fcntl_lock(struct task *current, struct fdl_arg *a, enum lock_kind kind, bool sleep,
			  int no_memory,
			  int (*act)(struct task *current, struct fdl_arg *a,
				     struct file_lock *request, enum lock_kind kind))
{
	struct fd fd = fdget(current, a[0].num);
	struct file_lock request;
	struct kmem mem;
	int error;

	if (!fd.file)
		return -EBADF;
	error = -EFAULT;
	if (!a[2].sub)
		goto out;
	error = no_memory;
	if (kmalloc(current, &mem, FILE_LOCK_SIZE))
		goto out;
	locks_init_lock(&request, current, fd.file);
	request.sleep = sleep;
	error = act(current, a, &request, kind);
	kvfree(current->machine, &mem);
out:
	fdput(current, fd);
	return error;
}

int64_t fcntl_setlk(struct task *current, struct fdl_arg *a, enum lock_kind kind, bool sleep)
{
	return fcntl_lock(current, a, kind, sleep, -ENOLCK, do_setlk);
}

/* F_GETLK's answer: the question with F_UNLCK, or the lock that was found. */
static void fill_flock(struct fdl_arg *out, const struct fdl_arg *asked, const struct file_lock *l)
{
	for (int i = 0; i < FLOCK_FIELDS; i++)
		out[i] = asked[i];
	if (!l) {
		out[FLOCK_TYPE].num = F_UNLCK;
		return;
	}
	out[FLOCK_TYPE].num = l->type;
	out[FLOCK_WHENCE].num = SEEK_SET;
	out[FLOCK_START].num = l->start;
	out[FLOCK_LEN].num = l->end == OFFSET_MAX ? 0 : l->end - l->start + 1;
	out[FLOCK_PID].num = l->pid;
}

static int do_getlk(struct task *current, struct fdl_arg *a, struct file_lock *l,
		    enum lock_kind kind)
{
	struct fdl_arg *out = arena_alloc(&current->call->arena, FLOCK_FIELDS * sizeof(*out));
	const short type = (short)a[2].sub[FLOCK_TYPE].num;
	int error;

	if (!out)
		return -ENOMEM;
	if (kind != LOCK_OFD && type != F_RDLCK && type != F_WRLCK)
		return -EINVAL;
	error = flock_to_posix_lock(l, a[2].sub);
	if (!error)
		error = set_owner(current, l, kind, a[2].sub);
	if (error)
		return error;
	fill_flock(out, a[2].sub, posix_test_lock(l));
	a[3] = (struct fdl_arg){ .num = FLOCK_FIELDS, .sub = out };
	return 0;
}

int64_t fcntl_getlk(struct task *current, struct fdl_arg *a, enum lock_kind kind)
{
	return fcntl_lock(current, a, kind, false, -ENOMEM, do_getlk);
}

static int flock_translate_cmd(int64_t cmd)
{
	switch (cmd) {
	case LOCK_SH:
		return F_RDLCK;
	case LOCK_EX:
		return F_WRLCK;
	case LOCK_UN:
		return F_UNLCK;
	default:
		return -EINVAL;
	}
}

int flock_lock(struct task *current, struct file *f, short type, bool sleep)
{
	struct file_lock request;

	locks_init_lock(&request, current, f);
	request.kind = LOCK_FLOCK;
	request.type = type;
	request.sleep = sleep;
	return locks_lock_file_wait(current, &request);
}

static int64_t sys_flock(struct task *current, struct fdl_arg *a)
{
	int type, error = -EBADF;
	struct fd fd;

	/* LOCK_MAND never worked; ignored. */
	if (a[1].num & LOCK_MAND)
		return 0;
	type = flock_translate_cmd(a[1].num & ~(int64_t)LOCK_NB);
	if (type < 0)
		return type;
	fd = fdget(current, a[0].num);
	if (fd.file && (type == F_UNLCK || (fd.file->mode & (FMODE_READ | FMODE_WRITE))))
		error = flock_lock(current, fd.file, (short)type, !(a[1].num & LOCK_NB));
	fdput(current, fd);
	return error;
}

const struct call_row lock_calls[] = {
	{ "flock", "fd fd, flockop operation", sys_flock, CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ 0 },
};
