/*
 * picture.json: it is JSON, and agrees with state.json, which is written from the machine itself;
 * and what it has besides: calls in flight, the maps' words, deadlocks, retired tables, queues.
 */
#include "picture/picture.h"
#include "support/play.h"

#include <jansson.h>

static json_t *file_of(struct lab *lab, const char *path)
{
	json_error_t error;
	json_t *root;
	char *text;
	size_t len;

	assert_int_equal(fdl_read_file(lab->m, path, &text, &len), 0);
	root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("%s:%d: %s\n%s", path, error.line, error.text, text);
	free(text);
	return root;
}

/* The element of a list with this number under a key. */
static json_t *with(json_t *root, const char *list, const char *key, json_int_t number)
{
	json_t *element;
	size_t i;

	json_array_foreach(json_object_get(root, list), i, element)
	{
		if (json_integer_value(json_object_get(element, key)) == number)
			return element;
	}
	fail_msg("no %s %lld in %s", key, (long long)number, list);
	return NULL;
}

static void assert_same(json_t *a, json_t *b, const char *key)
{
	assert_non_null(json_object_get(a, key));
	if (!json_equal(json_object_get(a, key), json_object_get(b, key)))
		fail_msg("%s differs", key);
}

static bool has_bit(json_t *table, const char *map, json_int_t fd)
{
	json_t *word;
	size_t i;

	json_array_foreach(json_object_get(table, "words"), i, word)
	{
		const json_int_t first = json_integer_value(json_object_get(word, "first"));
		const json_int_t bits = json_integer_value(json_object_get(word, "bits"));
		const char *text = json_string_value(json_object_get(word, map));

		assert_int_equal(strlen(text), bits / 4);
		if (fd >= first && fd < first + bits)
			return strtoull(text, NULL, 16) >> (fd - first) & 1;
	}
	return false;
}

static void assert_table(json_t *shown, json_t *state)
{
	json_t *row, *slot;
	size_t i;

	assert_same(shown, state, "max_fds");
	assert_same(shown, state, "tasks");
	assert_int_equal(json_array_size(json_object_get(shown, "rows")),
			 json_array_size(json_object_get(state, "slots")));
	json_array_foreach(json_object_get(shown, "rows"), i, row)
	{
		const json_int_t fd = json_integer_value(json_object_get(row, "fd"));

		slot = with(state, "slots", "fd", fd);
		assert_same(row, slot, "file");
		assert_same(row, slot, "cloexec");
		assert_int_equal(json_is_true(json_object_get(row, "reserved")),
				 json_is_null(json_object_get(slot, "file")));
		assert_true(has_bit(shown, "open_fds", fd));
		assert_int_equal(has_bit(shown, "close_on_exec", fd),
				 json_is_true(json_object_get(slot, "cloexec")));
	}
}

static void assert_agrees(struct lab *lab)
{
	static const char *const of_tasks[] = { "tgid", "ppid", "comm", "state", "table" };
	json_t *shown = file_of(lab, "picture.json"), *state = file_of(lab, "state.json");
	json_t *element;
	size_t i;

	assert_same(shown, state, "kernel");
	assert_int_equal(json_array_size(json_object_get(shown, "headings")), COLUMNS);
	json_array_foreach(json_object_get(state, "tasks"), i, element)
	{
		json_t *task = with(shown, "tasks", "pid",
				    json_integer_value(json_object_get(element, "pid")));

		for (size_t j = 0; j < 5; j++)
			assert_same(task, element, of_tasks[j]);
		assert_int_equal(json_is_null(json_object_get(task, "call")),
				 json_is_null(json_object_get(element, "call")));
	}
	json_array_foreach(json_object_get(state, "tables"), i, element) assert_table(
		with(shown, "tables", "id", json_integer_value(json_object_get(element, "id"))),
		element);
	json_array_foreach(json_object_get(state, "files"), i, element)
	{
		json_t *file = with(shown, "files", "id",
				    json_integer_value(json_object_get(element, "id")));

		assert_same(file, element, "count");
		assert_same(file, element, "pos");
	}
	json_decref(shown);
	json_decref(state);
}

static void play_all(struct lab *lab)
{
	PLAY(lab, "open /etc/passwd = 3", "dup2 3 40 = 40", "fcntl 40 F_SETFD FD_CLOEXEC",
	     "pipe = 0", "write 5 \"a\\\"\\\\\\n\\377\"", "lseek 3 2 SEEK_SET = 2", "fork = 2",
	     "2 close 3", "1 socketpair AF_UNIX SOCK_STREAM 0",
	     "1 open(\"/tmp/<&\\\"{}|\\\\\\n\\377\", O_RDWR|O_CREAT, 0644) = 8", "2 read 4 9");
	assert_agrees(lab);
}

static void it_agrees_with_the_machine(void **state)
{
	struct lab *lab = *state;

	play_all(lab);
	PLAY(lab, "1 get_unused_fd_flags O_CLOEXEC = 9", "1 dup 3 = 10",
	     "1 fcntl 10 F_SETFD FD_CLOEXEC", "1 kill 2 SIGKILL",
	     "dup(0 <unfinished at fd_install ...>");
	assert_agrees(lab);
}

