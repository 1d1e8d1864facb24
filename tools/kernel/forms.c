/*
 * The table of the types that are not plain numbers. A structure has a layout (structures.c); other
 * types have a function to put and one to take an argument. A new type is a new row.
 */
#include "kernel/forms.h"

#include "kernel/files.h"
#include "kernel/sigaction.h"
#include "kernel/signals.h"
#include "kernel/sockets.h"
#include "kernel/structures.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#define CLONE3_PIDFD 1 /* the word and the field of struct clone_args */

#define ROOM_OF_REST 4096 /* for the arguments after one that would take all room */
#define N(array)     (sizeof(array) / sizeof((array)[0]))

/* ---- forms ----------------------------------------------------------------------------------- */

struct form {
	const char *type;
	/* Strings, arrays and sets have functions; structures and lists of them a layout. */
	int64_t (*put)(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a);
	void (*take)(struct kernel_taker *t, const struct form *form, const char *at,
		     struct fdl_arg *a);
	void (*update)(struct kernel_taker *t, const struct form *form, const char *at,
		       struct fdl_arg *a);
	const struct layout *layout;
	size_t size; /* of the room for what a call fills in; 0: the next argument says it */
	bool in_place;
	bool inout_only; /* the call writes it only where the parameter is inout */
};

/* Strings; NULL and addresses stay as they are. */
static int64_t put_string(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	(void)form;
	if (!a->str)
		return a->num;
	return packer_put(p, a->str, (size_t)a->num, (size_t)a->num + 1);
}

/* A buffer may be shorter than its count: the rest is zeros, as far as there is room. */
static int64_t put_buffer(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	size_t left = p->size - p->used;
	size_t size = p->count < left ? (size_t)p->count : left;

	(void)form;
	if (!a->str)
		return a->num;
	return packer_put(p, a->str, (size_t)a->num, size > (size_t)a->num ? size : (size_t)a->num);
}

/* A pointer out of a log, which means nothing here. */
static int64_t put_nothing(struct kernel_packer *p, const struct form *form,
			   const struct fdl_arg *a)
{
	(void)p, (void)form, (void)a;
	return 0;
}

static int64_t put_strings(struct kernel_packer *p, const struct form *form,
			   const struct fdl_arg *a)
{
	int64_t address = 0, string;
	char *at;

	if (!a->sub)
		return a->num;
	at = packer_room(p, ((size_t)a->num + 1) * sizeof(string), &address);
	for (int64_t i = 0; at && i < a->num; i++) {
		string = put_string(p, form, &a->sub[i]);
		memcpy(at + (size_t)i * sizeof(string), &string, sizeof(string));
	}
	return address;
}

static int64_t put_struct(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	int64_t address = 0;
	char *at;

	if (!a->sub)
		return a->num;
	at = packer_room(p, form->layout->size, &address);
	if (at)
		put_fields(at, form->layout, a);
	return address;
}

/* Any address of clone3's pidfd stands for a place for the number, and gets one. */
static int64_t put_clone_args(struct kernel_packer *p, const struct form *form,
			      const struct fdl_arg *a)
{
	const bool pidfd = a->sub && a->sub[CLONE3_PIDFD].num;
	int64_t address, place = 0;
	char *at;

	if (!pidfd || !packer_room(p, sizeof(int64_t), &place))
		return put_struct(p, form, a);
	at = packer_room(p, form->layout->size, &address);
	if (!at)
		return 0;
	put_fields(at, form->layout, a);
	memcpy(at + CLONE3_PIDFD * sizeof(place), &place, sizeof(place));
	return address;
}

static int64_t put_structs(struct kernel_packer *p, const struct form *form,
			   const struct fdl_arg *a)
{
	const size_t size = form->layout->size;
	int64_t address = 0;
	char *at;

	if (!a->sub)
		return a->num;
	at = packer_room(p, (size_t)a->num * size, &address);
	for (int64_t i = 0; at && i < a->num; i++)
		put_fields(at + (size_t)i * size, form->layout, &a->sub[i]);
	return address;
}

