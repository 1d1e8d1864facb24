/*
 * Control files: splits writes into lines, keeps replies until they are read, and runs the
 * machine's own commands. All other lines are read in lines.c.
 */
#include "control/control.h"

#include "base/heap.h"
#include "base/pickle.h"
#include "control/errors.h"
#include "control/lines.h"
#include "control/replies.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/transcript.h"
#include "process/submit.h"
#include "tree/handle.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* ---- commands ----------------------------------------------------------------------------- */

static const char blanks[] = " \t\r";

/* The rest of a line, not empty, that begins with this command; NULL: it does not. */
static const char *is_command(const char *word, const char *s, size_t len)
{
	size_t n;

	/* Nearly every line is a call, and differs here. */
	if (*s != *word)
		return NULL;
	n = strlen(word);
	if (len < n || memcmp(s, word, n))
		return NULL;
	return len == n || strchr(blanks, s[n]) ? s + n : NULL;
}

/*
 * Texts that outlive a command such as undo are libc's: a text that has memory stays in the heap of
 * that. Makes the command's w->why one. False: no memory.
 */
static bool make_why(struct writing *w)
{
	struct heap *before;
	bool made;

	if (!w->control->machine->heap)
		return true;
	text_free(&w->why);
	before = machine_leave(w->control->machine);
	made = text_room(&w->why, 0);
	heap_current = before;
	return made;
}

/* Runs a line that is one of the machine's own commands. False: it is not. */
static bool run_command(struct writing *w, const char *s, size_t len, int *error)
{
	struct fdl_machine *m = w->control->machine;

	for (const struct control_command *c = m->commands; c->shown.name; c++) {
		const char *args = is_command(c->shown.name, s, len);

		if (!args)
			continue;
		/* A transcript that begins anew needs no room in the old one. */
		*error = (c->shown.starts_over || transcript_ready(m)) && make_why(w) ? 0 : -ENOMEM;
		if (!*error)
			*error = c->run(m, args, len - (size_t)(args - s), &w->why);
		if (*error)
			line_complain(w, *error);
		return true;
	}
	return false;
}

/* ---- writes ------------------------------------------------------------------------------- */

static int write_line(struct writing *w, const char *s, size_t len)
{
	struct control *ctl = w->control;
	const size_t start = ctl->replies.text.len;
	const uint64_t last_call = ctl->machine->last_call;
	int error;

	while (len && strchr(blanks, *s) && *s) {
		s++;
		len--;
	}
	if (!len || *s == '#')
		return 0;
	ctl->busy = true;
	w->text = s;
	w->len = len;
	w->noted = false;
	if (ctl->pid || !run_command(w, s, len, &error)) {
		w->call = call_get(ctl->machine);
		error = w->call ? line_run(w, s, len) : line_complain(w, -ENOMEM);
		if (w->pending)
			free(w->pending->text);
		free(w->pending);
		w->pending = NULL;
		if (w->call)
			call_put(ctl->machine, w->call);
	}
	ctl->busy = false;
	if (error && error != -EINPROGRESS && !w->noted)
		errors_add_reply(ctl->machine, ctl->pid, &ctl->replies.text, start,
				 ctl->machine->last_call == last_call ? ERROR_OF_REFUSED
								      : ERROR_OF_CALL);
	if (ctl->late.len || ctl->late.error) {
		text_put(&ctl->replies.text, ctl->late.s, ctl->late.len);
		if (!ctl->replies.text.error)
			ctl->replies.text.error = ctl->late.error;
		text_clear(&ctl->late);
	}
	replies_bound(&ctl->replies);
	machine_line_over(ctl->machine);
	return error;
}

static bool has_long_line(const char *buf, size_t size)
{
	const char *end = buf + size;

	while ((size_t)(end - buf) > FDL_LINE_MAX) {
		const char *newline = memrchr(buf, '\n', FDL_LINE_MAX + 1);

		if (!newline)
			return true;
		buf = newline + 1;
	}
	return false;
}

#define SHOWN_OF_LONG_LINE ((size_t)64)

/* No line of such a write is run: it has no reply, but errors tells how it began. */
static ssize_t refuse_long_line(struct control *ctl, const char *buf)
{
	const char *newline = memchr(buf, '\n', SHOWN_OF_LONG_LINE);
	struct text why = TEXT_EMPTY;

	text_printf(&why, "a line has more than %zu bytes; no line of the write was run",
		    FDL_LINE_MAX);
	errors_add_line(ctl->machine, ctl->pid ? ctl->pid : ctl->context, buf,
			newline ? (size_t)(newline - buf) : SHOWN_OF_LONG_LINE,
			why.error ? strerror(E2BIG) : why.s);
	text_free(&why);
	return -E2BIG;
}

