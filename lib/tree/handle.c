/*
 * Open files of the tree: opening, reading, writing, polling, closing. A handle of a text holds a
 * snapshot, a file that grows is read from its trail, and other rows have their own operations.
 */
#include "tree/handle.h"

#include "base/heap.h"
#include "base/trail.h"
#include "machine/machine.h"
#include "machine/transcript.h"
#include "tree/texts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* The longest text that can be written to a file that stores one. */
#define STORE_MAX ((size_t)4096)

static bool wants_read(int flags)
{
	return (flags & O_ACCMODE) != O_WRONLY;
}

static bool wants_write(int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

static struct trail *trail_of(const struct fdl_handle *h, uint64_t *n)
{
	return h->row->ops && h->row->ops->trail ? h->row->ops->trail(h->machine, n) : NULL;
}

static int check_mode(const struct node *n, int flags)
{
	const struct tree_row *row = n->row;
	const mode_t mode = tree_mode(n);

	if (S_ISDIR(mode))
		return -EISDIR;
	if (S_ISLNK(mode))
		return -ELOOP;
	if (row->graft || n->machine->original)
		return wants_write(flags) ? -EROFS : 0;
	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	if (wants_read(flags) && !(row->mode & 0444))
		return -EACCES;
	if (wants_write(flags) && !(row->mode & 0222))
		return -EACCES;
	return 0;
}

/* A handle as fdl_open gives it; tt is its text, or NULL. The reference is the callee's. */
static int open_node(const struct node *n, int flags, struct tree_text *tt, struct fdl_handle **hp)
{
	struct fdl_handle *h = calloc(1, sizeof(*h));
	int error = 0;

	if (!h) {
		tree_text_put(tt);
		return -ENOMEM;
	}
	h->machine = n->machine;
	h->ino = n->ino;
	h->row = n->row;
	h->flags = flags;
	h->text = tt;
	if (n->row->ops && n->row->ops->open)
		error = n->row->ops->open(h, n);
	else if (!tt && !n->row->ops && !n->row->graft && wants_read(flags))
		error = texts_get(n, &h->text);
	if (error) {
		tree_text_put(h->text);
		free(h);
		return error;
	}
	list_add_tail(&h->all, &h->machine->handles);
	*hp = h;
	return 0;
}

int fdl_open(struct fdl_machine *m, fdl_ino ino, int flags, struct fdl_handle **hp)
{
	struct node n;
	int error = tree_node(m, ino, &n);

	if (!error)
		error = check_mode(&n, flags);
	return error ? error : open_node(&n, flags, NULL, hp);
}

void fdl_close(struct fdl_handle *h)
{
	list_del(&h->all);
	if (h->row->ops && h->row->ops->close)
		h->row->ops->close(h);
	tree_text_put(h->text);
	free(h);
}

bool fdl_is_stream(const struct fdl_handle *h)
{
	return h->row->ops && h->row->ops->read;
}

/* A read from the start of a text gets it as it is now. */
static int text_renew(struct fdl_handle *h)
{
	struct tree_text *tt;
	struct node n;
	int error;

	/* A text of another tree that was made elsewhere is kept for the handle alone. */
	if (h->row->graft || !tree_text_is_old(h->machine, h->text))
		return 0;
	error = tree_node(h->machine, h->ino, &n);
	if (!error && n.row != h->row)
		error = -ESRCH;
	if (!error)
		error = texts_get(&n, &tt);
	if (error)
		return error;
	tree_text_put(h->text);
	h->text = tt;
	return 0;
}

static ssize_t read_kept(const struct fdl_handle *h, char *buf, size_t size, off_t off)
{
	size_t left;

	if ((uint64_t)off >= h->text->text.len)
		return 0;
	left = h->text->text.len - (size_t)off;
	if (size > left)
		size = left;
	memcpy(buf, h->text->text.s + off, size);
	return (ssize_t)size;
}

static ssize_t text_read(struct fdl_handle *h, char *buf, size_t size, off_t off)
{
	int error = off == 0 ? text_renew(h) : 0;

	return error ? error : read_kept(h, buf, size, off);
}

/* A file of another tree is read as it is now; -ESTALE when it is gone. */
static ssize_t graft_read(struct fdl_handle *h, char *buf, size_t size, off_t off)
{
	struct node n;

	if (tree_node(h->machine, h->ino, &n) || n.row != h->row)
		return -ESTALE;
	return n.row->graft->read(&n, buf, size, off);
}

ssize_t fdl_read(struct fdl_handle *h, char *buf, size_t size, off_t off, int flags)
{
	uint64_t records;
	struct trail *trail = trail_of(h, &records);
	ssize_t n, end;

	if (!wants_read(h->flags))
		return -EBADF;
	if (fdl_is_stream(h))
		return h->row->ops->read(h, buf, size, flags);
	if (off < 0)
		return -EINVAL;
	if (h->row->graft && !h->text)
		return graft_read(h, buf, size, off);
	if (!trail)
		return text_read(h, buf, size, off);
	if (records < trail->records) {
		end = trail_size_of(trail, records);
		if (end < off)
			return end < 0 ? end : 0;
		if (size > (size_t)(end - off))
			size = (size_t)(end - off);
	}
	n = trail_read(trail, buf, size, off);
	/* An offset may be beyond the end, since a trail drops its oldest records. */
	if (n >= 0)
		h->seen = n ? off + n : trail_size(trail);
	return n;
}

/*
 * Stores a text, and records that as a line of the transcript, so that the transcript can be run
 * again. 0, the error of the file, or -ENOMEM.
 */
static int store_recorded(const struct node *n, const char *text, size_t len)
{
	struct text line = TEXT_EMPTY;
	int error;

	text_puts(&line, "echo ");
	text_put(&line, text, len);
	text_puts(&line, len ? " > " : "> ");
	tree_path(n, &line);
	error = transcript_ready(n->machine) ? line.error : -ENOMEM;
	if (!error)
		error = n->row->store(n, text, len);
	if (!error)
		transcript_line(n->machine, line.s, line.len);
	text_free(&line);
	return error;
}

static ssize_t store(struct fdl_handle *h, const char *buf, size_t size)
{
	size_t len = size;
	struct node n;
	int error;

	if (size > STORE_MAX)
		return -EINVAL;
	if (len && buf[len - 1] == '\n')
		len--;
	if (memchr(buf, '\n', len) || memchr(buf, '\0', len))
		return -EINVAL;
	error = tree_node(h->machine, h->ino, &n);
	if (!error && n.row != h->row)
		error = -ESRCH;
	if (!error)
		error = store_recorded(&n, buf, len);
	if (error)
		return error;
	h->machine->generation++;
	return (ssize_t)size;
}

ssize_t fdl_write(struct fdl_handle *h, const char *buf, size_t size, int flags, fdl_done_fn *done,
		  void *ctx)
{
	struct heap *before;
	ssize_t n;

	if (!wants_write(h->flags))
		return -EBADF;
	if (!size)
		return 0;
	if (h->row->ops && h->row->ops->write) {
		before = machine_enter(h->machine);
		n = h->row->ops->write(h, buf, size, flags, done, ctx);
		/* A reset has given the machine another one. */
		heap_current = before;
		/*
		 * A write may be 40,000 calls. The size of log must not cost them all again at
		 * once.
		 */
		trail_keep_up(&h->machine->log);
		trail_keep_up(&h->machine->events);
		return n;
	}
	if (!h->row->store)
		return -EINVAL;
	before = machine_enter(h->machine);
	n = store(h, buf, size);
	heap_current = before;
	machine_line_over(h->machine);
	return n;
}

size_t fdl_write_part(const struct fdl_handle *h, const char *buf, size_t size, size_t lines)
{
	const struct tree_ops *ops = h->row->ops;

	return ops && ops->part && wants_write(h->flags) ? ops->part(buf, size, lines) : size;
}

ssize_t fdl_write_more(struct fdl_handle *h, const char *buf, size_t size)
{
	struct heap *before;
	ssize_t n;

	if (!wants_write(h->flags))
		return -EBADF;
	if (!h->row->ops || !h->row->ops->write_more)
		return -EINVAL;
	before = machine_enter(h->machine);
	n = h->row->ops->write_more(h, buf, size);
	heap_current = before;
	trail_keep_up(&h->machine->log);
	trail_keep_up(&h->machine->events);
	return n;
}

void fdl_write_cut(struct fdl_handle *h, size_t written, size_t size, const char *why)
{
	struct heap *before;

	if (!h->row->ops || !h->row->ops->cut)
		return;
	before = machine_enter(h->machine);
	h->row->ops->cut(h, written, size, why);
	heap_current = before;
}

short fdl_poll(struct fdl_handle *h)
{
	uint64_t records;
	struct trail *trail = trail_of(h, &records);
	short ready = 0;

	if (h->row->ops && h->row->ops->poll)
		return h->row->ops->poll(h);
	if (wants_read(h->flags) && (!trail || trail_size(trail) != h->seen))
		ready |= POLLIN;
	if (wants_write(h->flags))
		ready |= POLLOUT;
	return ready;
}

void fdl_interrupt(struct fdl_handle *h)
{
	struct heap *before;

	if (!h->row->ops || !h->row->ops->interrupt)
		return;
	before = machine_enter(h->machine);
	h->row->ops->interrupt(h);
	heap_current = before;
	machine_line_over(h->machine);
}

void fdl_refuse(struct fdl_handle *h, const char *buf, size_t size, const char *why)
{
	if (h->row->ops && h->row->ops->refuse)
		h->row->ops->refuse(h, buf, size, why);
}

void handles_reset(struct fdl_machine *m)
{
	list_for_each(pos, &m->handles) {
		struct fdl_handle *h = container_of(pos, struct fdl_handle, all);

		if (h->row->ops && h->row->ops->reset)
			h->row->ops->reset(h);
		h->seen = 0;
	}
}

void handles_rewind(struct fdl_machine *m, uint64_t mark)
{
	list_for_each(pos, &m->handles) {
		struct fdl_handle *h = container_of(pos, struct fdl_handle, all);

		if (h->row->ops && h->row->ops->rewind)
			h->row->ops->rewind(h, mark);
		h->seen = 0;
	}
}

void handles_rewound(struct fdl_machine *m)
{
	list_for_each(pos, &m->handles) {
		struct fdl_handle *h = container_of(pos, struct fdl_handle, all);

		if (h->row->ops && h->row->ops->rewound)
			h->row->ops->rewound(h);
	}
}

/* ---- texts that take long ----------------------------------------------------------------- */

uint64_t fdl_generation(const struct fdl_machine *m)
{
	return m->generation + m->numbered;
}

bool fdl_takes_long(struct fdl_machine *m, fdl_ino ino)
{
	struct node n;

	if (tree_node(m, ino, &n) || S_ISDIR(tree_mode(&n)) || n.row->ops)
		return false;
	if (n.row->graft)
		return n.row->graft->takes_long && n.row->graft->takes_long(&n);
	return !texts_at_hand(&n);
}

bool fdl_rereads_long(const struct fdl_handle *h)
{
	return h->text && !h->row->graft && tree_text_is_old(h->machine, h->text) &&
	       fdl_takes_long(h->machine, h->ino);
}

/* Takes what was made for a file. 0 and *mp, or an error. */
static int take_made(const struct node *n, const struct fdl_made *made, struct tree_text **mp)
{
	if (made->error == -EFBIG)
		texts_too_long(n);
	if (!made->error)
		return texts_take(n, made->generation, made->text, made->len, mp);
	free(made->text);
	return made->error;
}

int fdl_open_made(struct fdl_machine *m, fdl_ino ino, int flags, const struct fdl_made *made,
		  struct fdl_handle **hp)
{
	struct tree_text *tt;
	struct node n;
	int error = tree_node(m, ino, &n);

	if (!error)
		error = check_mode(&n, flags);
	if (error) {
		free(made->text);
		return error;
	}
	error = take_made(&n, made, &tt);
	return error ? error : open_node(&n, flags, tt, hp);
}

ssize_t fdl_reread(struct fdl_handle *h, const struct fdl_made *made, char *buf, size_t size)
{
	struct tree_text *tt;
	struct node n;
	int error = tree_node(h->machine, h->ino, &n);

	if (!error && n.row != h->row)
		error = -ESRCH;
	if (error) {
		free(made->text);
		return error;
	}
	error = take_made(&n, made, &tt);
	if (error)
		return error;
	tree_text_put(h->text);
	h->text = tt;
	return read_kept(h, buf, size, 0);
}

/* ---- whole files -------------------------------------------------------------------------- */

static int read_target(struct fdl_machine *m, fdl_ino ino, char **text, size_t *len)
{
	struct text t = TEXT_EMPTY;
	struct tree_text *tt;
	struct node n;
	int error = tree_node(m, ino, &n);

	if (!error)
		error = texts_get(&n, &tt);
	if (error)
		return error;
	text_put(&t, tt->text.s, tt->text.len);
	tree_text_put(tt);
	if (t.error)
		return t.error;
	*text = t.s;
	*len = t.len;
	return 0;
}

static int read_all(struct fdl_handle *h, struct text *out)
{
	char buf[16384];
	ssize_t n;

	text_put(out, "", 0);
	while (!out->error && (n = fdl_read(h, buf, sizeof(buf), (off_t)out->len, 0)) > 0)
		text_put(out, buf, (size_t)n);
	if (out->error)
		return out->error;
	return (int)n;
}

int fdl_read_node(struct fdl_machine *m, fdl_ino ino, char **text, size_t *len)
{
	struct text t = TEXT_EMPTY;
	struct fdl_handle *h;
	int error = fdl_open(m, ino, O_RDONLY, &h);

	if (error == -ELOOP)
		return read_target(m, ino, text, len);
	if (error)
		return error;
	error = read_all(h, &t);
	fdl_close(h);
	if (error) {
		text_free(&t);
		return error;
	}
	*text = t.s;
	*len = t.len;
	return 0;
}

int fdl_read_file(struct fdl_machine *m, const char *path, char **text, size_t *len)
{
	fdl_ino ino;
	int error = fdl_walk(m, path, &ino);

	return error ? error : fdl_read_node(m, ino, text, len);
}

int fdl_write_file(struct fdl_machine *m, const char *path, const char *text, size_t len)
{
	struct fdl_handle *h;
	fdl_ino ino;
	ssize_t n;
	int error = fdl_walk(m, path, &ino);

	if (!error)
		error = fdl_open(m, ino, O_WRONLY, &h);
	if (error)
		return error;
	n = fdl_write(h, text, len, 0, NULL, NULL);
	fdl_close(h);
	return n < 0 ? (int)n : 0;
}
