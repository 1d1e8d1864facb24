/*
 * The tables of symbols, Linux's, with the numbers of the host's headers. If a header hides the
 * kernel's number (O_LARGEFILE on 64-bit machines), the table has it.
 */
#include "notation/abi.h"
#include "notation/xlat_rows.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/kcmp.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct word at_rows[] = {
	SYMBOL(AT_FDCWD),
};

const struct words at_words = { "symbol", TABLE(at_rows), NULL, 0 };

/* In strace's order. The access mode is first: calls without one start after it. */
static const struct word open_rows[] = {
	FIELD(O_RDONLY, O_ACCMODE),
	FIELD(O_WRONLY, O_ACCMODE),
	FIELD(O_RDWR, O_ACCMODE),
	FIELD(O_ACCMODE, O_ACCMODE),
	FLAG(O_CREAT),
	FLAG(O_EXCL),
	FLAG(O_NOCTTY),
	FLAG(O_TRUNC),
	FLAG(O_APPEND),
	FLAG(O_NONBLOCK),
	FLAG(O_SYNC),
	FLAG(O_DSYNC),
	FLAG(O_DIRECT),
	NAMED("O_LARGEFILE", KERNEL_O_LARGEFILE, KERNEL_O_LARGEFILE),
	FLAG(O_NOFOLLOW),
	FLAG(O_NOATIME),
	FLAG(O_CLOEXEC),
	FLAG(O_PATH),
	FLAG(O_TMPFILE),
	FLAG(O_DIRECTORY),
	FLAG(FASYNC),
	ALIAS(O_ASYNC),
	ALIAS(O_NDELAY),
	ALIAS(O_RSYNC),
	NAMED("__O_TMPFILE", O_TMPFILE & ~O_DIRECTORY, 0),
};

#define ACCESS_MODES 4 /* rows */

const struct words open_words = { "flag", TABLE(open_rows), NULL, 0 };
const struct words dup_words = {
	"flag",
	open_rows + ACCESS_MODES,
	sizeof(open_rows) / sizeof(open_rows[0]) - ACCESS_MODES,
	NULL,
	0,
};

static const struct word fdflag_rows[] = {
	FLAG(FD_CLOEXEC),
};

const struct words fdflag_words = { "flag", TABLE(fdflag_rows), NULL, 0 };

static const struct word whence_rows[] = {
	SYMBOL(SEEK_SET), SYMBOL(SEEK_CUR), SYMBOL(SEEK_END), SYMBOL(SEEK_DATA), SYMBOL(SEEK_HOLE),
};

const struct words whence_words = { "whence", TABLE(whence_rows), NULL, 0 };

/* The kernel and strace count real-time signals from 32; libc hides the first two. */
#define REALTIME(n) NAMED("SIGRT_" #n, 32 + (n), UINT64_MAX)

static const struct word signal_rows[] = {
	SYMBOL(SIGHUP),  SYMBOL(SIGINT),    SYMBOL(SIGQUIT), SYMBOL(SIGILL),
	SYMBOL(SIGTRAP), SYMBOL(SIGABRT),   SYMBOL(SIGBUS),  SYMBOL(SIGFPE),
	SYMBOL(SIGKILL), SYMBOL(SIGUSR1),   SYMBOL(SIGSEGV), SYMBOL(SIGUSR2),
	SYMBOL(SIGPIPE), SYMBOL(SIGALRM),   SYMBOL(SIGTERM), SYMBOL(SIGSTKFLT),
	SYMBOL(SIGCHLD), SYMBOL(SIGCONT),   SYMBOL(SIGSTOP), SYMBOL(SIGTSTP),
	SYMBOL(SIGTTIN), SYMBOL(SIGTTOU),   SYMBOL(SIGURG),  SYMBOL(SIGXCPU),
	SYMBOL(SIGXFSZ), SYMBOL(SIGVTALRM), SYMBOL(SIGPROF), SYMBOL(SIGWINCH),
	SYMBOL(SIGIO),   SYMBOL(SIGPWR),    SYMBOL(SIGSYS),  NAMED("SIGRTMIN", 32, UINT64_MAX),
	REALTIME(1),     REALTIME(2),       REALTIME(3),     REALTIME(4),
	REALTIME(5),     REALTIME(6),       REALTIME(7),     REALTIME(8),
	REALTIME(9),     REALTIME(10),      REALTIME(11),    REALTIME(12),
	REALTIME(13),    REALTIME(14),      REALTIME(15),    REALTIME(16),
	REALTIME(17),    REALTIME(18),      REALTIME(19),    REALTIME(20),
	REALTIME(21),    REALTIME(22),      REALTIME(23),    REALTIME(24),
	REALTIME(25),    REALTIME(26),      REALTIME(27),    REALTIME(28),
	REALTIME(29),    REALTIME(30),      REALTIME(31),    REALTIME(32),
	ALIAS(SIGPOLL),  ALIAS(SIGIOT),     ALIAS(SIGCLD),
};

