/*
 * rootfs/: the machine's own files, read-only, so that the links of tasks (fd/N, cwd, exe) lead to
 * something. A name is known by its number (dcache.h). A file without a name, one that was deleted
 * or a memfd, is known by the number of a description, and is found under the text that a link to
 * it has. So are deleted directories on the way there.
 *
 * A reader must neither leave rootfs/ by a symbolic link nor hang: links are shown so that they
 * stay inside, and a FIFO is shown as a regular file whose contents are the bytes that wait in it.
 */
#include "base/number.h"
#include "base/text.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "objects/pipe.h"
#include "procfs/views.h"
#include "tree/tree.h"
#include "vfs/dcache.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/page.h"

#include <errno.h>
#include <string.h>

/*
 * A number: a bit that says how the file is known, a depth, and the number of a name or a
 * description.
 *
 * The depth of a directory or a link is how deep it stands. So one that was moved deeper, alone or
 * with a directory above it, has another number, and a reader that holds the old one finds nothing:
 * the "../" of a link, as many as the new depth asks for, would lead it out of rootfs/ from the
 * old place. The depth of a description's file is 0, and rises with the directories above it.
 */
#define BY_FILE     (1ull << (TREE_GRAFT_BITS - 1))
#define DEPTH_BITS  11 /* a path of PATH_MAX bytes has no more "../" */
#define DEPTH_MAX   ((1u << DEPTH_BITS) - 1)
#define NUMBER_BITS (TREE_GRAFT_BITS - 1 - DEPTH_BITS)
#define NUMBER_MAX  ((1ull << NUMBER_BITS) - 1)
#define FOLLOW_MAX  40 /* symbolic links on one way */

/* The longest name here: a memfd's in which every byte is written as four. */
#define NAMELESS_MAX ((size_t)VFS_NAME_MAX * 4)

/* ---- numbers ---- */

static size_t depth_of(const struct dentry *dir)
{
	size_t depth = 0;

	for (; dir->parent != dir; dir = dir->parent)
		depth++;
	return depth;
}

static uint64_t number_of_name(const struct vfs *vfs, const struct dentry *d)
{
	const mode_t mode = d->inode->mode;
	size_t depth = S_ISDIR(mode) || S_ISLNK(mode) ? depth_of(d) : 0;

	if (d == vfs->root)
		return 0;
	if (depth > DEPTH_MAX)
		depth = DEPTH_MAX;
	return (uint64_t)depth << NUMBER_BITS | d->numbered.key;
}

static uint64_t number_of_file(const struct file *f, size_t above)
{
	return BY_FILE | (uint64_t)above << NUMBER_BITS | f->id;
}

/* The description that a number names, and how many directories above its file; or NULL. */
static const struct file *file_of(const struct node *n, size_t *above)
{
	*above = n->number >> NUMBER_BITS & DEPTH_MAX;
	return n->number & BY_FILE ? file_find(n->machine, n->number & NUMBER_MAX) : NULL;
}

/* The name that stands so many directories above a description's file, if it was taken out. */
static const struct dentry *taken_out(const struct file *f, size_t above)
{
	const struct dentry *d = f->dentry;

	for (; d && above; above--)
		d = d->parent;
	return d && d->unhashed ? d : NULL;
}

static const struct dentry *dentry_of(const struct node *n)
{
	const struct vfs *vfs = n->machine->vfs;
	const struct dentry *d;
	const struct file *f;
	size_t above;

	if (!n->number)
		return vfs->root;
	f = file_of(n, &above);
	if (f)
		return taken_out(f, above);
	d = n->number & BY_FILE ? NULL : d_find(vfs, n->number & NUMBER_MAX);
	return d && number_of_name(vfs, d) == n->number ? d : NULL;
}

static const struct inode *inode_of(const struct node *n)
{
	size_t above;
	const struct file *f = file_of(n, &above);
	const struct dentry *d;

	if (f && !above)
		return f->inode;
	d = dentry_of(n);
	return d ? d->inode : NULL;
}

