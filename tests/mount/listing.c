/*
 * Lists a directory while it changes: listing DIR CONTROL EVERY LINE... prints the names that
 * readdir returns, and after each EVERY names writes the next line to CONTROL; errors of these
 * writes are ignored.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "listing: %s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	struct dirent *de;
	int every, control, line = 0;
	long n = 0;
	DIR *dir;

	if (argc < 5) {
		fputs("usage: listing DIR CONTROL EVERY LINE...\n", stderr);
		return 2;
	}
	dir = opendir(argv[1]);
	control = open(argv[2], O_WRONLY);
	every = atoi(argv[3]);
	if (!dir || control < 0)
		return fail("open");
	while (errno = 0, (de = readdir(dir)) != NULL) {
		const char *text = argv[4 + line];

		puts(de->d_name);
		if (++n % every)
			continue;
		(void)!write(control, text, strlen(text));
		line = (line + 1) % (argc - 4);
	}
	if (errno)
		return fail(argv[1]);
	close(control);
	closedir(dir);
	return 0;
}
