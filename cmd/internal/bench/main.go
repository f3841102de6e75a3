package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := start(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// start does one of the two jobs of this binary: `bench serve` is the vendors,
// anything else the measuring.
func start(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == "serve" {
		return serveCommand(ctx, args[1:], out)
	}
	b := bench{ctx: ctx, out: out}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	rows := flags.String("rows", "", "measure only the rows whose name this `REGEXP` matches")
	flags.IntVar(&b.runs, "runs", 5, "measure each row `N` times")
	file := flags.String("out", "", "write the tables to this `FILE`; without it to standard output")
	python := flags.String("python", "", "the `PROGRAM` of the virtual environment in which the peers are installed")
	profile := flags.String("profile", "", "instead of measuring, write a CPU profile of a first night to this `FILE`")
	orders := flags.Int("orders", 10_000, "the profiled night has `N` orders")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	pattern, err := regexp.Compile(*rows)
	if err != nil {
		return fmt.Errorf("-rows: %w", err)
	}
	if b.runs < 1 || *orders < 1 {
		return errors.New("-runs and -orders are 1 or more")
	}
	if b.dir, err = os.MkdirTemp("", "nightaudit-bench-"); err != nil {
		return err
	}
	defer remove(b.dir)
	if err := b.build(); err != nil {
		return err
	}
	if *profile != "" {
		return b.profile(*profile, *orders)
	}
	if *python != "" {
		if *python, err = filepath.Abs(*python); err != nil {
			return err
		}
	}
	b.peers = findPeers(ctx, *python)
	return b.measure(pattern, *file)
}

// bench is one measuring.
type bench struct {
	ctx    context.Context
	out    io.Writer
	runs   int
	dir    string // of this measuring; removed at its end
	root   string // of the repository
	binary string // nightaudit
	inside string // the program of that name
	peers  peers
}

// measure runs the chosen rows and writes what they came to. A row that fails costs
// none of the others: its error is returned once they are written.
func (b *bench) measure(chosen *regexp.Regexp, file string) error {
	var (
		results []result
		failed  error
	)
	for _, r := range rows {
		if !chosen.MatchString(r.name) {
			continue
		}
		fmt.Fprintf(b.out, "%s: %s\n", r.name, r.work)
		measured, err := b.measureRow(r)
		if b.ctx.Err() != nil {
			return b.ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(b.out, "  failed: %v\n", err)
			failed = errors.Join(failed, fmt.Errorf("row %s: %w", r.name, err))
			continue
		}
		results = append(results, measured)
	}
	if len(results) == 0 {
		return cmp.Or(failed, errors.New("-rows chooses none"))
	}
	text, err := b.render(results)
	if err != nil || file == "" {
		fmt.Fprint(b.out, text)
		return errors.Join(err, failed)
	}
	return errors.Join(os.WriteFile(file, []byte(text), 0o644), failed)
}

// build compiles nightaudit, and what the benchmarks do with its code.
func (b *bench) build() error {
	root, err := output(b.ctx, "", "go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return err
	}
	b.root, b.binary, b.inside = root, filepath.Join(b.dir, "nightaudit"), filepath.Join(b.dir, "inside")
	_, err = output(b.ctx, root, "go", "build", "-o", b.dir+string(filepath.Separator), "./cmd/nightaudit", "./cmd/internal/bench/inside")
	return err
}
