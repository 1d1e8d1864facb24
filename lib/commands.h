/*
 * The commands of a machine's control file.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "machine/machine.h"

/* Ended by a row without a word. */
extern const struct control_command commands[];

#endif
