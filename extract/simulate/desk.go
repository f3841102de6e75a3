// Package simulate holds what the simulated vendors (extract/*/sim) have in
// common: the desk that takes calls in, and the tokens of vendors that demand
// a log-in. It knows no vendor.
package simulate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxRequest bounds the body of a request, in bytes.
const maxRequest = 1 << 20

// Fault is a wrong answer.
type Fault struct {
	Status int // 0: 200
	Body   string
	Header http.Header // Content-Type is application/json where it names none
}

// Desk takes the calls of one simulated vendor in: it counts them, answers
// wrongly where it is told to and remembers what was refused. Vendors embed
// it. It is safe for concurrent use; the zero value is ready.
type Desk struct {
	mu       sync.Mutex
	requests int
	refused  []string
	fault    func(*http.Request) *Fault
}

// Requests counts all calls so far, those for tokens and those answered
// wrongly included.
func (d *Desk) Requests() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.requests
}

// Refused lists the calls that were no documented read, as "POST /path".
func (d *Desk) Refused() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.refused)
}

// Fault makes f decide on every call, before anything else: its answer is
// given as it is, nil lets the vendor behave. f may read the request's body
// and change the vendor's data; calls that overlap call it at the same time.
func (d *Desk) Fault(f func(r *http.Request) *Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = f
}

// Receive takes a call in at now, which becomes the answer's Date, and
// returns its body, which r.Body holds as well. ok is false where the call
// has been answered already: wrongly, as Fault wished, or because its body
// could not be read.
func (d *Desk) Receive(w http.ResponseWriter, r *http.Request, now time.Time) (body []byte, ok bool) {
	d.mu.Lock()
	d.requests++
	fault := d.fault
	d.mu.Unlock()

	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "unreadable body", http.StatusBadRequest)
		return nil, false
	}
	rewind := func() { r.Body = io.NopCloser(bytes.NewReader(body)) }
	rewind()
	if fault != nil {
		if f := fault(r); f != nil {
			f.write(w)
			return nil, false
		}
		rewind()
	}
	return body, true
}

// RecordRefusal remembers a call that is no documented read; more says what tells
// it apart from others of its path. Answering it is the vendor's part.
func (d *Desk) RecordRefusal(r *http.Request, more ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused = append(d.refused, strings.Join(append([]string{r.Method, r.URL.Path}, more...), " "))
}

// WriteJSON answers with what is given as JSON.
func WriteJSON(w http.ResponseWriter, status int, answer any) {
	text, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that hung up is no concern of the vendor's
}

func (f *Fault) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	maps.Copy(w.Header(), f.Header)
	w.WriteHeader(cmp.Or(f.Status, http.StatusOK))
	_, _ = io.WriteString(w, f.Body) // a client that hung up is no concern of the vendor's
}
