/*
 * getdents64, and the entries of a directory whose names are in the dcache. The position of a
 * directory is the offset of the entry that comes next, which stays with the name as long as it is
 * there: names that are made and deleted meanwhile do not disturb a reader.
 */
#include "vfs/readdir.h"

#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/calls.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"
#include "vfs/read_write.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* struct linux_dirent64: the offset of the name, and the unit of the length. */
#define DIRENT_HEAD  19
#define DIRENT_ALIGN ((size_t)8)

/* The position after the last entry. */
#define DIR_OFFSET_EOD INT32_MAX

/* ---- filling the buffer --------------------------------------------------------------------- */

/* Room for one more structure. NULL: no memory. */
static struct fdl_arg *next_entry(struct dir_context *ctx)
{
	struct arena *arena = &ctx->current->call->arena;
	struct fdl_arg *field;

	if (ctx->n == ctx->max) {
		const size_t max = ctx->max ? 2 * ctx->max : 16;
		struct fdl_arg *more = arena_alloc(arena, max * sizeof(*more));

		if (!more)
			return NULL;
		if (ctx->n)
			memcpy(more, ctx->entry, ctx->n * sizeof(*more));
		ctx->entry = more;
		ctx->max = max;
	}
	field = arena_alloc(arena, DIRENT_FIELDS * sizeof(*field));
	if (field)
		ctx->entry[ctx->n] = (struct fdl_arg){ .num = DIRENT_FIELDS, .sub = field };
	return field;
}

/* Says where the entry that was emitted last leads to. */
static void link_last(struct dir_context *ctx)
{
	if (ctx->n)
		ctx->entry[ctx->n - 1].sub[DIRENT_OFF].num = ctx->pos;
}

bool dir_emit(struct dir_context *ctx, const char *name, size_t len, uint64_t ino, mode_t mode)
{
	const size_t size = (DIRENT_HEAD + len + DIRENT_ALIGN) / DIRENT_ALIGN * DIRENT_ALIGN;
	struct fdl_arg *field;
	const char *copy;

	ctx->error = -EINVAL;
	if (size > ctx->room)
		return false;
	ctx->error = -ENOMEM;
	link_last(ctx);
	field = next_entry(ctx);
	copy = arena_copy(&ctx->current->call->arena, name, len);
	if (!field || !copy)
		return false;
	field[DIRENT_INO] = (struct fdl_arg){ .num = (int64_t)ino };
	field[DIRENT_OFF] = (struct fdl_arg){ .num = ctx->pos };
	field[DIRENT_RECLEN] = (struct fdl_arg){ .num = (int64_t)size };
	field[DIRENT_TYPE] = (struct fdl_arg){ .num = (mode & S_IFMT) >> 12 };
	field[DIRENT_NAME] = (struct fdl_arg){ .num = (int64_t)len, .str = copy };
	ctx->room -= size;
	ctx->n++;
	ctx->error = 0;
	return true;
}

bool dir_emit_dots(struct file *f, struct dir_context *ctx)
{
	if (ctx->pos == 0) {
		if (!dir_emit(ctx, ".", 1, f->inode->ino, S_IFDIR))
			return false;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		if (!dir_emit(ctx, "..", 2, f->dentry->parent->inode->ino, S_IFDIR))
			return false;
		ctx->pos = DIR_OFFSET_FIRST;
	}
	return true;
}

/* ---- names in the dcache -------------------------------------------------------------------- */

static struct dentry *before(const struct dentry *dir, const struct list *pos)
{
	return pos->prev == &dir->children ? NULL : container_of(pos->prev, struct dentry, sibling);
}

/*
 * The name to go on with at a position: the one with this offset, or with the highest below it. If
 * there is none, the first.
 */
static struct dentry *name_at(const struct dentry *dir, off_t pos)
{
	struct dentry *found = NULL;

	for (struct dentry *d = before(dir, &dir->children); d && pos != DIR_OFFSET_FIRST;
	     d = before(dir, &d->sibling)) {
		if (d->offset <= pos && (!found || d->offset > found->offset))
			found = d;
	}
	return found ? found : before(dir, &dir->children);
}

int dcache_iterate(struct task *current, struct file *f, struct dir_context *ctx)
{
	(void)current;
	if (ctx->pos == DIR_OFFSET_EOD || !dir_emit_dots(f, ctx))
		return 0;
	for (struct dentry *d = name_at(f->dentry, ctx->pos); d;
	     d = before(f->dentry, &d->sibling)) {
		ctx->pos = d->offset;
		if (!dir_emit(ctx, d->name, d->len, d->inode->ino,
			      d->inode->ops->link ? S_IFLNK : d->inode->mode))
			return 0;
	}
	ctx->pos = DIR_OFFSET_EOD;
	return 0;
}

/* ---- the call ------------------------------------------------------------------------------- */

/* A directory that was removed has no entries, not even "." and "..". */
static int iterate_dir(struct task *current, struct file *f, struct dir_context *ctx)
{
	int error;

	touch_transfer(TOUCH_READ, f);
	if (!f->ops->iterate)
		return -ENOTDIR;
	touch(current->machine, TOUCH_READ, current->machine, PART_NAMES);
	if (f->dentry->unhashed)
		return -ENOENT;
	ctx->pos = f->pos;
	error = f->ops->iterate(current, f, ctx);
	f->pos = ctx->pos;
	fsnotify_file(f, IN_ACCESS);
	return error;
}

static int64_t sys_getdents64(struct task *current, struct fdl_arg *a)
{
	/* The kernel keeps the count as an int: a negative one has no room for an entry. */
	const uint64_t count = (uint32_t)a[2].num > INT_MAX ? 0 : (uint32_t)a[2].num;
	struct dir_context ctx = { .current = current, .room = count };
	struct fd fd = fdget(current, a[0].num);
	int64_t result = -EBADF;

	if (fd.file)
		result = iterate_dir(current, fd.file, &ctx);
	fdput(current, fd);
	if (result)
		return result;
	if (!ctx.n && ctx.error)
		return ctx.error;
	link_last(&ctx);
	if (!ctx.n)
		ctx.entry = arena_alloc(&current->call->arena, sizeof(*ctx.entry));
	if (!ctx.entry)
		return -ENOMEM;
	a[1] = (struct fdl_arg){ .num = (int64_t)ctx.n, .sub = ctx.entry };
	return (int64_t)(count - ctx.room);
}

const struct call_row readdir_calls[] = {
	{ "getdents64", "fd fd, out dirents dirent, uint count=32768", sys_getdents64, CALL_TRACED,
	  NULL },
	{ 0 },
};
