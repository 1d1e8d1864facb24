/*
 * The commands of a machine's control file.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "machine/machine.h"

#include <stdbool.h>
#include <stddef.h>

/* Ended by a row without a name. */
extern const struct control_command control_commands[];

/*
 * Whether a line of len bytes of the machine's control file starts it over: "reset", with options
 * that a machine with the given ones can have.
 */
bool command_restarts(const struct fdl_options *given, const char *line, size_t len);

#endif
