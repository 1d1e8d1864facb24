#include "support/bound_line.h"

#include "base/text.h"
#include "machine/call_table.h"
#include "machine/machine.h"
#include "notation/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void bind_line(struct fdl_machine *m, struct arena *arena, const char *text, size_t len,
	       struct bound *b)
{
	struct text why = TEXT_EMPTY;
	const struct fdl_row *first, *end = m->table->rows + m->table->nrows;
	struct line line;

	if (notation_parse(arena, text, len, &line, &why) < 0 || line.kind != LINE_CALL)
		fail_msg("%.*s: %s", (int)len, text, why.s ? why.s : "no call");
	b->pid = line.pid ? line.pid : 1;
	first = call_table_find(m->table, line.name, line.name_len);
	b->row = first ? row_select(first, end, &line) : NULL;
	if (!b->row || args_bind(arena, b->row, &line, b->arg, &why) < 0)
		fail_msg("%.*s: %s", (int)len, text, why.s ? why.s : "unknown call");
	text_free(&why);
}
