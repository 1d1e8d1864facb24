/* The standard descriptors of the process, which its caller may have closed. */
#ifndef FDLABD_STANDARD_H
#define FDLABD_STANDARD_H

/* Opens those that are closed, so that nothing else becomes one of them. 0 or a negative errno. */
int standard_open(void);

#endif
