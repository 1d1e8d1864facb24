/*
 * Races in real tasks: the side of the tasks. Task 1 makes one run after the other.
 */
#ifndef FDLAB_TOOLS_TASK_RACER_H
#define FDLAB_TOOLS_TASK_RACER_H

/* The program begins, in pid: as task 1 of the namespace, or in an exec of a run. */
_Noreturn void racer_start(long pid);

/* A task of a run begins: the number-th one. */
_Noreturn void racer_born(long number);

#endif
