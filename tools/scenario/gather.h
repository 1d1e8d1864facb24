/*
 * The files that a command line means: its operands, and the scenarios in those that are
 * directories. The contents of a file are not known here.
 */
#ifndef FDLAB_TOOLS_GATHER_H
#define FDLAB_TOOLS_GATHER_H

#include <stddef.h>

struct gathered {
	char **names;
	size_t n;
};

/*
 * Gathers files: an operand that is a directory stands for all files below it whose names end in
 * ".fdl", sorted; any other operand for itself. With a filter, only files whose path matches it: a
 * pattern of fnmatch(3) if it has one of "*?[", otherwise a part of the path. 0; or a negative
 * errno, and *failed is the operand: -ENOENT of a directory without scenarios; -ENOMEM. In every
 * case, *g is to be given to gathered_free.
 */
int gather_files(char **operands, size_t n, const char *filter, struct gathered *g,
		 const char **failed);
void gathered_free(struct gathered *g);

#endif
