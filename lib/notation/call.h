/*
 * The grammar of a call after its name.
 */
#ifndef CALL_H
#define CALL_H

#include "notation/scan.h"

/*
 * Reads arguments of strace's form, after "(" or "resumed>", and the rest of the line. 0, -EINVAL,
 * -ENOMEM.
 */
int read_arguments(struct reader *r, struct line *out);

/* Reads arguments of the shell's form and the rest of the line. 0, -EINVAL, -ENOMEM. */
int read_words(struct reader *r, struct line *out);

/* Skips "=> {…}" after "resumed>": the final value of an argument printed before. */
int skip_became(struct reader *r);

/* Reads what may end a line: (text), <0.000012>, # comment. 0 or -EINVAL. */
int read_remarks(struct reader *r, struct line *out);

#endif
