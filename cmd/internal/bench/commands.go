package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// firstNights is a subject that has a new installation each time.
func (b *bench) firstNights(name, address string, o vendorOptions, underWay int) subject {
	return subject{name: name, command: runCommand, run: func() (measured, error) {
		p, err := b.newPlace(address, o, underWay)
		if err != nil {
			return measured{}, err
		}
		defer remove(p.dir)
		if _, err := askPages(b.ctx, address); err != nil { // forgets those read before
			return measured{}, err
		}
		u, err := p.night(nightAfter(o.longest()))
		return measured{usage: u}, err
	}}
}

// longest is the number of orders of the source that has the most.
func (o vendorOptions) longest() int { return max(o.soms, o.tuya) }

// beginMerge runs the benchmark of the merge beside the code. Its process also
// stages the orders, so that only its rate says what the merge takes.
func (b *bench) beginMerge() ([]subject, func(), error) {
	const test = "./load.test -test.run ^$ -test.bench Merge/new -test.benchtime 3x"
	if _, err := output(b.ctx, b.root, "go", "test", "-c", "-o", filepath.Join(b.dir, "load.test"), "./load"); err != nil {
		return nil, nil, err
	}
	rate := regexp.MustCompile(`([0-9.]+) orders/s`)
	return []subject{{name: "nightaudit", command: "go test ./load -run '^$' -bench Merge/new -benchtime 3x", run: func() (measured, error) {
		u, text, err := run(b.ctx, b.dir, strings.Fields(test)...)
		if err != nil {
			return measured{}, err
		}
		found := rate.FindStringSubmatch(text)
		if found == nil {
			return measured{}, fmt.Errorf("the benchmark told no rate:\n%s", text)
		}
		value, err := strconv.ParseFloat(found[1], 64)
		return measured{u, []extra{{"orders/s", value}}}, err
	}}}, nil, nil
}

func (b *bench) beginDemo() ([]subject, func(), error) {
	demo := func() (measured, error) {
		folder, err := b.newFolder("demo-*")
		if err != nil {
			return measured{}, err
		}
		defer remove(folder)
		u, _, err := run(b.ctx, b.root, "go", "run", "./cmd/nightaudit", "demo", "--dir", folder)
		return measured{usage: u}, err
	}
	_, err := demo() // compiles it
	return []subject{{name: "nightaudit", command: "go run ./cmd/nightaudit demo", run: demo}}, nil, err
}

func (b *bench) beginExport() ([]subject, func(), error) {
	folder, err := b.newFolder("demo-*")
	if err != nil {
		return nil, nil, err
	}
	if _, err := output(b.ctx, folder, b.binary, "demo", "--dir", folder); err != nil {
		return nil, nil, err
	}
	return []subject{{name: "nightaudit", command: "nightaudit export --to lake", run: func() (measured, error) {
		lake := filepath.Join(folder, "lake")
		defer remove(lake)
		u, _, err := run(b.ctx, folder, b.binary, "--quiet", "export", "--to", lake)
		if err != nil {
			return measured{}, err
		}
		files, size, err := filesIn(lake)
		return measured{u, []extra{{"files", files}, {"MB", size / 1e6}}}, err
	}}}, nil, nil
}

// newFolder makes a folder that goes with the measuring.
func (b *bench) newFolder(pattern string) (string, error) { return os.MkdirTemp(b.dir, pattern) }

// remove makes room early; what stays goes with the measuring.
func remove(folder string) { _ = os.RemoveAll(folder) }

// newName is the name of a file that does not exist yet.
func (b *bench) newName(pattern string) (string, error) {
	folder, err := b.newFolder("file-*")
	return filepath.Join(folder, strings.Replace(pattern, "*", "1", 1)), err
}

// filesIn counts the files below a folder and their bytes.
func filesIn(folder string) (files, size float64, err error) {
	err = filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			files, size = files+1, size+float64(info.Size())
		}
		return err
	})
	return files, size, err
}
