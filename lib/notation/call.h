/*
 * The grammar of a call, from behind its name on.
 */
#ifndef CALL_H
#define CALL_H

#include "notation/scan.h"

/*
 * Reads arguments of strace's form, after "(" or after "resumed>", and all that follows them. 0,
 * -EINVAL, -ENOMEM.
 */
int read_arguments(struct reader *r, struct line *out);

/* Reads arguments of the shell's form, and all that follows them. 0, -EINVAL, -ENOMEM. */
int read_words(struct reader *r, struct line *out);

/* Passes over "=> {…}" after "resumed>": what became of an argument that was printed before. */
int skip_became(struct reader *r);

/* Reads what may stand after everything else: (text), <0.000012>, # comment. 0 or -EINVAL. */
int read_remarks(struct reader *r, struct line *out);

#endif