static int64_t put_ints(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	int64_t address = 0;
	char *at;

	(void)form;
	if (!a->sub)
		return a->num;
	at = packer_room(p, (size_t)a->num * sizeof(int32_t), &address);
	for (int64_t i = 0; at && i < a->num; i++)
		memcpy(at + (size_t)i * sizeof(int32_t), &a->sub[i].num, sizeof(int32_t));
	return address;
}

static int64_t put_longs(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	int64_t address = 0;
	char *at;

	(void)form;
	if (!a->sub)
		return a->num;
	at = packer_room(p, ((size_t)a->num + 1) * sizeof(int64_t), &address);
	for (int64_t i = 0; at && i < a->num; i++)
		memcpy(at + (size_t)i * sizeof(int64_t), &a->sub[i].num, sizeof(int64_t));
	return address;
}

/* The kernel reads whole words of a set, up to the bit that the first argument of select names. */
#define SET_BITS_MAX (1 << 19) /* three larger sets would not fit */
#define WORD_BITS    64

static size_t set_bytes(const struct kernel_packer *p, const struct fdl_arg *a)
{
	const int64_t last = a->num ? a->sub[a->num - 1].sub[0].num : 0; /* they are sorted */
	int64_t bits = p->args[0].num > last + 1 ? p->args[0].num : last + 1;

	if (bits > SET_BITS_MAX)
		bits = SET_BITS_MAX;
	return (size_t)(bits + WORD_BITS - 1) / WORD_BITS * sizeof(uint64_t);
}

/* A set for select: each member is a structure of its number and whether it is ready. */
static int64_t put_fdset(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	int64_t address = 0;
	char *at;

	(void)form;
	if (!a->sub)
		return a->num;
	at = packer_room(p, set_bytes(p, a), &address);
	for (int64_t i = 0; at && i < a->num; i++) {
		const int64_t fd = a->sub[i].sub[0].num;

		if (fd < SET_BITS_MAX)
			at[fd / 8] |= (char)(1 << fd % 8);
		else
			p->full = true;
	}
	return address;
}

static void update_fdset(struct kernel_taker *t, const struct form *form, const char *at,
			 struct fdl_arg *a)
{
	struct fdl_arg *list = a->sub ? taker_elements(t, 3 * (size_t)a->num) : NULL;

	(void)form;
	if (!list)
		return;
	for (int64_t i = 0; i < a->num; i++) {
		struct fdl_arg *member = list + a->num + 2 * i;
		const int64_t fd = a->sub[i].sub[0].num;

		member[0].num = fd;
		member[1].num = fd < t->args[0].num && (at[fd / 8] >> fd % 8 & 1);
		list[i] = (struct fdl_arg){ .num = 2, .sub = member };
	}
	a->sub = list;
}

static void take_buffer(struct kernel_taker *t, const struct form *form, const char *at,
			struct fdl_arg *a)
{
	(void)form;
	/* With MSG_TRUNC the result is more than there was room for. */
	*a = (struct fdl_arg){
		.num = t->result < 0 || (uint64_t)t->result > t->count ? (int64_t)t->count
								       : t->result,
		.str = at,
	};
}

static void take_ints(struct kernel_taker *t, const struct form *form, const char *at,
		      struct fdl_arg *a)
{
	const size_t n = form->size / sizeof(int32_t);
	struct fdl_arg *e = taker_elements(t, n);

	*a = (struct fdl_arg){ .num = e ? (int64_t)n : 0, .sub = e };
	for (size_t i = 0; e && i < n; i++) {
		int32_t number;

		memcpy(&number, at + i * sizeof(number), sizeof(number));
		e[i].num = number;
	}
}

