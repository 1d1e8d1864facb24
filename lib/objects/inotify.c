/*
 * inotify: watches on inodes, and a queue of the events on those inodes and, for directories, on
 * the names in them. A watch ends with its inode, or when the inotify descriptor is closed.
 */
#include "objects/calls.h"

#include "base/heap.h"
#include "base/text.h"
#include "machine/kmem.h"
#include "machine/poll.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/anon_inode.h"
#include "vfs/dcache.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/fown.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"
#include "vfs/namei.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define GROUP_SIZE ((size_t)320)
#define WATCH_SIZE ((size_t)104)

#define MAX_USER_INSTANCES 128u   /* fs.inotify.max_user_instances */
#define MAX_QUEUED_EVENTS  16384u /* fs.inotify.max_queued_events */

/* The bits that a mask may have. */
#define ALL_INOTIFY_BITS                                                                           \
	((uint32_t)(IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR |         \
		    IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_ADD | IN_MASK_CREATE | IN_ISDIR |    \
		    IN_ONESHOT))

struct inotify_group {
	struct fdl_machine *machine;
	struct list watches; /* in the order of their numbers */
	struct list events;
	size_t nevents;
	int last_wd;
	struct wait_queue queue;
	struct poll_list polls;
	struct list fasync; /* descriptions with O_ASYNC */
};

struct inotify_watch {
	struct inotify_group *group;
	struct fsnotify_mark mark; /* its mask may have IN_ONESHOT as well */
	int wd;
	struct list of_group;
};

struct queued_event {
	struct list link;
	int wd;
	uint32_t mask, cookie;
	size_t len; /* of the name without its NUL; 0: no name */
	char name[];
};

_Static_assert(sizeof(struct inotify_group) <= GROUP_SIZE, "a group is charged for too little");
_Static_assert(sizeof(struct inotify_watch) <= WATCH_SIZE, "a watch is charged for too little");

/* ---- the queue ------------------------------------------------------------------------------ */

static size_t event_memory(const struct queued_event *e)
{
	return sizeof(*e) + e->len + 1;
}

/* How many bytes a reader gets: the name is padded to a multiple of the structure's size. */
static size_t event_size(const struct queued_event *e)
{
	const size_t unit = sizeof(struct inotify_event);

	return unit + (e->len ? (e->len / unit + 1) * unit : 0);
}

static void event_free(struct inotify_group *g, struct queued_event *e)
{
	list_del(&e->link);
	g->nevents--;
	g->machine->memory.used -= event_memory(e);
	free(e);
}

static bool same_event(const struct queued_event *a, const struct queued_event *b)
{
	return !(a->mask & IN_IGNORED) && a->mask == b->mask && a->wd == b->wd &&
	       a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}

/* Queues an event, unless it equals the last one. Without memory it is lost. */
static void queue_event(struct inotify_group *g, int wd, uint32_t mask, uint32_t cookie,
			const char *name, size_t len)
{
	const bool full = g->nevents >= MAX_QUEUED_EVENTS;
	struct queued_event *e;

	touch_all(g->machine);
	if (full) {
		wd = -1;
		mask = IN_Q_OVERFLOW;
		cookie = 0;
		len = 0;
	}
	if (!budget_take(&g->machine->memory, sizeof(*e) + len + 1))
		return;
	e = malloc(sizeof(*e) + len + 1);
	if (!e) {
		g->machine->memory.used -= sizeof(*e) + len + 1;
		return;
	}
	*e = (struct queued_event){ .wd = wd, .mask = mask, .cookie = cookie, .len = len };
	if (len)
		memcpy(e->name, name, len);
	e->name[len] = '\0';
	list_add_tail(&e->link, &g->events);
	g->nevents++;
	if (e->link.prev != &g->events &&
	    same_event(container_of(e->link.prev, struct queued_event, link), e)) {
		event_free(g, e);
		return;
	}
	poll_notify(&g->polls, EPOLLIN | EPOLLRDNORM);
	kill_fasync(g->machine, &g->fasync, FMODE_READ, POLL_IN);
	wake_up(g->machine, &g->queue);
}

/* ---- watches -------------------------------------------------------------------------------- */

static void watch_free(struct inotify_watch *w)
{
	fsnotify_detach_mark(&w->mark);
	list_del(&w->of_group);
	object_free(w->group->machine, w, WATCH_SIZE);
}

/* Ends a watch, and tells the reader by IN_IGNORED. */
static void watch_ignored(struct inotify_watch *w)
{
	queue_event(w->group, w->wd, IN_IGNORED, 0, NULL, 0);
	watch_free(w);
}

static void inotify_event(struct fsnotify_mark *mark, uint32_t mask, uint32_t cookie,
			  const char *name, size_t len)
{
	struct inotify_watch *w = container_of(mark, struct inotify_watch, mark);

	queue_event(w->group, w->wd, mask, cookie, name, len);
	if (mark->mask & IN_ONESHOT)
		watch_ignored(w);
}

