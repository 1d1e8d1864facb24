/*
 * Any bytes in one write to the control file of a machine, and to a file that takes a number. The
 * machine stays sound, unless kernel functions are misused, and all of its files can be read.
 */
#include "guided/guided.h"
#include "support/misuse.h"

#include "fdlab.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_file(struct fdl_machine *m, const char *path)
{
	char *text;
	size_t len;

	if (fdl_read_file(m, path, &text, &len))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *const *kernels = fdl_kernels();
	const struct fdl_options o = { .kernel = kernels[size % 2], .memory = 1 << 20 };
	char *exact = malloc(size ? size : 1), why[256];
	struct fdl_machine *m;
	struct fdl_handle *h;
	fdl_ino ino;

	if (!exact || fdl_machine_new(&o, &m) || fdl_walk(m, "control", &ino) ||
	    fdl_open(m, ino, O_RDWR, &h))
		abort();
	if (size)
		memcpy(exact, data, size);
	fdl_write(h, exact, size, O_NONBLOCK, NULL, NULL);
	if (!names_misuse(exact, size) && fdl_machine_check(m, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	fdl_write_file(m, "sys/fs/nr_open", exact, size);
	read_file(m, "log");
	read_file(m, "errors");
	read_file(m, "events");
	read_file(m, "state.json");
	read_file(m, "open_files");
	read_file(m, "dot");
	fdl_interrupt(h);
	fdl_close(h);
	fdl_machine_free(m);
	free(exact);
	return 0;
}
