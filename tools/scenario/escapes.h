/*
 * Escapes in the texts of scenarios: in quotes, in expectations and in conditions.
 */
#ifndef FDLAB_TOOLS_ESCAPES_H
#define FDLAB_TOOLS_ESCAPES_H

#include <sys/types.h>

/*
 * Undoes the escapes of C in s, in place: \n \t \\ \" \' \a \b \f \r \v \xHH and octal ones.
 * Returns the length, or -1 with *bad at a backslash that begins no escape.
 */
ssize_t escapes_undo(char *s, const char **bad);

/* Makes \t and \n in a regular expression the characters that they name; the rest stays. */
void escapes_undo_blanks(char *s);

#endif
