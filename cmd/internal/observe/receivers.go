package observe

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/notify"
	"github.com/nightaudit/nightaudit/load/disk"
)

// receivers take events: a file at once, an address one after the other while the run
// goes on. What they do not take is told in the log, once of each.
type receivers struct {
	log     *slog.Logger
	file    string // "" for none, or once it did not take an event
	address *url.URL
	headers map[string]string
	limits  notify.Limits

	waiting chan []byte   // for the address; nil where there is none
	done    chan struct{} // closed once nothing waits
	cancel  context.CancelFunc
}

// startReceivers begins with those of a configuration, for so many events at most.
func startReceivers(ctx context.Context, l *config.Lineage, most int, log *slog.Logger, limits notify.Limits) *receivers {
	r := &receivers{log: log, file: l.File, limits: limits}
	if l.URL == nil {
		return r
	}
	r.address, r.headers = l.URL.JoinPath("api", "v1", "lineage"), map[string]string{"Content-Type": "application/json"}
	if l.APIKey != "" {
		r.headers["Authorization"] = "Bearer " + l.APIKey
	}
	r.waiting, r.done = make(chan []byte, most), make(chan struct{})
	ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go r.post(ctx)
	return r
}

// send takes an event; it does not wait.
func (r *receivers) send(e *event) {
	text, err := json.Marshal(e)
	if err == nil && r.file != "" {
		err = disk.Append(r.file, 0o600, append(text, '\n'))
	}
	if err != nil {
		r.log.Error("the file of lineage lacks events of this run", "file", r.file, "error", err)
		r.file = ""
	}
	if r.waiting == nil || text == nil {
		return
	}
	select {
	case r.waiting <- text:
	default: // there is room for all; but no night waits for this
		r.log.Error("an event of lineage was not posted: there are more than expected", "job", e.Job.Name)
	}
}

// post sends what waits. Once the address did not take an event, it is asked but once
// for each of the others.
func (r *receivers) post(ctx context.Context) {
	defer close(r.done)
	limits, missed := r.limits, 0
	var why error
	for text := range r.waiting {
		if err := notify.Post(ctx, r.address, r.headers, text, limits); err != nil {
			limits.Attempts, why = 1, err
			missed++
		}
	}
	if missed > 0 {
		r.log.Error("the receiver of lineage did not take all events of this run", "host", r.address.Host, "events", missed, "why", why.Error())
	}
}

// finish waits until everything was taken, or ctx ends.
func (r *receivers) finish(ctx context.Context) {
	if r.waiting == nil {
		return
	}
	defer context.AfterFunc(ctx, r.cancel)()
	close(r.waiting)
	<-r.done
	r.cancel()
}