const struct words signal_words = { "signal", TABLE(signal_rows), NULL, 0 };

/*
 * The low byte of clone(2) is the signal for the parent at exit; clone3(2) has a field for it and
 * uses the byte for a flag, the last row.
 */
static const struct word clone_rows[] = {
	FLAG(CLONE_VM),
	FLAG(CLONE_FS),
	FLAG(CLONE_FILES),
	FLAG(CLONE_SIGHAND),
	FLAG(CLONE_PIDFD),
	FLAG(CLONE_PTRACE),
	FLAG(CLONE_VFORK),
	FLAG(CLONE_PARENT),
	FLAG(CLONE_THREAD),
	FLAG(CLONE_NEWNS),
	FLAG(CLONE_SYSVSEM),
	FLAG(CLONE_SETTLS),
	FLAG(CLONE_PARENT_SETTID),
	FLAG(CLONE_CHILD_CLEARTID),
	FLAG(CLONE_DETACHED),
	FLAG(CLONE_UNTRACED),
	FLAG(CLONE_CHILD_SETTID),
	FLAG(CLONE_NEWCGROUP),
	FLAG(CLONE_NEWUTS),
	FLAG(CLONE_NEWIPC),
	FLAG(CLONE_NEWUSER),
	FLAG(CLONE_NEWPID),
	FLAG(CLONE_NEWNET),
	FLAG(CLONE_IO),
	FLAG(CLONE_CLEAR_SIGHAND),
	FLAG(CLONE_INTO_CGROUP),
	FLAG(CLONE_NEWTIME),
};

const struct words clone3_words = { "flag", TABLE(clone_rows), NULL, 0 };
const struct words clone_words = {
	"flag", clone_rows, sizeof(clone_rows) / sizeof(clone_rows[0]) - 1, &signal_words, CSIGNAL,
};

/* unshare(2) has no exit signal, and uses a bit of that byte. */
static const struct word unshare_rows[] = {
	FLAG(CLONE_NEWTIME),   FLAG(CLONE_VM),     FLAG(CLONE_FS),     FLAG(CLONE_FILES),
	FLAG(CLONE_SIGHAND),   FLAG(CLONE_THREAD), FLAG(CLONE_NEWNS),  FLAG(CLONE_SYSVSEM),
	FLAG(CLONE_NEWCGROUP), FLAG(CLONE_NEWUTS), FLAG(CLONE_NEWIPC), FLAG(CLONE_NEWUSER),
	FLAG(CLONE_NEWPID),    FLAG(CLONE_NEWNET),
};

const struct words unshare_words = { "flag", TABLE(unshare_rows), NULL, 0 };

static const struct word closerange_rows[] = {
	FLAG(CLOSE_RANGE_UNSHARE),
	FLAG(CLOSE_RANGE_CLOEXEC),
};

const struct words closerange_words = { "flag", TABLE(closerange_rows), NULL, 0 };

static const struct word atflag_rows[] = {
	FLAG(AT_SYMLINK_NOFOLLOW), FLAG(AT_REMOVEDIR),  FLAG(AT_SYMLINK_FOLLOW),
	FLAG(AT_NO_AUTOMOUNT),     FLAG(AT_EMPTY_PATH), ALIAS(AT_EACCESS),
};

const struct words atflag_words = { "flag", TABLE(atflag_rows), NULL, 0 };

static const struct word dirtype_rows[] = {
	SYMBOL(DT_UNKNOWN), NAMED("DT_FIFO", 1, UINT32_MAX),
	SYMBOL(DT_CHR),     NAMED("DT_DIR", 4, UINT32_MAX),
	SYMBOL(DT_BLK),     NAMED("DT_REG", 8, UINT32_MAX),
	SYMBOL(DT_LNK),     NAMED("DT_SOCK", 12, UINT32_MAX),
	SYMBOL(DT_WHT),
};

