# A thousand problems of fdlab quiz on the running kernel, half of them other ones each time; and some of
# its races, with real tasks.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	echo 'close(0) = 0' >one.fdl
	run "$FDLAB" run --on kernel one.fdl
	if [[ $output == *"the running kernel: "* ]] && [ "${FDLAB_REQUIRE_KERNEL:-0}" != 1 ]; then
		skip "${lines[0]}"
	fi
	fresh=$((RANDOM * 32768 + RANDOM))
	echo "seed $fresh"
}

@test "a_thousand_answers_are_those_of_the_kernel" {
	for topic in numbers tables positions pipes; do
		for seed in 1 $fresh; do
			# 24 times 42 are 1008.
			for level in 1 2 3; do
				"$FDLAB" quiz --save $topic.$seed.$level --seed $seed --level $level \
					--topic $topic --count 42
			done
		done
	done
	run -0 "$FDLAB" run --on kernel -q {numbers,tables,positions,pipes}.*.[123]
	[ "${lines[-1]}" = "# 1008 passed, 0 failed" ]
}

@test "orders_that_are_called_impossible_do_not_happen" {
	for level in 1 2 3; do
		"$FDLAB" quiz --save level$level --seed $fresh --level $level --topic orders --count 4
	done
	run "$FDLAB" explore --on kernel --runs 200 level?/*.fdl
	[ "$status" -ne 1 ]
	[[ $output != *"not ok"* ]]
}
