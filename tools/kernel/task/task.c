/*
 * The program that real tasks run: it makes the calls that it is told to, one at a time, and does
 * nothing else. Orders and results go through shared memory, which needs no descriptor: the table
 * has only what the calls made. After an exec, the program attaches to the memory again. It has no
 * libc, and no memory but the stack, so that tasks may share all of it or nothing.
 */
#include "kernel/post.h"
#include "kernel/sigaction.h"
#include "kernel/task/processor.h"
#include "kernel/task/racer.h"

#include <linux/futex.h>
#include <linux/prctl.h>
#include <signal.h>
#include <stddef.h>

_Static_assert(sizeof(struct kernel_post) <= KERNEL_DATA_AT, "a post's data begins where it says");

/* fdlab fills it in when it writes the file of this program. */
static volatile struct kernel_image_config config = { KERNEL_IMAGE_MAGIC, -1, 0 };

volatile int task_base;

__asm__(TASK_ENTRY TASK_RESTORER);

static struct kernel_post *post_of(long pid)
{
	return (struct kernel_post *)(KERNEL_SHARED_AT + pid * KERNEL_POST_SIZE);
}

static void tell(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	call4(__NR_futex, (long)word, FUTEX_WAKE, INT32_MAX, 0);
}

/* An order often comes at once; after some looks the task sleeps. */
static void wait_for_order(struct kernel_post *p)
{
	uint32_t state;

	for (int i = 0; i < 200; i++) {
		if (__atomic_load_n(&p->state, __ATOMIC_SEQ_CST) == POST_ORDERED)
			return;
		pause_briefly();
	}
	while ((state = __atomic_load_n(&p->state, __ATOMIC_SEQ_CST)) != POST_ORDERED)
		call4(__NR_futex, (long)&p->state, FUTEX_WAIT, state, 0);
}

/* ---- actions of signals --------------------------------------------------------------------- */

/* The addresses that calls gave, which mean nothing here. */
static struct kernel_sigaction given[SIGNALS_MAX + 1];

static void handler(int sig)
{
	(void)sig;
}

/* An action in the memory of the posts. NULL: the call gives none, or an address that is none. */
static struct kernel_sigaction *action_at(int64_t at)
{
	const int64_t end = KERNEL_SHARED_AT + (int64_t)KERNEL_POSTS * KERNEL_POST_SIZE;

	return at >= KERNEL_SHARED_AT && at < end ? (struct kernel_sigaction *)(uintptr_t)at : NULL;
}

/* rt_sigaction with a handler of this program in place of an address, and back. */
static long make_sigaction(long number, const int64_t *arg)
{
	struct kernel_sigaction *act = action_at(arg[1]), *old = action_at(arg[2]), was, now;
	const int64_t sig = arg[0];
	const int known = sig >= 1 && sig <= SIGNALS_MAX;
	long result;

	if (known)
		was = given[sig];
	if (act) {
		now = *act;
		if ((uint64_t)act->handler > 1)
			act->handler = (int64_t)handler;
		act->flags |= SIGACTION_RESTORER;
		act->restorer = (int64_t)task_restorer;
	}
	result = make_call(number, arg);
	if (!result && old && known && old->restorer == (int64_t)task_restorer) {
		if (old->handler == (int64_t)handler)
			old->handler = was.handler;
		old->restorer = was.restorer;
		old->flags &= ~SIGACTION_RESTORER;
		old->flags |= was.flags & SIGACTION_RESTORER;
	}
	if (!result && act && known)
		given[sig] = now;
	return result;
}

static long make_order(const struct kernel_post *p)
{
	if (p->forks)
		return make_task(p->number, p->arg);
	if (p->number == __NR_rt_sigaction)
		return make_sigaction(p->number, p->arg);
	return make_call(p->number, p->arg);
}

static _Noreturn void task_serve(long pid)
{
	struct kernel_post *p = post_of(pid);
	uint32_t *last = &((struct kernel_making *)KERNEL_SHARED_AT)->last, was = *last;

	while (was < pid && !__atomic_compare_exchange_n(last, &was, (uint32_t)pid, 0,
							 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	__atomic_store_n(&p->state, POST_IDLE, __ATOMIC_SEQ_CST);
	tell(&p->attached, p->attached + 1);
	for (;;) {
		wait_for_order(p);
		p->result = make_order(p);
		tell(&p->state, POST_DONE);
	}
}

_Noreturn void task_born(long number)
{
	if (config.races)
		racer_born(number);
	task_serve(number);
}

_Noreturn void task_start(void)
{
	const long pid = call4(__NR_gettid, 0, 0, 0, 0);
	long at;

	/*
	 * Task 1 ends with fdlab, and the others with it. An exec by another of its threads has
	 * lost that. fdlab may have ended meanwhile: if it was the last other user of the memory,
	 * the memory is gone.
	 */
	if (pid == 1)
		call4(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0);
	at = call4(__NR_shmat, config.shmid, KERNEL_SHARED_AT, 0, 0);
	while (at != KERNEL_SHARED_AT)
		call4(__NR_exit_group, 127, 0, 0, 0);
	if (config.races)
		racer_start(pid);
	while (pid >= KERNEL_POSTS)
		call4(__NR_exit_group, 127, 0, 0, 0);
	task_serve(pid);
}
