/*
 * struct file, from its allocation to its release, which file_ops leaves to the kind of object. An
 * inode counts the descriptions that read and write it, the machine all of them.
 */
#include "vfs/file.h"

#include "base/heap.h"
#include "base/text.h"
#include "machine/events.h"
#include "machine/kmem.h"
#include "machine/poll.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/dcache.h"
#include "vfs/fown.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"
#include "vfs/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* In the kernel's slab. */
#define FILE_SIZE ((size_t)256)

/* The flags that matter to open alone, and close-on-exec, which is the descriptor's. */
#define OPEN_ONLY ((unsigned)(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC))

/*
 * As the kernel's slab does, the machine keeps the memory of freed descriptions for new ones. Not
 * under AddressSanitizer, which could not find uses of a freed description then.
 */
#ifdef __SANITIZE_ADDRESS__
#define SPARE_FILES_MAX 0u
#else
#define SPARE_FILES_MAX 64u
#endif

static struct file *file_memory(struct fdl_machine *m)
{
	struct file *f = m->spare_files;

	if (!f)
		return malloc(sizeof(*f));
	m->spare_files = f->private;
	m->nspare_files--;
	return f;
}

static void file_memory_put(struct fdl_machine *m, struct file *f)
{
	if (m->nspare_files == SPARE_FILES_MAX) {
		free(f);
		return;
	}
	f->private = m->spare_files;
	m->spare_files = f;
	m->nspare_files++;
}

void file_free_spare(struct fdl_machine *m)
{
	struct file *next;

	for (struct file *f = m->spare_files; f; f = next) {
		next = f->private;
		free(f);
	}
	m->spare_files = NULL;
	m->nspare_files = 0;
}

/* The access mode as bits. The fourth, O_ACCMODE, needs both permissions and grants neither. */
static unsigned file_mode(unsigned flags)
{
	static const unsigned char access[] = { FMODE_READ, FMODE_WRITE, FMODE_READ | FMODE_WRITE,
						0 };

	return flags & O_PATH ? FMODE_PATH : access[flags & O_ACCMODE];
}

void file_set_flags(struct file *f, unsigned flags)
{
	f->flags = flags & ~OPEN_ONLY;
	f->mode = file_mode(flags);
}

struct file *alloc_empty_file(struct task *current, unsigned flags, int *error)
{
	struct fdl_machine *m = current->machine;
	struct kmem mem;
	struct file *f;

	*error = -ENFILE;
	if (m->nr_files >= m->file_max) {
		m->kernel->file_max_reached(m);
		return NULL;
	}
	m->file_max_logged = false;
	*error = kmalloc(current, &mem, FILE_SIZE);
	if (*error)
		return NULL;
	f = file_memory(m);
	if (!f) {
		kvfree(m, &mem);
		*error = -ENOMEM;
		return NULL;
	}
	/* Member by member: clearing the structure first is much slower. */
	list_init(&f->all);
	f->machine = m;
	f->id = 0;
	f->count = 1;
	f->leaked = 0;
	f->uses = 0;
	f->in_transit = false;
	f->flushes = false;
	f->posix_locks = 0;
	f->larval = false;
	f->wantclose = false;
	f->place = 0;
	file_set_flags(f, flags);
	f->pos = 0;
	f->inode = NULL;
	f->dentry = NULL;
	f->ops = NULL;
	f->private = NULL;
	list_init(&f->watches);
	f->owner = NULL;
	m->nr_files++;
	return call_holds(current, f);
}

off_t noop_llseek(struct file *f, off_t offset, int whence)
{
	(void)offset, (void)whence;
	return f->pos;
}

/* A change of an inode's readers and writers, on which the calls on a FIFO depend. */
static TOUCHES void touch_counts(const struct fdl_machine *m, const struct inode *inode)
{
	touch(m, S_ISFIFO(inode->mode) ? TOUCH_WRITE : TOUCH_UPDATE, inode, PART_ITSELF);
}

static TOUCHES void touch_released(const struct file *f)
{
	touch(f->machine, TOUCH_WRITE, f, PART_ITSELF);
	if (!f->ops->traced)
		touch_all(f->machine);
	touch_counts(f->machine, f->inode);
}

TOUCHES void touch_dropped(const struct file *f)
{
	touch(f->machine, TOUCH_WRITE, f, PART_ITSELF);
	touch(f->machine, TOUCH_WRITE, f, PART_COUNT);
	if (!f->inode)
		return;
	if (!f->ops->traced)
		touch_all(f->machine);
	if (S_ISFIFO(f->inode->mode))
		touch_counts(f->machine, f->inode);
}

