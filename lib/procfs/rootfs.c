/*
 * rootfs/: the machine's own files, read-only, so that the links of tasks (fd/N, cwd, exe) lead to
 * something. A name is known by its number (dcache.h). A file without a name, deleted or a memfd,
 * is known by the number of its description, and is found under the text that a link to it has.
 *
 * A reader must neither leave rootfs/ by a symbolic link nor hang: links are shown so that they
 * stay inside, and a FIFO is shown as a regular file whose contents are the bytes that wait in it.
 */
#include "base/text.h"
#include "machine/machine.h"
#include "objects/pipe.h"
#include "procfs/views.h"
#include "tree/tree.h"
#include "vfs/dcache.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/page.h"

#include <errno.h>
#include <string.h>

#define BY_FILE    (1ull << (TREE_GRAFT_BITS - 1)) /* the number of a description, not of a name */
#define FOLLOW_MAX 40                              /* symbolic links on one way */

/* ---- numbers ---- */

static struct dentry *dentry_of(const struct node *n)
{
	if (!n->number)
		return n->machine->vfs->root;
	return n->number & BY_FILE ? NULL : d_find(n->machine->vfs, n->number);
}

static struct inode *inode_of(const struct node *n)
{
	const struct dentry *d = dentry_of(n);

	if (d)
		return d->inode;
	list_for_each(pos, &n->machine->files) {
		const struct file *f = container_of(pos, struct file, all);

		if ((f->id | BY_FILE) == n->number)
			return f->inode;
	}
	return NULL;
}

static uint64_t number_of(const struct node *n, const struct dentry *d)
{
	return d == n->machine->vfs->root ? 0 : d->numbered.key;
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

/* ---- names ---- */

/* A description that has no name in a directory any more, by the text that a link to it has. */
static int lookup_nameless(const struct node *n, const struct dentry *dir, const char *name,
			   size_t len, uint64_t *number)
{
	struct text wanted = TEXT_EMPTY, t = TEXT_EMPTY;
	int error = -ENOENT;

	d_path(dir, &wanted);
	if (dir != n->machine->vfs->root)
		text_putc(&wanted, '/');
	text_put(&wanted, name, len);
	list_for_each(pos, &n->machine->files) {
		const struct file *f = container_of(pos, struct file, all);

		if (!error || !S_ISREG(f->inode->mode) || (f->dentry && !f->dentry->unhashed))
			continue;
		text_clear(&t);
		file_name(f, &t);
		if (t.len == wanted.len && memcmp(t.s, wanted.s, t.len) == 0) {
			*number = f->id | BY_FILE;
			error = 0;
		}
	}
	if (wanted.error || t.error)
		error = -ENOMEM;
	text_free(&wanted);
	text_free(&t);
	return error;
}

static int rootfs_lookup(const struct node *n, const char *name, size_t len, uint64_t *number)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;
	const struct dentry *dir = dentry_of(n), *d;

	if (len > VFS_NAME_MAX + tail)
		return -ENAMETOOLONG;
	d = d_lookup(n->machine->vfs, dir, name, len, name_hash(name, len));
	if (d) {
		*number = number_of(n, d);
		return 0;
	}
	if (len <= tail || memcmp(name + len - tail, deleted, tail))
		return -ENOENT;
	return lookup_nameless(n, dir, name, len, number);
}

static uint64_t rootfs_parent(const struct node *n)
{
	return number_of(n, dentry_of(n)->parent);
}

static int rootfs_next(const struct node *n, uint64_t *cookie, uint64_t *number,
		       struct fdl_dirent *de)
{
	const struct dentry *d = d_next(n->machine->vfs, dentry_of(n), *cookie);

	_Static_assert(sizeof(de->name) > VFS_NAME_MAX, "every name fits");
	if (!d)
		return 0;
	*cookie = d->order;
	*number = d->numbered.key;
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

/* What a path leads to from a directory of the machine, with all links followed; NULL: nothing. */
static struct dentry *resolve(const struct vfs *vfs, struct dentry *at, const char *path,
			      unsigned *follows)
{
	size_t len;

	if (*path == '/')
		at = vfs->root;
	for (; at && (path = next_component(path, &len)) != NULL; path += len) {
		struct dentry *dir = at;

		if (!S_ISDIR(dir->inode->mode))
			return NULL;
		if (is_dotdot(path, len))
			at = dir->parent;
		else if (len != 1 || *path != '.')
			at = d_lookup(vfs, dir, path, len, name_hash(path, len));
		if (at && S_ISLNK(at->inode->mode))
			at = ++*follows > FOLLOW_MAX
				     ? NULL
				     : resolve(vfs, dir, at->inode->private, follows);
	}
	return at;
}

static size_t depth_of(const struct dentry *dir)
{
	size_t depth = 0;

	for (; dir->parent != dir; dir = dir->parent)
		depth++;
	return depth;
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
}

static int rootfs_link(const struct node *n, struct text *out)
{
	const struct vfs *vfs = n->machine->vfs;
	const struct dentry *d = dentry_of(n), *end = NULL;
	struct text path = TEXT_EMPTY;
	unsigned follows = 0;
	const char *target;

	if (!d)
		return -ENOENT;
	target = d->inode->private;
	if (goes_up_after_a_name(target))
		end = resolve(vfs, d->parent, target, &follows);
	if (end)
		d_path(end, &path);
	put_inside(out, d->parent, end && !path.error ? path.s : target);
	if (path.error)
		out->error = path.error;
	text_free(&path);
	return 0;
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
