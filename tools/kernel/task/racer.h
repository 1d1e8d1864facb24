/*
 * Races in real tasks: the side of the tasks. Task 1 makes one run after the other.
 */
#ifndef FDLAB_TOOLS_TASK_RACER_H
#define FDLAB_TOOLS_TASK_RACER_H

/* Begins as pid: task 1 of the namespace, or after an exec in a run. */
_Noreturn void racer_start(long pid);

/* Begins as the number-th task of a run. */
_Noreturn void racer_born(long number);

#endif
