/*
 * Harnesses of coverage-guided fuzzing: each file here but play.c defines one, for libFuzzer or
 * AFL++. A build without the option FDLAB_FUZZ links them with play.c, which plays inputs that are
 * kept.
 */
#ifndef GUIDED_H
#define GUIDED_H

#include <stddef.h>
#include <stdint.h>

/* Called once, in a harness that has it. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Plays an input. Returns 0; what must not be aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * For harnesses of functions that read files: the name of a file with these bytes, until the next
 * call. Standard output goes to /dev/null from the first call on.
 */
const char *guided_file(const uint8_t *data, size_t size);

#endif
