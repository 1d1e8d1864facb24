/*
 * Conditions of "differs" lines, such as "linux>=6.1 REASON", name the kernels that are known to
 * give another result than a scenario states. The lines of the scenario are not known here.
 */
#ifndef FDLAB_TOOLS_DIFFERS_H
#define FDLAB_TOOLS_DIFFERS_H

#include <stdbool.h>

/* Whether a text is such a condition with a reason. */
bool differs_is_good(const char *text);

/*
 * Whether a good condition is about a kernel: release is its name and version, "linux 6.18.4-1".
 * Returns the reason, or NULL.
 */
const char *differs_reason(const char *text, const char *release);

#endif
