/*
 * The calls of this room, a table a file, each ended by a row without a name. A kernel lists those
 * that it has.
 */
#ifndef OBJECTS_CALLS_H
#define OBJECTS_CALLS_H

#include "machine/kernel.h"

extern const struct call_row epoll_calls[];    /* epoll_create, epoll_ctl, epoll_wait … */
extern const struct call_row eventfd_calls[];  /* eventfd, eventfd2 */
extern const struct call_row inotify_calls[];  /* inotify_init, inotify_add_watch … */
extern const struct call_row memfd_calls[];    /* memfd_create */
extern const struct call_row mknod_calls[];    /* mknod, mknodat, mkfifo */
extern const struct call_row poll_calls[];     /* poll, ppoll, select, pselect6 */
extern const struct call_row sendfile_calls[]; /* sendfile, copy_file_range */
extern const struct call_row signalfd_calls[]; /* signalfd, signalfd4 */
extern const struct call_row splice_calls[];   /* splice, tee */
extern const struct call_row timerfd_calls[];  /* timerfd_create, timerfd_settime … */

#endif
