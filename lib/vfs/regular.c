/*
 * Regular files: contents in pages, of which only those exist that were written to. The position is
 * the description's, so descriptors that share a description share the position.
 */
#include "vfs/inode.h"

#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/file.h"
#include "vfs/page.h"
#include "vfs/read_write.h"
#include "vfs/seals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* A page that exists has a slot, and a bit in SPARSE_MAP0, in which holes are searched for. */
static inline uint64_t page_index(off_t pos)
{
	return (uint64_t)pos / PAGE_SIZE;
}

static inline size_t page_offset(off_t pos)
{
	return (uint64_t)pos % PAGE_SIZE;
}

/* The part of count bytes at pos that is in the page of pos. */
static inline size_t in_page(off_t pos, size_t count)
{
	size_t left = PAGE_SIZE - page_offset(pos);

	return count < left ? count : left;
}

struct page *regular_page(const struct inode *inode, off_t pos)
{
	return sparse_get(&inode->pages, page_index(pos));
}

/* The page; a hole is filled with zeros first. NULL: no room. */
static struct page *fill_hole(struct inode *inode, uint64_t index)
{
	struct page *page = sparse_get(&inode->pages, index);

	if (page)
		return page;
	page = page_alloc(inode->machine);
	if (page && sparse_reserve(&inode->pages, index)) {
		page_put(inode->machine, page);
		page = NULL;
	}
	if (!page)
		return NULL;
	sparse_put(&inode->pages, index, page);
	sparse_set(&inode->pages, SPARSE_MAP0, index);
	inode->npages++;
	return page;
}

static void drop_page(struct inode *inode, uint64_t index)
{
	page_put(inode->machine, sparse_get(&inode->pages, index));
	sparse_put(&inode->pages, index, NULL);
	sparse_clear(&inode->pages, SPARSE_MAP0, index);
	inode->npages--;
}

static size_t bytes_after(const struct inode *inode, off_t pos)
{
	return pos < inode->size ? (size_t)(inode->size - pos) : 0;
}

size_t regular_read(const struct inode *inode, char *buf, size_t count, off_t pos)
{
	size_t done = 0;

	if (count > bytes_after(inode, pos))
		count = bytes_after(inode, pos);
	while (done < count) {
		size_t n = in_page(pos, count - done);
		const struct page *page = regular_page(inode, pos);

		if (page)
			memcpy(buf + done, page->data + page_offset(pos), n);
		else
			memset(buf + done, 0, n);
		done += n;
		pos += (off_t)n;
	}
	return done;
}

ssize_t regular_write(struct inode *inode, const char *buf, size_t count, off_t pos)
{
	size_t done = 0;

	while (done < count) {
		size_t n = in_page(pos, count - done);
		struct page *page = fill_hole(inode, page_index(pos));

		if (!page)
			break;
		memcpy(page_for_write(page) + page_offset(pos), buf + done, n);
		done += n;
		pos += (off_t)n;
	}
	if (done && pos > inode->size)
		inode->size = pos;
	return done || !count ? (ssize_t)done : -ENOSPC;
}

void regular_truncate(struct inode *inode, off_t size)
{
	if (size <= inode->size) {
		uint64_t first = page_index(size) + (page_offset(size) != 0);
		struct page *last = regular_page(inode, size);
		uint64_t i;

		/* After a write that could not read its bytes there is a page beyond the end. */
		while ((i = sparse_next(&inode->pages, SPARSE_SLOT, first)) != SPARSE_NONE)
			drop_page(inode, i);
		if (size < inode->size && page_offset(size) && last)
			memset(page_for_write(last) + page_offset(size), 0,
			       PAGE_SIZE - page_offset(size));
	}
	inode->size = size;
}

int check_file_size(struct task *current, off_t pos, size_t *count)
{
	uint64_t limit = current->leader->limits->of[RLIMIT_FSIZE].cur;
	uint64_t start = (uint64_t)pos;

	touch(current->machine, TOUCH_READ, current->leader, PART_RLIMIT);
	if (limit == RLIM_INFINITY)
		return 0;
	if (count ? start >= limit : start > limit) {
		raise_signal(current, SIGXFSZ);
		return -EFBIG;
	}
	if (count && *count > limit - start)
		*count = limit - start;
	return 0;
}

