/*
 * Addresses of sockets as the kernel keeps them, and their way from and to the arguments of a call.
 */
#ifndef SOCKADDR_H
#define SOCKADDR_H

#include "fdlab.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

struct task;

/* The length of an AF_UNIX address without a name. */
#define SUN_PATH ((int)offsetof(struct sockaddr_un, sun_path))

/* len is that of sockaddr; 0: no address. */
struct sock_addr {
	int family;
	int len;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1]; /* NUL-terminated */
	uint16_t port;                                              /* in host order */
	uint32_t addr;
};

/* The bytes of an AF_UNIX name; those of an abstract one begin with a NUL. */
static inline size_t unix_name_len(const struct sock_addr *a)
{
	return a->len > SUN_PATH ? (size_t)(a->len - SUN_PATH) : 0;
}

/* An address argument with its length. 0, -EINVAL, -EFAULT. */
int move_addr_to_kernel(const struct fdl_arg *arg, int64_t len, struct sock_addr *addr);

/*
 * Fills in the out parameter of an address, and its value-result length (in both the number that
 * the caller gave and the one that it gets). 0, -EFAULT, -EINVAL, -ENOMEM.
 */
int move_addr_to_user(struct task *current, const struct sock_addr *addr, struct fdl_arg *out,
		      struct fdl_arg *len);

#endif
