/*
 * The remarks of a reply after its call: " # " and a remark, and " # expected " and the outcome
 * that the line had stated. A string of the call may have the same bytes.
 */
#ifndef FDLAB_TOOLS_REMARK_H
#define FDLAB_TOOLS_REMARK_H

#define REMARK        "  # "
#define REMARK_STATED "  # expected "

/* The first remark in the first line of a reply, at REMARK. NULL: there is none. */
char *remark_find(const char *reply);

/* The remark about what the line had stated, at REMARK_STATED. NULL: all came out as stated. */
char *remark_find_stated(const char *reply);

#endif
