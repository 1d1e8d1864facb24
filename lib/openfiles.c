/*
 * The file open_files: a line for every open file description, with everybody who holds it.
 */
#include "views.h"

#include "args.h"
#include "file.h"
#include "machine.h"
#include "text.h"
#include "tree.h"

#include <inttypes.h>

void put_file_name(struct text *out, const struct file *f)
{
	struct text name = TEXT_EMPTY;

	file_name(f, &name);
	put_printable(out, name.s, name.len);
	if (name.error)
		out->error = name.error;
	text_free(&name);
}

/*
 * Its holders, and the references that they leave unexplained: those of calls in flight. h is the
 * first holder of the file; returns the one behind its last.
 */
static size_t put_holders(struct text *out, const struct census *c, size_t h, const struct file *f)
{
	const char *comma = "";
	uint64_t explained = 0;

	for (; h < c->nholders && c->holders[h].file == f->id; h++) {
		const struct census_holder *holder = &c->holders[h];

		text_printf(out, "%s%d:", comma, holder->pid);
		if (holder->by_hand)
			text_puts(out, holder->has_fd ? "held:" : "held");
		if (holder->has_fd)
			text_uint(out, holder->fd);
		explained += holder->counts;
		comma = ",";
	}
	if (f->count > explained)
		text_printf(out, "%sin flight", comma);
	if (f->count > explained + 1)
		text_printf(out, ":%" PRIu64, f->count - explained);
	return h;
}

int text_open_files(const struct node *n, struct text *out)
{
	struct census c;
	size_t holder = 0;
	int error = census_take(n->machine, &c);

	if (error)
		return error;
	error = census_hold(&c);
	text_puts(out, "id\tcount\tflags\tpos\tname\tholders\n");
	list_for_each(pos, &n->machine->files) {
		const struct file *f = container_of(pos, struct file, all);

		if (error)
			break;
		text_printf(out, "%" PRIu64 "\t%" PRIu64 "\t", f->id, f->count);
		type_print(out, "oflags", (int64_t)f->flags);
		text_printf(out, "\t%lld\t", (long long)f->pos);
		put_file_name(out, f);
		text_putc(out, '\t');
		holder = put_holders(out, &c, holder, f);
		text_putc(out, '\n');
	}
	census_free(&c);
	return error;
}
