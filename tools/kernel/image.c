/*
 * Embeds the program of real tasks in this one, so that one file is enough.
 */
#include "kernel/image.h"

__asm__(".section .rodata\n"
	".balign 16\n"
	".globl kernel_image\n"
	"kernel_image:\n"
#ifdef KERNEL_IMAGE
	".incbin \"" KERNEL_IMAGE "\"\n"
#endif
	"kernel_image_end:\n"
	".balign 8\n"
	".globl kernel_image_size\n"
	"kernel_image_size:\n"
	".8byte kernel_image_end - kernel_image\n"
	".previous\n");
