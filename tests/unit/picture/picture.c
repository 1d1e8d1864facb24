/*
 * Pictures show the objects of a machine at their places, and are well formed in all three forms.
 */
#include "picture/picture.h"
#include "support/play.h"

static struct picture take(struct lab *lab, struct fdl_drawing how)
{
	struct picture p;

	assert_int_equal(picture_take(lab->m, &how, NULL, &p), 0);
	assert_int_equal(picture_lay_out(&p), 0);
	return p;
}

static char *drawn(struct lab *lab, struct fdl_drawing how)
{
	char *text;
	size_t len;

	assert_int_equal(fdl_draw(lab->m, &how, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	return text;
}

static void assert_drawn(struct lab *lab, struct fdl_drawing how, const char *wanted)
{
	char *text = drawn(lab, how);

	if (!strstr(text, wanted))
		fail_msg("%s is not in\n%s", wanted, text);
	free(text);
}

static const struct fdl_drawing plain = { .format = FDL_DRAW_TEXT };
static const struct fdl_drawing dot = { .format = FDL_DRAW_DOT };
static const struct fdl_drawing svg = { .format = FDL_DRAW_SVG };

/* The cards of a column stand below each other, in their order, and inside the picture. */
static void assert_apart(const struct picture *p)
{
	for (size_t column = 0; column < COLUMNS; column++) {
		int end = 0;

		for (size_t i = p->first[column]; i < p->first[column + 1]; i++) {
			const struct card *c = &p->cards[p->order[i]];

			assert_int_equal(c->column, column);
			assert_true(c->y > end);
			end = c->y + c->height;
		}
		assert_true(end < p->height);
	}
}

static void rows_lead_to_descriptions_and_these_to_objects(void **state)
{
	struct lab *lab = *state;
	struct picture p;
	const struct row *row;

	PLAY(lab, "open /etc/passwd = 3", "dup2 3 7 = 7", "open /etc/passwd = 4", "dup 3 = 5",
	     "close 4", "get_unused_fd_flags O_CLOEXEC = 4");
	p = take(lab, svg);
	assert_int_equal(p.first[COLUMN_FILES], 1);
	assert_int_equal(p.first[COLUMN_OBJECTS] - p.first[COLUMN_FILES], 1);
	assert_int_equal(p.ncards - p.first[COLUMN_OBJECTS], 1);
	assert_int_equal(p.nrows, 5);
	row = p.rows;
	assert_true(row[0].folded && row[0].fd == 0 && row[0].last == 2 && row[0].file == NO_CARD);
	assert_true(row[1].fd == 3 && row[1].file == 1);
	assert_true(row[2].fd == 4 && row[2].reserved && row[2].cloexec && row[2].file == NO_CARD);
	assert_true(row[3].fd == 5 && row[3].file == 1);
	assert_true(row[4].fd == 7 && row[4].file == 1);
	assert_int_equal(p.cards[1].object, 2);
	assert_int_equal(p.nedges, 4);
	assert_apart(&p);
	picture_free(&p);
}

static void the_console_is_folded_hidden_or_shown(void **state)
{
	struct lab *lab = *state;
	struct picture p;

	PLAY(lab, "dup 0 = 3", "dup3 0 9 O_CLOEXEC = 9");
	p = take(lab, svg);
	assert_int_equal(p.nrows, 2);
	assert_true(p.rows[0].last == 3 && p.rows[1].fd == 9 && p.rows[1].cloexec);
	assert_int_equal(p.ncards, 1);
	picture_free(&p);
	p = take(lab, (struct fdl_drawing){ .console = FDL_CONSOLE_HIDDEN });
	assert_int_equal(p.nrows, 0);
	picture_free(&p);
	p = take(lab, (struct fdl_drawing){ .console = FDL_CONSOLE_SHOWN });
	assert_int_equal(p.nrows, 5);
	assert_int_equal(p.ncards, 3);
	assert_int_equal(p.nedges, 6);
	picture_free(&p);
}

static void hundred_more(void *ctx, int pid, struct fdl_task_label *label)
{
	label->pid = pid > 1 ? pid + *(int *)ctx : 0;
	label->name = pid == 2 ? "abcdefghijklmnopqrs" : label->name;
}

static void tasks_are_shown_under_other_numbers_with_another_caption(void **state)
{
	struct lab *lab = *state;
	int more = 100;
	const int pids[] = { 2, 3 };
	struct fdl_drawing how = plain;
	char *text;

	PLAY(lab, "1 fork() = 2", "2 fork() = 3");
	how.pids = pids;
	how.npids = 2;
	how.label = hundred_more;
	how.ctx = &more;
	how.caption = "line 7 <of a log>";
	assert_drawn(lab, how, "line 7 <of a log>");
	assert_drawn(lab, how, "103 init, child of 102");
	text = drawn(lab, how);
	assert_non_null(strstr(text, "102 abcdefghijklmno\n"));
	free(text);
	how.format = FDL_DRAW_SVG;
	assert_drawn(lab, how, "line 7 &lt;of a log&gt;");
}

static void a_shared_table_is_one_card(void **state)
{
	struct lab *lab = *state;
	struct picture p;

	PLAY(lab, "clone(child_stack=NULL, flags=CLONE_FILES) = 2", "fork = 3", "2 exit 0");
	p = take(lab, svg);
	/* Task 2 has ended: no table. */
	assert_int_equal(p.first[COLUMN_FILES], 3);
	assert_int_equal(p.ntasks, 3);
	picture_free(&p);
	assert_drawn(lab, plain, "2 init, child of 1, has ended\n  no table\n");
	assert_drawn(lab, dot, "\ttask1 -> task3 [style=dotted");
}

static void only_chosen_tasks_and_what_they_lead_to(void **state)
{
	static const int pids[] = { 2 };
	struct lab *lab = *state;
	struct picture p;

	PLAY(lab, "open /etc/passwd = 3", "fork = 2", "2 close 3", "2 open /etc/hosts = 3");
	p = take(lab, (struct fdl_drawing){ .pids = pids, .npids = 1 });
	assert_int_equal(p.ntasks, 1);
	assert_int_equal(p.ncards, 3);
	assert_string_equal(p.cards[2].title.s, "/etc/hosts");
	picture_free(&p);
}

static void references_without_a_slot_are_lines(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "socketpair AF_UNIX SOCK_STREAM 0", "open /etc/passwd = 5",
	     "sendmsg(3, {msg_iov=[{\"x\", 1}], msg_iovlen=1, msg_control=[{20, SOL_SOCKET, "
	     "SCM_RIGHTS, [5]}], msg_controllen=24}) = 1",
	     "close 5", "epoll_create1 0 = 5",
	     "epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, data=4}) = 0", "open /etc/hosts = 6",
	     "fget(6)", "close 6");
	assert_drawn(lab, plain, "] has in its queue file 4: O_RDONLY, pos 0, count 1");
	assert_drawn(lab, plain, "anon_inode:[eventpoll] watches file 3\n");
	/* Two with one title are told apart by their inodes. */
	PLAY(lab, "epoll_create1 0");
	assert_drawn(lab, plain, "anon_inode:[eventpoll] 27 watches file 3\n");
	assert_drawn(lab, plain, "> anon_inode:[eventpoll] 28\n");
	assert_drawn(lab, plain, "task 1 holds file 6: O_RDONLY");
	assert_drawn(lab, plain, "] is connected to socket:[");
	assert_drawn(lab, dot, " -> file4 [style=dashed, label=\"in a message\"");
	assert_drawn(lab, dot, " -> file3 [style=dotted, label=\"watches 4\"");
	assert_drawn(lab, dot, "\ttask1 -> file6 [style=dashed, label=\"held\"];\n");
	assert_drawn(lab, dot, "[dir=both, style=dotted");
	assert_drawn(lab, svg, "dashed: held without a slot; dotted: connected, or watched");
}

static void objects_say_in_words_how_they_are(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "pipe", "write 4 hello", "open /tmp/x O_RDWR|O_CREAT 0600 = 5", "write 5 abc",
	     "flock 5 LOCK_EX", "unlink /tmp/x", "socket AF_UNIX SOCK_STREAM 0 = 6",
	     "bind(6, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0", "listen 6 3",
	     "eventfd2 7 0 = 7");
	assert_drawn(lab, plain,
		     ": 5 of 65536 bytes, \"hello\", open to read 1, to write 1, inode");
	assert_drawn(lab, plain, "/tmp/x (deleted): file, 0600, 3 bytes, inode");
	assert_drawn(lab, plain, ", has no name any more, flock write lock of file ");
	assert_drawn(lab, plain, "AF_UNIX stream, listens, bound to \"/tmp/s\", queue: 0 of 4");
	assert_drawn(lab, plain, "eventfd-count:");
}