static void it_agrees_with_the_machine_of_netbsd(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "reset kernel=netbsd");
	play_all(lab);
}

/* A deadlock: two tasks each read what only the other could write. */
static void calls_in_flight_say_what_they_wait_for(void **state)
{
	struct lab *lab = *state;
	json_t *root, *call, *deadlock;

	PLAY(lab, "pipe", "pipe", "fork = 2", "1 close 4", "1 close 5", "2 close 3", "2 close 6",
	     "2 read 5 1", "1 dup(0 <unfinished at fd_install ...>");
	root = file_of(lab, "picture.json");
	call = json_object_get(with(root, "tasks", "pid", 1), "call");
	assert_string_equal(json_string_value(json_object_get(call, "text")), "dup(0)");
	assert_string_equal(json_string_value(json_object_get(call, "state")),
			    "stopped at fd_install");
	assert_true(json_array_size(json_object_get(call, "points")) > 1);
	call = json_object_get(with(root, "tasks", "pid", 2), "call");
	assert_string_equal(json_string_value(json_object_get(call, "text")), "read(5, ..., 1)");
	assert_string_equal(json_string_value(json_object_get(call, "state")),
			    "blocked at pipe_read");
	assert_int_equal(json_array_size(json_object_get(root, "deadlock")), 0);
	json_decref(root);
	PLAY(lab, "1 finish", "1 read 3 1");
	root = file_of(lab, "picture.json");
	call = json_object_get(with(root, "tasks", "pid", 2), "call");
	assert_int_equal(json_array_size(json_object_get(call, "waits_for")), 1);
	deadlock = json_pack("[[ii]]", 1, 2);
	assert_true(json_equal(json_object_get(root, "deadlock"), deadlock));
	json_decref(deadlock);
	json_decref(root);
}

static void retired_tables_name_their_readers(void **state)
{
	struct lab *lab = *state;
	json_t *root, *retired;

	PLAY(lab, "dup2 0 70 = 70", "clone(child_stack=NULL, flags=CLONE_FILES) = 2",
	     "2 read(0 <unfinished at fget:slot ...>", "1 dup2 0 300 = 300");
	root = file_of(lab, "picture.json");
	retired = json_array_get(json_object_get(root, "retired"), 0);
	assert_int_equal(json_integer_value(json_object_get(retired, "slots")), 128);
	assert_string_equal(json_string_value(json_object_get(retired, "stage")), "grace period");
	assert_int_equal(json_integer_value(json_array_get(json_object_get(retired, "readers"), 0)),
			 2);
	json_decref(root);
}

static void objects_have_kinds(void **state)
{
	static const char *const kinds[] = { "eventfd", "epoll", "pipe", "inotify", "file" };
	struct lab *lab = *state;
	json_t *root, *object;
	size_t i;

	PLAY(lab, "eventfd2 1 0 = 3", "epoll_create1 0 = 4", "pipe", "inotify_init1 0 = 7",
	     "open /etc/passwd = 8", "write 6 ab", "fcntl 6 F_SETFL O_DIRECT", "write 6 cd");
	root = file_of(lab, "picture.json");
	for (size_t j = 0; j < 5; j++) {
		bool found = false;

		json_array_foreach(json_object_get(root, "objects"), i, object)
		{
			const char *kind = json_string_value(json_object_get(object, "kind"));
			const char *data = json_string_value(json_object_get(object, "data"));

			found |= !strcmp(kind, kinds[j]);
			/* Of all buffers of a pipe, not the first alone. */
			assert_string_equal(data, strcmp(kind, "pipe") ? "" : "abcd");
		}
		assert_true(found);
	}
	json_decref(root);
}

static void queues_are_listed(void **state)
{
	struct lab *lab = *state;
	json_t *root, *object;
	bool found = false;
	size_t i;

	PLAY(lab, "socketpair AF_UNIX SOCK_STREAM 0", "open /etc/passwd = 5",
	     "sendmsg(3, {msg_iov=[{\"xy\", 2}], msg_iovlen=1, msg_control=[{20, SOL_SOCKET, "
	     "SCM_RIGHTS, [5]}], msg_controllen=24}) = 2");
	root = file_of(lab, "picture.json");
	json_array_foreach(json_object_get(root, "objects"), i, object)
	{
		const char *line =
			json_string_value(json_array_get(json_object_get(object, "queue"), 0));

		found |= line && !strncmp(line, "2 bytes \"xy\", file ", 19);
	}
	assert_true(found);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(it_agrees_with_the_machine),
		LAB_TEST(it_agrees_with_the_machine_of_netbsd),
		LAB_TEST(calls_in_flight_say_what_they_wait_for),
		LAB_TEST(retired_tables_name_their_readers),
		LAB_TEST(objects_have_kinds),
		LAB_TEST(queues_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