const struct words dirtype_words = { "type", TABLE(dirtype_rows), NULL, 0 };

static const struct word dn_rows[] = {
	FLAG(DN_ACCESS),
	FLAG(DN_MODIFY),
	FLAG(DN_CREATE),
	FLAG(DN_DELETE),
	FLAG(DN_RENAME),
	FLAG(DN_ATTRIB),
	NAMED("DN_MULTISHOT", 0x80000000u, 0x80000000u),
};

const struct words dn_words = { "event", TABLE(dn_rows), NULL, 0 };

static const struct word splice_rows[] = {
	FLAG(SPLICE_F_MOVE),
	FLAG(SPLICE_F_NONBLOCK),
	FLAG(SPLICE_F_MORE),
	FLAG(SPLICE_F_GIFT),
};

const struct words splice_words = { "flag", TABLE(splice_rows), NULL, 0 };

static const struct word statxflag_rows[] = {
	NAMED("AT_STATX_SYNC_AS_STAT", 0, 0x6000),
	NAMED("AT_STATX_FORCE_SYNC", 0x2000, 0x6000),
	NAMED("AT_STATX_DONT_SYNC", 0x4000, 0x6000),
	FLAG(AT_SYMLINK_NOFOLLOW),
	FLAG(AT_NO_AUTOMOUNT),
	FLAG(AT_EMPTY_PATH),
};

const struct words statxflag_words = { "flag", TABLE(statxflag_rows), NULL, 0 };

static const struct word statxmask_rows[] = {
	NAMED("STATX_ALL", 0xfff, 0xfff),
	NAMED("STATX_BASIC_STATS", 0x7ff, 0x7ff),
	NAMED("STATX_TYPE", 1, 1),
	NAMED("STATX_MODE", 2, 2),
	NAMED("STATX_NLINK", 4, 4),
	NAMED("STATX_UID", 8, 8),
	NAMED("STATX_GID", 0x10, 0x10),
	NAMED("STATX_ATIME", 0x20, 0x20),
	NAMED("STATX_MTIME", 0x40, 0x40),
	NAMED("STATX_CTIME", 0x80, 0x80),
	NAMED("STATX_INO", 0x100, 0x100),
	NAMED("STATX_SIZE", 0x200, 0x200),
	NAMED("STATX_BLOCKS", 0x400, 0x400),
	NAMED("STATX_BTIME", 0x800, 0x800),
	NAMED("STATX_MNT_ID", 0x1000, 0x1000),
	NAMED("STATX_DIOALIGN", 0x2000, 0x2000),
	NAMED("STATX_MNT_ID_UNIQUE", 0x4000, 0x4000),
	NAMED("STATX_SUBVOL", 0x8000, 0x8000),
};

const struct words statxmask_words = { "field", TABLE(statxmask_rows), NULL, 0 };

/* AT_EACCESS has the value of AT_REMOVEDIR. */
static const struct word accessflag_rows[] = {
	FLAG(AT_SYMLINK_NOFOLLOW),
	FLAG(AT_EACCESS),
	FLAG(AT_EMPTY_PATH),
};

const struct words accessflag_words = { "flag", TABLE(accessflag_rows), NULL, 0 };

static const struct word wait_rows[] = {
	FLAG(WNOHANG),     FLAG(WEXITED), FLAG(WSTOPPED), FLAG(WCONTINUED), FLAG(WNOWAIT),
	FLAG(__WNOTHREAD), FLAG(__WALL),  FLAG(__WCLONE), ALIAS(WUNTRACED),
};

const struct words wait_words = { "option", TABLE(wait_rows), NULL, 0 };

static const struct word resource_rows[] = {
	SYMBOL(RLIMIT_CPU),      SYMBOL(RLIMIT_FSIZE),  SYMBOL(RLIMIT_DATA),
	SYMBOL(RLIMIT_STACK),    SYMBOL(RLIMIT_CORE),   SYMBOL(RLIMIT_RSS),
	SYMBOL(RLIMIT_NPROC),    SYMBOL(RLIMIT_NOFILE), SYMBOL(RLIMIT_MEMLOCK),
	SYMBOL(RLIMIT_AS),       SYMBOL(RLIMIT_LOCKS),  SYMBOL(RLIMIT_SIGPENDING),
	SYMBOL(RLIMIT_MSGQUEUE), SYMBOL(RLIMIT_NICE),   SYMBOL(RLIMIT_RTPRIO),
	SYMBOL(RLIMIT_RTTIME),
};