void file_attach(struct file *f, struct inode *inode, struct dentry *dentry,
		 const struct file_ops *ops)
{
	if (is_explored(f->machine))
		touch_counts(f->machine, inode);
	f->inode = iget(inode);
	f->dentry = dget(dentry);
	f->ops = ops;
	f->flushes = ops->flush != NULL;
	if (ops->llseek)
		f->mode |= ops->llseek == noop_llseek ? FMODE_LSEEK : FMODE_LSEEK | FMODE_PREAD;
	if (ops->nowait)
		f->mode |= FMODE_NOWAIT;
	if (f->mode & FMODE_READ)
		inode->readers++;
	if (f->mode & FMODE_WRITE)
		inode->writers++;
}

/* The inode loses a reader, a writer, or both. */
static void file_leave(struct file *f)
{
	if (f->mode & FMODE_UNCOUNTED)
		return;
	if (f->mode & FMODE_READ)
		f->inode->readers--;
	if (f->mode & FMODE_WRITE)
		f->inode->writers--;
}

void file_uncount(struct file *f)
{
	file_leave(f);
	f->mode |= FMODE_UNCOUNTED;
}

void file_detach(struct file *f)
{
	if (is_explored(f->machine))
		touch_counts(f->machine, f->inode);
	file_leave(f);
	dput(f->dentry);
	iput(f->inode);
	f->dentry = NULL;
	f->inode = NULL;
	f->ops = &no_fops;
	f->flushes = false;
	f->mode &= ~(unsigned)FMODE_LSEEK;
}

static void file_memory_free(struct file *f)
{
	struct fdl_machine *m = f->machine;
	struct kmem mem = { KMEM_KMALLOC, FILE_SIZE };

	dput(f->dentry);
	if (f->inode)
		iput(f->inode);
	fown_free(f);
	kvfree(m, &mem);
	m->nr_files--;
	file_memory_put(m, f);
}

void free_file(struct file *f)
{
	if (f->inode && is_explored(f->machine))
		touch_counts(f->machine, f->inode);
	if (f->inode)
		file_leave(f);
	list_del(&f->all);
	file_memory_free(f);
}

void file_enlist(struct file *f)
{
	struct fdl_machine *m = f->machine;

	if (!f->ops)
		f->ops = &no_fops;
	f->id = ++m->next_file_id;
	list_add_tail(&f->all, &m->files);
}

/* Records that a description was made, with its id and its name. */
static void event_open(struct task *task, const struct file *f)
{
	const struct event_record e = { 0, 0, f->id };
	struct text *name = &task->machine->name;
	size_t len;
	char *to;

	if (f->dentry && !f->dentry->unhashed) {
		/* The usual case: the path goes straight into the event. */
		len = d_path_len(f->dentry);
		to = event_begins(task, &e, len);
		if (to)
			d_path_put(f->dentry, to + len);
	} else {
		text_clear(name);
		file_name(f, name);
		len = name->len;
		to = event_begins(task, &e, len);
		if (to && len)
			memcpy(to, name->s, len);
	}
	if (to)
		event_ends(task, EVENT_OPEN, len);
}

void file_publish(struct task *current, struct file *f)
{
	if (!f->id)
		file_enlist(f);
	event_open(current, f);
}

struct file *alloc_file(struct task *current, struct inode *inode, struct dentry *dentry,
			unsigned flags, const struct file_ops *ops, int *error)
{
	struct file *f = alloc_empty_file(current, flags, error);

	if (!f)
		return NULL;
	file_attach(f, inode, dentry, ops);
	file_publish(current, f);
	return f;
}

static void tell_watches(struct file *f)
{
	while (!list_empty(&f->watches)) {
		struct file_watch *w = container_of(f->watches.next, struct file_watch, of_file);

		w->released(w);
	}
}

