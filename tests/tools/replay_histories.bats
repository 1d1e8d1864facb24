# Logs of simulated tables, with calls that overlap: each has an order that explains it.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	command -v python3 >/dev/null || skip "python3 is not installed"
	PYTHON=$(python3 -c 'import sys; print(sys.executable)')
}

@test "overlapping_calls_have_an_order_that_is_found" {
	for seed in $(seq 120); do
		"$PYTHON" "$FDLAB_SOURCE/tests/tools/histories.py" "$seed" >r.log
		"$FDLAB" replay r.log >out || {
			echo "seed $seed"
			sed '/^Inherited/q' out
			return 1
		}
	done
}

@test "calls_that_close_and_replace_numbers_in_flight_have_an_order" {
	for seed in $(seq 40); do
		"$PYTHON" "$FDLAB_SOURCE/tests/tools/histories.py" "$seed" free >r.log
		"$FDLAB" replay r.log >out || {
			echo "seed $seed"
			sed '/^Inherited/q' out
			return 1
		}
	done
	for seed in 1 3 4 11 15 19 25; do
		"$PYTHON" "$FDLAB_SOURCE/tests/tools/histories.py" "$seed" free long >r.log
		run -0 "$FDLAB" replay r.log
	done
}

@test "number_that_no_order_gives_is_found" {
	found=0
	for seed in $(seq 40); do
		"$PYTHON" "$FDLAB_SOURCE/tests/tools/histories.py" "$seed" >whole.log
		# The last dup with a line of its own got a number far above all others.
		awk '{ l[NR] = $0 } / dup\(0\) = [0-9]+$/ { n = NR }
			END { for (i = 1; i <= NR; i++) { if (i == n) sub(/ = .*/, " = 2000", l[i]); print l[i] } }' \
			whole.log >r.log
		! cmp -s whole.log r.log || continue
		run -1 "$FDLAB" replay r.log
		found=$((found + 1))
	done
	[ "$found" -gt 3 ]
}
