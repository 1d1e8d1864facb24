#ifndef FDLABD_LOG_H
#define FDLABD_LOG_H

#include <stdarg.h>

/*
 * A line of the daemon's log: standard error, or, once log_in_background was called, syslog(3).
 * That is called while the daemon may still open a socket.
 */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_in_background(void);

#endif
