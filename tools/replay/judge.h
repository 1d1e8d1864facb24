/*
 * The judge: compares what the log says with what the machine does.
 */
#ifndef FDLAB_TOOLS_REPLAY_JUDGE_H
#define FDLAB_TOOLS_REPLAY_JUDGE_H

#include "replay/play.h"

enum gift { GIFT_NEW, GIFT_DUP, GIFT_DUPFD };

/* A descriptor that a call gave. */
struct given {
	enum gift how;
	const char *call; /* a literal */
	const char *name; /* the name of the open file */
	int64_t number;
	int64_t from;   /* the lowest number allowed */
	int64_t source; /* GIFT_DUP, GIFT_DUPFD */
	bool cloexec;
	enum pipe_end end;
};

/* Compares the descriptor that a call gave with the machine's. */
void judge_given(struct replay *r, struct log_task *task, const struct given *given);
/* The same for both of a pipe. */
void judge_pair(struct replay *r, struct log_task *task, const struct given given[2]);
/* A call failed with EMFILE: no number from this one on was free. */
void judge_full(struct replay *r, struct log_task *task, const char *call, int64_t from);
/* A call shows that a descriptor is open, or (EBADF) closed. False: a divergence. */
bool judge_open(struct replay *r, struct log_task *task, const char *call, int64_t fd);
/* The same for a call that closes it. */
bool judge_close(struct replay *r, struct log_task *task, int64_t fd);
bool judge_closed(struct replay *r, struct log_task *task, const char *call, int64_t fd);
/* A call has used an open descriptor, or closed it. */
void judge_note_use(struct replay *r, const struct log_slot *slot);
/* The log has close-on-exec from fcntl(F_GETFD). */
void judge_cloexec(struct replay *r, struct log_task *task, int64_t fd, bool cloexec);
/* A call in flight has returned and given these descriptors. */
void judge_over(struct replay *r, struct log_task *task, const int64_t *given, size_t n,
		bool failed);
/* Puts a descriptor in a place that is empty in the machine: takes over origin. */
void judge_place(struct replay *r, struct log_task *task, int64_t fd, struct origin *origin,
		 bool cloexec);
/* Opens in the table a number that the machine has opened: takes over origin. */
void judge_opened(struct replay *r, struct log_task *task, int64_t fd, struct origin *origin,
		  bool cloexec);
/* Closes in the machine and in the table. */
void judge_remove(struct replay *r, struct log_task *task, int64_t fd, int closer);
void judge_divergence(struct replay *r, const struct log_task *task, uint64_t line, int64_t fd,
		      const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