static void a_call_in_flight_stands_at_its_task(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "dup(0 <unfinished at fd_install ...>");
	assert_drawn(lab, plain, "1 init, dup stopped at fd_install\n");
	assert_drawn(lab, dot, "label=\"1 init\\ldup stopped at fd_install\"");
	assert_drawn(lab, svg, ">dup stopped at fd_install</text>");
	assert_drawn(lab, plain, "after 1 dup(0");
}

static void a_call_in_flight_holds_its_descriptions(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "pipe", "clone(child_stack=NULL, flags=CLONE_FILES) = 2", "2 read 3 1");
	assert_drawn(lab, plain, "task 2 holds file 3\n");
	PLAY(lab, "1 close 3");
	assert_drawn(lab, plain, "task 2 holds file 3: O_RDONLY, pos 0, count 1");
}

static void names_are_escaped(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "open(\"/tmp/<&\\\"{}|\\\\\\n\\377\", O_RDWR|O_CREAT, 0644) = 3");
	assert_drawn(lab, svg, "/tmp/&lt;&amp;\"{}|");
	assert_drawn(lab, dot, "/tmp/<&\\\"{}|\\\\\\\\\\\\x0a\\\\xff\\l");
}

/*
 * Lines between descriptions and objects that cross each other: with cards in a good order, none.
 */
