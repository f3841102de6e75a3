package guoxiaodi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/extract/wal"
	"github.com/nightaudit/nightaudit/transform"
)

// notifiedOverlap is how much of the journal is read again each night. A
// notification gets its time when it is received and is flushed a moment
// later, and a clock may be set back.
const notifiedOverlap = 24 * time.Hour

// journalDir is where the account's notifications are kept; "" where they
// are not.
func (a *account) journalDir() string {
	if a.config.Notify == nil || a.env.Pushed == "" {
		return ""
	}
	return filepath.Join(a.env.Pushed, a.config.Account)
}

// Notifications says how the listener takes the courier's notifications: it
// repeats each until it is answered with the text OK.
func (a *account) Notifications() (extract.Notifications, bool) {
	if a.config.Notify == nil {
		return extract.Notifications{}, false
	}
	return extract.Notifications{Secret: a.config.Notify.Secret, LogDir: a.journalDir(), Keys: a.env.Keys, Check: checkNotification, Answer: "OK"}, true
}

// checkNotification refuses what names no order; all else is kept, and its
// faults are found when it is loaded.
func checkNotification(body []byte) error {
	n, err := readNotification(body)
	switch {
	case err != nil || !utf8.Valid(body):
		return errors.New("the body is not one JSON object in UTF-8")
	case n.OrderNo.Plain() == "" && n.SourceOrderNo.Plain() == "":
		return errors.New("the notification has neither orderNo nor sourceOrderNo")
	}
	return nil
}

// notifiedWindow is the part of the journal that this night loads, by the
// time of receipt; ok is false where there is nothing to read.
func (a *account) notifiedWindow(p extract.Plan) (w extract.Window, ok bool) {
	w = extract.Window{Stream: streamNotified, End: p.Until}
	if cursor, known := p.Cursor[streamNotified]; known && !p.Full {
		w.Start = cursor.Add(-notifiedOverlap)
	}
	return w, a.journalDir() != "" && w.Start.Before(w.End)
}

// addNotified adds the orders of notifications that were received before
// until, as far back as any order is asked for. told names those of which
// something was received from start on.
func (a *account) addNotified(ctx context.Context, n *numbers, start, until time.Time) (told map[string]bool, err error) {
	told = map[string]bool{}
	oldest := until.Add(-time.Duration(a.config.RefreshOpen))
	err = a.eachNotified(ctx, oldest, until, func(l notifiedLine) error {
		w, err := readNotification(l.entry.Body)
		if err != nil {
			return nil // damaged, which is told when it is decoded
		}
		d := extract.Due{OrderID: strings.Clone(w.OrderNo.Plain()), OrderNo: strings.Clone(w.SourceOrderNo.Plain())}
		n.addNotified(d.OrderID, d.OrderNo)
		if !l.entry.At.Before(start) {
			told[d.Name()] = true
		}
		return nil
	})
	return told, err
}

// notifiedLine is a line of the journal.
type notifiedLine struct {
	file    string // relative to the folder of all journals, with slashes
	no      int    // counted from 1
	text    string
	entry   wal.Record
	damaged bool
}

// eachNotified hands over what was received in [start, until), and the lines
// that were damaged about that time, whose own time is not known. What was received
// in the future, by a clock that was ahead, is handed over every time: its own
// time will not come for long.
func (a *account) eachNotified(ctx context.Context, start, until time.Time, use func(notifiedLine) error) error {
	return a.eachLogged(ctx, "", start, until, use)
}

// eachLogged is eachNotified for a log within the account's folder, which "" is.
func (a *account) eachLogged(ctx context.Context, log string, start, until time.Time, use func(notifiedLine) error) error {
	dir := a.journalDir()
	if dir == "" {
		return nil
	}
	dir = filepath.Join(dir, log)
	segments, err := wal.LogSegments(dir)
	if err != nil {
		return a.journalFailed(err)
	}
	future := a.clock().Add(notifiedOverlap)
	for i, s := range segments {
		// A segment ends when the next one begins, at the latest.
		if i+1 < len(segments) && segments[i+1].Day.Before(start.Add(-notifiedOverlap)) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read the notifications: %w", err)
		}
		var used error // not the journal's
		err := wal.Lines(dir, s, a.env.Keys, func(no int, text string) error {
			e, err := wal.Decode(text)
			if err == nil && (e.At.Before(start) || !e.At.Before(until) && !e.At.After(future)) {
				return nil
			}
			used = use(notifiedLine{path.Join(a.config.Account, log, s.Name), no, text, e, err != nil})
			return used
		})
		if used != nil {
			return used
		}
		if err != nil {
			return a.journalFailed(err)
		}
	}
	return nil
}

