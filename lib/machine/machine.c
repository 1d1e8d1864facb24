/*
 * The kernel log, and the BUGs that it reports.
 */
#include "machine/machine.h"

#include "base/text.h"
#include "machine/task.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>

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
