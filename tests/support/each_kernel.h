/* A long test that runs on each kernel. */
#ifndef EACH_KERNEL_H
#define EACH_KERNEL_H

struct kernel;

/*
 * Runs it on every kernel; the result is main's. Under valgrind it would take minutes, and the
 * sanitizers see the same: it is skipped there.
 */
int run_on_each_kernel(void (*test)(const struct kernel *k));

#endif
