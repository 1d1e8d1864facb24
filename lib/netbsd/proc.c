/*
 * The files of <pid>/files: a table as the NetBSD kernel has it.
 */
#include "netbsd/calls.h"

#include "base/bitmap.h"
#include "base/text.h"
#include "machine/machine.h"
#include "netbsd/fdtable.h"
#include "netbsd/filedesc.h"
#include "tree/tree.h"
#include "vfs/file.h"

#include <errno.h>
#include <sys/stat.h>

/* Shows a task's table. -ESRCH: the task has none any more. */
static int with_table(const struct node *n, struct text *out,
		      void (*show)(const struct filedesc *fdp, struct text *out))
{
	const struct filedesc *fdp = n->task->files;

	if (!fdp)
		return -ESRCH;
	show(fdp, out);
	return 0;
}

static void show_refcnt(const struct filedesc *fdp, struct text *out)
{
	text_printf(out, "%u\n", fdp->fd_refcnt);
}

static void show_nfiles(const struct filedesc *fdp, struct text *out)
{
	text_printf(out, "%u\n", fdp->fd_nfiles);
}

static void show_freefile(const struct filedesc *fdp, struct text *out)
{
	text_printf(out, "%d\n", fdp->fd_freefile);
}

static void show_lastfile(const struct filedesc *fdp, struct text *out)
{
	text_printf(out, "%d\n", fdp->fd_lastfile);
}

/* Words of himap: one for every 1024 slots. */
static uint64_t himap_words(const struct filedesc *fdp)
{
	return ((uint64_t)fdp->fd_nfiles + NDMAP_BITS - 1) / NDMAP_BITS;
}

static void put_word(struct text *out, uint32_t word)
{
	for (int shift = 28; shift >= 0; shift -= 4)
		text_putc(out, "0123456789abcdef"[word >> shift & 15]);
}

static void show_words(const struct filedesc *fdp, struct text *out, uint64_t n,
		       uint32_t (*word)(const struct filedesc *fdp, uint64_t word))
{
	for (uint64_t i = 0; i < n && !out->error; i++) {
		if (i)
			text_putc(out, ' ');
		put_word(out, word(fdp, i));
	}
	text_putc(out, '\n');
}

static void show_himap(const struct filedesc *fdp, struct text *out)
{
	show_words(fdp, out, himap_words(fdp), himap_word);
}

static void show_lomap(const struct filedesc *fdp, struct text *out)
{
	show_words(fdp, out, himap_words(fdp) * NDENTRIES, lomap_word);
}

/* The only flag is UF_EXCLOSE, 1. */
static void show_ofileflags(const struct filedesc *fdp, struct text *out)
{
	for (unsigned fd = 0; fd < fdp->fd_nfiles && !out->error; fd++) {
		const char *byte = is_exclose(fdp, fd) ? " 01" : " 00";

		text_puts(out, fd ? byte : byte + 1);
	}
	text_putc(out, '\n');
}

static const char *state_words(const struct file *f)
{
	if (f->wantclose)
		return f->larval ? "LARVAL|WANTCLOSE" : "WANTCLOSE";
	return f->larval ? "LARVAL" : "-";
}

static void show_slots(const struct filedesc *fdp, struct text *out)
{
	text_puts(out, "fd\tcloexec\tfile\tf_count\tf_usecount\tf_iflags\tmode\tpos\tname\n");
	for (int64_t fd = 0; !out->error && (fd = next_in_use(fdp, fd)) != NO_FD; fd++) {
		const struct file *f = file_at(fdp, fd);

		text_printf(out, "%lld\t%d\t", (long long)fd, is_exclose(fdp, fd));
		if (!f) {
			text_puts(out, "-\t-\t-\t-\t-\t-\t-\n");
			continue;
		}
		text_printf(out, "%llu\t%llu\t%u\t%s\t", (unsigned long long)f->id,
			    (unsigned long long)f->count, f->uses, state_words(f));
		if (f->larval) {
			text_puts(out, "-\t-\t-\n");
			continue;
		}
		text_printf(out, "%s\t%lld\t", mode_word(f), (long long)f->pos);
		put_file_name(out, f);
		text_putc(out, '\n');
	}
}

