/* Common to verbs: error messages with the name of the verb, the version, colours. */
#include "cli/verb.h"

#include "fdlab.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

static void complain(const struct verb *verb, const char *format, va_list args)
{
	fprintf(stderr, "fdlab%s%s: ", verb ? " " : "", verb ? verb->name : "");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int usage_error(const struct verb *verb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(verb, format, args);
	va_end(args);
	fprintf(stderr, "Try: fdlab%s%s --help\n", verb ? " " : "", verb ? verb->name : "");
	return EXIT_NOT_RUN;
}

int not_run(const struct verb *verb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(verb, format, args);
	va_end(args);
	return EXIT_NOT_RUN;
}

void print_version(void)
{
	printf("fdlab %s\n", fdl_version());
}

bool wants_colour(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(fileno(stream)) && !(no_color && *no_color);
}
