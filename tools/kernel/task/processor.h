/*
 * The parts of the program of real tasks that depend on the processor: its entry, making a call,
 * and making a task.
 */
#ifndef FDLAB_TOOLS_TASK_PROCESSOR_H
#define FDLAB_TOOLS_TASK_PROCESSOR_H

#include "kernel/post.h"

#include <asm/unistd.h>

/* Where the program begins, and where a task of make_task begins. */
_Noreturn void task_start(void);
_Noreturn void task_born(long number);

/* Returns from a signal handler. Not to be called. */
void task_restorer(void);

/* The pid of task number 0. The stack of a task is in the post of its number. */
extern volatile int task_base;

#define POST_OF_0_STACK (KERNEL_SHARED_AT + KERNEL_POST_SIZE)

/*
 * The entry; a call; and a call that makes a task. The new task shares memory with its maker:
 * before anything else it takes its own stack, by its number.
 */
#if defined(__x86_64__)

#define TASK_ENTRY                                                                                 \
	".globl _start\n"                                                                          \
	"_start:\n\t"                                                                              \
	"xorl %ebp, %ebp\n\t"                                                                      \
	"andq $-16, %rsp\n\t"                                                                      \
	"call task_start\n"

/* Where a signal handler returns to. */
#define TASK_RESTORER                                                                              \
	".globl task_restorer\n"                                                                   \
	"task_restorer:\n\t"                                                                       \
	"movl $15, %eax\n\t"                                                                       \
	"syscall\n"

/* The same RACE_LINES times, each of 8 bytes: actions.c. */
#define RACE_RESTORERS                                                                             \
	".globl race_restorers\n"                                                                  \
	"race_restorers:\n\t"                                                                      \
	".rept 64\n\t"                                                                             \
	"movl $15, %eax\n\t"                                                                       \
	"syscall\n\t"                                                                              \
	"nop\n\t"                                                                                  \
	".endr\n"

static inline long make_call(long number, const int64_t *a)
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

static inline long make_task(long number, const int64_t *a)
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
			 "movslq task_base(%%rip), %%rdi\n\t"
			 "subq %%rdi, %%rax\n\t"
			 "movq %%rax, %%rdi\n\t"
			 "imulq %[size], %%rax, %%rax\n\t"
			 "movabsq %[stack], %%rdx\n\t"
			 "leaq (%%rax, %%rdx), %%rsp\n\t"
			 "xorl %%ebp, %%ebp\n\t"
			 "call task_born\n"
			 "1:"
			 : "=a"(result)
			 : "0"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8),
			   "r"(r9), [gettid] "i"(__NR_gettid), [size] "i"(KERNEL_POST_SIZE),
			   [stack] "i"(POST_OF_0_STACK)
			 : "rcx", "r11", "memory");
	return result;
}

static inline void pause_briefly(void)
{
	__asm__ volatile("pause" ::: "memory");
}

#elif defined(__aarch64__)

#define TASK_ENTRY                                                                                 \
	".globl _start\n"                                                                          \
	"_start:\n\t"                                                                              \
	"mov x29, #0\n\t"                                                                          \
	"mov x30, #0\n\t"                                                                          \
	"bl task_start\n"

#define TASK_RESTORER                                                                              \
	".globl task_restorer\n"                                                                   \
	"task_restorer:\n\t"                                                                       \
	"mov x8, #139\n\t"                                                                         \
	"svc #0\n"

#define RACE_RESTORERS                                                                             \
	".globl race_restorers\n"                                                                  \
	"race_restorers:\n\t"                                                                      \
	".rept 64\n\t"                                                                             \
	"mov x8, #139\n\t"                                                                         \
	"svc #0\n\t"                                                                               \
	".endr\n"

#define REGISTERS                                                                                  \
	register long x8 __asm__("x8") = number;                                                   \
	register long x0 __asm__("x0") = a[0];                                                     \
	register long x1 __asm__("x1") = a[1];                                                     \
	register long x2 __asm__("x2") = a[2];                                                     \
	register long x3 __asm__("x3") = a[3];                                                     \
	register long x4 __asm__("x4") = a[4];                                                     \
	register long x5 __asm__("x5") = a[5]

static inline long make_call(long number, const int64_t *a)
{
	REGISTERS;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

static inline long make_task(long number, const int64_t *a)
{
	REGISTERS;
	register long size __asm__("x9") = KERNEL_POST_SIZE;
	register long stack __asm__("x10") = POST_OF_0_STACK;

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x8, %[gettid]\n\t"
			 "svc #0\n\t"
			 "adrp x11, task_base\n\t"
			 "ldrsw x11, [x11, :lo12:task_base]\n\t"
			 "sub x0, x0, x11\n\t"
			 "madd x10, x0, x9, x10\n\t"
			 "mov sp, x10\n\t"
			 "mov x29, #0\n\t"
			 "bl task_born\n"
			 "1:"
			 : "+r"(x0), "+r"(x8), "+r"(stack)
			 : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5),
			   "r"(size), [gettid] "i"(__NR_gettid)
			 : "x11", "x30", "memory");
	return x0;
}

static inline void pause_briefly(void)
{
	__asm__ volatile("yield" ::: "memory");
}

#else
#error "a real task has not been taught this processor"
#endif

static inline long call4(long number, long a, long b, long c, long d)
{
	const int64_t arg[6] = { a, b, c, d, 0, 0 };

	return make_call(number, arg);
}

#endif
