/*
 * Flag words and other symbols. The same tables print numbers and read them, so that printed text
 * can always be read.
 */
#ifndef XLAT_H
#define XLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;
struct suggestion;

/*
 * A symbol: stands for value in the bits of mask. A flag's mask is its value; a value of a bit
 * field has the field's mask; a symbol with mask 0 is a second name, read but never printed. In a
 * table of flags, a row precedes the rows whose bits it includes.
 */
struct word {
	const char *name;
	size_t len;
	uint64_t value, mask;
};

/* A table of symbols; the table more has the symbols for the bits of more_mask. */
struct words {
	const char *what; /* "flag", "signal": for messages */
	const struct word *word;
	size_t n;
	const struct words *more;
	uint64_t more_mask;
};

/* The value of a symbol. False if the name is unknown. */
bool words_find(const struct words *w, const char *name, size_t len, uint64_t *value);

/* The symbol for exactly v, or NULL. */
const char *words_name(const struct words *w, uint64_t v);

/* Prints symbols joined by "|", and the remaining bits in hexadecimal; "0" for no bits. */
void words_print(struct text *t, const struct words *w, uint64_t v);

/* The same, but returns the bits without a symbol instead of printing them. */
uint64_t words_print_known(struct text *t, const struct words *w, uint64_t v);

/* Offers every symbol to s. */
void words_suggest(const struct words *w, struct suggestion *s);

/* Readiness and time. */
extern const struct words poll_words, epoll_words, epoll_ctl_words, epoll_create_words, efd_words,
	tfd_words, tfd_set_words, timer_words, clock_words, sighow_words, sighandler_words,
	sicode_words, sa_words, sfd_words, mfd_words, seal_words, dirtype_words, splice_words,
	dn_words, statxflag_words, statxmask_words, rwf_words, pidfd_words, pidfd_signal_words,
	inotify_init_words, inotify_words;

extern const struct words at_words, open_words, dup_words, fdflag_words, whence_words, clone_words,
	clone3_words, unshare_words, closerange_words, atflag_words, signal_words, wait_words,
	resource_words, kcmp_words, fcntl_words, fork_words, ioctl_words, rwhint_words,
	access_words, resolve_words, filemode_words, rlim_words, locktype_words, accessflag_words,
	flockop_words, ownertype_words, idtype_words, cldcode_words;
extern const struct words family_words, socktype_words, protocol_words, msgflag_words,
	shutdown_words, socklevel_words, sockopt_words, tcpopt_words, ipopt_words, udpopt_words,
	cmsgtype_words;

#endif
