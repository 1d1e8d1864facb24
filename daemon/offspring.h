/*
 * The daemon's processes beside itself: each is forked before the sandbox is entered, has a socket
 * to the daemon, no other descriptor, and one path. Its work is not known here.
 */
#ifndef OFFSPRING_H
#define OFFSPRING_H

#define OFFSPRING_SOCKET 3 /* in the process, beside the standard descriptors: /dev/null */

/*
 * Starts a process that runs work(path), which does not return. type is that of the socket,
 * SOCK_STREAM or SOCK_SEQPACKET. Signals that end a daemon, or that a terminal sends to all
 * processes, are ignored in it. The daemon's end of the socket, to be closed; or -errno.
 */
int offspring_start(int type, void (*work)(const char *path), const char *path);

#endif
