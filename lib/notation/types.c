/*
 * The simple argument types, and how they are read and printed: numbers, symbols and strings. The
 * calls themselves are elsewhere.
 */
#include "notation/types.h"

#include "base/arena.h"
#include "base/suggest.h"
#include "base/text.h"
#include "notation/line.h"
#include "notation/scan.h"
#include "notation/type_rows.h"
#include "notation/values.h"
#include "notation/xlat.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* ---- messages ------------------------------------------------------------------------------- */

/* Prints "column 9: dup2: argument 2 (newfd): ". */
static void put_place(struct binder *b, size_t column)
{
	text_printf(b->why, "column %zu: %s: ", column, b->call);
	if (b->param)
		text_printf(b->why, "argument %zu (%s): ", b->index + 1, b->param);
}

int bind_fails(struct binder *b, size_t column, const char *fmt, ...)
{
	va_list ap;

	put_place(b, column);
	va_start(ap, fmt);
	text_vprintf(b->why, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

#define GOT_MAX 40 /* bytes of the value that a message repeats */

int bind_expected(struct binder *b, const struct fdl_value *v, const char *expected)
{
	put_place(b, v->column);
	text_printf(b->why, "expected %s, got ", expected);
	if (v->kind == FDL_VALUE_STRING) {
		text_puts(b->why, "the string ");
		text_quoted(b->why, v->text, v->len, GOT_MAX);
	} else {
		text_quoted(b->why, v->raw, v->raw_len, GOT_MAX);
	}
	return -EINVAL;
}

/* Flags of POSIX.1-2024 that systems other than those of the laboratory have. */
static const char *const foreign[] = { "O_CLOFORK", "FD_CLOFORK", "SOCK_CLOFORK",
				       "MSG_CMSG_CLOFORK" };

static bool is_foreign(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		if (strlen(foreign[i]) == len && !memcmp(foreign[i], name, len))
			return true;
	}
	return false;
}

int bind_unknown(struct binder *b, const struct fdl_value *v, const struct words *w,
		 const char *name, size_t len)
{
	struct suggestion s;

	put_place(b, v->column + (name >= v->raw && name <= v->raw + v->raw_len
					  ? (size_t)(name - v->raw)
					  : 0));
	text_printf(b->why, "unknown %s ", w->what);
	text_quoted(b->why, name, len, GOT_MAX);
	if (is_foreign(name, len)) {
		text_puts(b->why, ": neither Linux nor NetBSD has it");
		return -EINVAL;
	}
	suggest_start(&s, name, len);
	words_suggest(w, &s);
	suggest_print(b->why, &s);
	return -EINVAL;
}

/* ---- numbers and symbols -------------------------------------------------------------------- */

/* The ranges of the types that are numbers in C, and of umode_t. */
enum { MODE_MAX = 0177777 };

static bool is_mode(const struct type *type)
{
	return type->min == 0 && type->max == MODE_MAX;
}

int64_t type_narrow(const struct type *type, int64_t num)
{
	if (type->value_result)
		return num;
	if (type->max == INT32_MAX)
		return (int32_t)num;
	if (type->max == UINT32_MAX)
		return (int64_t)(uint32_t)num;
	return type->max == UINT16_MAX ? num & UINT16_MAX : num;
}

/* Whether any number of 64 bits is one of this type, as far as the kernel sees. */
static bool is_any_taken(const struct type *type)
{
	return type->max == INT32_MAX || type->max == UINT32_MAX || type->max == INT64_MAX ||
	       type->max == UINT64_MAX || is_mode(type);
}

static bool in_range(const struct type *type, const struct fdl_value *v)
{
	if (v->text[0] == '-')
		return v->num >= type->min;
	return (uint64_t)v->num <= type->max;
}

/*
 * Puts a number into *num: narrowed where it is in range, whole where args_narrow will see to it.
 */
static bool take_number(const struct binder *b, const struct type *type, const struct fdl_value *v,
			int64_t *num)
{
	const bool fits = in_range(type, v);

	*num = fits ? type_narrow(type, v->num) : v->num;
	return !v->overflow && (fits || (b->wide && is_any_taken(type)));
}

/*
 * In the shell's form a mode is octal without a leading 0, as for chmod(1). Puts the number in *v;
 * -EINVAL for a digit that is not octal.
 */
static int reread_octal(struct binder *b, const struct type *type, struct fdl_value *v)
{
	uint64_t mode = 0;

	if (!type->octal || !b->shell || !v->len || v->text[0] == '0')
		return 0;
	for (size_t i = 0; i < v->len; i++) {
		const char c = v->text[i];

		if (c < '0' || c > '9')
			return 0;
		if (c > '7')
			return bind_fails(b, v->column,
					  "\"%.*s\" is no mode: its digits are octal, as in 755",
					  (int)(v->len < GOT_MAX ? v->len : GOT_MAX), v->text);
		v->overflow |= mode >> 61 != 0;
		mode = mode << 3 | (uint64_t)(c - '0');
	}
	v->num = (int64_t)mode;
	return 0;
}

static int read_number_value(struct binder *b, const struct type *type, const struct fdl_value *v,
			     struct fdl_arg *arg)
{
	struct fdl_value octal;

	if (type->octal) {
		octal = *v;
		v = &octal;
		if (reread_octal(b, type, &octal))
			return -EINVAL;
	}
	if (!take_number(b, type, v, &arg->num))
		return bind_fails(b, v->column, "%.*s is out of range for %s",
				  (int)(v->len < GOT_MAX ? v->len : GOT_MAX), v->text,
				  type->expected);
	return 0;
}

#define NO_SYMBOL INT64_MIN

/* A signal in kill(1)'s form: KILL. */
static int64_t short_signal(const struct fdl_value *v)
{
	char name[16] = "SIG";
	uint64_t num;

	if (v->len >= sizeof(name) - 3)
		return NO_SYMBOL;
	memcpy(name + 3, v->text, v->len);
	return words_find(&signal_words, name, v->len + 3, &num) ? (int64_t)num : NO_SYMBOL;
}

int read_scalar(struct binder *b, const struct type *type, const struct fdl_value *v,
		struct fdl_arg *arg)
{
	uint64_t num;

	arg->str = NULL;
	if (v->kind == FDL_VALUE_NUMBER)
		return read_number_value(b, type, v, arg);
	if (v->kind == FDL_VALUE_NULL && type == &type_long) {
		arg->num = 0;
		return 0;
	}
	if (v->kind != FDL_VALUE_WORD || !type->words)
		return bind_expected(b, v, type->expected);
	if (type->phrase && type->phrase(v, arg))
		return 0;
	if (words_find(type->words, v->text, v->len, &num))
		arg->num = (int64_t)num;
	else if (b->shell && type == &type_signal)
		arg->num = short_signal(v);
	else
		arg->num = NO_SYMBOL;
	if (arg->num == NO_SYMBOL)
		return bind_unknown(b, v, type->words, v->text, v->len);
	return 0;
}

static int read_errno(struct binder *b, const struct type *type, const struct fdl_value *v,
		      struct fdl_arg *arg)
{
	int err = v->kind == FDL_VALUE_WORD ? notation_errno(v->text, v->len) : 0;

	arg->str = NULL;
	if (v->kind == FDL_VALUE_NUMBER)
		return read_number_value(b, type, v, arg);
	if (!err)
		return bind_expected(b, v, type->expected);
	arg->num = err;
	return 0;
}

/* Reads a word between "|": a symbol or a number. */
static int read_flag(struct binder *b, const struct type *type, const struct fdl_value *v,
		     const char *word, size_t len, uint64_t *bits)
{
	struct reader r = { .text = word, .p = word, .end = word + len };
	struct fdl_value number = { 0 };
	int64_t taken;

	if (words_find(type->words, word, len, bits))
		return 0;
	if (!read_number(&r, &number) || r.p != r.end)
		return bind_unknown(b, v, type->words, word, len);
	number.text = word;
	number.len = len;
	number.column = v->column;
	if (reread_octal(b, type, &number))
		return -EINVAL;
	if (!take_number(b, type, &number, &taken))
		return bind_fails(b, v->column, "%.*s is out of range for %s", (int)len, word,
				  type->expected);
	*bits = (uint64_t)taken;
	return 0;
}

int read_flags(struct binder *b, const struct type *type, const struct fdl_value *v,
	       struct fdl_arg *arg)
{
	const char *end = v->text + v->len, *bar;
	uint64_t all = 0, bits;
	int error;

	arg->str = NULL;
	if (v->kind == FDL_VALUE_NUMBER)
		return read_number_value(b, type, v, arg);
	if (v->kind != FDL_VALUE_WORD)
		return bind_expected(b, v, type->expected);
	for (const char *p = v->text; p <= end; p = bar + 1) {
		const char *last;

		bar = memchr(p, '|', (size_t)(end - p));
		if (!bar)
			bar = end;
		for (last = bar; last > p && is(last[-1], BLANK); last--)
			;
		while (p < last && is(*p, BLANK))
			p++;
		error = read_flag(b, type, v, p, (size_t)(last - p), &bits);
		if (error)
			return error;
		all |= bits;
	}
	arg->num = (int64_t)all;
	return 0;
}

int64_t signal_read(const char *name, size_t len)
{
	uint64_t num;

	return words_find(&signal_words, name, len, &num) ? (int64_t)num : -1;
}

/* The number as unsigned, of the type's width: a number given in C may have its sign extended. */
static uint64_t unsigned_of(const struct type *type, const struct fdl_arg *arg)
{
	return type->max == UINT32_MAX ? (uint32_t)arg->num : (uint64_t)arg->num;
}

static void print_errno(struct text *t, const struct type *type, const struct fdl_arg *arg,
			size_t max)
{
	const char *name = arg->num > 0 && arg->num <= (int64_t)type->max
				   ? notation_errname((int)arg->num)
				   : NULL;

	(void)max;
	if (name)
		text_puts(t, name);
	else
		text_int(t, arg->num);
}

void print_int(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	const char *name = type->words ? words_name(type->words, (uint64_t)arg->num) : NULL;

	(void)max;
	if (name)
		text_puts(t, name);
	else
		text_int(t, arg->num);
}

/* The siginfo's code says whether this is a signal. */
static void print_status(struct text *t, const struct type *type, const struct fdl_arg *arg,
			 size_t max)
{
	(void)type, (void)max;
	text_int(t, arg->num);
}

void print_uint(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	(void)max;
	text_uint(t, unsigned_of(type, arg));
}

/* chown's "leave unchanged", -1, is the largest number. */
static void print_id(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	if ((uint32_t)arg->num == UINT32_MAX)
		text_puts(t, "-1");
	else
		print_uint(t, type, arg, max);
}

static void print_hex(struct text *t, const struct type *type, const struct fdl_arg *arg,
		      size_t max)
{
	(void)max;
	text_hex(t, unsigned_of(type, arg));
}

/* As strace prints modes: 0644, but 000 and 077. */
void print_octal(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	uint64_t mode = unsigned_of(type, arg);

	(void)max;
	if (mode >= 010) {
		text_octal(t, mode);
	} else {
		text_puts(t, "00");
		text_putc(t, (char)('0' + mode));
	}
}

void print_symbol(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	uint64_t num = unsigned_of(type, arg);
	const char *name = words_name(type->words, num);

	(void)max;
	if (name)
		text_puts(t, name);
	else
		text_hex(t, num);
}

void print_flags(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	(void)max;
	words_print(t, type->words, unsigned_of(type, arg));
}

/* ---- strings -------------------------------------------------------------------------------- */

bool value_is_address(const struct fdl_value *v)
{
	return v->kind == FDL_VALUE_NUMBER && v->len > 2 && v->text[0] == '0' &&
	       (v->text[1] == 'x' || v->text[1] == 'X');
}

static int keep_bytes(struct binder *b, const char *s, size_t len, struct fdl_arg *arg)
{
	arg->str = arena_copy(b->arena, s, len);
	arg->num = (int64_t)len;
	return arg->str ? 0 : -ENOMEM;
}

/* The text of the value, with its quotes and decoration but without its key. */
static const char *written(const struct fdl_value *v, size_t *len)
{
	const char *start = v->raw, *end = v->raw + v->raw_len;

	/* After the key there may be a count: msg_name(0)=NULL. */
	if (v->key)
		start = (const char *)memchr(v->key, '=', (size_t)(end - v->key)) + 1;
	*len = (size_t)(end - start);
	return start;
}

static int keep_written(struct binder *b, const struct fdl_value *v, struct fdl_arg *arg)
{
	size_t len;
	const char *s = written(v, &len);

	return keep_bytes(b, s, len, arg);
}

static bool is_symbols(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && is(s[i], WORD))
		i++;
	return len && i == len;
}

