/*
 * Whether the test runs under valgrind, which answers some calls in the kernel's place.
 */
#ifndef VALGRIND_H
#define VALGRIND_H

#include <stdbool.h>

bool under_valgrind(void);

#endif