/* A picture on a slide has no tooltips, so a text that can be broken is wrapped and not cut. */
static void long_lines_are_wrapped(void **state)
{
	struct lab *lab = *state;
	struct picture p;

	PLAY(lab, "open /tmp/x O_RDWR|O_CREAT|O_APPEND|O_NONBLOCK = 3", "unlink /tmp/x", "fork = 2",
	     "flock 3 LOCK_EX", "2 open /tmp/y O_RDWR|O_CREAT = 4", "2 open /tmp/y = 5",
	     "2 flock 4 LOCK_EX", "2 flock 5 LOCK_EX");
	assert_drawn(lab, svg, ">O_RDWR|O_APPEND|</text>");
	assert_drawn(lab, svg, ">O_NONBLOCK</text>");
	assert_drawn(lab, svg, ">more</text>");
	assert_drawn(lab, svg, ">locks_lock_inode_wait</text>");
	p = take(lab, svg);
	assert_apart(&p);
	picture_free(&p);
}

static void lines_are_broken_by_characters_where_there_is_a_place(void **state)
{
	static const char umlauts[] =
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 ab"; /* 17 */

	(void)state;
	assert_int_equal(picture_part(COLUMN_FILES, "", 0), 0);
	assert_int_equal(picture_part(COLUMN_FILES, umlauts, strlen(umlauts)), strlen(umlauts));
	assert_int_equal(picture_part(COLUMN_FILES, "12345678901234567890123", 23), 23);
	assert_int_equal(picture_part(COLUMN_FILES, "123456789 123456789 1234", 24), 20);
	assert_int_equal(picture_part(COLUMN_FILES, "123456789012345678901234", 24), 24);
}

static void lines_of_a_simple_machine_do_not_cross(void **state)
{
	struct lab *lab = *state;
	struct picture p;

	PLAY(lab, "open /etc/passwd = 3", "open /etc/hosts = 4", "open /dev/null = 5", "dup2 5 20",
	     "open /etc/passwd = 6", "close 3", "open /dev/zero = 3");
	p = take(lab, svg);
	assert_apart(&p);
	for (size_t i = 0; i < p.nedges; i++) {
		for (size_t j = 0; j < p.nedges; j++) {
			const struct card *a = &p.cards[p.edges[i].from], *to_a;
			const struct card *b = &p.cards[p.edges[j].from], *to_b;

			to_a = &p.cards[p.edges[i].to];
			to_b = &p.cards[p.edges[j].to];
			if (a->column == COLUMN_FILES && b->column == COLUMN_FILES && a->y < b->y)
				assert_true(to_a->y <= to_b->y);
		}
	}
	picture_free(&p);
}

