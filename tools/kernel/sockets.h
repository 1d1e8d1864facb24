/*
 * How the arguments of socket calls look in the memory of a real task: addresses, lengths that go
 * in and come out, and messages. Rows of the table in kernel/forms.c name these.
 */
#ifndef FDLAB_TOOLS_KERNEL_SOCKETS_H
#define FDLAB_TOOLS_KERNEL_SOCKETS_H

#include "fdlab.h"
#include "kernel/pack.h"

#include <stddef.h>
#include <stdint.h>

struct form;

/* The name in the file system of an address, *len bytes; NULL: it has none. */
const char *sockaddr_name(const struct fdl_arg *a, size_t *len);

int64_t put_sockaddr(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);
void take_sockaddr(struct kernel_taker *t, const struct form *form, const char *at,
		   struct fdl_arg *a);
int64_t put_socklen(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);
void update_socklen(struct kernel_taker *t, const struct form *form, const char *at,
		    struct fdl_arg *a);
int64_t put_iovecs(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);
void update_iovecs(struct kernel_taker *t, const struct form *form, const char *at,
		   struct fdl_arg *a);
int64_t put_msghdr(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);
void update_msghdr(struct kernel_taker *t, const struct form *form, const char *at,
		   struct fdl_arg *a);
int64_t put_mmsghdrs(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);
void update_mmsghdrs(struct kernel_taker *t, const struct form *form, const char *at,
		     struct fdl_arg *a);
void update_sentmsgs(struct kernel_taker *t, const struct form *form, const char *at,
		     struct fdl_arg *a);

#endif
