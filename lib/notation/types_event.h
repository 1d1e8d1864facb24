/*
 * The functions and fields behind the types of readiness, time and sets of signals, for the table
 * of types.
 */
#ifndef TYPES_EVENT_H
#define TYPES_EVENT_H

#include "notation/types.h"

int read_signame(struct binder *b, const struct type *type, const struct value *v,
		 struct fdl_arg *arg);
int read_sigset(struct binder *b, const struct type *type, const struct value *v,
		struct fdl_arg *arg);
int read_pollfds(struct binder *b, const struct type *type, const struct value *v,
		 struct fdl_arg *arg);
int read_fdset_fd(struct binder *b, const struct type *type, const struct value *v,
		  struct fdl_arg *arg);
int read_fdset(struct binder *b, const struct type *type, const struct value *v,
	       struct fdl_arg *arg);
void print_signame(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_sigset(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_fdset(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void remark_poll(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		 int64_t result);
void remark_select(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		   int64_t result);

int read_epoll_data(struct binder *b, const struct type *type, const struct value *v,
		    struct fdl_arg *arg);
int read_epoll_event(struct binder *b, const struct type *type, const struct value *v,
		     struct fdl_arg *arg);

extern const struct field itimerspec_fields[], epoll_data_fields[], epoll_event_fields[];
extern const struct field sigsetarg_fields[], timespec_fields[], timeout_fields[],
	timeoutval_fields[], pollfd_fields[], fdset_fields[];

#endif
