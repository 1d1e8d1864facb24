# The installed files, as used by other programs.

setup_file() {
	export PREFIX=$BATS_FILE_TMPDIR/prefix
	"$CMAKE" --install "$FDLAB_BUILD" --prefix "$PREFIX" >/dev/null
	export PKG_CONFIG_PATH
	PKG_CONFIG_PATH=$(dirname "$(find "$PREFIX" -name fdlab.pc)")
	if [ -n "${FDLAB_SANITIZED:-}" ]; then
		export CFLAGS=-fsanitize=address,undefined LDFLAGS=-fsanitize=address,undefined
	fi
}

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	cat >consumer.c <<'END'
#include <fdlab.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	struct fdl_machine *m;
	struct fdl_arg args[2];
	const struct fdl_row *dup2_row;
	char *text;
	size_t len;

	if (fdl_machine_new(NULL, &m))
		return 1;
	dup2_row = fdl_row_find(m, "dup2");
	memset(args, 0, sizeof(args));
	args[1].num = 10;
	if (fdl_call(m, 1, dup2_row, args, 2) != 10)
		return 2;
	if (fdl_read_file(m, "1/files/open_fds_list", &text, &len))
		return 3;
	printf("%s: %s", fdl_version(), text);
	free(text);
	fdl_machine_free(m);
	return 0;
}
END
	cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(consumer C)
find_package(fdlab 0.1 REQUIRED)
add_executable(with-shared consumer.c)
target_link_libraries(with-shared fdlab::shared)
add_executable(with-static consumer.c)
target_link_libraries(with-static fdlab::static)
END
}

@test "programs_run_from_where_they_were_installed" {
	run -0 "$PREFIX/bin/fdlab" --version
	run -0 "$PREFIX/bin/fdlabd" --version
}

@test "pkg_config_builds_against_the_shared_library" {
	lib=$(dirname "$PKG_CONFIG_PATH")
	"$CC" ${CFLAGS:-} consumer.c -o consumer $(pkg-config --cflags --libs fdlab)
	run -0 env LD_LIBRARY_PATH="$lib" ./consumer
	[ "$output" = "$FDLAB_VERSION: 0-2,10" ]
	objdump -p consumer | grep -q 'NEEDED.*libfdlab\.so\.0$'
}

@test "pkg_config_builds_against_the_archive" {
	libs=$(pkg-config --static --libs fdlab | sed 's/-lfdlab/-l:libfdlab.a/')
	"$CC" ${CFLAGS:-} consumer.c -o consumer $(pkg-config --cflags fdlab) $libs
	run -0 ./consumer
	[ "$output" = "$FDLAB_VERSION: 0-2,10" ]
}

@test "find_package_has_both_forms" {
	"$CMAKE" -S . -B build -G Ninja -D CMAKE_PREFIX_PATH="$PREFIX" -D CMAKE_C_COMPILER="$CC" \
		>/dev/null
	"$CMAKE" --build build >/dev/null
	for form in shared static; do
		run -0 "build/with-$form"
		[ "$output" = "$FDLAB_VERSION: 0-2,10" ]
	done
	[[ $(objdump -p build/with-shared) == *NEEDED*libfdlab.so* ]]
	[[ $(objdump -p build/with-static) != *libfdlab.so* ]]
}

@test "pkg_config_version_is_that_of_the_project" {
	run -0 pkg-config --modversion fdlab
	[ "$output" = "$FDLAB_VERSION" ]
}

@test "header_can_be_included_from_cxx" {
	command -v g++ >/dev/null || skip "there is no g++"
	echo '#include <fdlab.h>' >x.cc
	run -0 g++ -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags fdlab) x.cc
}

@test "unit_file_names_the_installed_daemon" {
	unit=$PREFIX/lib/systemd/user/fdlabd.service
	grep -q '^Type=notify' "$unit"
	grep -Eq '^ExecStart=/.*/fdlabd ' "$unit"
	run ! grep '@[A-Za-z_]*@' "$unit"
}

@test "man_pages_are_installed_in_their_sections" {
	for page in man1/fdlab.1 man3/libfdlab.3 man5/fdlab-notation.5 man5/fdlab-tree.5 man7/fdlab.7 \
		man8/fdlabd.8; do
		[ -s "$PREFIX/share/man/$page" ]
	done
}

@test "no_installed_file_names_the_build_folder" {
	run ! grep -rlF "$FDLAB_BUILD" "$PREFIX" --include='*.pc' --include='*.cmake' \
		--include='*.service' --include='*.h'
}

@test "every_function_has_a_manual_page" {
	pages=$(find "$PREFIX" -type d -name man3)
	functions=$(nm -D --defined-only "$FDLAB_BUILD/libfdlab.so" | awk '{ print $NF }' | grep '^fdl_')
	[ "$(wc -l <<<"$functions")" -gt 20 ]
	for function in $functions; do
		[ "$(cat "$pages/$function.3")" = '.so man3/libfdlab.3' ]
	done
	[ -f "$pages/libfdlab.3" ]
}
