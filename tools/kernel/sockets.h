/*
 * How the arguments of socket calls look in the memory of a real task: addresses, lengths that go in
 * and come out, and messages. For the table of kernel_forms.c.
 */
#ifndef FDLAB_TOOLS_KERNEL_SOCKETS_H
#define FDLAB_TOOLS_KERNEL_SOCKETS_H

#include "kernel/forms.h"

int64_t put_sockaddr(struct packer *p, const struct form *form, const struct fdl_arg *a);
void take_sockaddr(struct taker *t, const struct form *form, const char *at, struct fdl_arg *a);
int64_t put_socklen(struct packer *p, const struct form *form, const struct fdl_arg *a);
void update_socklen(struct taker *t, const struct form *form, const char *at, struct fdl_arg *a);
int64_t put_msghdr(struct packer *p, const struct form *form, const struct fdl_arg *a);
void update_msghdr(struct taker *t, const struct form *form, const char *at, struct fdl_arg *a);

#endif