const struct words resource_words = { "resource", TABLE(resource_rows), NULL, 0 };

static const struct word kcmp_rows[] = {
	SYMBOL(KCMP_FILE),    SYMBOL(KCMP_VM), SYMBOL(KCMP_FILES),   SYMBOL(KCMP_FS),
	SYMBOL(KCMP_SIGHAND), SYMBOL(KCMP_IO), SYMBOL(KCMP_SYSVSEM), SYMBOL(KCMP_EPOLL_TFD),
};

const struct words kcmp_words = { "type", TABLE(kcmp_rows), NULL, 0 };

static const struct word fcntl_rows[] = {
	SYMBOL(F_DUPFD),
	SYMBOL(F_GETFD),
	SYMBOL(F_SETFD),
	SYMBOL(F_GETFL),
	SYMBOL(F_SETFL),
	SYMBOL(F_GETLK),
	SYMBOL(F_SETLK),
	SYMBOL(F_SETLKW),
	SYMBOL(F_SETOWN),
	SYMBOL(F_GETOWN),
	SYMBOL(F_SETSIG),
	SYMBOL(F_GETSIG),
	SYMBOL(F_SETOWN_EX),
	SYMBOL(F_GETOWN_EX),
	SYMBOL(F_OFD_GETLK),
	SYMBOL(F_OFD_SETLK),
	SYMBOL(F_OFD_SETLKW),
	SYMBOL(F_SETLEASE),
	SYMBOL(F_GETLEASE),
	SYMBOL(F_NOTIFY),
	SYMBOL(F_DUPFD_CLOEXEC),
	NAMED("F_GETOWNER_UIDS", 17, UINT64_MAX),
	NAMED("F_DUPFD_QUERY", 1027, UINT64_MAX),
	NAMED("F_CREATED_QUERY", 1028, UINT64_MAX),
	SYMBOL(F_SETPIPE_SZ),
	SYMBOL(F_GETPIPE_SZ),
	SYMBOL(F_ADD_SEALS),
	SYMBOL(F_GET_SEALS),
	SYMBOL(F_GET_RW_HINT),
	SYMBOL(F_SET_RW_HINT),
	SYMBOL(F_GET_FILE_RW_HINT),
	SYMBOL(F_SET_FILE_RW_HINT),
	SYMBOL(F_CLOSEM),
	SYMBOL(F_MAXFD),
};

const struct words fcntl_words = { "command", TABLE(fcntl_rows), NULL, 0 };

static const struct word fork_rows[] = {
	FLAG(FORK_PPWAIT),     FLAG(FORK_SHAREVM),   FLAG(FORK_SHARECWD),
	FLAG(FORK_SHAREFILES), FLAG(FORK_SHARESIGS), FLAG(FORK_CLEANFILES),
};

const struct words fork_words = { "flag", TABLE(fork_rows), NULL, 0 };

static const struct word rwhint_rows[] = {
	NAMED("RWH_WRITE_LIFE_NOT_SET", 0, UINT64_MAX),
	NAMED("RWH_WRITE_LIFE_NONE", 1, UINT64_MAX),
	NAMED("RWH_WRITE_LIFE_SHORT", 2, UINT64_MAX),
	NAMED("RWH_WRITE_LIFE_MEDIUM", 3, UINT64_MAX),
	NAMED("RWH_WRITE_LIFE_LONG", 4, UINT64_MAX),
	NAMED("RWH_WRITE_LIFE_EXTREME", 5, UINT64_MAX),
};

const struct words rwhint_words = { "hint", TABLE(rwhint_rows), NULL, 0 };

static const struct word locktype_rows[] = {
	SYMBOL(F_RDLCK),
	SYMBOL(F_WRLCK),
	SYMBOL(F_UNLCK),
};

const struct words locktype_words = { "type", TABLE(locktype_rows), NULL, 0 };

static const struct word idtype_rows[] = {
	SYMBOL(P_ALL),
	SYMBOL(P_PID),
	SYMBOL(P_PGID),
	SYMBOL(P_PIDFD),
};

const struct words idtype_words = { "type", TABLE(idtype_rows), NULL, 0 };

static const struct word cldcode_rows[] = {
	SYMBOL(CLD_EXITED),  SYMBOL(CLD_KILLED),  SYMBOL(CLD_DUMPED),
	SYMBOL(CLD_TRAPPED), SYMBOL(CLD_STOPPED), SYMBOL(CLD_CONTINUED),
};

