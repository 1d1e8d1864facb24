/*
 * The types of arguments. A type says how an argument is read, printed and kept. It is a row
 * (type_rows.h); its symbols are a table of xlat.h, its fields a table beside it. Only the files
 * that read, print, compare, pack and compile arguments include this.
 */
#ifndef TYPES_H
#define TYPES_H

#include "notation/args.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct words;
struct field;

/* The part of a struct fdl_arg that holds the value. */
enum store {
	STORE_NUMBER, /* num */
	STORE_BYTES,  /* num bytes at str; without str: NULL (num 0) or an address */
	STORE_LIST,   /* num elements at sub; without sub: NULL (num 0) or an address */
	STORE_STRUCT, /* as a list, but the elements are the fields of the type */
};

/* The argument that is being read, for memory and for messages. */
struct binder {
	struct arena *arena;
	struct text *why;
	const char *call;           /* the call's name */
	const char *param;          /* the parameter's name; NULL outside of a parameter */
	size_t index;               /* the parameter's place, from 0 */
	const struct fdl_arg *args; /* the arguments before it */
	bool shell;                 /* bare words are strings where a string is expected */
	bool partial;               /* an out parameter: may be written in part */
	bool inside;                /* a field of a structure */
	bool wide;                  /* a plain argument: any number of 64 bits (type_narrow) */
};

struct type {
	const char *name;     /* in signatures */
	const char *expected; /* in messages: "a descriptor" */
	enum store store;
	int (*read)(struct binder *b, const struct type *type, const struct fdl_value *v,
		    struct fdl_arg *arg);
	/* Prints; of bytes only the first max, then "...". */
	void (*print)(struct text *t, const struct type *type, const struct fdl_arg *arg,
		      size_t max);
	int64_t min; /* numbers: their range; lists: the number of elements */
	uint64_t max;
	/* Results only: strace's text after the number, without its brackets; or NULL. */
	void (*remark)(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		       int64_t result);
	const struct words *words;
	const struct type *element; /* of lists */
	const struct field *fields;
	size_t nfields;
	const char *const *passed_over; /* fields that are skipped when read; ends with NULL */
	bool abbreviated;               /* has fields that are not printed: "..." at the end */
	/* The value of len() for this argument; NULL: its num. */
	int64_t (*length)(const struct fdl_arg *arg);
	/* Reads a word that is more than a symbol of words; NULL: there is no such word. */
	bool (*phrase)(const struct fdl_value *v, struct fdl_arg *arg);
	bool octal; /* digits are octal in the shell's form */
	bool room;  /* the value in the line may exceed the value that came */
	bool whole; /* a call fills in numbers alone: the bytes are the caller's, and are not cut */
	bool value_result; /* a length that goes in and comes out: value_result() */
};

/* A field of a structure. */
struct field {
	const char *name;
	const struct type *type;
	bool required;
	bool (*shown)(const struct fdl_arg *fields); /* NULL: always printed */
};

/* The nth type, from 0; NULL after the last. */
const struct type *type_nth(size_t n);
/* The type with this name in signatures, or NULL. */
const struct type *type_find(const char *name, size_t len);

/*
 * The part of a number that the kernel takes for an argument of this type: of an int, an unsigned
 * int or a mode the low bits, of a size or an offset all.
 */
int64_t type_narrow(const struct type *type, int64_t num);

/* An argument's usual value, computed from another argument for "=len(buf)". */
struct fdl_arg usual_value(const struct fdl_row *row, size_t place, const struct fdl_arg *arg);

/*
 * The parameter that a value in the line is for, by its key or its place, if the value before it
 * was for next - 1. In the shell's form, parameters that the line leaves out are skipped.
 * row->nparams if there is none.
 */
size_t param_of(const struct fdl_row *row, const struct line *line, const struct fdl_value *v,
		size_t next);

/* The field that a value of a structure is for, by its key or its place; NULL: none. */
const struct field *field_of(const struct type *type, const struct fdl_value *v, size_t place);

/* True for a field that is skipped. */
bool field_passed_over(const struct type *type, const struct fdl_value *v);

/* True if v is an address, which strace prints where it could not read memory: 0x7ffc12345678. */
bool value_is_address(const struct fdl_value *v);

/* The number of a signal written as SIGKILL or 9; -1 if it is neither. */
int64_t signal_read(const char *name, size_t len);