static mode_t rootfs_mode(const struct node *n)
{
	const struct inode *inode = inode_of(n);

	if (!inode)
		return 0;
	return S_ISFIFO(inode->mode) ? S_IFREG | (inode->mode & 07777) : inode->mode;
}

void put_followable(const struct fdl_machine *m, const struct text *name, struct text *out)
{
	const bool is_path = name->len && name->s[0] == '/';

	if (is_path && m->links_root)
		text_puts(out, m->links_root);
	if (!is_path || !m->links_root || name->len > 1)
		text_put(out, name->s, name->len);
	if (name->error)
		out->error = name->error;
}

/*
 * Puts the path at which a description's file is found here. A file that never had a name is one
 * name in the root, whatever its text; a slash in it is written as in /proc/mounts, since "a/../b"
 * would be a way.
 */
static void put_path(const struct file *f, struct text *out)
{
	struct text t = TEXT_EMPTY;

	file_name(f, &t);
	for (size_t i = 0; i < t.len; i++) {
		if (i && t.s[i] == '/' && t.s[0] == '/' && !f->dentry)
			text_puts(out, "\\057");
		else
			text_putc(out, t.s[i]);
	}
	if (t.error)
		out->error = t.error;
	text_free(&t);
}

void put_followable_file(const struct fdl_machine *m, const struct file *f, struct text *out)
{
	struct text path = TEXT_EMPTY;

	if (m->links_root)
		put_path(f, &path);
	else
		file_name(f, &path);
	put_followable(m, &path, out);
	text_free(&path);
}

/* ---- names ---- */

/* Whether a file without a name in a directory has contents, or a listing, to show. */
static bool is_shown_nameless(const struct file *f)
{
	const mode_t mode = f->inode ? f->inode->mode : 0;

	if (f->dentry && !f->dentry->unhashed)
		return false;
	return S_ISREG(mode) || S_ISFIFO(mode) || S_ISDIR(mode);
}

static bool is_text(const struct text *t, const struct text *wanted)
{
	return !t->error && t->len == wanted->len && memcmp(t->s, wanted->s, t->len) == 0;
}

/*
 * The number of a description's file, or of a deleted directory above it, by path. False: they
 * have others. t is room for texts.
 */
static bool find_nameless(const struct file *f, const struct text *wanted, struct text *t,
			  uint64_t *number)
{
	const struct dentry *d;
	size_t above = 0;

	text_clear(t);
	put_path(f, t);
	if (!is_text(t, wanted)) {
		do {
			d = ++above <= DEPTH_MAX ? taken_out(f, above) : NULL;
			text_clear(t);
			if (d)
				d_path_plain(d, t);
		} while (d && !is_text(t, wanted));
		if (!d)
			return false;
	}
	*number = number_of_file(f, above);
	return true;
}

static int lookup_nameless(const struct node *n, const struct dentry *dir, const char *name,
			   size_t len, uint64_t *number)
{
	struct text wanted = TEXT_EMPTY, t = TEXT_EMPTY;
	int error = -ENOENT;

	if (dir != n->machine->vfs->root)
		d_path_plain(dir, &wanted);
	text_putc(&wanted, '/');
	text_put(&wanted, name, len);
	list_for_each(pos, &n->machine->files) {
		const struct file *f = container_of(pos, struct file, all);

		if (is_shown_nameless(f) && find_nameless(f, &wanted, &t, number)) {
			error = 0;
			break;
		}
	}
	if (wanted.error || t.error)
		error = -ENOMEM;
	text_free(&wanted);
	text_free(&t);
	return error;
}

/*
 * /proc/PID, as the link to an open directory below it says, is what /proc/self leads to; or NULL.
 */
static const struct dentry *proc_pid(const struct node *n, const struct dentry *dir,
				     const char *name, size_t len)
{
	static const char self[] = "self";
	uint64_t pid;

	if (dir->inode->ops != &proc_inode || !number_is_name(name, len, &pid) || pid > INT32_MAX)
		return NULL;
	if (!task_find(n->machine, (int)pid))
		return NULL;
	return d_lookup(n->machine->vfs, dir, self, sizeof(self) - 1,
			name_hash(self, sizeof(self) - 1));
}