static void a_large_machine_keeps_its_cards_apart(void **state)
{
	struct lab *lab = *state;
	char line[64];
	struct picture p;

	for (int fd = 3; fd < 20; fd++) {
		snprintf(line, sizeof(line), "open /tmp/%d O_RDWR|O_CREAT", fd % 5);
		lab_call(lab, line);
	}
	for (int pid = 2; pid < 60; pid++) {
		lab_call(lab, "fork");
		snprintf(line, sizeof(line), "%d close %d", pid, 3 + pid % 17);
		lab_call(lab, line);
		snprintf(line, sizeof(line), "%d open /etc/passwd", pid);
		lab_call(lab, line);
	}
	p = take(lab, svg);
	assert_int_equal(p.first[COLUMN_FILES], 59);
	assert_apart(&p);
	picture_free(&p);
}

static void the_tree_has_the_same_pictures(void **state)
{
	static const char *const files[] = { "picture.svg", "dot" };
	const struct fdl_drawing hows[] = { svg, dot };
	struct lab *lab = *state;

	PLAY(lab, "open /etc/passwd = 3", "pipe");
	for (size_t i = 0; i < 2; i++) {
		char *text = drawn(lab, hows[i]), *file;
		size_t len;

		assert_int_equal(fdl_read_file(lab->m, files[i], &file, &len), 0);
		assert_string_equal(text, file);
		free(text);
		free(file);
	}
}

static const struct picture_limits small = {
	.tasks = 2, .rows = 5, .slots = 1000, .links = 2, .retired = 1
};

static struct picture take_small(struct lab *lab, struct fdl_drawing how)
{
	struct picture p;

	assert_int_equal(picture_take(lab->m, &how, &small, &p), 0);
	assert_int_equal(picture_lay_out(&p), 0);
	assert_apart(&p);
	for (size_t i = 0; i < p.nedges; i++) {
		assert_true(p.edges[i].from < p.ncards);
		assert_true(p.edges[i].to < p.ncards);
	}
	return p;
}

static void assert_written(const struct picture *p,
			   void (*write)(const struct picture *, struct text *), const char *wanted)
{
	struct text out = TEXT_EMPTY;

	write(p, &out);
	assert_int_equal(out.error, 0);
	if (!strstr(out.s, wanted))
		fail_msg("%s is not in\n%s", wanted, out.s);
	text_free(&out);
}

static void tasks_and_descriptors_beyond_the_limits_are_counted(void **state)
{
	struct lab *lab = *state;
	struct picture p;

	PLAY(lab, "open /etc/passwd = 3", "open /etc/passwd = 4", "open /etc/passwd = 5",
	     "open /etc/passwd = 6", "fork = 2", "fork = 3", "fork = 4");
	p = take_small(lab, dot);
	assert_int_equal(p.ntasks, 2);
	assert_int_equal(p.left.tasks, 2);
	assert_int_equal(p.nrows, 5);
	assert_int_equal(p.cards[0].left, 0);
	assert_int_equal(p.cards[1].left, 7);
	assert_int_equal(p.left.descriptors, 7);
	assert_int_equal(p.first[COLUMN_OBJECTS] - p.first[COLUMN_FILES], 4);
	assert_written(&p, picture_dot, "|and 7 more\"");
	assert_written(&p, picture_dot,
		       "not shown: 2 tasks, 7 descriptors of these tables\"];\n}\n");
	assert_written(&p, picture_svg, ">and 7 more<");
	assert_written(&p, picture_svg, ">not shown: 2 tasks, 7 descriptors of these tables<");
	assert_written(&p, picture_plain, "    and 7 more\n");
	assert_written(&p, picture_plain, "\nnot shown: 2 tasks, 7 descriptors of these tables\n");
	assert_written(&p, picture_json,
		       "\"left_out\": {\"tasks\": 2, \"descriptors\": 7, \"references\": 0, "
		       "\"retired\": 0}");
	picture_free(&p);
}

