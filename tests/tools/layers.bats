# tests/scripts/layers finds every kind of breach. Each test builds a small tree with one.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	mkdir -p lib/base lib/linux lib/netbsd daemon tools/cli tools/verbs
	printf '%s\n' '[lib]' base 'linux base' 'netbsd base' 'face base linux netbsd' \
		'[tools]' cli 'verbs cli' 'main cli verbs' >lib/layers
	cat >lib/fdlab.h <<'END'
/* Not a function of the library: fdl_comment(). */
int fdl_version(void);
END
	echo 'int fdl_version(void); int fdl_version(void) { return 1; }' >lib/lib.c
	echo 'int base(void);' >lib/base/base.h
	echo 'int base(void) { return 1; }' >lib/base/base.c
	printf '%s\n' '#include "base/base.h"' 'int linux_call(void) { return base(); }' >lib/linux/linux.c
	echo 'int linux_call(void);' >lib/linux/linux.h
	echo 'int netbsd_call(void) { return 1; }' >lib/netbsd/netbsd.c
	printf '%s\n' '#include "own.h"' '#include "fdlab.h"' '#include <fuse_lowlevel.h>' \
		'int use(void) { return fdl_version(); }' >daemon/daemon.c
	echo '/* own */' >daemon/own.h
	echo 'int tool(void);' >tools/tool.c
	echo 'int cli(void) { return 1; }' >tools/cli/cli.c
	echo 'int verb(void) { return 1; }' >tools/verbs/verb.c
	sources="lib/lib lib/base/base lib/linux/linux lib/netbsd/netbsd daemon/daemon tools/tool
		tools/cli/cli tools/verbs/verb"
}

# layers BREACH: compiles the tree and expects that breach alone; without one, expects none.
layers() {
	local file object
	for file in $sources; do
		object=build/CMakeFiles/t.dir/$file.c.o
		mkdir -p "$(dirname "$object")"
		sed '/#include </d' "$file.c" >build/t.c
		"$CC" -fPIC -fno-builtin -w -Ilib -I"$(dirname "$file")" -c build/t.c -o "$object"
	done
	"$CC" -shared -o build/libfdlab.so build/CMakeFiles/t.dir/lib/lib.c.o
	if [ $# -eq 0 ]; then
		run -0 "$FDLAB_SOURCE/tests/scripts/layers" . build
		[ -z "$output" ]
	else
		run -1 "$FDLAB_SOURCE/tests/scripts/layers" . build
		[ "${lines[0]}" = "$1" ]
		[ "${lines[1]}" = "1 breaches of the layers" ]
	fi
}

@test "sound_tree_has_no_breach" {
	layers
}

@test "library_that_includes_fuse" {
	sed -i '1i #include <fuse3/fuse_lowlevel.h>' lib/lib.c
	layers 'lib/ may not know FUSE or libevent: lib/lib.c:1: #include <fuse3/fuse_lowlevel.h>'
}

@test "library_that_includes_libevent" {
	sed -i '1i #  include <event2/event.h>' lib/lib.c
	layers 'lib/ may not know FUSE or libevent: lib/lib.c:1: #  include <event2/event.h>'
}

@test "include_that_climbs" {
	sed -i '1i #include "../daemon/own.h"' lib/base/base.c
	run -1 "$FDLAB_SOURCE/tests/scripts/layers" .
	[ "${lines[0]}" = 'an include names its folder, without "..": lib/base/base.c:1: #include "../daemon/own.h"' ]
}

@test "folder_that_includes_upwards" {
	sed -i '1i #include "linux/linux.h"' lib/base/base.c
	layers 'base/ may not include linux/: lib/base/base.c:1: #include "linux/linux.h"'
}

@test "folder_that_calls_upwards" {
	echo 'int f(void) { return linux_call(); }' >>lib/base/base.c
	layers 'base/ may not call linux/: lib/base/base.c uses linux_call'
}

@test "tool_that_calls_upwards" {
	echo 'int f(void) { return verb(); }' >>tools/cli/cli.c
	layers 'cli/ may not call verbs/: tools/cli/cli.c uses verb'
}

@test "folder_that_has_no_layer" {
	mkdir lib/strange
	printf '%s\n' '#include "base/base.h"' >lib/strange/strange.c
	run -1 "$FDLAB_SOURCE/tests/scripts/layers" .
	[ "${lines[0]}" = 'lib/layers does not name the folder lib/strange' ]
}

@test "layer_that_stands_on_one_above_it" {
	sed -i 's/^base$/base linux/' lib/layers
	run -1 "$FDLAB_SOURCE/tests/scripts/layers" .
	[[ $output == *"base may use linux, which does not stand below it" ]]
}

@test "library_that_calls_libevent" {
	echo 'int f(void) { return event_base_new(); }' >>lib/linux/linux.c
	layers 'lib/ may not know FUSE or libevent: lib/linux/linux.c uses event_base_new'
}

@test "library_that_prints" {
	echo 'int f(void) { return printf("x"); }' >>lib/linux/linux.c
	layers 'lib/ may not print, wait, or look at the clock or the outside: lib/linux/linux.c uses printf'
}

@test "library_that_uses_standard_error" {
	echo 'extern void *stderr; void *f(void) { return stderr; }' >>lib/linux/linux.c
	layers 'lib/ may not print, wait, or look at the clock or the outside: lib/linux/linux.c uses stderr'
}

@test "library_that_looks_at_the_clock" {
	echo 'int f(void) { return clock_gettime(0, 0); }' >>lib/linux/linux.c
	layers 'lib/ may not print, wait, or look at the clock or the outside: lib/linux/linux.c uses clock_gettime'
}

@test "kernels_that_include_each_other" {
	sed -i '1i #include "linux/linux.h"' lib/netbsd/netbsd.c
	layers 'netbsd/ may not include linux/: lib/netbsd/netbsd.c:1: #include "linux/linux.h"'
}

@test "kernels_that_call_each_other" {
	echo 'int g(void) { return netbsd_call(); }' >>lib/linux/linux.c
	layers 'linux/ may not call netbsd/: lib/linux/linux.c uses netbsd_call'
	sed -i '$d' lib/linux/linux.c
	echo 'int g(void) { return linux_call(); }' >>lib/netbsd/netbsd.c
	layers 'netbsd/ may not call linux/: lib/netbsd/netbsd.c uses linux_call'
}

@test "daemon_that_includes_a_room_of_the_library" {
	sed -i '1i #include "base/base.h"' daemon/daemon.c
	layers 'daemon/ has no such header: daemon/daemon.c:1: #include "base/base.h"'
}

@test "tool_that_includes_a_room_of_the_library_by_its_folder" {
	sed -i '1i #include <lib/base/base.h>' tools/tool.c
	layers 'tools/ may know only fdlab.h of the library: tools/tool.c:1: #include <lib/base/base.h>'
}

@test "tool_that_calls_what_the_header_does_not_declare" {
	echo 'int f(void) { return linux_call(); }' >>tools/tool.c
	layers 'tools/ may use only what fdlab.h declares: tools/tool.c uses linux_call'
}

@test "function_of_the_header_that_is_not_exported" {
	echo 'int fdl_missing(void);' >>lib/fdlab.h
	layers 'fdlab.h and what libfdlab.so shows differ: fdl_missing'
}

@test "nothing_compiled_is_a_breach" {
	run -1 "$FDLAB_SOURCE/tests/scripts/layers" . build
	[[ ${lines[0]} == 'nothing was compiled in '* ]]
}
