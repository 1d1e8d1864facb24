/*
 * The families and types of sockets, and making one.
 */
#ifndef FAMILIES_H
#define FAMILIES_H

struct sock;
struct task;

/*
 * The kernel's sock_create: a new socket, *sk, the caller's reference. 0, -EAFNOSUPPORT,
 * -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -EINVAL, -ENOMEM.
 */
int sock_create(struct task *current, int family, int type, int protocol, struct sock **sk);

#endif