/*
 * Whether a text is read back as this one value of strace's form, also after "name=". A key makes
 * it the value of a parameter; but those of type_any have names of one letter. 1, 0 or -ENOMEM.
 */
static int reads_back(struct binder *b, const struct type *type, const char *s, size_t len)
{
	char *last = arena_alloc(b->arena, len + 1); /* the last argument of a call */
	struct reader r = { .text = last, .p = last, .end = last + len + 1, .arena = b->arena };
	struct fdl_value *v;
	int error;

	if (!last)
		return -ENOMEM;
	memcpy(last, s, len);
	last[len] = ')';
	if (*last == '=' || *last == '>')
		return 0;
	error = read_value(&r, &v);
	if (error)
		return error == -ENOMEM ? error : 0;
	if (v->raw_len != len || r.p != last + len)
		return 0;
	return v->key ? type == &type_any && v->key_len > 1 : v->kind == FDL_VALUE_WORD;
}

/*
 * Keeps a value that is printed as it was written. The printed value is of strace's form: a word
 * that could not be read back there becomes a string, and so does any word of the shell's form but
 * symbols.
 */
static int keep_notation(struct binder *b, const struct type *type, const struct fdl_value *v,
			 struct fdl_arg *arg)
{
	struct text quoted = TEXT_EMPTY;
	size_t len;
	const char *s = written(v, &len);
	int error = 1;

