/*
 * Options of sockets that the kernel has, whether the model has them or not.
 */
#ifndef KNOWN_OPTIONS_H
#define KNOWN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* SO_PASSPIDFD and SO_PEERPIDFD, which the headers of some systems lack. */
enum { OPT_PASSPIDFD = 76, OPT_PEERPIDFD = 77 };

struct sock;

/* Whether this kernel reads (set: sets) an option of this socket. */
bool option_is_known(const struct sock *sk, int64_t level, int64_t name, bool set);

/* Whether the kernel knows an option and refuses it for this kind of socket: EOPNOTSUPP. */
bool option_is_refused(const struct sock *sk, int64_t level, int64_t name, bool set);

#endif
