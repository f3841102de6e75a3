package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/load"
)

// TestReadersDuringNights: nights are carried out one after the other, each of
// which changes every order, while one process reads the published file with
// `nightaudit query` again and again and another holds it open through
// DuckDB's driver and goes on reading after it has been replaced. Neither the
// nights nor the readers fail, and every read sees one whole night.
//
// With NIGHTAUDIT_LONG=1 it goes on for five minutes.
func TestReadersDuringNights(t *testing.T) {
	slowTest(t)
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be replaced there")
	}
	in := startInn(t, 5, innFolders{})
	published := filepath.Join(in.dir, "published", load.PublishedName)
	in.pass()
	in.wantDone()

	stop := make(chan struct{})
	var readers sync.WaitGroup
	var asked, held reads
	readers.Go(func() { in.askAgainAndAgain(&asked, stop) })
	readers.Go(func() { in.holdOpen(&held, published, stop) })
	until := time.Now()
	nights := 3
	if long() {
		until, nights = until.Add(5*time.Minute), 0
	}
	for in.night.Load() <= int64(nights) || time.Now().Before(until) {
		in.pass()
		in.wantDone()
	}
	close(stop)
	readers.Wait()

	last := in.night.Load()
	t.Logf("%d nights; nightaudit query read %d times and saw %d of them; the driver read %d times and saw %d, %d reads after the file was replaced",
		last, asked.count, len(asked.nights), held.count, len(held.nights), held.late)
	if len(asked.nights) < 2 || len(held.nights) < 2 || held.late == 0 {
		t.Error("the readers saw too little for this to say anything")
	}
	if got := in.nightOfFile(published); got != last {
		t.Errorf("in the end people see night %d, want %d", got, last)
	}
}

// reads are what a reader saw.
type reads struct {
	count, late int
	nights      map[int64]bool
	last        int64
}

// note takes a read of night k down: nights only go forward.
func (r *reads) note(t testing.TB, who string, k int64, mixture string) {
	if mixture != "" {
		t.Errorf("%s saw no whole night: %s", who, mixture)
	}
	if k < r.last {
		t.Errorf("%s saw night %d after night %d", who, k, r.last)
	}
	if r.nights == nil {
		r.nights = map[int64]bool{}
	}
	r.count, r.last, r.nights[k] = r.count+1, k, true
}

func (in *inn) askAgainAndAgain(r *reads, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		var stdout, stderr bytes.Buffer
		cmd := in.command("query", "--format", "csv", in.wholeNight())
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil {
			in.t.Errorf("nightaudit query: %v\n%s", err, &stderr)
			return
		}
		_, row, _ := strings.Cut(strings.TrimSpace(stdout.String()), "\n")
		number, mixture, _ := strings.Cut(row, ",")
		k, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			in.t.Errorf("nightaudit query answered %q", stdout.String())
			return
		}
		r.note(in.t, "nightaudit query", k, strings.Trim(mixture, `"`))
	}
}

// holdOpen runs reader and takes down what it prints until it is told to stop.
func (in *inn) holdOpen(r *reads, published string, stop <-chan struct{}) {
	cmd := exec.Command("published-reader", published, in.wholeNight())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		in.t.Error(err)
		return
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		in.t.Error(err)
		return
	}
	if err := cmd.Start(); err != nil {
		in.t.Error(err)
		return
	}
	go func() {
		<-stop
		stdin.Close() // tells it to stop
	}()
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		var k int64
		var late bool
		if _, err := fmt.Sscan(lines.Text(), &k, &late); err != nil {
			in.t.Errorf("the reader printed %q", lines.Text())
			continue
		}
		_, mixture, _ := strings.Cut(lines.Text(), "\t")
		r.note(in.t, "the driver", k, mixture)
		if late {
			r.late++
		}
	}
	if err := cmd.Wait(); err != nil {
		in.t.Errorf("the reader: %v\n%s", err, &stderr)
	}
}

// readsAfter is how often the reader reads a file that has been replaced
// before it opens the new one.
const readsAfter = 5

// publishedReader is a process of its own: `published-reader FILE SQL` opens
// the file read-only and reads until standard input ends. It keeps the file
// open until it has been replaced and read a few times after that, then opens
// the new one. Each read is a line: the night, whether the file had been
// replaced, and what was wrong.
func publishedReader() {
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		_, _ = os.Stdin.Read(make([]byte, 1)) // ends when the test closes it
	}()
	for {
		stopped, err := readUntilReplaced(os.Args[1], os.Args[2], stop)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if stopped {
			return
		}
	}
}

func readUntilReplaced(file, query string, stop <-chan struct{}) (stopped bool, err error) {
	opened, err := os.Stat(file)
	if err != nil {
		return false, err
	}
	db, err := sql.Open("duckdb", file+"?access_mode=READ_ONLY")
	if err != nil {
		return false, err
	}
	defer db.Close()
	var first int64
	for late := 0; late < readsAfter; {
		select {
		case <-stop:
			return true, nil
		default:
		}
		now, err := os.Stat(file)
		if err != nil {
			return false, err
		}
		replaced := !os.SameFile(opened, now)
		var k int64
		var mixture string
		if err := db.QueryRow(query).Scan(&k, &mixture); err != nil {
			return false, err
		}
		if first == 0 {
			first = k
		}
		if k != first {
			mixture += fmt.Sprintf("; it was night %d in the same open file", first)
		}
		fmt.Printf("%d %t\t%s\n", k, replaced, mixture)
		if replaced {
			late++
		}
	}
	return false, nil
}