static ssize_t write_lines(struct writing *w, const char *buf, size_t size)
{
	const char *end = buf + size;

	while (buf < end) {
		const char *newline = memchr(buf, '\n', (size_t)(end - buf));

		if (!newline)
			newline = end;
		w->number++;
		write_line(w, buf, (size_t)(newline - buf));
		buf = newline + 1;
	}
	return (ssize_t)size;
}

/* The same of the replies, which outlive it, too. False: no memory. */
static bool make_replies(struct control *ctl)
{
	struct heap *before = machine_leave(ctl->machine);
	const bool made = text_room(&ctl->replies.text, 0) && text_room(&ctl->late, 0);

	heap_current = before;
	return made;
}

static ssize_t control_write(struct fdl_handle *h, const char *buf, size_t size, int flags,
			     fdl_done_fn *done, void *ctx)
{
	struct control *ctl = h->private;
	struct writing w = { .control = ctl, .ctx = ctx, .size = size };
	const char *newline;
	ssize_t n;

	/*
	 * A refused write has no reply. Without this, a reader would take the last outcome for one.
	 */
	ctl->fresh = false;
	if (size > FDL_WRITE_MAX) {
		errors_add_too_large(ctl->machine, ctl->pid, size);
		return -EFBIG;
	}
	if (has_long_line(buf, size))
		return refuse_long_line(ctl, buf);
	if (ctl->pid && !task_find(ctl->machine, ctl->pid))
		return -ESRCH;
	if (ctl->machine->heap && !make_replies(ctl))
		return -ENOMEM;
	newline = memchr(buf, '\n', size);
	if (newline && newline != buf + size - 1) {
		n = write_lines(&w, buf, size);
	} else {
		if (!(flags & O_NONBLOCK))
			w.done = done;
		w.number = 1;
		n = write_line(&w, buf, newline ? size - 1 : size);
		if (n == 0)
			n = (ssize_t)size;
	}
	text_free(&w.why);
	ctl->number = w.number;
	return n;
}

/* The task was there when the first part was written; a line for a task that has gone says so. */
static ssize_t control_write_more(struct fdl_handle *h, const char *buf, size_t size)
{
	struct control *ctl = h->private;
	struct writing w = { .control = ctl, .number = ctl->number };

	ctl->fresh = false;
	if (ctl->machine->heap && !make_replies(ctl))
		return -ENOMEM;
	write_lines(&w, buf, size);
	text_free(&w.why);
	ctl->number = w.number;
	return (ssize_t)size;
}

static void control_cut(struct fdl_handle *h, size_t written, size_t size, const char *why)
{
	const struct control *ctl = h->private;

	errors_add_cut(ctl->machine, ctl->pid, written, size, why);
}

/* A write that is refused as a whole has no parts. */
static size_t control_part(const char *buf, size_t size, size_t lines)
{
	const char *at = buf, *end = buf + size, *newline;

	if (size > FDL_WRITE_MAX || has_long_line(buf, size))
		return size;
	while (lines-- && at < end) {
		newline = memchr(at, '\n', (size_t)(end - at));
		at = newline ? newline + 1 : end;
	}
	return (size_t)(at - buf);
}

/* ---- reads, and the life of a handle ------------------------------------------------------ */

int control_text(const struct node *n, struct text *out)
{
	last_outcome(n->machine, n->task, out);
	return 0;
}

static ssize_t control_read(struct fdl_handle *h, char *buf, size_t size, int flags)
{
	struct control *ctl = h->private;

	if (ctl->fresh) {
		struct task *task = ctl->pid ? task_find(ctl->machine, ctl->pid) : NULL;

		if (ctl->pid && !task)
			return -ESRCH;
		last_outcome(ctl->machine, task, &ctl->replies.text);
		ctl->fresh = false;
	}
	if (replies_empty(&ctl->replies) && (flags & O_NONBLOCK) && !list_empty(&ctl->pending))
		return -EAGAIN;
	return (ssize_t)replies_take(&ctl->replies, buf, size);
}

/* The call that a write waits for; NULL: no write waits. */
static struct pending_call *waiting_write(const struct control *ctl)
{
	list_for_each(pos, &ctl->pending) {
		struct pending_call *p = container_of(pos, struct pending_call, link);

		if (p->done)
			return p;
	}
	return NULL;
}

static short control_poll(struct fdl_handle *h)
{
	const struct control *ctl = h->private;
	short ready = 0;

	if (ctl->fresh || !replies_empty(&ctl->replies))
		ready |= POLLIN;
	if (!waiting_write(ctl))
		ready |= POLLOUT;
	return ready;
}

