/*
 * What the arguments of calls look like in the memory of a real task, by their type in the notation:
 * how one is put there, and how what a call left there is taken. Which calls there are is not known
 * here.
 */
#ifndef FDLAB_TOOLS_KERNEL_FORMS_H
#define FDLAB_TOOLS_KERNEL_FORMS_H

#include "fdlab.h"
#include "kernel/pack.h"

#include <stdbool.h>
#include <stdint.h>

struct form;

/* The form of a type, or NULL: what is of this type cannot be given to a real call. */
const struct form *form_find(const char *type);

/* Whether arguments of this form can be handed to a call, and be filled in by one. */
bool form_can_be_put(const struct form *form);
bool form_can_be_taken(const struct form *form);

/* Whether the call changes an argument of this form; inout: the notation shows that it does. */
bool form_is_updated(const struct form *form, bool inout);

/* What a call fills in stands where it found the argument before it, of the same type. */
bool form_is_in_place(const struct form *form);

/* The address, or the number, that the call gets. p->full is set when there is no room. */
int64_t form_put(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);

/* Room for what a call fills in: its address. */
int64_t form_put_room(struct kernel_packer *p, const struct form *form);

/*
 * Makes *a of what a call left at `at`: all of it, or (update) what the call changed of an argument
 * that it was handed. Strings stay where they are.
 */
void form_take(struct kernel_taker *t, const struct form *form, const char *at, struct fdl_arg *a);
void form_update(struct kernel_taker *t, const struct form *form, const char *at,
		 struct fdl_arg *a);

#endif
