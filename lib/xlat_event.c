/*
 * The symbols of what waits and what is waited for, with the numbers of the host's headers.
 */
#include "xlat.h"

#include "xlat_rows.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>

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

static const struct word efd_rows[] = {
	FLAG(EFD_SEMAPHORE),
	FLAG(EFD_CLOEXEC),
	FLAG(EFD_NONBLOCK),
};

const struct words efd_words = { "flag", TABLE(efd_rows), NULL, 0 };

static const struct word tfd_rows[] = {
	FLAG(TFD_CLOEXEC),
	FLAG(TFD_NONBLOCK),
};

const struct words tfd_words = { "flag", TABLE(tfd_rows), NULL, 0 };

static const struct word tfd_set_rows[] = {
	FLAG(TFD_TIMER_ABSTIME),
	FLAG(TFD_TIMER_CANCEL_ON_SET),
};

const struct words tfd_set_words = { "flag", TABLE(tfd_set_rows), NULL, 0 };

static const struct word timer_rows[] = {
	FLAG(TIMER_ABSTIME),
};

const struct words timer_words = { "flag", TABLE(timer_rows), NULL, 0 };

static const struct word clock_rows[] = {
	SYMBOL(CLOCK_REALTIME),
	SYMBOL(CLOCK_MONOTONIC),
	SYMBOL(CLOCK_PROCESS_CPUTIME_ID),
	SYMBOL(CLOCK_THREAD_CPUTIME_ID),
	SYMBOL(CLOCK_MONOTONIC_RAW),
	SYMBOL(CLOCK_REALTIME_COARSE),
	SYMBOL(CLOCK_MONOTONIC_COARSE),
	SYMBOL(CLOCK_BOOTTIME),
	SYMBOL(CLOCK_REALTIME_ALARM),
	SYMBOL(CLOCK_BOOTTIME_ALARM),
	SYMBOL(CLOCK_TAI),
};

const struct words clock_words = { "clock", TABLE(clock_rows), NULL, 0 };

static const struct word sighow_rows[] = {
	SYMBOL(SIG_BLOCK),
	SYMBOL(SIG_UNBLOCK),
	SYMBOL(SIG_SETMASK),
};

const struct words sighow_words = { "way", TABLE(sighow_rows), NULL, 0 };

static const struct word sfd_rows[] = {
	FLAG(SFD_CLOEXEC),
	FLAG(SFD_NONBLOCK),
};

const struct words sfd_words = { "flag", TABLE(sfd_rows), NULL, 0 };

/* The newer ones are not in every host's headers. */
static const struct word mfd_rows[] = {
	NAMED("MFD_CLOEXEC", 1, 1), NAMED("MFD_ALLOW_SEALING", 2, 2),
	NAMED("MFD_HUGETLB", 4, 4), NAMED("MFD_NOEXEC_SEAL", 8, 8),
	NAMED("MFD_EXEC", 16, 16),
};

const struct words mfd_words = { "flag", TABLE(mfd_rows), NULL, 0 };

static const struct word seal_rows[] = {
	NAMED("F_SEAL_SEAL", 1, 1),           NAMED("F_SEAL_SHRINK", 2, 2),
	NAMED("F_SEAL_GROW", 4, 4),           NAMED("F_SEAL_WRITE", 8, 8),
	NAMED("F_SEAL_FUTURE_WRITE", 16, 16), NAMED("F_SEAL_EXEC", 32, 32),
};

const struct words seal_words = { "seal", TABLE(seal_rows), NULL, 0 };

static const struct word pidfd_rows[] = {
	NAMED("PIDFD_NONBLOCK", 04000, 04000),
	NAMED("PIDFD_THREAD", 0200, 0200),
};

const struct words pidfd_words = { "flag", TABLE(pidfd_rows), NULL, 0 };

static const struct word pidfd_signal_rows[] = {
	NAMED("PIDFD_SIGNAL_THREAD", 1, 1),
	NAMED("PIDFD_SIGNAL_THREAD_GROUP", 2, 2),
	NAMED("PIDFD_SIGNAL_PROCESS_GROUP", 4, 4),
};

const struct words pidfd_signal_words = { "flag", TABLE(pidfd_signal_rows), NULL, 0 };

static const struct word inotify_init_rows[] = {
	FLAG(IN_CLOEXEC),
	FLAG(IN_NONBLOCK),
};

const struct words inotify_init_words = { "flag", TABLE(inotify_init_rows), NULL, 0 };

static const struct word inotify_rows[] = {
	FLAG(IN_ACCESS),        FLAG(IN_MODIFY),      FLAG(IN_ATTRIB),      FLAG(IN_CLOSE_WRITE),
	FLAG(IN_CLOSE_NOWRITE), FLAG(IN_OPEN),        FLAG(IN_MOVED_FROM),  FLAG(IN_MOVED_TO),
	FLAG(IN_CREATE),        FLAG(IN_DELETE),      FLAG(IN_DELETE_SELF), FLAG(IN_MOVE_SELF),
	FLAG(IN_UNMOUNT),       FLAG(IN_Q_OVERFLOW),  FLAG(IN_IGNORED),     FLAG(IN_ONLYDIR),
	FLAG(IN_DONT_FOLLOW),   FLAG(IN_EXCL_UNLINK), FLAG(IN_MASK_CREATE), FLAG(IN_MASK_ADD),
	FLAG(IN_ISDIR),         FLAG(IN_ONESHOT),     ALIAS(IN_CLOSE),      ALIAS(IN_MOVE),
	ALIAS(IN_ALL_EVENTS),
};

const struct words inotify_words = { "event", TABLE(inotify_rows), NULL, 0 };