/* wait4 fills in a status only if it has found a child. */
static void take_status(struct kernel_taker *t, const struct form *form, const char *at,
			struct fdl_arg *a)
{
	if (t->result > 0)
		take_ints(t, form, at, a);
	else
		*a = (struct fdl_arg){ 0 };
}

static void take_struct(struct kernel_taker *t, const struct form *form, const char *at,
			struct fdl_arg *a)
{
	take_fields(t, at, form->layout, a);
}

/* All tasks are of process group 1, in the scenario and here. */
static void take_owner(struct kernel_taker *t, const struct form *form, const char *at,
		       struct fdl_arg *a)
{
	struct f_owner_ex owner;

	memcpy(&owner, at, sizeof(owner));
	take_struct(t, form, at, a);
	if (a->sub && owner.type == F_OWNER_PGRP)
		a->sub[1].num = owner.pid;
}

/* The result of the call is the number of elements. */
static void take_structs(struct kernel_taker *t, const struct form *form, const char *at,
			 struct fdl_arg *a)
{
	struct fdl_arg *e = taker_elements(t, (size_t)t->result);

	*a = (struct fdl_arg){ .num = e ? t->result : 0, .sub = e };
	for (int64_t i = 0; e && i < t->result; i++)
		take_fields(t, at + (size_t)i * form->layout->size, form->layout, &e[i]);
}

static void update_struct(struct kernel_taker *t, const struct form *form, const char *at,
			  struct fdl_arg *a)
{
	if (a->sub)
		update_fields(t, at, form->layout, a);
}

static void update_structs(struct kernel_taker *t, const struct form *form, const char *at,
			   struct fdl_arg *a)
{
	struct fdl_arg *e = a->sub ? taker_elements(t, (size_t)a->num) : NULL;

	for (int64_t i = 0; e && i < a->num; i++) {
		e[i] = a->sub[i];
		update_fields(t, at + (size_t)i * form->layout->size, form->layout, &e[i]);
	}
	if (e)
		a->sub = e;
}

static void update_ints(struct kernel_taker *t, const struct form *form, const char *at,
			struct fdl_arg *a)
{
	struct fdl_arg *e = a->sub ? taker_elements(t, (size_t)a->num) : NULL;

	(void)form;
	for (int64_t i = 0; e && i < a->num; i++) {
		int32_t number;

		memcpy(&number, at + (size_t)i * sizeof(number), sizeof(number));
		e[i] = (struct fdl_arg){ .num = number };
	}
	if (e)
		a->sub = e;
}

static void take_long(struct kernel_taker *t, const struct form *form, const char *at,
		      struct fdl_arg *a)
{
	struct fdl_arg *e = taker_elements(t, 1);
	int64_t number;

	(void)form;
	memcpy(&number, at, sizeof(number));
	if (e)
		*e = (struct fdl_arg){ .num = number };
	*a = (struct fdl_arg){ .num = e != NULL, .sub = e };
}

