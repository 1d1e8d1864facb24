/*
 * The ring of a pipe. If a file or another pipe has the page of a buffer, too, the buffer shows
 * what is written there later: so a read of it depends on those writes.
 */
#include "objects/pipe_ring.h"

#include "machine/touch.h"

#include <string.h>

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

struct pipe_buffer *pipe_push(struct inode *inode)
{
	struct pipe *pipe = inode->private;
	struct page *page = page_alloc(inode->machine);
	struct pipe_buffer *buf = pipe_buf(pipe, pipe->head);

	if (!page)
		return NULL;
	*buf = (struct pipe_buffer){ .page = page };
	pipe->head++;
	return buf;
}

void pipe_push_page(struct pipe *pipe, struct page *page, size_t offset, size_t len, bool packet)
{
	*pipe_buf(pipe, pipe->head++) = (struct pipe_buffer){
		.page = page_get(page),
		.offset = offset,
		.len = len,
		.packet = packet,
		.foreign = true,
	};
}

void pipe_pop(struct fdl_machine *m, struct pipe *pipe)
{
	page_put(m, pipe_buf(pipe, pipe->tail++)->page);
}

static void copy_out(const struct inode *inode, const struct pipe_buffer *buf, char *to, size_t n)
{
	if (buf->foreign)
		touch_all(inode->machine);
	memcpy(to, buf->page->data + buf->offset, n);
}

size_t pipe_take(struct inode *inode, char *to, size_t count)
{
	struct pipe *pipe = inode->private;
	size_t done = 0;
	bool packet = false;

	while (done < count && !packet && !pipe_empty(pipe)) {
		struct pipe_buffer *buf = pipe_buf(pipe, pipe->tail);
		size_t n = min_size(buf->len, count - done);

		copy_out(inode, buf, to + done, n);
		done += n;
		buf->offset += n;
		buf->len -= n;
		packet = buf->packet;
		if (packet || !buf->len)
			pipe_pop(inode->machine, pipe);
	}
	return done;
}

size_t pipe_peek(const struct inode *inode, char *to, size_t count)
{
	const struct pipe *pipe = inode->private;
	size_t done = 0;

	for (unsigned i = pipe->tail; i != pipe->head && done < count; i++) {
		const struct pipe_buffer *buf = pipe_buf(pipe, i);
		const size_t n = min_size(buf->len, count - done);

		copy_out(inode, buf, to + done, n);
		done += n;
	}
	return done;
}

void pipe_skip(struct inode *inode, size_t count)
{
	struct pipe *pipe = inode->private;

	while (count) {
		struct pipe_buffer *buf = pipe_buf(pipe, pipe->tail);
		const size_t n = min_size(buf->len, count);

		buf->offset += n;
		buf->len -= n;
		count -= n;
		if (!buf->len)
			pipe_pop(inode->machine, pipe);
	}
}

bool pipe_merges(const struct pipe *pipe, size_t count)
{
	const size_t odd = count % PAGE_SIZE;
	const struct pipe_buffer *last;

	if (!odd || pipe_empty(pipe))
		return false;
	last = pipe_buf(pipe, pipe->head - 1);
	return !last->packet && !last->foreign && last->offset + last->len + odd <= PAGE_SIZE;
}

size_t pipe_merge(struct pipe *pipe, const char *from, size_t count)
{
	const size_t odd = count % PAGE_SIZE;
	struct pipe_buffer *last;

	if (!pipe_merges(pipe, count))
		return 0;
	last = pipe_buf(pipe, pipe->head - 1);
	memcpy(page_for_write(last->page) + last->offset + last->len, from, odd);
	last->len += odd;
	return odd;
}

size_t pipe_bytes(const struct pipe *pipe)
{
	size_t bytes = 0;

	for (unsigned i = pipe->tail; i != pipe->head; i++)
		bytes += pipe_buf(pipe, i)->len;
	return bytes;
}
