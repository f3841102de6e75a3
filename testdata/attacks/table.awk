# Makes of what `go test -v` says of the suite of attacks the table of `make attacks`.
# Where a test failed, all that was said comes first.

{ said[NR] = $0 }
/^(--- )?FAIL/ { failed = 1 }
match($0, /attacks: [^ ]+ tried [0-9]+ held [0-9]+/) {
	split(substr($0, RSTART, RLENGTH), word, " ")
	tried[word[2]] = word[4]
	held[word[2]] = word[6]
}
END {
	for (i = 1; failed && i <= NR; i++) print said[i]
	printf "%-34s %6s %6s\n", "suite", "tried", "held"
	lines = split(suite, line, "\n")
	for (i = 1; i <= lines; i++) {
		split(line[i], word, " ")
		test = word[2]
		if (test in seen) continue
		seen[test] = 1
		if (test in tried) {
			printf "%-34s %6d %6d\n", test, tried[test], held[test]
			allTried += tried[test]
			allHeld += held[test]
		} else printf "%-34s %6s %6s  skipped here, or broke off\n", test, "-", "-"
	}
	printf "%-34s %6d %6d\n", "all", allTried, allHeld
	exit failed || allTried != allHeld
}