/* Report a message with column, call and parameter; all return -EINVAL. */
int bind_expected(struct binder *b, const struct fdl_value *v, const char *expected);
int bind_fails(struct binder *b, size_t column, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int bind_unknown(struct binder *b, const struct fdl_value *v, const struct words *w,
		 const char *name, size_t len);

/* Reads NULL or an address in the place of an array or a structure, and prints either. */
bool read_pointer(const struct fdl_value *v, struct fdl_arg *arg);
void print_pointer(struct text *t, const struct fdl_arg *arg);

/* n elements of zeros, or room for one where n is 0. NULL: no memory. */
struct fdl_arg *elements_new(struct binder *b, size_t n);

/* Readers and printers of the common kinds of values. */
int read_scalar(struct binder *b, const struct type *type, const struct fdl_value *v,
		struct fdl_arg *arg);
int read_flags(struct binder *b, const struct type *type, const struct fdl_value *v,
	       struct fdl_arg *arg);
int read_bytes(struct binder *b, const struct type *type, const struct fdl_value *v,
	       struct fdl_arg *arg);
int read_list(struct binder *b, const struct type *type, const struct fdl_value *v,
	      struct fdl_arg *arg);
int read_struct(struct binder *b, const struct type *type, const struct fdl_value *v,
		struct fdl_arg *arg);
void print_int(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_uint(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_octal(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_symbol(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_flags(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_bytes(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_list(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_struct(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);

/* Prints "left {tv_sec=0, tv_nsec=500000000}", after comma, if the call had a timeout. */
void print_left(struct text *t, const char *comma, const struct fdl_row *row,
		const struct fdl_arg *arg);

extern const struct type type_fd, type_dirfd, type_int, type_uint, type_id, type_long, type_size,
	type_hexsize, type_off, type_pid, type_path, type_buf, type_ptr, type_string, type_file,
	type_argv, type_envp, type_intlist, type_fdpair, type_idpair, type_tidptr, type_signame,
	type_sigset, type_sigsetarg, type_timespec, type_leasetype, type_timeval, type_timeout,
	type_timeoutval, type_pollevents, type_pollfd, type_pollfds, type_pollresult, type_fdsetfd,
	type_fdset, type_selectresult, type_epollflags, type_epollop, type_epollevents,
	type_epoll_data, type_epoll_event, type_epoll_events, type_efdflags, type_tfdflags,
	type_tfdsetflags, type_timerflags, type_clockid, type_itimerspec, type_sighow,
	type_sfdflags, type_mfdflags, type_seals, type_pidfdflags, type_pidfdsignalflags,
	type_ininitflags, type_inmask, type_oflags, type_oflags64, type_dupflags, type_mode,
	type_creatmode, type_howmode, type_fdflags, type_whence, type_cloneflags, type_clone3flags,
	type_unshareflags, type_closerangeflags, type_atflags, type_resolveflags, type_accessmode,
	type_accessflags, type_waitoptions, type_signal, type_resource, type_kcmptype,
	type_fcntlcmd, type_ioctlcmd, type_rwhint, type_rwhints, type_locktype, type_flockop,
	type_forkflags, type_errno, type_family, type_socktype, type_protocol, type_msgflags,
	type_shuthow, type_socklevel, type_sockopt, type_tcpopt, type_ipopt, type_udpopt,
	type_optval, type_cmsgtype, type_ucred, type_cmsgdata, type_socklen, type_namelen,
	type_controllen, type_sunpath, type_port, type_inaddr, type_sockaddr, type_iovec,
	type_iovecs, type_rwfflags, type_cmsg, type_cmsgs, type_msghdr, type_mmsghdr, type_mmsghdrs,
	type_sentmsgs, type_mmsgresult, type_wstatus, type_rlim, type_filemode, type_dev,
	type_rlimit, type_open_how, type_clone_args, type_flock, type_stat, type_statxflags,
	type_statxmask, type_statx;
extern const struct type type_sicode, type_sighandler, type_saflags, type_sigaction, type_ownertype,
	type_f_owner_ex, type_idtype, type_cldcode, type_childstatus, type_siginfo, type_dirtype,
	type_dirent, type_dirents, type_any, type_offptr, type_spliceflags, type_dnflags;

#endif
