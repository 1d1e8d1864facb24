/*
 * A writer that is interrupted wherever its call stops or waits: each call of the tables, at each
 * preemption point that its example passes, and where it blocks. The write has its answer at once,
 * the machine is sound and goes on, and the log repeats it.
 */
#include "machine/call_table.h"
#include "machine/kernel.h"
#include "support/call_examples.h"
#include "support/each_kernel.h"
#include "support/play.h"
#include "support/replayed.h"

#define POINTS_MAX 64 /* that one call passes */

struct counts {
	size_t calls, stops, waits; /* calls, stops at points, writes that waited */
};

struct client {
	struct fdl_machine *m;
	struct fdl_handle *handle;
	int waiting; /* writes that have no answer */
	char reply[8192];
};

static void told(void *ctx, ssize_t result)
{
	(void)result;
	--*(int *)ctx;
}

static void client_start(struct client *c, const char *kernel)
{
	fdl_ino ino;

	*c = (struct client){ .m = example_machine(kernel) };
	assert_int_equal(fdl_walk(c->m, "control", &ino), 0);
	assert_int_equal(fdl_open(c->m, ino, O_RDWR, &c->handle), 0);
}

static void client_end(struct client *c)
{
	fdl_close(c->handle);
	fdl_machine_free(c->m);
}

/* Writes a line, and interrupts the writer if it waits. Whether it did. */
static bool write_and_interrupt(struct client *c, const char *line)
{
	bool waits;
	ssize_t n;

	c->waiting++;
	n = fdl_write(c->handle, line, strlen(line), 0, told, &c->waiting);
	waits = n == -EINPROGRESS;
	if (!waits)
		c->waiting--;
	fdl_interrupt(c->handle);
	if (c->waiting)
		fail_msg("%s: a write that is interrupted has no answer", line);
	n = fdl_read(c->handle, c->reply, sizeof(c->reply) - 1, 0, O_NONBLOCK);
	c->reply[n > 0 ? n : 0] = '\0';
	return waits;
}

static bool is_sound(const struct client *c)
{
	char why[256];

	return !fdl_machine_check(c->m, why, sizeof(why));
}

/* "1 dup(0)" as "1 dup(0 <unfinished at POINT ...>"; no point: at the first. */
static void stop_at(char *line, size_t size, const char *call, const char *point)
{
	const size_t len = strlen(call) - 1;

	snprintf(line, size, "%.*s%s<unfinished %s%s%s...>", (int)len, call,
		 call[len - 1] == '(' ? "" : " ", point ? "at " : "", point ? point : "",
		 point ? " " : "");
}

/* The point in a reply, "... <unfinished at POINT ...>". False: it has none. */
static bool point_of(const char *reply, char *point, size_t size)
{
	const char *at = strstr(reply, "<unfinished at ");

	if (!at)
		return false;
	at += strlen("<unfinished at ");
	snprintf(point, size, "%.*s", (int)strcspn(at, " "), at);
	return true;
}

/*
 * Stops a call at a point and interrupts; then its task gets a signal there (signalled), or not;
 * then it goes on, and its writer is interrupted.
 */
static void interrupt_at(const char *kernel, const char *call, const char *point, bool signalled,
			 bool sound, struct counts *counts)
{
	char line[EXAMPLE_MAX + 64];
	struct client c;

	client_start(&c, kernel);
	stop_at(line, sizeof(line), call, point);
	counts->waits += write_and_interrupt(&c, line);
	if (signalled)
		write_and_interrupt(&c, "1 interrupt");
	counts->waits += write_and_interrupt(&c, "1 finish");
	if (sound && !is_sound(&c))
		fail_msg("%s: %s: the machine is not sound", kernel, line);
	write_and_interrupt(&c, "2 dup2(0, 30)");
	assert_log_repeats(c.m);
	client_end(&c);
	counts->stops++;
}

/* The points that a call passes, in order; each once. Returns how many. */
static size_t points_of(const char *kernel, const char *call, char points[POINTS_MAX][64])
{
	char line[EXAMPLE_MAX + 64];
	struct client c;
	size_t n = 0;

	client_start(&c, kernel);
	stop_at(line, sizeof(line), call, NULL);
	write_and_interrupt(&c, line);
	while (n < POINTS_MAX && point_of(c.reply, points[n], sizeof(points[n]))) {
		bool known = false;

		for (size_t i = 0; i < n; i++)
			known |= !strcmp(points[i], points[n]);
		n += !known;
		write_and_interrupt(&c, "1 step");
	}
	client_end(&c);
	return n;
}

static void interrupt_call(const char *kernel, const char *call, struct counts *counts)
{
	char points[POINTS_MAX][64];
	const size_t n = points_of(kernel, call, points);
	struct client c;
	bool sound;

	client_start(&c, kernel);
	counts->waits += write_and_interrupt(&c, call);
	sound = is_sound(&c);
	assert_log_repeats(c.m);
	client_end(&c);
	for (size_t i = 0; i < n; i++)
		for (int signalled = 0; signalled < 2; signalled++)
			interrupt_at(kernel, call, points[i], signalled, sound, counts);
	counts->calls++;
}

static void each_call(const struct kernel *k)
{
	struct counts counts = { 0 };

	for (const struct call_row *const *list = k->calls; *list; list++) {
		for (const struct call_row *row = *list; row->name; row++) {
			char call[EXAMPLE_MAX];

			if (!call_table_lacks(k, row->name) && call_example(row, call))
				interrupt_call(k->name, call, &counts);
		}
	}
	print_message("%s: %zu calls, %zu stops, %zu writes that waited\n", k->name, counts.calls,
		      counts.stops, counts.waits);
	assert_true(counts.calls > 100);
	assert_true(counts.stops > 20);
	assert_true(counts.waits > 2);
}

int main(void)
{
	return run_on_each_kernel(each_call);
}
