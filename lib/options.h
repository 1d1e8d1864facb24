/*
 * The options of a machine: their usual values, and their lines in the transcript.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

struct fdl_machine;
struct fdl_options;
struct kernel;
struct text;

/* The kernels that there are, the usual one first; NULL ends them (fdlab.c). */
extern const struct kernel *const all_kernels[];

/*
 * Copies the options that were given (may be NULL) to full, with usual values for those that are 0,
 * and finds the kernel. 0, or -EINVAL for values out of range or that do not fit each other.
 */
int options_fill(struct fdl_options *full, const struct fdl_options *given,
		 const struct kernel **kernel);

/* Puts the options that were given, those that are not 0, as lines of a scenario. */
void options_print(const struct fdl_options *o, struct text *out);

/* Writes the options that differ from the usual ones to the transcript, as in a scenario. */
void options_record(struct fdl_machine *m);

#endif
