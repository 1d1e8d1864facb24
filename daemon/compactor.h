#ifndef FDLABD_COMPACTOR_H
#define FDLABD_COMPACTOR_H

#include <sys/types.h>

#include <fdlab.h>

/*
 * A process outside of the sandbox that writes a journal again with its records compressed, while
 * the daemon goes on, and makes its checkpoint. Records that were appended meanwhile are copied by
 * the daemon, before the new file takes the journal's name.
 */

/* The longest note, with its NUL. */
#define COMPACTOR_NOTE 256

/* Starts the process for the journal of this path, and of m. Its socket, or a negative errno. */
int compactor_start(const char *path, const struct fdl_machine *m);

/* Asks it to compress the first size bytes. The socket can be read when it has. 0 or an error. */
int compactor_ask(int socket, off_t size);

/* Asks it for a checkpoint only, which it makes after each compaction, too. 0 or an error. */
int compactor_keep_checkpoint(int socket);

/*
 * The new file, which is synced and locked, and its size; or a negative errno. Or there is
 * nothing but a note, which says why there is no checkpoint; otherwise that is empty.
 */
int compactor_file(int socket, off_t *size, char note[COMPACTOR_NOTE]);

/*
 * Tells it to give the new file the journal's name, and waits for that; or to remove it. 0 or a
 * negative errno.
 */
int compactor_accept(int socket);
int compactor_refuse(int socket);

#endif