/* ---- the operations of a description ------------------------------------------------------- */

static ssize_t regular_file_read(struct task *current, struct file *f, char *buf, size_t count,
				 off_t *pos)
{
	size_t n = regular_read(f->inode, buf, count, *pos);

	(void)current;
	*pos += (off_t)n;
	return (ssize_t)n;
}

/*
 * The end of a write of which no further byte can be read: the page is there all the same, and the
 * file reaches up to pos. 0 or -ENOSPC.
 */
static int write_nothing(struct inode *inode, off_t pos)
{
	if (!fill_hole(inode, page_index(pos)))
		return -ENOSPC;
	if (pos > inode->size)
		inode->size = pos;
	return 0;
}

/* The first of count bytes at buf that can be read. */
static size_t readable_bytes(const struct task *current, const char *buf, size_t count)
{
	const size_t fault_at = current->call->fault_at;

	if (!buf)
		return 0;
	return fault_at && fault_at < count ? fault_at : count;
}

static ssize_t regular_file_write(struct task *current, struct file *f, const char *buf,
				  size_t count, off_t *pos)
{
	size_t good;
	ssize_t n;
	int error;

	if (!count)
		return 0;
	if (io_flags(current, f) & O_APPEND)
		*pos = f->inode->size;
	error = check_file_size(current, *pos, &count);
	if (error)
		return error;
	error = seals_allow_write(f->inode, *pos, &count);
	if (error)
		return error;
	if (*pos == INT64_MAX)
		return -EFBIG;
	if (count > (size_t)(INT64_MAX - *pos))
		count = (size_t)(INT64_MAX - *pos);
	good = readable_bytes(current, buf, count);
	n = good ? regular_write(f->inode, buf, good, *pos) : 0;
	if (n > 0)
		*pos += n;
	if (good == count || n != (ssize_t)good)
		return n;
	error = current->machine->kernel->fault_extends ? write_nothing(f->inode, *pos) : 0;
	if (n)
		return n;
	return error ? error : -EFAULT;
}

static size_t regular_readable(const struct file *f, off_t pos)
{
	return bytes_after(f->inode, pos);
}

/* Where data, or a hole, begins at or after offset; after the last byte there is a hole. */
static off_t seek_hole_data(const struct inode *inode, off_t offset, int whence)
{
	uint64_t first, found;

	if (offset < 0 || offset >= inode->size)
		return -ENXIO;
	first = page_index(offset);
	if (whence == SEEK_DATA)
		found = sparse_next(&inode->pages, SPARSE_MAP0, first);
	else
		found = sparse_next_clear(&inode->pages, first);
	if (found == first)
		return offset;
	if (found <= page_index(inode->size - 1))
		return (off_t)(found * PAGE_SIZE);
	return whence == SEEK_DATA ? -ENXIO : inode->size;
}

static off_t regular_llseek(struct file *f, off_t offset, int whence)
{
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		if (__builtin_add_overflow(offset, f->pos, &offset))
			return -EINVAL;
		break;
	case SEEK_END:
		if (__builtin_add_overflow(offset, f->inode->size, &offset))
			return -EINVAL;
		break;
	default:
		offset = seek_hole_data(f->inode, offset, whence);
		if (offset < 0)
			return offset;
		break;
	}
	return offset < 0 ? -EINVAL : (f->pos = offset);
}

const struct file_ops regular_file = {
	.traced = true,
	.read = regular_file_read,
	.write = regular_file_write,
	.readable = regular_readable,
	.llseek = regular_llseek,
	.splice_read = copy_splice_read,
	.splice_write = true,
};

static void regular_free(struct inode *inode)
{
	regular_truncate(inode, 0);
	sparse_free(&inode->pages);
}

const struct inode_ops regular_inode = { .file = &regular_file, .evict = regular_free };
