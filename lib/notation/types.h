/*
 * The types of arguments: how each is read, printed and kept. A type is a row of the table in
 * types.c; its symbols are a table of xlat.h, its fields one of types_struct.c. Only the args_*.c
 * files and signature.c look in here.
 */
#ifndef TYPES_H
#define TYPES_H

#include "notation/args.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct words;
struct field;

/* What of a struct fdl_arg holds the value. */
enum store {
	STORE_NUMBER, /* num */
	STORE_BYTES,  /* num bytes at str; without str: NULL (num 0) or an address */
	STORE_LIST,   /* num elements at sub; without sub: NULL (num 0) or an address */
	STORE_STRUCT, /* as a list, but the elements are the type's fields */
};

/* The rows of the table, in its order. */
enum type_id {
	TYPE_FD,
	TYPE_DIRFD,
	TYPE_INT,
	TYPE_UINT,
	TYPE_ID,
	TYPE_LONG,
	TYPE_SIZE,
	TYPE_HEXSIZE,
	TYPE_OFF,
	TYPE_PID,
	TYPE_PATH,
	TYPE_BUF,
	TYPE_PTR,
	TYPE_STRING,
	TYPE_FILE,
	TYPE_ARGV,
	TYPE_ENVP,
	TYPE_INTLIST,
	TYPE_FDPAIR,
	TYPE_SIGNAME,
	TYPE_SIGSET,
	TYPE_SIGSETARG,
	TYPE_TIMESPEC,
	TYPE_TIMEOUT,
	TYPE_TIMEOUTVAL,
	TYPE_POLLEVENTS,
	TYPE_POLLFD,
	TYPE_POLLFDS,
	TYPE_POLLRESULT,
	TYPE_FDSETFD,
	TYPE_FDSET,
	TYPE_SELECTRESULT,
	TYPE_EPOLLFLAGS,
	TYPE_EPOLLOP,
	TYPE_EPOLLEVENTS,
	TYPE_EPOLL_DATA,
	TYPE_EPOLL_EVENT,
	TYPE_EPOLL_EVENTS,
	TYPE_EFDFLAGS,
	TYPE_TFDFLAGS,
	TYPE_TFDSETFLAGS,
	TYPE_TIMERFLAGS,
	TYPE_CLOCKID,
	TYPE_ITIMERSPEC,
	TYPE_SIGHOW,
	TYPE_SFDFLAGS,
	TYPE_MFDFLAGS,
	TYPE_SEALS,
	TYPE_PIDFDFLAGS,
	TYPE_PIDFDSIGNALFLAGS,
	TYPE_ININITFLAGS,
	TYPE_INMASK,
	TYPE_OFLAGS,
	TYPE_OFLAGS64,
	TYPE_DUPFLAGS,
	TYPE_MODE,
	TYPE_CREATMODE,
	TYPE_HOWMODE,
	TYPE_FDFLAGS,
	TYPE_WHENCE,
	TYPE_CLONEFLAGS,
	TYPE_CLONE3FLAGS,
	TYPE_UNSHAREFLAGS,
	TYPE_CLOSERANGEFLAGS,
	TYPE_ATFLAGS,
	TYPE_RESOLVEFLAGS,
	TYPE_ACCESSMODE,
	TYPE_ACCESSFLAGS,
	TYPE_WAITOPTIONS,
	TYPE_SIGNAL,
	TYPE_RESOURCE,
	TYPE_KCMPTYPE,
	TYPE_FCNTLCMD,
	TYPE_IOCTLCMD,
	TYPE_LOCKTYPE,
	TYPE_FLOCKOP,
	TYPE_FORKFLAGS,
	TYPE_ERRNO,
	TYPE_SOCKFAMILY,
	TYPE_SOCKTYPE,
	TYPE_PROTOCOL,
	TYPE_MSGFLAGS,
	TYPE_SHUTHOW,
	TYPE_SOCKLEVEL,
	TYPE_SOCKOPT,
	TYPE_TCPOPT,
	TYPE_CMSGTYPE,
	TYPE_SOCKLEN,
	TYPE_NAMELEN,
	TYPE_SUNPATH,
	TYPE_PORT,
	TYPE_INADDR,
	TYPE_CONTROLLEN,
	TYPE_SOCKADDR,
	TYPE_IOVEC,
	TYPE_IOVECS,
	TYPE_CMSG,
	TYPE_CMSGS,
	TYPE_MSGHDR,
	TYPE_WSTATUS,
	TYPE_RLIM,
	TYPE_FILEMODE,
	TYPE_DEV,
	TYPE_RLIMIT,
	TYPE_OPEN_HOW,
	TYPE_CLONE_ARGS,
	TYPE_STAT,
	TYPE_FLOCK,
	TYPES,
};

/* What is being read, for memory and for messages. */
struct binder {
	struct arena *arena;
	struct text *why;
	const char *call;           /* the call's name */
	const char *param;          /* the parameter's name, NULL outside of any */
	size_t index;               /* the parameter's place, from 0 */
	const struct fdl_arg *args; /* those in front of it */
	bool shell;                 /* bare words are strings where a string is wanted */
	bool partial;               /* what a call fills in: need not be written whole */
};

