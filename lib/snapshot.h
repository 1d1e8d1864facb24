/*
 * A machine as JSON: all of it, in an order that depends on nothing but the machine.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

struct node;
struct text;

int text_snapshot(const struct node *n, struct text *out);

#endif
