#ifndef FDLABD_JSON_H
#define FDLABD_JSON_H

#include <stddef.h>

struct evbuffer;

/*
 * Appends a text as a string of JSON, in quotes. Bytes that are no UTF-8 become U+FFFD. Like all
 * that is added to a buffer, it may be lost without memory; the answer is then cut off.
 */
void json_put_string(struct evbuffer *to, const char *s, size_t len);

#endif