	if (v->kind == FDL_VALUE_WORD && !is_symbols(s, len))
		error = b->shell ? 0 : reads_back(b, type, s, len);
	if (error < 0)
		return error;
	if (error)
		return keep_bytes(b, s, len, arg);
	text_quoted(&quoted, s, len, len);
	error = quoted.error ? quoted.error : keep_bytes(b, quoted.s, quoted.len, arg);
	text_free(&quoted);
	return error;
}

static int read_quoted(struct binder *b, const struct type *type, const struct fdl_value *v,
		       struct fdl_arg *arg)
{
	bool name = type == &type_path || type == &type_file;

	if (name && v->truncated)
		return bind_expected(b, v, "a string that is not cut by \"...\"");
	if (type != &type_buf && memchr(v->text, '\0', v->len))
		return bind_fails(b, v->column, "a NUL byte inside the string");
	return keep_bytes(b, v->text, v->len, arg);
}

/* Reads quoted strings, addresses, and what else the type takes in their place. */
int read_bytes(struct binder *b, const struct type *type, const struct fdl_value *v,
	       struct fdl_arg *arg)
{
	bool file = type == &type_file;
	bool pointer = type == &type_ptr;

	*arg = (struct fdl_arg){ 0 };
	if (v->kind == FDL_VALUE_NULL) {
		arg->num = file ? -1 : 0;
		return 0;
	}
	if (v->kind == FDL_VALUE_NUMBER &&
	    (file || pointer || (value_is_address(v) && (!b->shell || b->inside)))) {
		if (v->overflow || (file && (v->num < 0 || v->num > INT32_MAX)))
			return bind_expected(b, v, type->expected);
		arg->num = v->num;
		return 0;
	}
	/* Any text that strace prints. */
	if (pointer)
		return keep_notation(b, type, v, arg);
	if (v->kind == FDL_VALUE_STRING)
		return read_quoted(b, type, v, arg);
	if (b->shell && (v->kind == FDL_VALUE_WORD || v->kind == FDL_VALUE_NUMBER))
		return keep_written(b, v, arg);
	return bind_expected(b, v, type->expected);
}

