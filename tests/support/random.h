/*
 * Random numbers of tests, which are the same in every run with the same seed, and the settings of
 * the environment that choose a seed and a number of rounds.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* The seed, which a test sets. */
extern uint64_t random_state;

/* A number from 0 to n - 1. */
unsigned pick(unsigned n);

/* An element of an array. */
#define PICK(from) (from)[pick(sizeof(from) / sizeof((from)[0]))]

/*
 * Writes a text in which $1, $2 … stand for numbers, each as often as one likes. Returns its
 * length, which must be below size.
 */
size_t fill_in(char *to, size_t size, const char *text, const int *numbers);

/* The number in this variable of the environment, or the usual one. */
uint64_t setting(const char *name, uint64_t usual);

#endif
