#ifndef FDLABD_WEB_H
#define FDLABD_WEB_H

#include <stddef.h>

struct event_base;
struct lab;
struct web; /* a lab's machine over HTTP, and the page that shows it */

/*
 * Listens at [ADDRESS:]PORT; without an address at 127.0.0.1, and port 0 chooses a port. mountpoint
 * (or NULL) is where the machine is mounted, and title (or NULL) what the page calls it; strings
 * outlive the web. 0 and the web, to be given to
 * web_free before the lab and the loop are freed; -EINVAL, where is no such place; or a negative
 * errno. With an error, *why says more.
 */
int web_new(struct event_base *base, struct lab *lab, const char *where, const char *mountpoint,
	    const char *title, struct web **wp, const char **why);
void web_free(struct web *web);

/* The descriptor at which clients arrive. */
int web_listener(const struct web *web);

/* Where a browser finds the page, with the token in it. */
const char *web_url(const struct web *web);

#endif
