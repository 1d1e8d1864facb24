/*
 * The lines of the transcript by their numbers, for programs that follow it.
 */
#include "fdlab.h"

#include "base/text.h"
#include "machine/machine.h"
#include "machine/transcript.h"

#include <errno.h>

/* The records, of which a machine that shows a moment has only the number. */
static const struct trail *records_of(const struct fdl_machine *m)
{
	return m->original ? &m->original->log : &m->log;
}

void fdl_transcript(const struct fdl_machine *m, struct fdl_transcript *t)
{
	*t = (struct fdl_transcript){
		.first = records_of(m)->dropped + 1,
		.last = m->log.records,
		.turns = m->turns,
	};
}

int fdl_transcript_lines(struct fdl_machine *m, uint64_t first, size_t most, char **text,
			 size_t *len)
{
	const struct trail *log = records_of(m);
	struct text out = TEXT_EMPTY;
	struct trail_cursor c;
	bool found;

	if (first <= log->dropped)
		return -ENOENT;
	found = first <= m->log.records && trail_seek(log, first - 1, &c);
	text_put(&out, "", 0);
	for (; found && first <= m->log.records && out.len < most && !out.error; first++) {
		uint64_t tag;
		size_t size;
		const char *record = trail_next(&c, &tag, &size);

		if (!record)
			break;
		transcript_print(m, tag, record, size, &out);
	}
	if (out.error) {
		text_free(&out);
		return -ENOMEM;
	}
	*text = out.s;
	*len = out.len;
	return 0;
}
