/*
 * Helpers of the tests of the NetBSD kernel: a machine with it, and its tables.
 */
#ifndef NETBSD_LAB_H
#define NETBSD_LAB_H

#include "netbsd/fdtable.h"
#include "netbsd/filedesc.h"
#include "support/play.h"

/* Starts the test's machine over with this kernel, and plays lines on it. */
#define NETBSD(lab, ...) PLAY(lab, "reset kernel=netbsd", __VA_ARGS__)

/* The table of a task, for what the tree does not show. */
struct filedesc *lab_filedesc(struct lab *lab, int pid);

#endif
