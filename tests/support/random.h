/*
 * Random numbers of tests, which are the same in every run with the same seed, and the settings of
 * the environment that choose a seed and a number of rounds.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

/* The seed, which a test sets. */
extern uint64_t random_state;

/* A number from 0 to n - 1. */
unsigned pick(unsigned n);

/* An element of an array. */
#define PICK(from) (from)[pick(sizeof(from) / sizeof((from)[0]))]

/* The number in this variable of the environment, or the usual one. */
uint64_t setting(const char *name, uint64_t usual);

#endif