func (a *account) journalFailed(err error) error {
	e := &extract.Error{Class: extract.Permanent, Op: "read the notifications", Err: err}
	if !errors.Is(err, sealed.ErrNoIdentity) { // which says itself what to do
		e.Hint = "see that nightaudit's user may read the folder landing/notifications in data_dir"
	}
	return e
}

// notifiedPage is how lines of the journal are landed, as they stand there.
type notifiedPage struct {
	File      string   `json:"file"`
	FirstLine int      `json:"first_line"`
	Lines     []string `json:"lines"`
	// Refused are calls that the listener refused, in the place of lines.
	Refused []refusedCall `json:"refused,omitempty"`
}

// fetchNotified yields a window of the journal in pages of lines that follow
// each other.
func (a *account) fetchNotified(ctx context.Context, w extract.Window, yield extract.Yield) error {
	var p notifiedPage
	var at time.Time
	size := 0
	flush := func() error {
		if len(p.Lines) == 0 {
			return nil
		}
		var body bytes.Buffer
		enc := json.NewEncoder(&body)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(p); err != nil {
			return fmt.Errorf("read the notifications: encode lines of %s: %w", p.File, err)
		}
		_, err := yield(&extract.Page{
			Stream:  streamNotified,
			Request: extract.Request{Method: "READ", Path: p.File, Params: fmt.Sprintf("lines from %d", p.FirstLine)},
			At:      at, Body: bytes.TrimRight(body.Bytes(), "\n"),
		})
		p, size = notifiedPage{}, 0
		return err
	}
	err := a.eachNotified(ctx, w.Start, w.End, func(l notifiedLine) error {
		if l.file != p.File || l.no != p.FirstLine+len(p.Lines) || len(p.Lines) == pageLines || size+len(l.text) > pageBytes {
			if err := flush(); err != nil {
				return err
			}
			p = notifiedPage{File: l.file, FirstLine: l.no}
			at = l.entry.At
		}
		p.Lines = append(p.Lines, l.text)
		size += len(l.text)
		if !l.damaged {
			at = l.entry.At
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	return a.fetchRefused(ctx, w, yield)
}

// decodeNotified transforms one page of notifications.
func decodeNotified(body []byte, out *transform.Batch) (extract.Facts, error) {
	var p notifiedPage
	f := extract.Facts{Total: -1}
	if err := json.Unmarshal(body, &p); err != nil {
		return f, fmt.Errorf("not a page of notifications: %w", err)
	}
	for i, text := range p.Lines {
		f.Rows++
		at := fmt.Sprintf("%s:%d", p.File, p.FirstLine+i)
		key := decodeNotification(text, at, out, i)
		if i == 0 {
			f.First = key
		}
		f.Keys = append(f.Keys, key)
	}
	for i, c := range p.Refused {
		f.Rows++
		f.Keys = append(f.Keys, c.decode(p.File, out, i))
	}
	return f, nil
}

// decodeNotification transforms one line and returns its record's key: what
// the notification says, for it may have been kept more than once.
func decodeNotification(text, at string, out *transform.Batch, index int) string {
	e, err := wal.Decode(text)
	var n notification
	if err == nil {
		n, err = readNotification(e.Body)
	}
	if err != nil {
		r := out.Record(at, "/lines", index)
		r.SetOrderID("")
		r.Finding("line", at+": "+errDamagedLine.Error(), "")
		return at
	}
	no, source := n.OrderNo.Plain(), n.SourceOrderNo.Plain()
	key := strings.Join([]string{no, source, n.ExpressStatus.Plain(), n.HappenTime.Plain(), n.Deduction.Plain()}, " ")
	r := out.Record(key, "/lines", index)
	if no == "" {
		r.SetOrderID(source)
		r.Finding("orderNo", "a notification without an orderNo belongs to no order; it is asked for by its sourceOrderNo", source)
		return key
	}
	r.SetOrderID(no)
	rows := notificationFields.Fill(r, &n, cny)
	happened := &rows.DeliveryEvent
	r.SetVersion(happened.HappenedAt)
	if happened.SourceStatus == "" {
		r.Finding("expressStatus", "a notification without a status tells of no event", "")
	} else {
		r.DeliveryEvent(happened)
	}
	// Only a paid order's cancel and refund bear an amount, be it 0. One that
	// bears none must not clear it; one that cannot be read does, for what was
	// told before no longer holds.
	if n.Deduction.Present() {
		r.Order(&rows.Order)
	}
	return key
}

var errDamagedLine = errors.New("a notification was damaged on disk and is not loaded")