static int rootfs_lookup(const struct node *n, const char *name, size_t len, uint64_t *number)
{
	const struct dentry *dir = dentry_of(n), *d;

	if (len > NAMELESS_MAX)
		return -ENAMETOOLONG;
	d = d_lookup(n->machine->vfs, dir, name, len, name_hash(name, len));
	if (!d)
		d = proc_pid(n, dir, name, len);
	if (!d)
		return lookup_nameless(n, dir, name, len, number);
	*number = number_of_name(n->machine->vfs, d);
	return 0;
}

static uint64_t rootfs_parent(const struct node *n)
{
	const struct dentry *up = dentry_of(n)->parent;
	size_t above;
	const struct file *f = file_of(n, &above);

	return f && up->unhashed ? number_of_file(f, above + 1)
				 : number_of_name(n->machine->vfs, up);
}

static int rootfs_next(const struct node *n, uint64_t *cookie, uint64_t *number,
		       struct fdl_dirent *de)
{
	const struct dentry *d = d_next(n->machine->vfs, dentry_of(n), *cookie);

	_Static_assert(sizeof(de->name) > VFS_NAME_MAX, "every name fits");
	if (!d)
		return 0;
	*cookie = d->order;
	*number = number_of_name(n->machine->vfs, d);
	memcpy(de->name, d->name, d->len + 1);
	return 1;
}

/* ---- contents ---- */

/* The bytes that wait in a FIFO, without taking them. */
static size_t fifo_peek(const struct pipe *pipe, char *buf, size_t size, size_t off)
{
	size_t done = 0;

	for (unsigned i = pipe->tail; i != pipe->head && done < size; i++) {
		const struct pipe_buffer *b = pipe_buf(pipe, i);
		size_t len;

		if (off >= b->len) {
			off -= b->len;
			continue;
		}
		len = b->len - off < size - done ? b->len - off : size - done;
		memcpy(buf + done, b->page->data + b->offset + off, len);
		done += len;
		off = 0;
	}
	return done;
}

static ssize_t rootfs_read(const struct node *n, char *buf, size_t size, off_t off)
{
	const struct inode *inode = inode_of(n);

	if (S_ISREG(inode->mode))
		return (ssize_t)regular_read(inode, buf, size, off);
	if (S_ISFIFO(inode->mode) && inode->private)
		return (ssize_t)fifo_peek(inode->private, buf, size, (size_t)off);
	return 0;
}

/* ---- symbolic links ---- */

static const char *next_component(const char *at, size_t *len)
{
	at += strspn(at, "/");
	*len = strcspn(at, "/");
	return *len ? at : NULL;
}

static bool is_dotdot(const char *name, size_t len)
{
	return len == 2 && name[0] == '.' && name[1] == '.';
}

/* Whether ".." comes after a name, which may be a symbolic link to somewhere else. */
static bool goes_up_after_a_name(const char *target)
{
	bool named = false;
	size_t len;

	for (const char *at = target; (at = next_component(at, &len)) != NULL; at += len) {
		if (is_dotdot(at, len)) {
			if (named)
				return true;
		} else if (len != 1 || *at != '.') {
			named = true;
		}
	}
	return false;
}

/*
 * Puts the path of what a path leads to from a directory of the machine, with all links followed.
 * If that is nothing, puts a path that leads to nothing for the same reason, and has no "..": the
 * path of what is missing, that of a file with a slash, or none if there are too many links.
 * Returns what it leads to, or NULL.
 */
static const struct dentry *put_resolved(const struct vfs *vfs, const struct dentry *at,
					 const char *path, unsigned *follows, struct text *out)
{
	const struct dentry *dir;
	size_t len;

	if (*path == '/')
		at = vfs->root;
	for (; (path = next_component(path, &len)) != NULL; path += len) {
		dir = at;
		if (!S_ISDIR(dir->inode->mode))
			len = 0;
		else if (is_dotdot(path, len))
			at = dir->parent;
		else if (len != 1 || *path != '.')
			at = d_lookup(vfs, dir, path, len, name_hash(path, len));
		if (!len || !at) {
			d_path_plain(dir, out);
			text_putc(out, '/');
			text_put(out, path, len);
			return NULL;
		}
		if (!S_ISLNK(at->inode->mode))
			continue;
		if (++*follows > FOLLOW_MAX)
			return NULL;
		at = put_resolved(vfs, dir, at->inode->private, follows, out);
		if (!at)
			return NULL;
		text_clear(out);
	}
	d_path_plain(at, out);
	return at;
}