static void inotify_inode_gone(struct fsnotify_mark *mark)
{
	watch_ignored(container_of(mark, struct inotify_watch, mark));
}

static const struct fsnotify_ops inotify_fsnotify_ops = {
	.event = inotify_event,
	.gone = inotify_inode_gone,
};

/* ---- the file ------------------------------------------------------------------------------- */

/* Moves the first event into a buffer. Its size, or -EINVAL when it does not fit. */
static ssize_t take_event(struct inotify_group *g, char *buf, size_t room)
{
	struct queued_event *e = container_of(g->events.next, struct queued_event, link);
	const size_t size = event_size(e);
	const struct inotify_event head = {
		.wd = e->wd,
		.mask = e->mask,
		.cookie = e->cookie,
		.len = (uint32_t)(size - sizeof(head)),
	};

	if (size > room)
		return -EINVAL;
	memset(buf, 0, size);
	memcpy(buf, &head, sizeof(head));
	memcpy(buf + sizeof(head), e->name, e->len);
	event_free(g, e);
	return (ssize_t)size;
}

static ssize_t read_inotify(struct task *current, struct file *f, char *buf, size_t count,
			    off_t *pos)
{
	struct inotify_group *g = f->private;
	size_t done = 0;

	(void)pos;
	for (;;) {
		int error;

		if (!list_empty(&g->events)) {
			ssize_t n = take_event(g, buf + done, count - done);

			if (n < 0)
				return done ? (ssize_t)done : n;
			done += (size_t)n;
			continue;
		}
		if (done)
			return (ssize_t)done;
		error = f->flags & O_NONBLOCK ? -EAGAIN
					      : sched_wait(current, &g->queue, "inotify_read");
		if (error)
			return error;
	}
}

static size_t inotify_readable(const struct file *f, off_t pos)
{
	(void)f, (void)pos;
	return (size_t)1 << 16;
}

static ssize_t inotify_available(const struct file *f)
{
	const struct inotify_group *g = f->private;
	size_t bytes = 0;

	list_for_each(pos, &g->events)
		bytes += event_size(container_of(pos, struct queued_event, link));
	return (ssize_t)bytes;
}

static unsigned inotify_poll(struct file *f, struct poll_table *pt)
{
	struct inotify_group *g = f->private;

	poll_wait(f, &g->polls, pt);
	return list_empty(&g->events) ? 0 : EPOLLIN | EPOLLRDNORM;
}

static void inotify_free(struct inotify_group *g)
{
	g->machine->inotify_instances--;
	object_free(g->machine, g, GROUP_SIZE);
}

static void inotify_release(struct task *current, struct file *f)
{
	struct inotify_group *g = f->private;

	(void)current;
	while (!list_empty(&g->watches))
		watch_free(container_of(g->watches.next, struct inotify_watch, of_group));
	while (!list_empty(&g->events))
		event_free(g, container_of(g->events.next, struct queued_event, link));
	inotify_free(g);
}

static void inotify_show_fdinfo(const struct file *f, struct text *out)
{
	const struct inotify_group *g = f->private;

	list_for_each(pos, &g->watches) {
		const struct inotify_watch *w = container_of(pos, struct inotify_watch, of_group);

		text_printf(out, "inotify wd:%x ino:%" PRIx64 " sdev:%x mask:%x ignored_mask:0 \n",
			    w->wd, w->mark.inode->ino, 1, w->mark.mask & IN_ALL_EVENTS);
	}
}

static int inotify_fasync(struct task *current, struct file *f, int fd, bool on)
{
	struct inotify_group *g = f->private;

	return fasync_helper(current, fd, f, on, &g->fasync);
}

/* INOTIFY_IOC_SETNEXTWD. */
static int inotify_ioctl(const struct file *f, unsigned request)
{
	(void)f;
	return request == _IOW('I', 0, int32_t) ? -ENOSYS : -ENOTTY;
}

static const struct file_ops inotify_fops = {
	.by_pieces = FMODE_READ,
	.read = read_inotify,
	.readable = inotify_readable,
	.available = inotify_available,
	.ioctl = inotify_ioctl,
	.llseek = noop_llseek,
	.poll = inotify_poll,
	.fasync = inotify_fasync,
	.release = inotify_release,
	.fdinfo = inotify_show_fdinfo,
};

/* ---- the calls ------------------------------------------------------------------------------ */

static int64_t do_inotify_init(struct task *current, int64_t flags)
{
	struct fdl_machine *m = current->machine;
	struct inotify_group *g;
	int fd;

	if (flags & ~(int64_t)(IN_CLOEXEC | IN_NONBLOCK))
		return -EINVAL;
	if (m->inotify_instances >= MAX_USER_INSTANCES)
		return -EMFILE;
	g = object_alloc(current, GROUP_SIZE);
	if (!g)
		return -ENOMEM;
	m->inotify_instances++;
	g->machine = m;
	list_init(&g->watches);
	list_init(&g->fasync);
	list_init(&g->events);
	wait_queue_init(&g->queue);
	poll_list_init(&g->polls);
	fd = anon_inode_getfd(current, "inotify", &inotify_fops, g, NULL,
			      O_RDONLY | ((unsigned)flags & (O_CLOEXEC | O_NONBLOCK)));
	if (fd < 0)
		inotify_free(g);
	return fd;
}

