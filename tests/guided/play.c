/*
 * Plays inputs that are kept, without libFuzzer: PROGRAM FILE_OR_FOLDER... A failure is a crash,
 * after the input's name.
 */
#include "guided/guided.h"

#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#pragma weak LLVMFuzzerInitialize

static unsigned nplayed;

static void play_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "re");
	uint8_t *data = malloc(size ? size : 1); /* its memory ends where it ends */

	if (!f || !data || fread(data, 1, size, f) != size)
		err(2, "%s", path);
	fclose(f);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	nplayed++;
}

static void play(const char *path)
{
	struct dirent *de;
	struct stat st;
	DIR *dir;

	if (stat(path, &st))
		err(2, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		play_file(path, (size_t)st.st_size);
		return;
	}
	dir = opendir(path);
	if (!dir)
		err(2, "%s", path);
	while ((de = readdir(dir)) != NULL) {
		char *below;

		if (de->d_name[0] == '.')
			continue;
		if (asprintf(&below, "%s/%s", path, de->d_name) < 0)
			err(2, "%s", path);
		play(below);
		free(below);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		play(argv[i]);
	if (!nplayed)
		errx(2, "there are no inputs");
	fprintf(stderr, "%u inputs\n", nplayed);
	return 0;
}
