/*
 * The file of a journal. These functions read the whole file, lock it while it is changed, and
 * write a new file beside it. They do not know what a journal contains.
 */
#ifndef FDLAB_TOOLS_JOURNAL_FILE_H
#define FDLAB_TOOLS_JOURNAL_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct journal_file {
	const char *path;
	int fd;
	char *data; /* its bytes when it was opened */
	size_t size;
};

/*
 * Opens a file, and locks it if it is to be changed. 0, and journal_file_close frees what it has;
 * or a negative errno with a message in why, which has room for whysize bytes.
 */
int journal_file_open(struct journal_file *f, const char *path, bool change, char *why,
		      size_t whysize);
void journal_file_close(struct journal_file *f);

/* Cuts the file to a size, and syncs it. 0 or a negative errno. */
int journal_file_cut(const struct journal_file *f, size_t size);

/*
 * Writes the file anew: write puts its bytes into a file with another name, which takes the place
 * of the first once it is whole and synced. 0, a negative errno, or what write returned.
 */
int journal_file_replace(const struct journal_file *f, int (*write)(int fd, void *ctx), void *ctx);

#endif
