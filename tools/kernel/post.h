/*
 * The memory that fdlab shares with real tasks: a post for each task, by its pid, through which it
 * gets orders. All tasks map it at one address. fdlab and the program of the tasks, which has no
 * libc, both include this file.
 */
#ifndef FDLAB_TOOLS_KERNEL_POST_H
#define FDLAB_TOOLS_KERNEL_POST_H

#include <stdint.h>

#define KERNEL_SHARED_AT 0x1000000000 /* in tasks; fdlab maps it anywhere */

#define KERNEL_POSTS      1024 /* pids are below */
#define KERNEL_POST_SIZE  0x40000
#define KERNEL_STACK_SIZE 0x2000 /* at the end of a post, for a task made by another task */
#define KERNEL_DATA_AT    0x1000
#define KERNEL_DATA_SIZE  (KERNEL_POST_SIZE - KERNEL_DATA_AT - KERNEL_STACK_SIZE)

enum kernel_post_state {
	POST_IDLE,
	POST_ORDERED,
	POST_DONE,
};

/* A post. state and attached are also futexes, on which the other side waits. */
struct kernel_post {
	uint32_t state;    /* enum kernel_post_state */
	uint32_t attached; /* how often a task began to read orders here */
	uint32_t forks;    /* the call makes a task */
	int64_t number, arg[6];
	int64_t result; /* as the kernel returned it: errors are negative */
	char data[] __attribute__((aligned(KERNEL_DATA_AT))); /* what arguments point to */
};

/* In place of the post of task 0, which does not exist: the words for all tasks. */
struct kernel_making {
	uint32_t uid, gid; /* of fdlab */
	uint32_t last;     /* the highest pid so far */
	char error[256];
};

/*
 * Settings for the program of the tasks. fdlab finds it by its magic and writes it into the
 * file.
 */
#define KERNEL_IMAGE_MAGIC "fdlab task image"
struct kernel_image_config {
	char magic[16];
	int64_t shmid;
	int64_t races; /* tasks run races, see race_post.h, and take no orders from posts */
};

#endif
