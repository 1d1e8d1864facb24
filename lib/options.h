/*
 * The usual values of a machine's options, and how they are told in the transcript.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

struct fdl_machine;
struct fdl_options;
struct kernel;

/* The kernels that there are, the usual one first; NULL ends them (fdlab.c). */
extern const struct kernel *const all_kernels[];

/*
 * Fills the usual values in where nothing was given (given may be NULL), and finds the kernel. 0,
 * or -EINVAL for values that do not go together.
 */
int options_fill(struct fdl_options *full, const struct fdl_options *given,
		 const struct kernel **kernel);

/* Writes the options that are not the usual ones into the transcript, as a scenario has them. */
void options_record(struct fdl_machine *m);

#endif
