/*
 * A page that leads a browser to a URL: redirect.h.
 */
#include "view/redirect.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".html"

char *redirect_new(const char *url)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	bool failed = true;
	char *path;
	FILE *f;
	int fd;

	if (asprintf(&path, "%s/fdlab-XXXXXX" SUFFIX, dir && *dir ? dir : "/tmp") < 0)
		return NULL;
	fd = mkstemps(path, (int)strlen(SUFFIX));
	if (fd < 0) {
		free(path);
		return NULL;
	}
	f = fdopen(fd, "w");
	if (!f) {
		close(fd);
	} else {
		fprintf(f,
			"<!DOCTYPE html><meta charset=\"utf-8\"><title>fdlab</title>\n"
			"<meta http-equiv=\"refresh\" content=\"0; url=%s\">\n"
			"<a href=\"%s\">fdlab</a>\n",
			url, url);
		failed = ferror(f);
		failed |= fclose(f) != 0;
	}
	if (failed) {
		redirect_end(path);
		return NULL;
	}
	return path;
}

void redirect_end(char *path)
{
	if (path)
		unlink(path);
	free(path);
}
