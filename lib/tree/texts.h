/*
 * The texts of the tree's files, made on demand and kept until the machine changes, so that a stat
 * and the reads after it see the same text, which is made once.
 */
#ifndef TEXTS_H
#define TEXTS_H

#include "base/text.h"
#include "tree/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The text of a file, as it was when it was made. */
struct tree_text {
	unsigned refs;
	fdl_ino ino;
	const struct tree_row *row;
	uint64_t generation, epoch; /* the machine's */
	struct text text;
};

#define TEXTS_KEPT 16

/* The newest texts, in a ring. All zero is empty. */
struct texts {
	struct tree_text *kept[TEXTS_KEPT];
	unsigned next;
	size_t bytes;
	uint64_t made; /* counts the texts that were made */
};

/*
 * The text of a file as it is now; *mp is a reference, to be given to tree_text_put. 0; -ENOMEM;
 * -EFBIG beyond the option text_limit, which is noted in the file errors; or the error of the row's
 * function.
 */
int texts_get(const struct node *n, struct tree_text **mp);
void tree_text_put(struct tree_text *tt);

/* Whether a text that goes through so many objects takes long. */
bool texts_is_work(uint64_t objects);

/* Whether the text of a file as it is now is kept, or little work. */
bool texts_at_hand(const struct node *n);

/*
 * Takes a text that was made elsewhere, of the machine as it was at this fdl_generation; text is
 * libc's, and the callee's from now on. 0 and *mp as texts_get; -ENOMEM.
 */
int texts_take(const struct node *n, uint64_t generation, char *text, size_t len,
	       struct tree_text **mp);

/* Notes in the file errors that a text is longer than the option text_limit allows. */
void texts_too_long(const struct node *n);

/* Appends the text of a file as it is now, however long. 0 or an error. */
int text_of_file(struct fdl_machine *m, const char *path, struct text *out);

/* Whether the file's text may have changed since. */
bool tree_text_is_old(const struct fdl_machine *m, const struct tree_text *tt);

/* Forgets all texts. */
void texts_clear(struct texts *t);

#endif