struct type {
	const char *name;     /* in signatures */
	const char *expected; /* in messages: "a descriptor" */
	enum store store;
	int (*read)(struct binder *b, const struct type *type, const struct value *v,
		    struct fdl_arg *arg);
	/* Prints; of bytes only the first max, and "..." behind. */
	void (*print)(struct text *t, const struct type *type, const struct fdl_arg *arg,
		      size_t max);
	int64_t min; /* numbers: their range; lists: how many elements */
	uint64_t max;
	/* Of results: what strace says behind the number, without its brackets; NULL: nothing. */
	void (*remark)(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		       int64_t result);
	const struct words *words;
	enum type_id element; /* of lists */
	const struct field *fields;
	size_t nfields;
	const char *const *passed_over; /* fields that are read past; ends with NULL */
	bool abbreviated;               /* has fields that are not printed: "..." at the end */
	/* What len() of an argument gives where that is not its num. */
	int64_t (*length)(const struct fdl_arg *arg);
	bool room;         /* what is written may be more than what came */
	bool value_result; /* a length that goes in and comes out: see value_result() */
};

/* A field of a structure. */
struct field {
	const char *name;
	enum type_id type;
	bool required;
	bool (*shown)(const struct fdl_arg *fields); /* NULL: always printed */
};

const struct type *type_at(enum type_id id);
const struct type *type_find(const char *name, size_t len);

/* An argument that takes a usual value of another: "=len(buf)"; otherwise its usual value. */
struct fdl_arg usual_value(const struct fdl_row *row, size_t place, const struct fdl_arg *arg);

/*
 * The parameter that a written argument is for, when the one before it was for next - 1: by its
 * key, or by its place (in the shell's form, without those that a person leaves out).
 * row->nparams: there is none.
 */
size_t param_of(const struct fdl_row *row, const struct line *line, const struct value *v,
		size_t next);

/* The field that a value of a structure stands for, by its key or by its place; NULL: none. */
const struct field *field_of(const struct type *type, const struct value *v, size_t place);

/* True for a field that is read past. */
bool field_passed_over(const struct type *type, const struct value *v);

/* True when v is an address, as strace prints it where it could not look: 0x7ffc12345678. */
bool value_is_address(const struct value *v);

/* The signal's number in a word, such as SIGKILL or 9; -1 when it is none. */
int64_t signal_read(const char *name, size_t len);

/* Messages that name column, call and parameter; all return -EINVAL. */
int bind_expected(struct binder *b, const struct value *v, const char *expected);
int bind_fails(struct binder *b, size_t column, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int bind_unknown(struct binder *b, const struct value *v, const struct words *w, const char *name,
		 size_t len);

/* The functions of the rows. */
int read_scalar(struct binder *b, const struct type *type, const struct value *v,
		struct fdl_arg *arg);
int read_flags(struct binder *b, const struct type *type, const struct value *v,
	       struct fdl_arg *arg);
int read_bytes(struct binder *b, const struct type *type, const struct value *v,
	       struct fdl_arg *arg);
int read_list(struct binder *b, const struct type *type, const struct value *v,
	      struct fdl_arg *arg);
int read_struct(struct binder *b, const struct type *type, const struct value *v,
		struct fdl_arg *arg);
int read_wstatus(struct binder *b, const struct type *type, const struct value *v,
		 struct fdl_arg *arg);
int read_errno(struct binder *b, const struct type *type, const struct value *v,
	       struct fdl_arg *arg);
int read_dev(struct binder *b, const struct type *type, const struct value *v, struct fdl_arg *arg);
void print_int(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_uint(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_id(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_octal(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_hex(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_symbol(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_flags(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_bytes(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_list(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_struct(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_wstatus(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_rlim(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_filemode(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_errno(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_dev(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);

extern const struct field rlimit_fields[], open_how_fields[], clone_args_fields[], stat_fields[],
	flock_fields[];
int read_socklen(struct binder *b, const struct type *type, const struct value *v,
		 struct fdl_arg *arg);
int read_namelen(struct binder *b, const struct type *type, const struct value *v,
		 struct fdl_arg *arg);
int read_sunpath(struct binder *b, const struct type *type, const struct value *v,
		 struct fdl_arg *arg);
int read_port(struct binder *b, const struct type *type, const struct value *v,
	      struct fdl_arg *arg);
int read_inaddr(struct binder *b, const struct type *type, const struct value *v,
		struct fdl_arg *arg);
int read_sockaddr(struct binder *b, const struct type *type, const struct value *v,
		  struct fdl_arg *arg);
int read_iovec(struct binder *b, const struct type *type, const struct value *v,
	       struct fdl_arg *arg);
int read_cmsg(struct binder *b, const struct type *type, const struct value *v,
	      struct fdl_arg *arg);
int read_msghdr(struct binder *b, const struct type *type, const struct value *v,
		struct fdl_arg *arg);
void print_socklen(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_namelen(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_sunpath(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_port(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
void print_inaddr(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max);
int64_t sockaddr_length(const struct fdl_arg *addr);

extern const struct field sockaddr_fields[], iovec_fields[], cmsg_fields[], msghdr_fields[];
extern const char *const stat_passed_over[];

#endif
