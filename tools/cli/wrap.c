/* Breaks lines at the last blank that fits. */
#include "cli/wrap.h"

#include <string.h>

#define WIDTH 78

void print_wrapped(FILE *to, const char *indent, const char *text)
{
	const size_t width = WIDTH - strlen(indent);

	while (*text) {
		size_t n = strlen(text), end = n;

		if (n > width) {
			for (end = width; end && text[end] != ' '; end--)
				;
			/* A word that is longer than a line stands in one of its own. */
			if (!end)
				end = strcspn(text, " ");
		}
		fprintf(to, "%s%.*s\n", indent, (int)end, text);
		text += end + strspn(text + end, " ");
	}
}
