/*
 * RCU as far as tables need it: read sections, and when a table that was replaced is freed.
 */
#ifndef LINUX_RCU_H
#define LINUX_RCU_H

#include "base/list.h"
#include "machine/sched.h"
#include "machine/task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_machine;
struct fdtable;

/* A read section; only calls that can stop inside it need to be known. */
struct rcu_reader {
	struct list readers;
	struct task *task; /* NULL: not registered */
	uint64_t began;
};

/* The part of a machine that belongs to this kernel. */
struct linux_machine {
	uint32_t next_files_id; /* starts over after four billion: ids are for people */
	struct list retired;    /* fdtables, oldest first */
	struct list readers;    /* rcu_readers, oldest first */
	bool rcu_held;          /* by hand: no grace period ends */
	uint64_t rcu_now;       /* counts retirements and read sections */
};

/* No table is retired, and no task reads. */
void files_defer_init(struct linux_machine *lm);

/* Hands a table that was replaced to RCU, which frees it after a grace period. */
void free_fdtable(struct task *current, struct fdtable *fdt);

void rcu_reader_begin(struct task *current, struct rcu_reader *r);

/* A call that runs straight through is out of its section before another call begins. */
static inline void rcu_read_lock(struct task *current, struct rcu_reader *r)
{
	r->task = NULL;
	if (__builtin_expect(current->call->stepped, 0))
		rcu_reader_begin(current, r);
}

static inline void rcu_read_unlock(struct rcu_reader *r)
{
	if (__builtin_expect(r->task != NULL, 0))
		list_del(&r->readers);
}

/* Time passes: grace periods end where no reader is left, and the workqueue frees. */
void rcu_advance(struct fdl_machine *m);

/* The words of fdtable_stage. */
extern const char *const fdtable_stages[];

/* The read section after r (NULL: the first) in which a retired table may be read. NULL: none. */
const struct rcu_reader *rcu_next_reader(const struct linux_machine *lm, const struct fdtable *fdt,
					 const struct rcu_reader *r);

/* Tells of each retired table, the oldest first. */
void rcu_retired(const struct fdl_machine *m,
		 void (*tell)(void *ctx, const struct retired_table *t), void *ctx);

/* From now on (hold) no grace period ends, as if a task were always reading; or they end again. */
void rcu_hold(struct fdl_machine *m, bool hold);

#endif
