/*
 * Answers to reads and writes, given at once or kept until the journal has been synced. Why they
 * are kept is not known here.
 */
#include "answers.h"

#include <stdlib.h>
#include <string.h>

struct kept_answer {
	STAILQ_ENTRY(kept_answer) next;
	fuse_req_t req;
	ssize_t result;
	uint64_t command;
	bool is_read;
	char data[];
};

void answers_init(struct answers *a)
{
	STAILQ_INIT(&a->list);
}

void answer_write(fuse_req_t req, ssize_t result)
{
	if (result < 0)
		fuse_reply_err(req, (int)-result);
	else
		fuse_reply_write(req, (size_t)result);
}

void answer_read(fuse_req_t req, const char *data, ssize_t result)
{
	if (result < 0)
		fuse_reply_err(req, (int)-result);
	else
		fuse_reply_buf(req, data, (size_t)result);
}

bool answers_hold(struct answers *a, fuse_req_t req, const char *data, ssize_t result,
		  uint64_t command)
{
	const size_t len = data && result > 0 ? (size_t)result : 0;
	struct kept_answer *answer = malloc(sizeof(*answer) + len);

	if (!answer)
		return false;
	answer->req = req;
	answer->result = result;
	answer->command = command;
	answer->is_read = data;
	if (len)
		memcpy(answer->data, data, len);
	STAILQ_INSERT_TAIL(&a->list, answer, next);
	return true;
}

void answers_take_back(struct answers *a, uint64_t command, int error)
{
	struct kept_answer *answer;

	STAILQ_FOREACH(answer, &a->list, next)
	{
		if (answer->command == command)
			answer->result = error;
	}
}

void answers_give(struct answers *a, int error)
{
	struct kept_answer *answer;

	while ((answer = STAILQ_FIRST(&a->list)) != NULL) {
		STAILQ_REMOVE_HEAD(&a->list, next);
		if (error)
			answer->result = error;
		if (answer->is_read)
			answer_read(answer->req, answer->data, answer->result);
		else
			answer_write(answer->req, answer->result);
		free(answer);
	}
}