static void a_row_is_cut_where_too_many_slots_were_looked_at(void **state)
{
	const struct picture_limits limits = { 9, 9, .slots = 100, .links = 9, .retired = 9 };
	struct lab *lab = *state;
	struct picture p;

	for (int i = 3; i < 300; i++)
		PLAY(lab, "dup 0");
	assert_int_equal(picture_take(lab->m, &dot, &limits, &p), 0);
	assert_int_equal(p.nrows, 1);
	assert_int_equal(p.rows[0].last, 99);
	assert_int_equal(p.left.descriptors, 200);
	assert_int_equal(p.nwords, 2);
	picture_free(&p);
}

static void references_beyond_the_limit_are_counted(void **state)
{
	struct lab *lab = *state;
	struct picture p;
	size_t watches = 0;

	PLAY(lab, "epoll_create1 0 = 3", "eventfd2 0 0 = 4",
	     "epoll_ctl 3 EPOLL_CTL_ADD 4 {events=EPOLLIN, data={u64=1}}", "dup 4 = 5",
	     "epoll_ctl 3 EPOLL_CTL_ADD 5 {events=EPOLLIN, data={u64=1}}", "dup 4 = 6",
	     "epoll_ctl 3 EPOLL_CTL_ADD 6 {events=EPOLLIN, data={u64=1}}");
	p = take_small(lab, dot);
	for (size_t i = 0; i < p.nedges; i++)
		watches += p.edges[i].kind == EDGE_WATCH;
	assert_int_equal(watches, 2);
	assert_int_equal(p.left.links, 1);
	assert_written(&p, picture_dot, "not shown: 1 references without a slot");
	picture_free(&p);
}

static void the_tree_shows_a_thousand_tasks_and_draw_all(void **state)
{
	struct lab *lab = *state;
	char *file, *text;
	size_t len;

	for (int i = 0; i < 1100; i++)
		PLAY(lab, "fork");
	assert_int_equal(fdl_read_file(lab->m, "dot", &file, &len), 0);
	assert_non_null(strstr(file, "task1000 ["));
	assert_null(strstr(file, "task1001"));
	assert_non_null(strstr(file, "not shown: 101 tasks\""));
	text = drawn(lab, dot);
	assert_non_null(strstr(text, "task1101 ["));
	assert_null(strstr(text, "not shown"));
	free(file);
	free(text);
}

static void netbsd_is_drawn_too(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "reset kernel=netbsd", "open /etc/passwd = 3", "fcntl 3 F_SETFD FD_CLOEXEC");
	assert_drawn(lab, plain, "    3 close-on-exec --> file 2: O_RDONLY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(rows_lead_to_descriptions_and_these_to_objects),
		LAB_TEST(the_console_is_folded_hidden_or_shown),
		LAB_TEST(tasks_are_shown_under_other_numbers_with_another_caption),
		LAB_TEST(a_shared_table_is_one_card),
		LAB_TEST(only_chosen_tasks_and_what_they_lead_to),
		LAB_TEST(references_without_a_slot_are_lines),
		LAB_TEST(objects_say_in_words_how_they_are),
		LAB_TEST(a_call_in_flight_stands_at_its_task),
		LAB_TEST(a_call_in_flight_holds_its_descriptions),
		LAB_TEST(names_are_escaped),
		LAB_TEST(long_lines_are_wrapped),
		LAB_TEST(lines_are_broken_by_characters_where_there_is_a_place),
		LAB_TEST(lines_of_a_simple_machine_do_not_cross),
		LAB_TEST(a_large_machine_keeps_its_cards_apart),
		LAB_TEST(the_tree_has_the_same_pictures),
		LAB_TEST(tasks_and_descriptors_beyond_the_limits_are_counted),
		LAB_TEST(a_row_is_cut_where_too_many_slots_were_looked_at),
		LAB_TEST(references_beyond_the_limit_are_counted),
		LAB_TEST(the_tree_shows_a_thousand_tasks_and_draw_all),
		LAB_TEST(netbsd_is_drawn_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
