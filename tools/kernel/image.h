/*
 * The program that real tasks run (task/task.c), as the bytes of its file.
 */
#ifndef FDLAB_TOOLS_KERNEL_IMAGE_H
#define FDLAB_TOOLS_KERNEL_IMAGE_H

#include <stdint.h>

/* The size is 0 where there is no such program for this processor. */
extern const char kernel_image[];
extern const uint64_t kernel_image_size;

#endif