/* An argument of a call that the model does not have: kept as it is written. */
static int read_any(struct binder *b, const struct type *type, const struct fdl_value *v,
		    struct fdl_arg *arg)
{
	*arg = (struct fdl_arg){ 0 };
	return v->kind == FDL_VALUE_NULL ? 0 : keep_notation(b, type, v, arg);
}

static void print_address(struct text *t, const struct fdl_arg *arg)
{
	if (arg->num)
		text_hex(t, (uint64_t)arg->num);
	else
		text_puts(t, "NULL");
}

/* Prints a string; packing leaves the complement of the length in a string that it cut. */
static void print_string(struct text *t, const struct fdl_arg *arg, size_t max)
{
	size_t kept = (size_t)~arg->num;

	if (arg->num >= 0) {
		text_quoted(t, arg->str, (size_t)arg->num, max);
		return;
	}
	text_quoted(t, arg->str, kept, max);
	if (kept <= max)
		text_puts(t, "...");
}

static void print_any(struct text *t, const struct type *type, const struct fdl_arg *arg,
		      size_t max)
{
	(void)type, (void)max;
	if (arg->str)
		text_put(t, arg->str, (size_t)arg->num);
	else
		print_address(t, arg);
}

void print_bytes(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	if (arg->str && type == &type_ptr)
		text_put(t, arg->str, (size_t)arg->num);
	else if (arg->str)
		print_string(t, arg, max);
	else if (type == &type_file && arg->num >= 0)
		text_int(t, arg->num);
	else if (type == &type_file)
		text_puts(t, "NULL");
	else
		print_address(t, arg);
}

