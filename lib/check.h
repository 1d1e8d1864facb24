/*
 * The invariants of a machine, which hold between any two steps of calls.
 */
#ifndef CHECK_H
#define CHECK_H

struct fdl_machine;
struct text;

/* 0, -EUCLEAN with the first violation in why, or -ENOMEM. */
int machine_check(const struct fdl_machine *m, struct text *why);

#endif
