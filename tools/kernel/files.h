/*
 * How the arguments of calls on files look in the memory of a real task: offsets that go in and
 * come out, and entries of directories. Rows of the table in kernel/forms.c name these.
 */
#ifndef FDLAB_TOOLS_KERNEL_FILES_H
#define FDLAB_TOOLS_KERNEL_FILES_H

#include "fdlab.h"
#include "kernel/pack.h"

#include <stdint.h>

struct form;

int64_t put_offset(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);
void update_offset(struct kernel_taker *t, const struct form *form, const char *at,
		   struct fdl_arg *a);
void take_dirents(struct kernel_taker *t, const struct form *form, const char *at,
		  struct fdl_arg *a);

#endif
