package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// peers are the Python programs that nightaudit is compared with.
type peers struct {
	python   string // "" where none is installed
	versions string
}

// findPeers asks an environment for the versions of what is installed in it.
func findPeers(ctx context.Context, python string) peers {
	if python == "" {
		return peers{}
	}
	said, err := output(ctx, "", python, "-c", "import platform, importlib.metadata as m; print('Python', platform.python_version(), *[f', {p} {m.version(p)}' for p in ('duckdb', 'dlt', 'requests')], sep='')")
	if err != nil {
		return peers{}
	}
	return peers{python, strings.Replace(said, "Python", "Python ", 1)}
}

// peer is a subject that is a Python program of the folder peers. It prints, by
// source, the orders that it read and their sum, which must be what the vendors
// hold.
func (b *bench) peer(name, script string, want map[string]sums, args func() ([]string, error)) subject {
	s := subject{name: name, command: "python peers/" + script}
	if b.peers.python == "" {
		return s // not installed
	}
	s.run = func() (measured, error) {
		given, err := args()
		if err != nil {
			return measured{}, err
		}
		program := append([]string{b.peers.python, filepath.Join(b.root, "cmd/internal/bench/peers", script)}, given...)
		u, text, err := run(b.ctx, b.dir, program...)
		if err != nil {
			return measured{}, err
		}
		var told map[string][2]json.Number
		last := strings.TrimSpace(text)
		last = last[strings.LastIndex(last, "\n")+1:]
		if err := json.Unmarshal([]byte(last), &told); err != nil {
			return measured{}, fmt.Errorf("%s printed no sums: %w", script, err)
		}
		return measured{usage: u}, equal(want, told)
	}
	return s
}
