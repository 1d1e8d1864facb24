/*
 * Outcomes of races as texts, of the explorer and of races that were run elsewhere. How a machine's
 * outcome is found is not known here.
 */
#ifndef OUTCOME_TEXT_H
#define OUTCOME_TEXT_H

#include "base/text.h"
#include "fdlab.h"

#include <stddef.h>

#define UNNAMED_MAX 64  /* objects of an outcome that have only a number and get another one */
#define FILLED_MAX  256 /* bytes of what one call filled in, by which outcomes differ */

/*
 * Packs what a call filled in, as far as outcomes differ by it, into FILLED_MAX bytes at buf.
 * Returns how many; 0: nothing, or more than there is room for.
 */
unsigned outcome_pack(const struct fdl_row *row, const struct fdl_arg *arg, int64_t result,
		      char *buf);

/* Prints "3", "-1 EBUSY", "?", "<unfinished ...>" or "-". */
void outcome_result(struct text *out, enum fdl_race_state state, int64_t result);

/* Prints a call as it was made, with what it filled in (len bytes of outcome_pack; 0: nothing). */
void outcome_call(struct text *out, const struct fdl_row *row, const struct fdl_arg *arg,
		  const char *filled, unsigned len, int64_t result);

/* Prints " = " or " ", and the result. */
void outcome_end(struct text *out, enum fdl_race_state state, int64_t result);

/* Prints tables, each in a line: "1,2: 0-2=/dev/console 3(cloexec)=/etc/hosts". */
void outcome_tables(struct text *out, const struct fdl_race_table *table, size_t n);

#endif