static void control_interrupt(struct fdl_handle *h)
{
	const struct control *ctl = h->private;
	struct pending_call *p;
	fdl_done_fn *done;

	while ((p = waiting_write(ctl)) != NULL) {
		machine_interrupt(p->call->current);
		/*
		 * The call goes on if no signal ends it, or if it was asked to stop at a point that
		 * it passes on the way back. The write ends all the same: its writer may be killed.
		 */
		if (p != waiting_write(ctl))
			continue;
		done = p->done;
		p->done = NULL;
		write_over(ctl->machine, done, p->ctx, -EINTR);
	}
}

static void control_refuse(struct fdl_handle *h, const char *buf, size_t size, const char *why)
{
	const char *newline = memchr(buf, '\n', size);
	struct writing w = {
		.control = h->private,
		.number = 1,
		.text = buf,
		.len = newline ? (size_t)(newline - buf) : size,
	};

	text_puts(&w.why, why);
	line_complain(&w, -EROFS);
	w.control->fresh = false;
	replies_bound(&w.control->replies);
	text_free(&w.why);
}

static void control_reset(struct fdl_handle *h)
{
	struct control *ctl = h->private;

	ctl->context = 1;
	while (!list_empty(&ctl->pending)) {
		struct pending_call *p = container_of(ctl->pending.next, struct pending_call, link);

		pending_give_up(p);
	}
}

static void control_rewind(struct fdl_handle *h, uint64_t mark)
{
	struct control *ctl = h->private;

	list_for_each_safe(pos, next, &ctl->pending) {
		struct pending_call *p = container_of(pos, struct pending_call, link);

		if (p->call->current->last_call < mark)
			pending_detach(p);
		else
			pending_give_up(p);
	}
}

static void control_rewound(struct fdl_handle *h)
{
	struct control *ctl = h->private;

	list_for_each_safe(pos, next, &ctl->pending) {
		struct pending_call *p = container_of(pos, struct pending_call, link);

		if (!pending_attach(p))
			pending_give_up(p);
	}
}

void control_quiet(struct fdl_handle *h)
{
	struct control *ctl = h->private;

	ctl->quiet = true;
}

bool control_is(const struct fdl_handle *h)
{
	return h->row->ops == &control_ops;
}

void control_save(struct fdl_handle *h, struct text *out)
{
	struct control *ctl = h->private;
	uint64_t n = 0;

	pickle_number(out, (uint64_t)ctl->pid);
	pickle_number(out, (uint64_t)ctl->context);
	pickle_number(out, ctl->fresh);
	list_for_each(pos, &ctl->pending)
		n++;
	pickle_number(out, n);
	list_for_each(pos, &ctl->pending)
		pending_save(container_of(pos, struct pending_call, link), out);
}

int control_load(struct fdl_handle *h, struct unpickler *u, fdl_done_fn *done)
{
	struct control *ctl = h->private;
	uint64_t n;

	ctl->pid = (int)unpickle_number(u);
	ctl->context = (int)unpickle_number(u);
	ctl->fresh = unpickle_number(u);
	if (!make_replies(ctl))
		return -ENOMEM;
	for (n = unpickle_number(u); n && !u->broken; n--) {
		struct pending_call *p = pending_load(ctl, u, done);

		if (!p)
			return -ENOMEM;
		if (!pending_attach(p))
			return -EINVAL;
	}
	return u->broken ? -EINVAL : 0;
}

static int control_open(struct fdl_handle *h, const struct node *n)
{
	struct control *ctl = calloc(1, sizeof(*ctl));

	if (!ctl)
		return -ENOMEM;
	ctl->machine = n->machine;
	ctl->pid = n->task ? n->task->pid : 0;
	ctl->context = 1;
	ctl->fresh = true;
	list_init(&ctl->pending);
	h->private = ctl;
	return 0;
}

static void control_close(struct fdl_handle *h)
{
	struct control *ctl = h->private;

	while (!list_empty(&ctl->pending))
		pending_free(container_of(ctl->pending.next, struct pending_call, link));
	text_free(&ctl->replies.text);
	text_free(&ctl->late);
	free(ctl);
}

const struct tree_ops control_ops = {
	.open = control_open,
	.close = control_close,
	.read = control_read,
	.write = control_write,
	.part = control_part,
	.write_more = control_write_more,
	.cut = control_cut,
	.poll = control_poll,
	.interrupt = control_interrupt,
	.refuse = control_refuse,
	.reset = control_reset,
	.rewind = control_rewind,
	.rewound = control_rewound,
};
