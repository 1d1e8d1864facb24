# A program in a terminal of tmux, whose server listens at $socket: what is on the screen.

# shows TEXT: until it is on the screen, which stays in the file screen.
shows() {
	for _ in $(seq 200); do
		tmux -S "$socket" capture-pane -p >screen
		! grep -qF -- "$1" screen || return 0
		sleep 0.05
	done
	echo "not on the screen: $1"
	cat screen
	return 1
}