static void draw_slots(struct text *out, const struct filedesc *fdp, uint64_t word)
{
	int64_t fd = (int64_t)(word * NDENTRIES);
	const int64_t end = fd + NDENTRIES;

	for (; (fd = next_in_use(fdp, fd)) < end; fd++) {
		const struct file *f = file_at(fdp, fd);

		text_printf(out, "  %5lld %s ", (long long)fd,
			    is_exclose(fdp, fd) ? "exclose" : "       ");
		if (!f) {
			text_puts(out, "-> nothing yet\n");
			continue;
		}
		text_printf(out, "-> file %llu, f_count %llu, f_usecount %u",
			    (unsigned long long)f->id, (unsigned long long)f->count, f->uses);
		if (f->larval || f->wantclose)
			text_printf(out, ", %s", state_words(f));
		if (!f->larval) {
			text_printf(out, ", %s, pos %lld: ", mode_word(f), (long long)f->pos);
			put_file_name(out, f);
		}
		text_putc(out, '\n');
	}
}

/* The first word from this one on with a descriptor in use or a flag; UINT64_MAX: none. */
static uint64_t next_word(const struct filedesc *fdp, uint64_t word)
{
	const int64_t from = (int64_t)(word * NDENTRIES);
	const int64_t used = next_in_use(fdp, from), flag = next_exclose(fdp, from);
	const int64_t first = used < flag ? used : flag;

	return first == NO_FD ? UINT64_MAX : (uint64_t)first / NDENTRIES;
}

/* Unlike the others it looks for the processes that use the table. */
static int text_fdtable(const struct node *n, struct text *out)
{
	const struct filedesc *fdp = n->task->files;

	if (!fdp)
		return -ESRCH;
	text_printf(out, "filedesc %u: refcnt %u, nfiles %u%s, freefile %d, lastfile %d\n", fdp->id,
		    fdp->fd_refcnt, fdp->fd_nfiles, fdp->fd_nfiles == NDFILE ? " (embedded)" : "",
		    fdp->fd_freefile, fdp->fd_lastfile);
	text_puts(out, "tasks ");
	put_table_tasks(out, n->machine, fdp);
	text_putc(out, '\n');
	for (uint64_t word = 0; !out->error && (word = next_word(fdp, word)) != UINT64_MAX;
	     word++) {
		text_printf(out, "\ndescriptors %llu to %llu%s\n",
			    (unsigned long long)word * NDENTRIES,
			    (unsigned long long)word * NDENTRIES + NDENTRIES - 1,
			    lomap_word(fdp, word) == UINT32_MAX ? ", full in himap" : "");
		bitmap_draw(out, "lomap", 11, lomap_word(fdp, word), NDENTRIES);
		bitmap_draw(out, "ofileflags", 11, exclose_word(fdp, word), NDENTRIES);
		draw_slots(out, fdp, word);
	}
	return 0;
}

#define SHOW(name)                                                                                 \
	static int text_##name(const struct node *n, struct text *out)                             \
	{                                                                                          \
		return with_table(n, out, show_##name);                                            \
	}

SHOW(refcnt)
SHOW(nfiles)
SHOW(freefile)
SHOW(lastfile)
SHOW(himap)
SHOW(lomap)
SHOW(ofileflags)
SHOW(slots)

#define FILE_ROW(file)                                                                             \
	{                                                                                          \
		.name = #file, .mode = S_IFREG | 0444, .text = text_##file, .work = work_of_table  \
	}

const struct tree_row netbsd_files_rows[] = {
	FILE_ROW(refcnt),     FILE_ROW(nfiles),
	FILE_ROW(freefile),   FILE_ROW(lastfile),
	FILE_ROW(himap),      FILE_ROW(lomap),
	FILE_ROW(ofileflags), FILE_ROW(slots),
	FILE_ROW(fdtable),    { 0 },
};

const struct tree_row netbsd_root_rows[] = {
	{ 0 },
};
