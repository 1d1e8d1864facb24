#ifndef FDLABD_ASSETS_H
#define FDLABD_ASSETS_H

/* A file of the page (daemon/web/), which is built into the program. */
struct asset {
	const char *name; /* NULL: the end of the table */
	const char *begin, *end;
};

/* The table, which the build makes. */
extern const struct asset assets[];

#endif
