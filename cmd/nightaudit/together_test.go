package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// Three commands begin at once on one data folder and one place. Of three runs, whose
// vendor answers only once two of them have ended, one wins, and the others end with
// the exit code of a lock and its words. Of others each wins or ends so. Then people
// see what the winners do one after the other, the landing verifies, and the next
// night goes through.
func TestThreeAtOnce(t *testing.T) {
	slowTest(t)
	rounds := 1
	if long() {
		rounds = 10
	}
	d := openDesk(t)
	loaded := d.save()
	night, replay := []string{"run", "--no-report"}, []string{"replay"}
	annotate, closing := []string{"annotate", "--author", "Chen", d.book}, []string{"close", "--month", "2024-04"}
	tally := attacks.In(t)
	for round := range rounds {
		for _, three := range [][3][]string{
			{night, night, night},
			{replay, replay, replay},
			{annotate, annotate, annotate},
			{closing, closing, closing},
			{night, replay, annotate},
			{night, closing, annotate},
			{replay, closing, annotate},
		} {
			name := fmt.Sprintf("%d: %s, %s, %s", round+1, three[0][0], three[1][0], three[2][0])
			tally.Try(name, func(t *testing.T) {
				d.restore(loaded)
				won := d.together(t, three)
				got := d.state(d.published)
				// The same one after the other.
				d.restore(loaded)
				for _, args := range won {
					d.mustRun(args...)
				}
				if want := d.state(d.published); got != want {
					t.Errorf("of %v people see\n%s", won, firstDifference(strings.Split(got, "\n"), strings.Split(want, "\n")))
				}
			})
		}
	}
}

// heldBy is how a command says who has the data folder. Between taking the lock and writing
// into it who took it, nobody is known yet.
var heldBy = regexp.MustCompile(`(?m)^ +why: +(process \d+ on \S+ holds it since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|which process holds it is not known)$`)

// together starts three commands and gives those that were carried out, each once.
func (d *desk) together(t *testing.T, three [3][]string) (won [][]string) {
	t.Helper()
	lost := make(chan struct{}, len(three))
	if three[0][0] == "run" && three[1][0] == "run" { // the winner waits for the others
		d.ask = func(r *http.Request) {
			for range 2 {
				select {
				case <-lost:
				case <-r.Context().Done():
				}
			}
			lost <- struct{}{}
			lost <- struct{}{}
		}
		defer func() { d.ask = nil }()
	}
	ended := make(chan did, len(three))
	for _, args := range three {
		go func() {
			got := runOf(t, d.command(args...))
			got.stdout = args[0]
			ended <- got
			lost <- struct{}{}
		}()
	}
	done := map[string]int{}
	for range three {
		got := <-ended
		switch {
		case got.code == exit.Done:
			done[got.stdout]++
		case got.code == exit.Locked && strings.Contains(got.stderr, "another run is at work in") && heldBy.MatchString(got.stderr) && strings.Contains(got.stderr, "wait until it has ended; nothing was changed"):
		case got.code == exit.Failed && got.stdout == "close" && done["close"] > 0 && strings.Contains(got.stderr, "was not closed again"):
		default:
			t.Errorf("%s ended with %d: %s", got.stdout, got.code, got.stderr)
		}
	}
	if d.ask != nil && done["run"] != 1 || len(done) == 0 {
		t.Errorf("carried out were %v", done)
	}
	if got := runOf(t, d.command("verify", "--all")); got.code != exit.Done {
		t.Errorf("verify ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	for _, args := range three {
		if done[args[0]] > 0 {
			won = append(won, args)
			done[args[0]] = 0
		}
	}
	return won
}
