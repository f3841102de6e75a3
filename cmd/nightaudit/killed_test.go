package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// annotate, close, replay and export are killed at random moments. Whatever the
// moment, people see the state of before or that of after, whole, and never less than
// they saw; the landing verifies; the same command gives the state of after when it is
// given again, if the killed one had not done it all; and so does the next night.
func TestKilledCommands(t *testing.T) {
	slowTest(t)
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be replaced there")
	}
	kills := 3 // of each command
	if long() {
		kills = 40
	}
	d := openDesk(t)
	d.mustRun("export", "--to", "lake")
	loaded := d.save()
	annotate, closing := []string{"annotate", "--author", "Chen", d.book}, []string{"close", "--month", "2024-04", "--comment", "signed"}
	d.mustRun(annotate...)
	d.mustRun(closing...)
	written := d.save()

	tally := attacks.In(t)
	rnd := rand.New(rand.NewPCG(14, uint64(kills)))
	for _, c := range []struct {
		args   []string
		before string
	}{
		{annotate, loaded}, {closing, loaded}, {[]string{"replay"}, written}, {[]string{"export", "--to", "lake"}, written},
	} {
		k := d.toKill(c.args, c.before)
		if c.before == loaded { // the moments between two steps are short: what each leaves is laid out
			for name, folder := range map[string]string{"between journal and database": "data/landing", "between database and people": "data"} {
				d.restore(c.before)
				d.replaceFolder(folder, k.done)
				tally.Try(c.args[0]+" killed "+name, k.wantWhole)
			}
		}
		for n := 0; n < kills; {
			moment := time.Duration(rnd.Int64N(int64(k.took)))
			if n%3 == 2 { // what is published comes at the end
				moment = k.took*3/4 + moment/3
			}
			d.restore(c.before)
			if !d.killed(moment, c.args) {
				continue // it was faster
			}
			n++
			tally.Try(fmt.Sprintf("%s %d after %s", c.args[0], n, moment.Round(time.Millisecond)), k.wantWhole)
		}
	}
}

// toKill is a command that is to be killed: what was there before it, what is there
// after it and after it and a night, and how long it takes.
type toKill struct {
	d                         *desk
	args                      []string
	before, after, afterNight string
	lakes                     [2]map[string][32]byte // before and after
	done                      string                 // what it leaves, saved
	took                      time.Duration
}

func (d *desk) toKill(args []string, before string) *toKill {
	d.t.Helper()
	k := &toKill{d: d, args: args}
	d.restore(before)
	k.before, k.lakes[0] = d.state(d.published), filesOf(d.t, filepath.Join(d.dir, "lake"))
	begun := time.Now()
	d.mustRun(args...)
	k.took = time.Since(begun)
	k.after, k.lakes[1] = d.state(d.published), filesOf(d.t, filepath.Join(d.dir, "lake"))
	k.done = d.save()
	if args[0] != "replay" && k.before == k.after && maps.Equal(k.lakes[0], k.lakes[1]) {
		d.t.Fatalf("%v does nothing", args)
	}
	d.mustRun("run", "--no-report")
	k.afterNight = d.state(d.published)
	return k
}

// killed runs a command and kills it after so long; false where it had ended.
func (d *desk) killed(after time.Duration, args []string) bool {
	d.t.Helper()
	cmd := d.command(args...)
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	return cmd.Wait() != nil && cmd.ProcessState.ExitCode() == -1
}

// wantWhole looks at what a killed command left, gives the command again and lets a
// night pass.
func (k *toKill) wantWhole(t *testing.T) {
	d := k.d
	seen := d.state(d.published)
	if seen != k.before && seen != k.after {
		t.Errorf("people see neither the state of before nor that of after:\n%s", firstDifference(strings.Split(seen, "\n"), strings.Split(k.before, "\n")))
	}
	for name, sum := range filesOf(t, filepath.Join(d.dir, "lake")) {
		if !strings.HasPrefix(name, ".") && sum != k.lakes[0][name] && sum != k.lakes[1][name] {
			t.Errorf("in the lake %s is neither as it was nor as it will be", name)
		}
	}
	// What is in the journal alone is told as such; the next command enters it.
	if got := runOf(t, d.command("verify", "--all")); got.code != 0 && (got.code != 3 || !strings.Contains(got.stdout, "the adding was cut short, which nightaudit run mends") || !strings.Contains(got.stdout, "; 1 finding\n")) {
		t.Errorf("verify ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	got := runOf(t, d.command(k.args...))
	if done := k.args[0] == "close" && got.code == 1 && strings.Contains(got.stderr, "was not closed again"); got.code != 0 && !done {
		t.Errorf("given again it ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if again := d.state(d.published); again != k.after {
		t.Errorf("given again: %s", firstDifference(strings.Split(again, "\n"), strings.Split(k.after, "\n")))
	}
	if left := filesOf(t, filepath.Join(d.dir, "lake")); k.args[0] == "export" && !maps.Equal(left, k.lakes[1]) {
		t.Errorf("given again, the lake has %d files, want %d", len(left), len(k.lakes[1]))
	}
	if got := runOf(t, d.command("run", "--no-report")); got.code != 0 {
		t.Errorf("the next night ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if night := d.state(d.published); night != k.afterNight {
		t.Errorf("the next night: %s", firstDifference(strings.Split(night, "\n"), strings.Split(k.afterNight, "\n")))
	}
	if got := runOf(t, d.command("verify", "--all")); got.code != 0 {
		t.Errorf("after the next night verify ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	d.wantNothingLeft(t)
}

// wantNothingLeft: what commands make for themselves is gone, at the latest with the
// first reader a day later.
func (d *desk) wantNothingLeft(t *testing.T) {
	t.Helper()
	yesterday := time.Now().Add(-25 * time.Hour)
	opened, _ := filepath.Glob(filepath.Join(d.dir, "published", ".nightaudit-open-*"))
	for _, folder := range opened {
		if err := os.Chtimes(folder, yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
	}
	if got := runOf(t, d.command("query", "SELECT 1")); got.code != 0 {
		t.Errorf("a query ended with %d: %s", got.code, got.stderr)
	}
	for _, folder := range []string{"data", "published", "reports", "lake"} {
		left, _ := filepath.Glob(filepath.Join(d.dir, folder, ".*"))
		left = slices.DeleteFunc(left, func(path string) bool { return filepath.Base(path) == ".nightaudit-lake" }) // whose lake it is
		if len(left) > 0 {
			t.Errorf("%q are left", left)
		}
	}
	if _, err := os.Stat(filepath.Join(d.dir, "data", "staging")); err == nil {
		t.Error("the staging folder is left")
	}
}
