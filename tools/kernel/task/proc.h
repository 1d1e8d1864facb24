/*
 * Reads in /proc about a task of a race, by its pid. The scenario's numbers of tasks are not known
 * here.
 */
#ifndef FDLAB_TOOLS_TASK_PROC_H
#define FDLAB_TOOLS_TASK_PROC_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The state of a task as its stat file has it; 0: there is none. When the exec of a thread takes
 * the pid of its leader during a lookup, procfs keeps the leader under the old pid of the thread:
 * so the pid in the file is compared.
 */
char proc_state_of(int32_t pid);

/*
 * A number that changes whenever the task runs, which its schedstat counts. Where the kernel has
 * no such file it is always the same.
 */
uint64_t proc_turns_of(int32_t pid);

/*
 * Whether a task whose state is that of a sleeper has left its processor. A call sets the state
 * before it looks at what it would wait for, and may be preempted then: its syscall file waits for
 * that, and says "running" of a task that went on.
 */
bool proc_has_fallen_asleep(int32_t pid);

/* The parent of a task; 0: there is no such task. */
int32_t proc_parent_of(int32_t pid);

#endif
