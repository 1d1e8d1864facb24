# Extracts the examples of a man page: awk -v dir=DIR -f extract.awk PAGE. The N-th becomes
# DIR/N.tag, its first line and the comment before it, and DIR/N.text, the text as a reader sees it.
# Every literal display must have such a comment, and characters that groff would replace by
# typographic ones are written as escapes.

function complain(message) {
	printf "%s:%d: %s\n", FILENAME, FNR, message
	bad = 1
}

# A line of source as a terminal shows it.
function shown(s,	out, i, name) {
	if (s ~ /['`^~]/ || s ~ /(^|[^\\])-/)
		complain("in a display ' is written \\(aq, ` \\(ga, ^ \\(ha, ~ \\(ti and - \\-")
	while ((i = index(s, "\\")) > 0) {
		out = out substr(s, 1, i - 1)
		name = substr(s, i + 1, substr(s, i + 1, 1) == "(" ? 3 : 1)
		if (!(name in escapes)) {
			complain("an escape that the test does not know: \\" name)
			return out
		}
		out = out escapes[name]
		s = substr(s, i + 1 + length(name))
	}
	return out s
}

BEGIN {
	escapes["e"] = "\\"
	escapes["&"] = ""
	escapes["-"] = "-"
	escapes["(aq"] = "'"
	escapes["(ga"] = "`"
	escapes["(ha"] = "^"
	escapes["(ti"] = "~"
}

inside && /^\.Ed/ {
	inside = 0
	close(text)
	next
}

inside {
	if ($0 ~ /^[.']/)
		complain("a macro inside a literal display")
	print shown($0) >text
	next
}

/^\.\\" example: / {
	tag = substr($0, length(".\\\" example: ") + 1)
	next
}

/^\.Bd / && /-(literal|unfilled)/ {
	if (tag == "")
		complain("a literal display without an \"example:\" comment before it")
	text = sprintf("%s/%03d.text", dir, ++n)
	printf "%d %s\n", FNR, tag >sprintf("%s/%03d.tag", dir, n)
	printf "" >text
	tag = ""
	inside = 1
	next
}

/^\.(Dl|D1)( |$)/ {
	complain("one-line displays are not tested: use .Bd -literal")
}

tag != "" {
	complain("an \"example:\" comment that no literal display follows")
	tag = ""
}

END {
	exit bad
}
