/*
 * state.json: a machine as JSON.
 */
#include "support/tree_lab.h"

#include <jansson.h>

static json_t *snapshot(void)
{
	char *text = text_of("state.json");
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!root)
		fail_msg("line %d: %s", error.line, error.text);
	free(text);
	return root;
}

/* The element of a list whose member has this number, or NULL. */
static json_t *with(json_t *root, const char *list, const char *key, json_int_t number)
{
	json_t *element;
	size_t i;

	json_array_foreach(json_object_get(root, list), i, element)
	{
		if (json_integer_value(json_object_get(element, key)) == number)
			return element;
	}
	return NULL;
}

static json_int_t number_in(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static const char *string_in(json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	assert_non_null(value);
	return value;
}

static void a_descriptor_leads_to_its_description_and_inode(void **state)
{
	json_t *root, *table, *slot, *file;

	(void)state;
	assert_int_equal(submit("open /etc/passwd O_RDONLY|O_CLOEXEC = 3\nread 3 5\n"), 0);
	root = snapshot();
	table = with(root, "tables", "id", number_in(with(root, "tasks", "pid", 1), "table"));
	assert_non_null(table);
	slot = with(table, "slots", "fd", 3);
	assert_true(json_is_true(json_object_get(slot, "cloexec")));
	file = with(root, "files", "id", number_in(slot, "file"));
	assert_string_equal(string_in(file, "name"), "/etc/passwd");
	assert_int_equal(number_in(file, "pos"), 5);
	assert_non_null(strstr(string_in(file, "flags"), "O_RDONLY"));
	assert_non_null(with(root, "inodes", "ino", number_in(file, "inode")));
	json_decref(root);
}

static void a_shared_table_is_there_once_with_all_its_tasks(void **state)
{
	json_t *root, *tasks;

	(void)state;
	assert_int_equal(submit("clone(child_stack=NULL, flags=CLONE_FILES) = 2\n1 fork() = 3\n"),
			 0);
	root = snapshot();
	assert_int_equal(json_array_size(json_object_get(root, "tables")), 2);
	tasks = json_object_get(with(root, "tables", "id", 1), "tasks");
	assert_int_equal(json_array_size(tasks), 2);
	assert_int_equal(json_integer_value(json_array_get(tasks, 1)), 2);
	json_decref(root);
}

static void a_reserved_descriptor_has_no_file(void **state)
{
	json_t *root, *call;

	(void)state;
	assert_int_equal(submit("dup(0 <unfinished at fd_install ...>"), 0);
	root = snapshot();
	assert_true(json_is_null(
		json_object_get(with(with(root, "tables", "id", 1), "slots", "fd", 3), "file")));
	call = json_object_get(with(root, "tasks", "pid", 1), "call");
	assert_string_equal(string_in(call, "name"), "dup");
	assert_string_equal(string_in(call, "state"), "stopped");
	assert_string_equal(string_in(call, "at"), "fd_install");
	json_decref(root);
}

static void holds_by_hand_are_shown(void **state)
{
	json_t *root, *held;

	(void)state;
	assert_int_equal(submit("fork\n1 fget(0)\n1 get_files_struct(2)\n2 exit 0\n"), 0);
	root = snapshot();
	held = json_object_get(with(root, "tasks", "pid", 1), "held");
	assert_int_equal(json_array_size(held), 2);
	/* The child is gone, and its table is still there. */
	assert_int_equal(json_array_size(json_object_get(root, "tables")), 2);
	assert_true(json_is_null(json_object_get(with(root, "tasks", "pid", 2), "table")));
	json_decref(root);
}

static void names_that_are_no_text_are_escaped(void **state)
{
	json_t *root, *file;
	size_t i;
	bool found = false;

	(void)state;
	assert_int_equal(submit("open(\"/tmp/\\303\\244\\377\\300\\200\\n\\\"\", O_RDWR|O_CREAT)"),
			 0);
	root = snapshot();
	json_array_foreach(json_object_get(root, "files"), i, file)
	{
		found |= !strcmp(string_in(file, "name"), "/tmp/\xc3\xa4\\xff\\xc0\\x80\\x0a\"");
	}
	assert_true(found);
	json_decref(root);
}

static void infinite_limits_are_words(void **state)
{
	json_t *root, *nofile;

	(void)state;
	root = snapshot();
	nofile = json_object_get(with(root, "tasks", "pid", 1), "nofile");
	assert_int_equal(number_in(nofile, "soft"), 1024);
	assert_int_equal(number_in(json_object_get(root, "sysctl"), "nr_open"), 1048576);
	json_decref(root);
}

static void the_same_lines_give_the_same_snapshot(void **state)
{
	static const char lines[] =
		"pipe\nfork\n2 read 3 10\n1 fork\n3 open /tmp/x O_RDWR|O_CREAT\n"
		"3 exit 1\n1 write 4 x\n1 dup(0 <unfinished ...>\n";
	char *first, *second;

	(void)state;
	assert_int_equal(submit(lines), 0);
	first = text_of("state.json");
	assert_int_equal(fdl_machine_reset(m, NULL), 0);
	assert_int_equal(submit(lines), 0);
	second = text_of("state.json");
	assert_string_equal(first, second);
	free(first);
	free(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(a_descriptor_leads_to_its_description_and_inode),
		lab_test(a_shared_table_is_there_once_with_all_its_tasks),
		lab_test(a_reserved_descriptor_has_no_file),
		lab_test(holds_by_hand_are_shown),
		lab_test(names_that_are_no_text_are_escaped),
		lab_test(infinite_limits_are_words),
		lab_test(the_same_lines_give_the_same_snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