static const struct form forms[] = {
	{ "path", .put = put_string },
	{ "string", .put = put_string },
	{ "buf", .put = put_buffer, .take = take_buffer },
	{ "ptr", .put = put_nothing },
	{ "argv", .put = put_strings },
	{ "envp", .put = put_strings },
	{ "int", .take = take_ints, .size = 4 },
	{ "intlist", .put = put_ints },
	{ "rwhint", .take = take_long, .size = 8 },
	{ "rwhints", .put = put_longs },
	{ "optval", .put = put_ints, .take = take_ints, .size = 4 },
	{ "fdpair", .take = take_ints, .size = 8 },
	{ "idpair", .take = take_ints, .size = 8 },
	{ "tidptr", .put = put_ints, .update = update_ints },
	{ "wstatus", .take = take_status, .size = 4 },
	{ "rlimit", put_struct, take_struct, .layout = &rlimit_layout },
	{ "open_how", .put = put_struct, .layout = &open_how_layout },
	{ "clone_args", .put = put_clone_args, .layout = &clone_args_layout },
	{ "stat", .take = take_struct, .layout = &stat_layout },
	{ "offptr", .put = put_offset, .update = update_offset },
	{ "dirents", .take = take_dirents },
	{ "ucred", .take = take_struct, .layout = &ucred_layout },
	{ "sigaction", put_sigaction, take_sigaction, .size = sizeof(struct kernel_sigaction) },
	{ "statx", .take = take_struct, .layout = &statx_layout },
	{ "flock", put_struct, take_struct, .layout = &flock_layout, .in_place = true },
	{ "siginfo", .take = take_struct, .layout = &siginfo_layout, .size = sizeof(siginfo_t) },
	{ "f_owner_ex", put_struct, take_owner, .layout = &f_owner_ex_layout },
	{ "timespec", put_struct, take_struct, .layout = &timespec_layout },
	{ "timeval", put_struct, take_struct, .layout = &timeval_layout },
	{ "itimerspec", put_struct, take_struct, .layout = &itimerspec_layout },
	{ "timeout", put_struct, .update = update_struct, .layout = &timeout_layout },
	{ "timeoutval", put_struct, .update = update_struct, .layout = &timeoutval_layout },
	{ "sigset", put_sigset, take_sigset, .size = 8 },
	{ "sigsetarg", .put = put_sigsetarg },
	{ "pollfds", put_structs, .update = update_structs, .layout = &pollfd_layout },
	{ "fdset", put_fdset, .update = update_fdset },
	{ "epoll_event", .put = put_struct, .layout = &epoll_event_layout },
	{ "sockaddr", put_sockaddr, take_sockaddr, .size = sizeof(struct sockaddr_storage) },
	{ "socklen", put_socklen, .update = update_socklen },
	{ "iovecs", put_iovecs, .update = update_iovecs, .inout_only = true },
	{ "msghdr", put_msghdr, .update = update_msghdr, .inout_only = true },
	{ "mmsghdrs", put_mmsghdrs, .update = update_mmsghdrs, .inout_only = true },
	{ "sentmsgs", put_mmsghdrs, .update = update_sentmsgs, .inout_only = true },
	{ "epoll_events", .take = take_structs, .layout = &epoll_event_layout },
};

const struct form *form_find(const char *type)
{
	for (size_t i = 0; i < N(forms); i++)
		if (!strcmp(forms[i].type, type))
			return &forms[i];
	return NULL;
}

bool form_can_be_put(const struct form *form)
{
	return form->put != NULL;
}

bool form_can_be_taken(const struct form *form)
{
	return form->take != NULL;
}

bool form_is_in_place(const struct form *form)
{
	return form->in_place;
}

int64_t form_put(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	return form->put(p, form, a);
}

int64_t form_put_room(struct kernel_packer *p, const struct form *form)
{
	const bool counted = form->take == take_buffer || form->take == take_structs ||
			     form->take == take_dirents;
	const size_t unit = form->layout ? form->layout->size : 1;
	const size_t left = (p->size - p->used) / unit;
	size_t size = form->size ? form->size : unit;
	int64_t address = 0;

	if (!counted && p->count == (uint64_t)FDL_NO_LENGTH)
		return 0;
	if (counted && p->count <= left)
		size = (size_t)p->count * unit;
	else if (counted)
		size = left * unit > ROOM_OF_REST ? left * unit - ROOM_OF_REST : 0;
	packer_room(p, size, &address);
	return address;
}

void form_take(struct kernel_taker *t, const struct form *form, const char *at, struct fdl_arg *a)
{
	form->take(t, form, at, a);
}

bool form_is_updated(const struct form *form, bool inout)
{
	return form->update && (inout || !form->inout_only);
}

void form_update(struct kernel_taker *t, const struct form *form, const char *at, struct fdl_arg *a)
{
	form->update(t, form, at, a);
}
