#include "support/misuse.h"

#include <string.h>

/* The first takes the bit of a file that is open, the second fills a slot without a bit. */
static const char *const functions[] = { "put_unused_fd", "fd_install" };

bool names_misuse(const char *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		const size_t length = strlen(functions[i]);
		const char *at = bytes, *const end = bytes + len;

		while ((at = memmem(at, (size_t)(end - at), functions[i], length)) != NULL) {
			if (at - bytes < 3 || memcmp(at - 3, "at ", 3) != 0)
				return true;
			at += length;
		}
	}
	return false;
}
