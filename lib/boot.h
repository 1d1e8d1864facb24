/*
 * The start of a machine.
 */
#ifndef BOOT_H
#define BOOT_H

struct fdl_machine;
struct fdl_options;
struct heap;

/*
 * Makes task 1 of a machine whose file system and kernel are ready: with the machine's user, limits
 * and root directory, the program /bin/sh, and the console as descriptors 0, 1 and 2. 0 or an
 * error; then what there is of the task goes with the machine.
 */
int machine_boot(struct fdl_machine *m);

/*
 * Takes a machine down and makes it again with the same options, as old as it was (fdlab.c). Its
 * handles must know. 0; -ENOMEM, and it holds nothing.
 */
int machine_start_over(struct fdl_machine *m);

/*
 * Moves a machine that has done nothing yet to a heap of its own: it is made again there. 0;
 * -ENOMEM, and it is as it was, or holds nothing.
 */
int machine_move(struct fdl_machine *m);

/* A heap for a machine with these options, in which all have a value. NULL: no memory. */
struct heap *machine_heap_new(const struct fdl_options *o);

#endif