const struct words cldcode_words = { "code", TABLE(cldcode_rows), NULL, 0 };

static const struct word ownertype_rows[] = {
	SYMBOL(F_OWNER_TID),
	SYMBOL(F_OWNER_PID),
	SYMBOL(F_OWNER_PGRP),
};

const struct words ownertype_words = { "type", TABLE(ownertype_rows), NULL, 0 };

static const struct word flockop_rows[] = {
	FLAG(LOCK_SH), FLAG(LOCK_EX),    FLAG(LOCK_NB),   FLAG(LOCK_UN),
	FLAG(LOCK_RW), FLAG(LOCK_WRITE), FLAG(LOCK_READ), FLAG(LOCK_MAND),
};

const struct words flockop_words = { "operation", TABLE(flockop_rows), NULL, 0 };

static const struct word access_rows[] = {
	SYMBOL(F_OK),
	FLAG(R_OK),
	FLAG(W_OK),
	FLAG(X_OK),
};

const struct words access_words = { "mode", TABLE(access_rows), NULL, 0 };

static const struct word resolve_rows[] = {
	FLAG(RESOLVE_NO_XDEV), FLAG(RESOLVE_NO_MAGICLINKS), FLAG(RESOLVE_NO_SYMLINKS),
	FLAG(RESOLVE_BENEATH), FLAG(RESOLVE_IN_ROOT),       FLAG(RESOLVE_CACHED),
};

const struct words resolve_words = { "flag", TABLE(resolve_rows), NULL, 0 };

static const struct word filemode_rows[] = {
	FIELD(S_IFSOCK, S_IFMT), FIELD(S_IFLNK, S_IFMT), FIELD(S_IFREG, S_IFMT),
	FIELD(S_IFBLK, S_IFMT),  FIELD(S_IFDIR, S_IFMT), FIELD(S_IFCHR, S_IFMT),
	FIELD(S_IFIFO, S_IFMT),  FLAG(S_ISUID),          FLAG(S_ISGID),
	FLAG(S_ISVTX),
};

const struct words filemode_words = { "file type", TABLE(filemode_rows), NULL, 0 };

static const struct word rlim_rows[] = {
	NAMED("RLIM64_INFINITY", UINT64_MAX, UINT64_MAX),
	NAMED("RLIM_INFINITY", UINT64_MAX, 0),
};

const struct words rlim_words = { "limit", TABLE(rlim_rows), NULL, 0 };

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

static const struct word sicode_rows[] = {
	SYMBOL(SI_USER), SYMBOL(SI_KERNEL), SYMBOL(SI_TKILL), SYMBOL(SI_SIGIO),
	SYMBOL(POLL_IN), SYMBOL(POLL_OUT),  SYMBOL(POLL_HUP),
};
const struct words sicode_words = { "code", TABLE(sicode_rows), NULL, 0 };

static const struct word sighandler_rows[] = {
	NAMED("SIG_DFL", 0, UINT64_MAX),
	NAMED("SIG_IGN", 1, UINT64_MAX),
};
const struct words sighandler_words = { "handler", TABLE(sighandler_rows), NULL, 0 };

static const struct word sa_rows[] = {
	NAMED("SA_RESTORER", 0x04000000, 0x04000000),
	FLAG(SA_NOCLDSTOP),
	FLAG(SA_NOCLDWAIT),
	FLAG(SA_SIGINFO),
	FLAG(SA_ONSTACK),
	FLAG(SA_RESTART),
	FLAG(SA_NODEFER),
	NAMED("SA_RESETHAND", 0x80000000u, 0x80000000u),
};
const struct words sa_words = { "flag", TABLE(sa_rows), NULL, 0 };

const struct words sighow_words = { "way", TABLE(sighow_rows), NULL, 0 };

static const struct word sfd_rows[] = {
	FLAG(SFD_CLOEXEC),
	FLAG(SFD_NONBLOCK),
};

const struct words sfd_words = { "flag", TABLE(sfd_rows), NULL, 0 };

/* Older headers lack the newer flags. */
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

static const struct word rwf_rows[] = {
	NAMED("RWF_HIPRI", 1, 1),        NAMED("RWF_DSYNC", 2, 2),
	NAMED("RWF_SYNC", 4, 4),         NAMED("RWF_NOWAIT", 8, 8),
	NAMED("RWF_APPEND", 16, 16),     NAMED("RWF_NOAPPEND", 32, 32),
	NAMED("RWF_ATOMIC", 64, 64),     NAMED("RWF_DONTCACHE", 128, 128),
	NAMED("RWF_NOSIGNAL", 256, 256),
};

