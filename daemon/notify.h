#ifndef FDLABD_NOTIFY_H
#define FDLABD_NOTIFY_H

/* Tells the service manager, if there is one, a state such as "READY=1". */
void notify(const char *state);

#endif