/* Whether only a directory can be meant: the path ends in "/" or "/.". */
static bool is_of_directory(const char *path)
{
	size_t len = strlen(path);

	if (len > 1 && path[len - 1] == '.')
		len--;
	return len && path[len - 1] == '/';
}

/*
 * Puts the way from a directory to a path of the machine: up as far as it goes, and never above the
 * root, then down without a "..".
 */
static void put_inside(struct text *out, const struct dentry *dir, const char *path)
{
	const char *names[VFS_PATH_MAX / 2];
	size_t lens[VFS_PATH_MAX / 2], n = 0, len, depth = depth_of(dir);
	size_t up = *path == '/' ? depth : 0;

	for (const char *at = path; (at = next_component(at, &len)) != NULL; at += len) {
		if (is_dotdot(at, len)) {
			if (n)
				n--;
			else if (up < depth)
				up++;
		} else if (len != 1 || *at != '.') {
			names[n] = at;
			lens[n++] = len;
		}
	}
	for (size_t i = 0; i < up; i++)
		text_puts(out, i ? "/.." : "..");
	for (size_t i = 0; i < n; i++) {
		if (i || up)
			text_putc(out, '/');
		text_put(out, names[i], lens[i]);
	}
	if (!up && !n)
		text_putc(out, '.');
	else if (n && is_of_directory(path))
		text_putc(out, '/');
}

static int rootfs_link(const struct node *n, struct text *out)
{
	const struct dentry *d = dentry_of(n);
	struct text path = TEXT_EMPTY;
	unsigned follows = 0;
	const char *target;

	if (!d)
		return -ENOENT;
	target = d->inode->private;
	if (goes_up_after_a_name(target)) {
		put_resolved(n->machine->vfs, d->parent, target, &follows, &path);
		if (follows > FOLLOW_MAX) /* such a link leads to itself */
			d_path_plain(d, &path);
		if (is_of_directory(target))
			text_putc(&path, '/');
		target = path.s;
	}
	if (!path.error)
		put_inside(out, d->parent, target);
	if (path.error)
		out->error = path.error;
	text_free(&path);
	/* A part of it would lead somewhere else. */
	return !out->error && out->len >= VFS_PATH_MAX ? -ENAMETOOLONG : out->error;
}

/* ---- what stat(2) says ---- */

static off_t size_of(const struct node *n, const struct inode *inode)
{
	struct text link = TEXT_EMPTY;
	off_t size = inode->size;

	if (S_ISFIFO(inode->mode))
		return inode->private ? (off_t)pipe_bytes(inode->private) : 0;
	if (S_ISLNK(inode->mode)) {
		rootfs_link(n, &link);
		size = (off_t)link.len;
		text_free(&link);
	}
	return size;
}

static void rootfs_stat(const struct node *n, struct stat *st)
{
	const struct inode *inode = inode_of(n);

	/* The topmost directory would have the number of the whole tree. */
	st->st_ino = n->number ? inode->ino : n->ino;
	st->st_nlink = inode->nlink;
	st->st_uid = inode->uid;
	st->st_gid = inode->gid;
	st->st_rdev = inode->rdev;
	st->st_size = size_of(n, inode);
	st->st_blksize = (blksize_t)PAGE_SIZE;
	st->st_blocks = (blkcnt_t)(inode->npages * (PAGE_SIZE / 512));
}

const struct tree_graft rootfs_graft = {
	.mode = rootfs_mode,
	.lookup = rootfs_lookup,
	.parent = rootfs_parent,
	.next = rootfs_next,
	.stat = rootfs_stat,
	.link = rootfs_link,
	.read = rootfs_read,
};