static int64_t sys_inotify_init(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return do_inotify_init(current, 0);
}

static int64_t sys_inotify_init1(struct task *current, struct fdl_arg *a)
{
	return do_inotify_init(current, a[0].num);
}

/* The watch of a mark, from its place among the marks of its inode; NULL: not inotify's mark. */
static struct inotify_watch *watch_at(struct list *pos)
{
	struct fsnotify_mark *mark = container_of(pos, struct fsnotify_mark, of_inode);

	return mark->ops == &inotify_fsnotify_ops ? container_of(mark, struct inotify_watch, mark)
						  : NULL;
}

static struct inotify_watch *find_watch(struct inotify_group *g, const struct inode *inode)
{
	list_for_each(pos, &inode->marks) {
		struct inotify_watch *w = watch_at(pos);

		if (w && w->group == g)
			return w;
	}
	return NULL;
}

static int64_t update_watch(struct task *current, struct inotify_group *g,
			    const struct nameidata *nd, uint32_t arg)
{
	const uint32_t mask = arg & (IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT);
	struct inotify_watch *w = find_watch(g, inode_common(nd->inode));

	if (w && (arg & IN_MASK_CREATE))
		return -EEXIST;
	if (w) {
		w->mark.mask = arg & IN_MASK_ADD ? w->mark.mask | mask : mask;
		return w->wd;
	}
	w = object_alloc(current, WATCH_SIZE);
	if (!w)
		return -ENOMEM;
	w->group = g;
	w->mark.ops = &inotify_fsnotify_ops;
	w->mark.mask = mask;
	w->wd = ++g->last_wd;
	list_add_tail(&w->of_group, &g->watches);
	fsnotify_add_mark(&w->mark, nd->inode, !nd->dentry);
	return w->wd;
}

static int64_t add_watch(struct task *current, struct inotify_group *g, const struct fdl_arg *path,
			 uint32_t mask)
{
	struct nameidata nd;
	int64_t result;
	int error;
	const char *name = path_arg(current, path, &error);

	if (!name)
		return error;
	result = path_lookupat(&nd, current, NULL, name, !(mask & IN_DONT_FOLLOW));
	if (!result)
		result = inode_permission(current, nd.inode, R_OK);
	if (!result && (mask & IN_ONLYDIR) && !S_ISDIR(nd.inode->mode))
		result = -ENOTDIR;
	if (!result)
		result = update_watch(current, g, &nd, mask);
	walk_end(&nd);
	return result;
}

static int64_t sys_inotify_add_watch(struct task *current, struct fdl_arg *a)
{
	const uint32_t mask = (uint32_t)a[2].num;
	int64_t result = -EBADF;
	struct fd fd;

	if ((mask & ~ALL_INOTIFY_BITS) || !(mask & ALL_INOTIFY_BITS))
		return -EINVAL;
	fd = fdget(current, a[0].num);
	if (fd.file &&
	    (((mask & IN_MASK_ADD) && (mask & IN_MASK_CREATE)) || fd.file->ops != &inotify_fops))
		result = -EINVAL;
	else if (fd.file)
		result = add_watch(current, fd.file->private, &a[1], mask);
	fdput(current, fd);
	return result;
}

static int64_t rm_watch(struct inotify_group *g, int64_t wd)
{
	list_for_each(pos, &g->watches) {
		struct inotify_watch *w = container_of(pos, struct inotify_watch, of_group);

		if (w->wd == wd) {
			watch_ignored(w);
			return 0;
		}
	}
	return -EINVAL;
}

static int64_t sys_inotify_rm_watch(struct task *current, struct fdl_arg *a)
{
	struct fd fd = fdget(current, a[0].num);
	int64_t result = -EBADF;

	if (fd.file && fd.file->ops != &inotify_fops)
		result = -EINVAL;
	else if (fd.file)
		result = rm_watch(fd.file->private, a[1].num);
	fdput(current, fd);
	return result;
}

const struct call_row inotify_calls[] = {
	{ "inotify_init", "", sys_inotify_init, 0, NULL },
	{ "inotify_init1", "ininitflags flags=0", sys_inotify_init1, 0, NULL },
	{ "inotify_add_watch", "fd fd, path pathname, inmask mask=IN_ALL_EVENTS",
	  sys_inotify_add_watch, 0, NULL },
	{ "inotify_rm_watch", "fd fd, int wd", sys_inotify_rm_watch, 0, NULL },
	{ 0 },
};
