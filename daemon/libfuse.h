#ifndef FDLABD_LIBFUSE_H
#define FDLABD_LIBFUSE_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#endif
