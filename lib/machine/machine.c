/*
 * The kernel log, and the BUGs that it reports; and which fields of a machine are its users'.
 */
#include "machine/machine.h"

#include "base/text.h"
#include "machine/task.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>

void machine_keep_outside(struct fdl_machine *m, const struct fdl_machine *now)
{
	m->log = now->log;
	m->events = now->events;
	m->errors = now->errors;
	m->generation = now->generation + 1;
	m->numbered = now->numbered;
	m->epoch = now->epoch;
	m->turns = now->turns;
	m->censuses = now->censuses;
	m->census = now->census;
	m->boot_ns = now->boot_ns;
	m->now_ns = now->now_ns;
	m->handles = now->handles;
	m->watcher = now->watcher;
	m->links_root = now->links_root;
	m->tree = now->tree;
	m->texts = now->texts;
	m->name = now->name;
	m->text_too_long = now->text_too_long;
	m->undone = now->undone;
	m->past = now->past;
}

void printk(struct fdl_machine *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&m->kmsg, fmt, ap);
	va_end(ap);
	text_putc(&m->kmsg, '\n');
	if (m->kmsg.len > KMSG_MAX) {
		/* Drops the older half, up to the end of a line. */
		const char *cut = memchr(m->kmsg.s + KMSG_MAX / 2, '\n', KMSG_MAX / 2);
		size_t gone = cut ? (size_t)(cut - m->kmsg.s) + 1 : m->kmsg.len;

		memmove(m->kmsg.s, m->kmsg.s + gone, m->kmsg.len - gone);
		m->kmsg.len -= gone;
	}
}

void kernel_bug(struct task *current, const char *fmt, ...)
{
	struct fdl_machine *m = current->machine;
	struct text line = TEXT_EMPTY;
	va_list ap;

	m->bugs++;
	va_start(ap, fmt);
	text_vprintf(&line, fmt, ap);
	va_end(ap);
	printk(m, "kernel BUG: %s", line.s ? line.s : fmt);
	printk(m, "note: %s[%d] exited with an oops", current->comm, current->pid);
	text_free(&line);
	current->group_exit = true;
	current->oopsed = true;
	current->group_status = SIGSEGV;
}
