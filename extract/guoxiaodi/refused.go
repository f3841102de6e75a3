package guoxiaodi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// refusedCall is a call that the listener refused, as it is landed: what it
// said stays where the listener keeps it, for nobody knows what that is.
type refusedCall struct {
	Line   int       `json:"line"` // of the log
	At     time.Time `json:"at"`
	Status int       `json:"status"`
	Why    string    `json:"why"`
}

// maxRefused is how many refused calls a page has.
const maxRefused = 500

// fetchRefused yields the calls that the listener refused since the last
// night, each on one night: what the courier told with them is not loaded.
func (a *account) fetchRefused(ctx context.Context, w extract.Window, yield extract.Yield) error {
	since := w.Start
	if !since.IsZero() {
		since = since.Add(notifiedOverlap)
	}
	var p notifiedPage
	var at time.Time
	n := 0
	flush := func() error {
		if len(p.Refused) == 0 {
			return nil
		}
		body, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("read the refused calls: encode those of %s: %w", p.File, err)
		}
		_, err = yield(&extract.Page{
			Stream:  streamNotified,
			Request: extract.Request{Method: "READ", Path: p.File, Params: fmt.Sprintf("lines from %d", p.Refused[0].Line)},
			At:      at, Body: body,
		})
		p.Refused = nil
		return err
	}
	err := a.eachLogged(ctx, extract.RefusedDir, since, w.End, func(l notifiedLine) error {
		if l.file != p.File || len(p.Refused) == maxRefused {
			if err := flush(); err != nil {
				return err
			}
			p = notifiedPage{File: l.file, Lines: []string{}}
		}
		c := refusedCall{Line: l.no, At: l.entry.At}
		var call extract.RefusedCall
		switch {
		case l.damaged:
			c.Why = "what was kept of it is damaged"
		case json.Unmarshal(bytes.TrimSpace(l.entry.Body), &call) != nil:
			c.Why = "what was kept of it is of another version"
		default:
			c.Status, c.Why = call.Status, call.Why
		}
		if !c.At.IsZero() {
			at = c.At
		}
		p.Refused = append(p.Refused, c)
		n++
		return nil
	})
	if err != nil {
		return err
	}
	if n > 0 {
		a.log.Warn("calls of the courier were refused, and what they told is not loaded: read them, mend them and post them to the listener again",
			"calls", n, "folder", "landing/notifications/"+a.config.Account+"/"+extract.RefusedDir)
	}
	return flush()
}

// decode makes the finding of a refused call and returns its record's key.
func (c *refusedCall) decode(file string, out *transform.Batch, index int) string {
	key := fmt.Sprintf("%s:%d", file, c.Line)
	r := out.Record(key, "/refused", index)
	r.SetOrderID("")
	why := c.Why
	if c.Status != 0 {
		why = fmt.Sprintf("%d, %s", c.Status, why)
	}
	r.Finding("call", key+": a call of the courier was refused ("+why+") and is not loaded: read it there, mend it and post it to the listener again", "")
	return key
}