/* ---- the types ------------------------------------------------------------------------------- */

INTEGER(fd, "a descriptor");
NAMED_INTEGER(dirfd, "a descriptor or AT_FDCWD", at_words);
INTEGER(int, "a number");
NUMBER(uint, "a number", print_uint, RANGE(-1, UINT32_MAX));
NUMBER(id, "a user or group, or -1", print_id, RANGE(-1, UINT32_MAX));
NUMBER(long, "a number", print_int, RANGE(INT64_MIN, UINT64_MAX));
NUMBER(size, "a size", print_uint, RANGE(-1, UINT64_MAX));
NUMBER(hexsize, "a size", print_hex, RANGE(-1, UINT64_MAX));
NUMBER(off, "an offset", print_int, RANGE(INT64_MIN, INT64_MAX));
INTEGER(pid, "a pid");
ROW(any, "anything", BYTES, read_any, print_any, RANGE(0, 0));
BYTES(path, "a path in quotes");
BYTES(buf, "a string in quotes");
BYTES(ptr, "an address");
BYTES(string, "a string in quotes");
BYTES(file, "a path in quotes, a descriptor or NULL");
FLAGS(oflags, open_words, UINT32_MAX);
FLAGS(oflags64, open_words, UINT64_MAX);
FLAGS(dupflags, dup_words, UINT32_MAX);
NUMBER(mode, "a mode", print_octal, RANGE(0, MODE_MAX), .octal = true);
NUMBER(creatmode, "a mode", print_octal, RANGE(0, MODE_MAX), .octal = true);
NUMBER(howmode, "a mode", print_octal, RANGE(0, UINT64_MAX));
FLAGS(fdflags, fdflag_words, UINT32_MAX);
SYMBOL(whence, "SEEK_SET, SEEK_CUR, ...", whence_words);
FLAGS(cloneflags, clone_words, UINT64_MAX);
FLAGS(clone3flags, clone3_words, UINT64_MAX);
FLAGS(unshareflags, unshare_words, UINT64_MAX);
FLAGS(closerangeflags, closerange_words, UINT32_MAX);
FLAGS(atflags, atflag_words, UINT32_MAX);
FLAGS(resolveflags, resolve_words, UINT64_MAX);
FLAGS(accessmode, access_words, UINT32_MAX);
FLAGS(accessflags, accessflag_words, UINT32_MAX);
FLAGS(waitoptions, wait_words, UINT32_MAX);
NAMED_INTEGER(signal, "a signal", signal_words);
SYMBOL(resource, "a resource (RLIMIT_NOFILE, ...)", resource_words);
SYMBOL(kcmptype, "KCMP_FILE, KCMP_FILES, ...", kcmp_words);
SYMBOL(fcntlcmd, "a command (F_DUPFD, ...)", fcntl_words);
SYMBOL(locktype, "F_RDLCK, F_WRLCK or F_UNLCK", locktype_words);
SYMBOL(ownertype, "a type of owner", ownertype_words);
SYMBOL(idtype, "P_ALL, P_PID, P_PGID or P_PIDFD", idtype_words);
SYMBOL(cldcode, "a code (CLD_EXITED, ...)", cldcode_words);
/* An exit status or a signal; a signal may be given by name. */
NUMBER(childstatus, "a status or a signal", print_status, RANGE(INT32_MIN, INT32_MAX),
       WORDS(signal_words));
FLAGS(flockop, flockop_words, UINT32_MAX);
FLAGS(forkflags, fork_words, UINT32_MAX);
ROW(errno, "an error (EBADF, ...)", NUMBER, read_errno, print_errno, RANGE(0, 4095));
