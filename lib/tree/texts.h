/*
 * The texts of the tree's files, made when somebody asks and kept for as long as nothing changed,
 * so that a stat and the reads that follow it see the same one and pay for it once. What a text
 * says is the rows' affair.
 */
#ifndef TEXTS_H
#define TEXTS_H

#include "base/text.h"
#include "tree/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text, as it was at one moment. */
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
};

/*
 * The text of a file as it is now; *mp is a reference for the caller. 0, -ENOMEM, or the error of
 * making it.
 */
int texts_get(const struct node *n, struct tree_text **mp);
void tree_text_put(struct tree_text *tt);

/* Whether the file's text may have become another one since. */
bool tree_text_is_old(const struct fdl_machine *m, const struct tree_text *tt);

/* Forgets all texts. */
void texts_clear(struct texts *t);

#endif
