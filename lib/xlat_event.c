/*
 * The symbols of what waits and what is waited for, with the numbers of the host's headers.
 */
#include "xlat.h"

#include "xlat_rows.h"

#include <poll.h>
#include <sys/epoll.h>

static const struct word poll_rows[] = {
	FLAG(POLLIN),   FLAG(POLLPRI),    FLAG(POLLOUT),    FLAG(POLLERR),    FLAG(POLLHUP),
	FLAG(POLLNVAL), FLAG(POLLRDNORM), FLAG(POLLRDBAND), FLAG(POLLWRNORM), FLAG(POLLWRBAND),
	FLAG(POLLMSG),  FLAG(POLLREMOVE), FLAG(POLLRDHUP),
};

const struct words poll_words = { "event", TABLE(poll_rows), NULL, 0 };

static const struct word epoll_rows[] = {
	FLAG(EPOLLIN),     FLAG(EPOLLPRI),     FLAG(EPOLLOUT),    FLAG(EPOLLRDNORM),
	FLAG(EPOLLRDBAND), FLAG(EPOLLWRNORM),  FLAG(EPOLLWRBAND), FLAG(EPOLLMSG),
	FLAG(EPOLLERR),    FLAG(EPOLLHUP),     FLAG(EPOLLRDHUP),  FLAG(EPOLLEXCLUSIVE),
	FLAG(EPOLLWAKEUP), FLAG(EPOLLONESHOT), FLAG(EPOLLET),
};

const struct words epoll_words = { "event", TABLE(epoll_rows), NULL, 0 };

static const struct word epoll_ctl_rows[] = {
	SYMBOL(EPOLL_CTL_ADD),          SYMBOL(EPOLL_CTL_MOD),
	SYMBOL(EPOLL_CTL_DEL),          NAMED("ADD", EPOLL_CTL_ADD, 0),
	NAMED("MOD", EPOLL_CTL_MOD, 0), NAMED("DEL", EPOLL_CTL_DEL, 0),
};

const struct words epoll_ctl_words = { "operation", TABLE(epoll_ctl_rows), NULL, 0 };

static const struct word epoll_create_rows[] = {
	FLAG(EPOLL_CLOEXEC),
};

const struct words epoll_create_words = { "flag", TABLE(epoll_create_rows), NULL, 0 };
