#ifndef FDLABD_COMPACTOR_H
#define FDLABD_COMPACTOR_H

#include <sys/types.h>

/*
 * A process outside of the sandbox that writes a journal again with its records compressed, while the
 * daemon goes on. Records that were appended meanwhile are copied by the daemon, before the new
 * file takes the journal's name.
 */

/* Starts the process for the journal of this path. Its socket, or a negative errno. */
int compactor_start(const char *path);

/* Asks it to compress the first size bytes. The socket can be read when it has. 0 or an error. */
int compactor_ask(int socket, off_t size);

/* The new file, which is synced and locked, and its size; or a negative errno. */
int compactor_file(int socket, off_t *size);

/*
 * Tells it to give the new file the journal's name, and waits for that; or to remove it. 0 or a
 * negative errno.
 */
int compactor_accept(int socket);
int compactor_refuse(int socket);

#endif
