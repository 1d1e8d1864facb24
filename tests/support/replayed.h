/*
 * Plays a machine's log on a new machine, and compares the two.
 */
#ifndef REPLAYED_H
#define REPLAYED_H

struct fdl_machine;

/* How the log on a new machine gives other texts, to be freed; NULL: it gives the same. */
char *log_difference(struct fdl_machine *m);

/* Fails the test, and prints the log, unless the log on a new machine gives the same texts. */
void assert_log_repeats(struct fdl_machine *m);

#endif