const struct words rwf_words = { "flag", TABLE(rwf_rows), NULL, 0 };

static const struct word pidfd_rows[] = {
	NAMED("PIDFD_NONBLOCK", 04000, 04000),
	NAMED("PIDFD_THREAD", 0200, 0200),
	ALIAS(O_NONBLOCK),
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

static const struct word family_rows[] = {
	SYMBOL(AF_UNSPEC), SYMBOL(AF_UNIX),  SYMBOL(AF_INET), SYMBOL(AF_INET6), SYMBOL(AF_NETLINK),
	SYMBOL(AF_PACKET), SYMBOL(AF_VSOCK), SYMBOL(AF_ALG),  ALIAS(AF_LOCAL),  ALIAS(AF_FILE),
	ALIAS(PF_UNIX),    ALIAS(PF_LOCAL),  ALIAS(PF_INET),  ALIAS(PF_INET6),  ALIAS(PF_NETLINK),
};

const struct words family_words = { "family", TABLE(family_rows), NULL, 0 };

#define SOCK_TYPE(x) FIELD(x, 0xf)

static const struct word socktype_rows[] = {
	SOCK_TYPE(SOCK_STREAM), SOCK_TYPE(SOCK_DGRAM),     SOCK_TYPE(SOCK_RAW),
	SOCK_TYPE(SOCK_RDM),    SOCK_TYPE(SOCK_SEQPACKET), SOCK_TYPE(SOCK_DCCP),
	SOCK_TYPE(SOCK_PACKET), FLAG(SOCK_CLOEXEC),        FLAG(SOCK_NONBLOCK),
};

const struct words socktype_words = { "type", TABLE(socktype_rows), NULL, 0 };

/* 0 is IPPROTO_IP for AF_INET only: read, never printed. */
static const struct word protocol_rows[] = {
	ALIAS(IPPROTO_IP),   SYMBOL(IPPROTO_ICMP), SYMBOL(IPPROTO_TCP),
	SYMBOL(IPPROTO_UDP), SYMBOL(IPPROTO_RAW),
};

const struct words protocol_words = { "protocol", TABLE(protocol_rows), NULL, 0 };

static const struct word msgflag_rows[] = {
	FLAG(MSG_OOB),        FLAG(MSG_PEEK),         FLAG(MSG_DONTROUTE), FLAG(MSG_CTRUNC),
	FLAG(MSG_TRUNC),      FLAG(MSG_DONTWAIT),     FLAG(MSG_EOR),       FLAG(MSG_WAITALL),
	FLAG(MSG_CONFIRM),    FLAG(MSG_ERRQUEUE),     FLAG(MSG_NOSIGNAL),  FLAG(MSG_MORE),
	FLAG(MSG_WAITFORONE), FLAG(MSG_CMSG_CLOEXEC), FLAG(MSG_ZEROCOPY),  FLAG(MSG_FASTOPEN),
};

const struct words msgflag_words = { "flag", TABLE(msgflag_rows), NULL, 0 };

static const struct word shutdown_rows[] = {
	SYMBOL(SHUT_RD),
	SYMBOL(SHUT_WR),
	SYMBOL(SHUT_RDWR),
};

const struct words shutdown_words = { "direction", TABLE(shutdown_rows), NULL, 0 };

static const struct word socklevel_rows[] = {
	SYMBOL(SOL_IP),     SYMBOL(SOL_SOCKET),
	SYMBOL(SOL_TCP),    NAMED("SOL_UDP", IPPROTO_UDP, UINT64_MAX),
	SYMBOL(SOL_IPV6),   SYMBOL(SOL_NETLINK),
	ALIAS(IPPROTO_TCP), ALIAS(IPPROTO_IP),
};

const struct words socklevel_words = { "level", TABLE(socklevel_rows), NULL, 0 };

static const struct word cmsgtype_rows[] = {
	SYMBOL(SCM_RIGHTS),
	SYMBOL(SCM_CREDENTIALS),
	NAMED("SCM_PIDFD", 4, UINT64_MAX),
	NAMED("SCM_CREDS", 16, UINT64_MAX),
};

const struct words cmsgtype_words = { "type", TABLE(cmsgtype_rows), NULL, 0 };
