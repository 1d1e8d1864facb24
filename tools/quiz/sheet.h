/*
 * Problems as texts: one at a time, or as a sheet, with the solutions apart.
 */
#ifndef FDLAB_TOOLS_QUIZ_SHEET_H
#define FDLAB_TOOLS_QUIZ_SHEET_H

#include "quiz/problem.h"

#include <stdio.h>

enum sheet_form { SHEET_TEXT, SHEET_MARKDOWN };

/* Prints the nth problem, from 1: its program and its question. */
void problem_print(const struct problem *p, size_t nth, enum sheet_form form, FILE *to);

/* Prints its answer and why it is that. */
void problem_solve(const struct problem *p, size_t nth, enum sheet_form form, FILE *to);

/* Prints a sheet: all problems, and after them the solutions. title is its first line. */
void sheet_print(const struct problem *p, size_t n, const char *title, enum sheet_form form,
		 FILE *to);

#endif