void file_release(struct task *current, struct file *f)
{
	/* A file that was never opened was not reported either. */
	if (__builtin_expect(f->larval, 0)) {
		free_file(f);
		return;
	}
	if (is_explored(f->machine))
		touch_released(f);
	if (!(f->mode & FMODE_PATH))
		fsnotify_file(f, f->mode & FMODE_WRITE ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	if (__builtin_expect(!list_empty(&f->watches), 0))
		tell_watches(f);
	fown_release(f);
	touch(f->machine, TOUCH_READ, locked_inode(f), PART_LOCKS);
	if (__builtin_expect(locked_inode(f)->locks != NULL, 0))
		locks_remove_file(current, f);
	file_leave(f);
	if (f->ops->release)
		f->ops->release(current, f);
	event_record(current, EVENT_FREE, 0, -1, f->id);
	list_del(&f->all);
	file_memory_free(f);
}

/* The description goes at once, or with its last use. */
static __attribute__((noinline)) void last_reference_gone(struct task *current, struct file *f)
{
	if (__builtin_expect(f->uses, 0)) {
		f->wantclose = true;
		return;
	}
	preempt(current, "fput");
	file_release(current, f);
}

void call_note(struct call *c, const struct file *f)
{
	if (c->nnoted < CALL_NOTES)
		c->noted[c->nnoted++] = (struct call_note){ f, f->id };
}

void call_unnote(struct call *c, const struct file *f)
{
	for (unsigned i = 0; i < c->nnoted; i++) {
		if (c->noted[i].file == f) {
			c->noted[i] = c->noted[--c->nnoted];
			return;
		}
	}
}

void fput(struct task *current, struct file *f)
{
	if (is_explored(current->machine))
		touch_dropped(f);
	call_drops(current, f);
	if (file_drop(f))
		last_reference_gone(current, f);
}

/* A close depends on the number of uses. */
static TOUCHES void touch_unused(const struct file *f)
{
	touch(f->machine, f->wantclose ? TOUCH_WRITE : TOUCH_READ, f, PART_ITSELF);
	touch(f->machine, TOUCH_UPDATE, f, PART_COUNT);
}

void file_unuse(struct task *current, struct file *f)
{
	if (is_explored(f->machine))
		touch_unused(f);
	f->uses--;
	if (__builtin_expect(f->wantclose, 0))
		file_drained(current, f);
}

void file_drained(struct task *current, struct file *f)
{
	if (!f->uses)
		file_release(current, f);
	else if (f->uses == 1)
		wake_up(f->machine, &f->machine->drained);
}

int file_flush(struct task *current, struct file *f, void *owner)
{
	if (!f->flushes)
		return 0;
	touch_all(f->machine);
	return f->ops->flush(current, f, owner);
}

/* A close that does more than drop a reference. */
static __attribute__((noinline)) int filp_close_far(struct task *current, struct file *f,
						    void *owner)
{
	int error;

	if (f->count == 0) {
		touch(current->machine, TOUCH_READ, f, PART_ITSELF);
		f->machine->bugs++;
		printk(f->machine, "VFS: Close: file count is 0");
		return 0;
	}
	error = file_flush(current, f, owner);
	touch(f->machine, TOUCH_READ, locked_inode(f), PART_LOCKS);
	if (locked_inode(f)->locks && !(f->mode & FMODE_PATH))
		locks_remove_posix(current, f, owner);
	fput(current, f);
	return error;
}

/* Whether a close does more than drop a reference, of a file that has one. */
static inline bool is_far_close(const struct task *current, const struct file *f)
{
	return f->in_transit || f->flushes || locked_inode(f)->locks || is_explored(f->machine) ||
	       current->call->co;
}

static __attribute__((noinline)) int filp_close_last(struct task *current, struct file *f,
						     void *owner)
{
	if (!f->count || is_far_close(current, f))
		return filp_close_far(current, f, owner);
	f->count = 0;
	last_reference_gone(current, f);
	return 0;
}

int filp_close(struct task *current, struct file *f, void *owner)
{
	if (f->count <= 1)
		return filp_close_last(current, f, owner);
	if (is_far_close(current, f))
		return filp_close_far(current, f, owner);
	f->count--;
	return 0;
}

unsigned vfs_poll(struct file *f, struct poll_table *pt)
{
	return f->ops->poll ? f->ops->poll(f, pt) : DEFAULT_POLLMASK;
}

void file_name(const struct file *f, struct text *out)
{
	if (f->dentry) {
		d_path(f->dentry, out);
		return;
	}
	if (!f->inode) {
		text_puts(out, "larval");
		return;
	}
	if (f->inode->ops->dname) {
		f->inode->ops->dname(f->inode, out);
		return;
	}
	text_puts(out, f->inode->ops->name);
	text_puts(out, ":[");
	text_uint(out, f->inode->ino);
	text_putc(out, ']');
}

struct file *file_find(struct fdl_machine *m, uint64_t id)
{
	list_for_each(pos, &m->files) {
		struct file *f = container_of(pos, struct file, all);

		if (f->id == id)
			return f;
	}
	return NULL;
}

const char *mode_word(const struct file *f)
{
	if (f->mode & FMODE_PATH)
		return "path";
	switch (f->mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		return "r";
	case FMODE_WRITE:
		return "w";
	case FMODE_READ | FMODE_WRITE:
		return "rw";
	default:
		return "none";
	}
}

void put_file_name(struct text *out, const struct file *f)
{
	struct text name = TEXT_EMPTY;

	file_name(f, &name);
	text_printable(out, name.s, name.len);
	if (name.error)
		out->error = name.error;
	text_free(&name);
}
