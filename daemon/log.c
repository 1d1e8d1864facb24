/*
 * The daemon's log.
 */
#include "log.h"

#include <err.h>
#include <stdbool.h>
#include <syslog.h>

static bool in_background;

void log_in_background(void)
{
	openlog("fdlabd", LOG_NDELAY | LOG_PID, LOG_DAEMON);
	in_background = true;
}

void log_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (in_background)
		vsyslog(LOG_ERR, format, args);
	else
		vwarnx(format, args);
	va_end(args);
}
