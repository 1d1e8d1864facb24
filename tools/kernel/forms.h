/*
 * Puts arguments of calls into the memory of a real task, and takes results from there, by their
 * type in the notation. Knows no call.
 */
#ifndef FDLAB_TOOLS_KERNEL_FORMS_H
#define FDLAB_TOOLS_KERNEL_FORMS_H

#include "fdlab.h"
#include "kernel/pack.h"

#include <stdbool.h>
#include <stdint.h>

struct form;

/* The form of a type; NULL: arguments of this type cannot be given to a real call. */
const struct form *form_find(const char *type);

/* Whether arguments of this form can be handed to a call, and be filled in by one. */
bool form_can_be_put(const struct form *form);
bool form_can_be_taken(const struct form *form);

/* Whether calls write to an argument of this form; inout: its parameter is marked so. */
bool form_is_updated(const struct form *form, bool inout);

/* Whether a call fills it in at the place of the argument before it, of the same type. */
bool form_is_in_place(const struct form *form);

/* Puts an argument, and returns the address or number for the call. p->full: there is no room. */
int64_t form_put(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);

/* Reserves room for what a call fills in, and returns its address. */
int64_t form_put_room(struct kernel_packer *p, const struct form *form);

/*
 * Makes *a of what a call wrote at `at`: the whole argument, or (update) the changes to an argument
 * that the call was given. Strings are not copied.
 */
void form_take(struct kernel_taker *t, const struct form *form, const char *at, struct fdl_arg *a);
void form_update(struct kernel_taker *t, const struct form *form, const char *at,
		 struct fdl_arg *a);

#endif
