/*
 * How sets of signals and actions look in the memory of a real task. Rows of the table in
 * kernel/forms.c name these.
 */
#ifndef FDLAB_TOOLS_KERNEL_SIGNALS_H
#define FDLAB_TOOLS_KERNEL_SIGNALS_H

#include "fdlab.h"
#include "kernel/pack.h"

#include <stddef.h>
#include <stdint.h>

struct form;

int64_t put_sigset(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);
void take_sigset(struct kernel_taker *t, const struct form *form, const char *at,
		 struct fdl_arg *a);
int64_t put_sigsetarg(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);
int64_t put_sigaction(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);
void take_sigaction(struct kernel_taker *t, const struct form *form, const char *at,
		    struct fdl_arg *a);

#endif
