package main

import (
	"cmp"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/reports/figure"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// progressView draws a night on the terminal: a line for each account under
// way, and one for what the night as a whole is doing. It is safe for
// concurrent use, as a pipeline.Observer has to be.
type progressView struct {
	pipeline.Unheard
	console *console
	writer  progress.Writer
	ended   chan struct{}
	names   labels.Names

	mu       sync.Mutex
	accounts map[string]*progress.Tracker
	stage    *progress.Tracker
}

var _ pipeline.Observer = (*progressView)(nil)

// startProgress begins to draw; stop must be called. Nothing is drawn, and
// the observer is nil, where standard error is no terminal or the person
// wants none.
func (a *app) startProgress() (observer pipeline.Observer, stop func()) {
	if !a.progress {
		return nil, func() {}
	}
	w := progress.NewWriter()
	w.SetOutputWriter(fromLeft{a.stderr.out})
	w.SetAutoStop(false)
	w.SetUpdateFrequency(100 * time.Millisecond)
	w.SetTrackerPosition(progress.PositionRight)
	w.SetTrackerLength(16)
	w.SetMessageLength(messageWidth)
	if width := terminalWidth(a.stderr.out); width > 0 {
		w.SetTerminalWidth(width)
	}
	style := progress.StyleDefault
	if a.stderr.colour {
		style.Colors = progress.StyleColorsExample
		style.Colors.Message = nil
		style.Colors.Tracker = text.Colors{text.FgCyan}
	}
	style.Options.TimeInProgressPrecision = time.Second
	style.Options.TimeDonePrecision = 100 * time.Millisecond
	style.Options.DoneString = "done"
	style.Options.ErrorString = "!"
	style.Visibility.Percentage = false
	w.SetStyle(style)

	v := &progressView{console: a.stderr, writer: w, names: a.names, ended: make(chan struct{}), accounts: map[string]*progress.Tracker{}}
	go func() {
		defer close(v.ended)
		w.Render()
	}()
	a.stderr.draw(func(line string) { w.Log("%s", line) })
	return v, v.stop
}

const messageWidth = 44

// fromLeft begins each drawing at the left of an empty line: a terminal has put the
// ^C of whoever stops the program where the last one ended.
type fromLeft struct{ io.Writer }

func (w fromLeft) Write(b []byte) (int, error) {
	const left = "\r\x1b[K"
	n, err := w.Writer.Write(append([]byte(left), b...))
	return max(n-len(left), 0), err
}

// called is an account as it is drawn: there is room for its name alone, where it has one.
func (v *progressView) called(source, account string) string {
	id := source + "/" + account
	return cmp.Or(v.names[labels.Account][id], id)
}

// AccountStarted adds the account's line.
func (v *progressView) AccountStarted(source, account string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	// The vendors state totals by window, and not all of them do, so that no
	// share of the whole is known: the number of records is what is shown.
	t := &progress.Tracker{Message: v.called(source, account), Units: progress.Units{Notation: " records", NotationPosition: progress.UnitsNotationPositionAfter, Formatter: figure.Count}}
	v.accounts[source+"/"+account] = t
	v.endStage() // what the night did before it asked anybody
	v.writer.AppendTracker(t)
}

// Page counts an answer's records.
func (v *progressView) Page(source, account, stream string, rows int, _ int64) {
	v.mu.Lock()
	t := v.accounts[source+"/"+account]
	v.mu.Unlock()
	if t == nil {
		return
	}
	t.UpdateMessage(v.called(source, account) + "  " + stream)
	t.Increment(int64(rows))
}

// Waiting tells it from work.
func (v *progressView) Waiting(source, account string, d time.Duration, why string) {
	v.mu.Lock()
	t := v.accounts[source+"/"+account]
	v.mu.Unlock()
	if t == nil {
		return
	}
	words := "its rate"
	if why != "" {
		words = why + " from the vendor"
	}
	t.UpdateMessage(fmt.Sprintf("%s  waiting %.0f s: %s", v.called(source, account), d.Seconds(), words))
}

// AccountDone ends the account's line.
func (v *progressView) AccountDone(r pipeline.AccountResult) {
	v.mu.Lock()
	t := v.accounts[r.Source+"/"+r.Account]
	v.mu.Unlock()
	if t == nil {
		return
	}
	t.UpdateMessage(v.called(r.Source, r.Account))
	if r.State != complete {
		t.UpdateMessage(fmt.Sprintf("%s  %s", v.called(r.Source, r.Account), r.State))
		t.MarkAsErrored()
		return
	}
	t.MarkAsDone()
}

// Stage shows what the night as a whole is doing.
func (v *progressView) Stage(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.endStage()
	v.stage = &progress.Tracker{Message: name, Units: progress.Units{Formatter: func(int64) string { return "all accounts" }}}
	v.writer.AppendTracker(v.stage)
}

// endStage ends the line of what the night as a whole did; v.mu is held.
func (v *progressView) endStage() {
	if v.stage != nil {
		v.stage.MarkAsDone()
	}
}

func (v *progressView) stop() {
	v.mu.Lock()
	v.endStage()
	v.mu.Unlock()
	// A writer that has not begun to draw yet does not heed Stop.
	for {
		v.writer.Stop()
		select {
		case <-v.ended:
			v.console.draw(nil)
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}
