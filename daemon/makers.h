/*
 * Texts that take long are made by copies of the daemon while it goes on serving. fork(2) gives a
 * copy the machine as it is then. A copy makes texts until the machine changes: what it has
 * gathered for one serves the next. The use of the texts is not known here.
 */
#ifndef MAKERS_H
#define MAKERS_H

#include <fdlab.h>

struct event_base;
struct lab;
struct makers;
struct wanted_text; /* a text that a user of the makers waits for */

/* The text, or an error, -EIO or -ENOMEM where its maker died. It is the callee's. */
typedef void made_fn(void *ctx, const struct fdl_made *made);

/*
 * 0 and the makers of texts of a lab's machine, to be freed before the base and the lab; or
 * -ENOMEM.
 */
int makers_new(struct event_base *base, struct lab *lab, struct makers **mp);

/* Ends all makers. The users of makings have dropped them; the lab tells of no changes any more. */
void makers_free(struct makers *ms);

/*
 * Has the text of a file made (fdl_read_node). done is called later, by the loop. NULL: there is no
 * process or memory for that, and the caller must make the text itself.
 */
struct wanted_text *makers_ask(struct makers *ms, fdl_ino ino, made_fn *done, void *ctx);

/* The last line of the transcript that the maker had; for a made_fn whose text was made. */
uint64_t making_line(const struct wanted_text *making);

/* The user waits no longer: done is not called. */
void making_drop(struct wanted_text *making);

#endif
