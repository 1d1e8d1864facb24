/*
 * The program that real tasks run: it makes the calls that it is told to, one at a time, and does
 * nothing else. Orders and outcomes go through shared memory that needs no descriptor, so that the
 * table holds what the calls made and nothing more; an exec of this program attaches to it again.
 * There is no libc here, and no memory but the stack: a task that shares all of it with its maker
 * runs as well as one that shares nothing.
 */
#include "kernel_post.h"

#include <asm/unistd.h>
#include <linux/futex.h>
#include <stddef.h>

#define ALL 0x7fffffff

_Static_assert(sizeof(struct kernel_post) <= KERNEL_DATA_AT, "a post's data begins where it says");

/* Filled in by the one who wrote the file of this program. */
static volatile struct kernel_image_config config = { KERNEL_IMAGE_MAGIC, -1 };

_Noreturn void task_serve(long pid);
_Noreturn void task_start(void);

#define POST_OF_0_STACK (KERNEL_SHARED_AT + KERNEL_POST_SIZE)

/*
 * On every processor three things: the entry; a call; and a call that makes a task, which must not
 * touch the stack of its maker, and so takes its own, by its pid, before anything else.
 */
#if defined(__x86_64__)

__asm__(".globl _start\n"
	"_start:\n\t"
	"xorl %ebp, %ebp\n\t"
	"andq $-16, %rsp\n\t"
	"call task_start\n");

static long make_call(long number, const int64_t *a)
{
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static long make_task(long number, const int64_t *a)
{
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	long result;

	__asm__ volatile("syscall\n\t"
			 "testq %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "movl %[gettid], %%eax\n\t"
			 "syscall\n\t"
			 "movq %%rax, %%rdi\n\t"
			 "imulq %[size], %%rax, %%rax\n\t"
			 "movabsq %[stack], %%rdx\n\t"
			 "leaq (%%rax, %%rdx), %%rsp\n\t"
			 "xorl %%ebp, %%ebp\n\t"
			 "call task_serve\n"
			 "1:"
			 : "=a"(result)
			 : "0"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8),
			   "r"(r9), [gettid] "i"(__NR_gettid), [size] "i"(KERNEL_POST_SIZE),
			   [stack] "i"(POST_OF_0_STACK)
			 : "rcx", "r11", "memory");
	return result;
}

static void pause_briefly(void)
{
	__asm__ volatile("pause" ::: "memory");
}

#elif defined(__aarch64__)

__asm__(".globl _start\n"
	"_start:\n\t"
	"mov x29, #0\n\t"
	"mov x30, #0\n\t"
	"bl task_start\n");

#define REGISTERS                                                                                  \
	register long x8 __asm__("x8") = number;                                                   \
	register long x0 __asm__("x0") = a[0];                                                     \
	register long x1 __asm__("x1") = a[1];                                                     \
	register long x2 __asm__("x2") = a[2];                                                     \
	register long x3 __asm__("x3") = a[3];                                                     \
	register long x4 __asm__("x4") = a[4];                                                     \
	register long x5 __asm__("x5") = a[5]

static long make_call(long number, const int64_t *a)
{
	REGISTERS;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

static long make_task(long number, const int64_t *a)
{
	REGISTERS;
	register long size __asm__("x9") = KERNEL_POST_SIZE;
	register long stack __asm__("x10") = POST_OF_0_STACK;

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x8, %[gettid]\n\t"
			 "svc #0\n\t"
			 "madd x10, x0, x9, x10\n\t"
			 "mov sp, x10\n\t"
			 "mov x29, #0\n\t"
			 "bl task_serve\n"
			 "1:"
			 : "+r"(x0), "+r"(x8), "+r"(stack)
			 : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5),
			   "r"(size), [gettid] "i"(__NR_gettid)
			 : "x30", "memory");
	return x0;
}

static void pause_briefly(void)
{
	__asm__ volatile("yield" ::: "memory");
}

#else
#error "a real task has not been taught this processor"
#endif

static long call4(long number, long a, long b, long c, long d)
{
	const int64_t arg[6] = { a, b, c, d, 0, 0 };

	return make_call(number, arg);
}

static struct kernel_post *post_of(long pid)
{
	return (struct kernel_post *)(KERNEL_SHARED_AT + pid * KERNEL_POST_SIZE);
}

static void tell(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	call4(__NR_futex, (long)word, FUTEX_WAKE, ALL, 0);
}

/* An order often comes at once; otherwise the processor is for others. */
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

_Noreturn void task_serve(long pid)
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
		p->result = p->forks ? make_task(p->number, p->arg) : make_call(p->number, p->arg);
		tell(&p->state, POST_DONE);
	}
}

_Noreturn void task_start(void)
{
	const long at = call4(__NR_shmat, config.shmid, KERNEL_SHARED_AT, 0, 0);
	const long pid = call4(__NR_gettid, 0, 0, 0, 0);

	while (at != KERNEL_SHARED_AT || pid >= KERNEL_POSTS)
		call4(__NR_exit_group, 127, 0, 0, 0);
	task_serve(pid);
}
