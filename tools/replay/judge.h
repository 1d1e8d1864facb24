/*
 * The judge: holds what the log says against what the machine does.
 */
#ifndef FDLAB_TOOLS_REPLAY_JUDGE_H
#define FDLAB_TOOLS_REPLAY_JUDGE_H

#include "replay/play.h"

enum gift { GIFT_NEW, GIFT_DUP, GIFT_DUPFD };

/* A descriptor that a call gave. */
struct given {
	enum gift how;
	const char *call; /* a literal */
	const char *name; /* what it is of */
	int64_t number;
	int64_t from;   /* not below this */
	int64_t source; /* GIFT_DUP, GIFT_DUPFD */
	bool cloexec;
};

/* Holds what a call gave against the machine. */
void judge_given(struct replay *r, struct log_task *task, const struct given *given);
/* The same for the two of a pipe. */
void judge_pair(struct replay *r, struct log_task *task, const struct given given[2]);
/* A call failed with EMFILE: no number from this one on. */
void judge_full(struct replay *r, struct log_task *task, const char *call, int64_t from);
/* A call shows that a descriptor is open, or (EBADF) closed. False: it diverges. */
bool judge_open(struct replay *r, struct log_task *task, const char *call, int64_t fd);
/* The same of a call that closes it. */
bool judge_close(struct replay *r, struct log_task *task, int64_t fd);
bool judge_closed(struct replay *r, struct log_task *task, const char *call, int64_t fd);
/* fcntl(F_GETFD) said so. */
void judge_cloexec(struct replay *r, struct log_task *task, int64_t fd, bool cloexec);
/* A call that was in flight is over, and has given these. */
void judge_over(struct replay *r, struct log_task *task, const int64_t *given, size_t n,
		bool failed);
/* Puts something in a place that the machine has empty: origin is taken over. */
void judge_place(struct replay *r, struct log_task *task, int64_t fd, struct origin *origin,
		 bool cloexec);
/* The machine has opened a number, and so does the table: origin is taken over. */
void judge_opened(struct replay *r, struct log_task *task, int64_t fd, struct origin *origin,
		  bool cloexec);
/* Closes in the machine and in the table. */
void judge_remove(struct replay *r, struct log_task *task, int64_t fd, int closer);
void judge_divergence(struct replay *r, const struct log_task *task, uint64_t line, int64_t fd,
		      const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
