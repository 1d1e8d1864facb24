/*
 * Descriptors from control messages of recvmsg and recvmmsg, and from socket options.
 */
#include "replay/returned.h"

#include "replay/judge.h"

#include <sys/socket.h>

/* Handles a descriptor: judges it, or only notes that the call has it. */
static void take(const struct returned *e, int64_t fd, struct span decoration, bool cloexec,
		 bool judge)
{
	if (fd < 0)
		return;
	if (judge)
		give_descriptor(e, fd, decoration, cloexec);
	else
		judge_over(e->r, e->task, &fd, 1, false);
}

/* A descriptor that strace does not show. */
static void take_hidden(const struct returned *e, bool cloexec)
{
	int64_t fd = hidden_number(e, 0);

	give_descriptor(e, fd, (struct span){ "", 0 }, cloexec);
	note_hidden(e, fd);
}

/*
 * The data of a control message: cmsg_data=[3, 4], or a bare number for a single descriptor.
 * Without a key, strace up to 4.10 prints {3, 4}, up to 4.13 [3, 4].
 */
static const struct fdl_value *data_of(const struct fdl_value *cmsg)
{
	const struct fdl_value *data = value_find(cmsg, "cmsg_data");

	for (const struct fdl_value *v = cmsg->sub; v && !data; v = v->next)
		if (!v->key)
			data = v;
	return data;
}

/* The number of descriptors in a message, from its length if strace cut them with "...". */
static size_t count_of(const struct fdl_value *cmsg, const struct fdl_value *data)
{
	int64_t len;

	if (data->kind == FDL_VALUE_NUMBER)
		return 1;
	if (!value_is_cut(data) || !value_number(value_find(cmsg, "cmsg_len"), &len) ||
	    len < (int64_t)CMSG_LEN(0) || len > (int64_t)CMSG_LEN(FDL_MESSAGE_FDS * sizeof(int)))
		return data->nsub;
	return ((size_t)len - CMSG_LEN(0)) / sizeof(int);
}

static void take_data(const struct returned *e, const struct fdl_value *cmsg, bool cloexec,
		      bool judge)
{
	const struct fdl_value *data = data_of(cmsg), *v;
	size_t n = data ? count_of(cmsg, data) : 0;
	int64_t fd;

	v = data && data->kind != FDL_VALUE_NUMBER ? data->sub : data;
	for (size_t i = 0; i < n; i++) {
		if (!v && judge)
			take_hidden(e, cloexec);
		else if (value_int(v, &fd))
			take(e, fd, value_decoration(v), cloexec, judge);
		v = v && v != data ? v->next : NULL;
	}
}

/* Handles the control messages in a value, in the places of every version of strace. */
static void take_messages(const struct returned *e, const struct fdl_value *v, bool cloexec,
			  bool judge)
{
	const struct fdl_value *type = NULL;

	for (const struct fdl_value *field = v->sub; field && !type; field = field->next)
		if (field->key && span_is((struct span){ field->key, field->key_len }, "cmsg_type"))
			type = field;
	if (type && value_is(type, "cmsgtype", "SCM_RIGHTS"))
		take_data(e, v, cloexec, judge);
	else if (type && value_is(type, NULL, "SCM_PIDFD"))
		take_data(e, v, true, judge);
	if (type)
		return;
	for (const struct fdl_value *sub = v->sub; sub; sub = sub->next)
		take_messages(e, sub, cloexec, judge);
	if (v->became)
		take_messages(e, v->became, cloexec, judge);
}

/* Whether a msghdr, or one of several, has control messages that strace does not show. */
static bool hides_control(const struct fdl_value *v)
{
	int64_t len;

	for (const struct fdl_value *field = v->sub; field; field = field->next) {
		if (!field->key ||
		    !span_is((struct span){ field->key, field->key_len }, "msg_control")) {
			if (hides_control(field))
				return true;
			continue;
		}
		if (value_is_cut(field) ||
		    (field->kind == FDL_VALUE_NUMBER &&
		     value_number(value_find(v, "msg_controllen"), &len) && len > 0))
			return true;
	}
	return false;
}

/* An address alone, [...] of -s 0 and {...} show nothing; a list that "..." ends hides the rest. */
static bool hides_messages(const struct fdl_value *messages)
{
	return messages->kind == FDL_VALUE_NUMBER || value_is_cut(messages) ||
	       hides_control(messages);
}

void effect_message(const struct returned *e)
{
	bool cloexec =
		value_has(returned_argument(e, e->row->flags), "msgflags", "MSG_CMSG_CLOEXEC");
	const struct fdl_value *messages = returned_argument(e, 2);

	uses(e);
	for (int judge = 0; messages && succeeded(e) && judge < 2; judge++)
		take_messages(e, messages, cloexec, judge);
	if (messages && succeeded(e) && hides_messages(messages))
		note_hint(e, NULL);
	judge_over(e->r, e->task, NULL, 0, false);
}

void effect_getsockopt(const struct returned *e)
{
	const struct fdl_value *value = returned_argument(e, 4);
	int64_t fd;

	uses(e);
	if (!succeeded(e) || !value_is(returned_argument(e, 2), "socklevel", "SOL_SOCKET") ||
	    !value_is(returned_argument(e, 3), NULL, "SO_PEERPIDFD"))
		return;
	if (!value || !value_int(value->nsub ? value->sub : value, &fd) || value_is_cut(value) ||
	    value->kind == FDL_VALUE_NUMBER)
		fd = hidden_number(e, 0);
	judge_over(e->r, e->task, &fd, 1, false);
	give_descriptor(
		e, fd, value && value->nsub ? value_decoration(value->sub) : (struct span){ "", 0 },
		true);
}
