/*
 * All that the tree of a machine shows, as one text, so that two machines can be compared.
 */
#ifndef TREE_TEXT_H
#define TREE_TEXT_H

struct fdl_machine;

/*
 * The path, the type, the permissions but those to write, and the contents of every file, below a
 * directory of the tree ("" is the root). Left out are the files of this name at the top, an array
 * that NULL ends. The caller frees it by free; NULL: something cannot be read.
 */
char *tree_text(struct fdl_machine *m, const char *dir, const char *const *but);

#endif
