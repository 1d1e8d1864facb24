/*
 * What a real task and the one who gives it orders share: a letter box for each task, by its pid, in
 * memory that all tasks find at one address. Both sides are compiled from here, the task without a
 * libc.
 */
#ifndef FDLAB_TOOLS_KERNEL_POST_H
#define FDLAB_TOOLS_KERNEL_POST_H

#include <stdint.h>

#define KERNEL_SHARED_AT 0x1000000000 /* where tasks map it; the one who gives orders: anywhere */

#define KERNEL_POSTS      1024 /* pids are below */
#define KERNEL_POST_SIZE  0x40000
#define KERNEL_STACK_SIZE 0x2000 /* at the end of a post, for a task that another one makes */
#define KERNEL_DATA_AT    0x1000
#define KERNEL_DATA_SIZE  (KERNEL_POST_SIZE - KERNEL_DATA_AT - KERNEL_STACK_SIZE)

enum kernel_post_state {
	POST_IDLE,
	POST_ORDERED,
	POST_DONE,
};

/* A letter box. The words that the other side waits for are also futexes. */
struct kernel_post {
	uint32_t state;    /* enum kernel_post_state */
	uint32_t attached; /* how often a task began to look in here: it was made, or did an exec */
	uint32_t forks;    /* the call makes a task */
	int64_t number, arg[6];
	int64_t result; /* as the kernel returned it: errors are negative */
	char data[] __attribute__((aligned(KERNEL_DATA_AT))); /* what arguments point to */
};

/* The first post is nobody's, since there is no task 0. What concerns all is there. */
struct kernel_making {
	uint32_t uid, gid; /* of the one who makes them */
	uint32_t last;     /* the highest pid that any of them has had */
	char error[256];
};

/* What the program of the tasks has to know. It is written into its file, found by its first word. */
#define KERNEL_IMAGE_MAGIC "fdlab task image"
struct kernel_image_config {
	char magic[16];
	int64_t shmid;
	int64_t races; /* not posts, but races: see kernel_race_post.h. */
};

#endif
