package extracttest

import (
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Fault is a wrong answer.
type Fault struct {
	Status int // 0: 200
	Header http.Header
	Body   string
	// Reset closes the connection without an answer.
	Reset bool
	// Truncated announces a longer body than it sends and then closes the
	// connection.
	Truncated bool
	// Hang sends nothing until the client gives up.
	Hang bool
	// Drip sends half of the body and then one blank after another, each
	// within any sensible time, until the client gives up.
	Drip bool
}

// Script stands before a vendor and answers the next requests wrongly, then
// lets all others through. It is safe for concurrent use.
type Script struct {
	vendor http.Handler

	mu       sync.Mutex
	scenes   []*scene
	requests int
	seen     []string
	before   func(r *http.Request)
}

type scene struct {
	left  int
	match func(*http.Request) bool
	fault Fault
}

// NewScript returns a script that lets everything through to vendor.
func NewScript(vendor http.Handler) *Script { return &Script{vendor: vendor} }

// Next has the next n requests that match answered by f; a nil match is any
// request. Earlier calls go first.
func (s *Script) Next(n int, match func(*http.Request) bool, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scenes = append(s.scenes, &scene{n, match, f})
}

// Before has f called before each request is answered, one at a time. f may
// change the vendor's data and read the request's body.
func (s *Script) Before(f func(r *http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

// Requests counts the requests so far, wrongly answered ones included.
func (s *Script) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Seen lists the requests so far, as "GET /path".
func (s *Script) Seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

// Path matches requests of one path.
func Path(path string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.URL.Path == path }
}

func (s *Script) pick(r *http.Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	s.seen = append(s.seen, r.Method+" "+r.URL.Path)
	if s.before != nil {
		s.before(r)
	}
	for _, sc := range s.scenes {
		if sc.left > 0 && (sc.match == nil || sc.match(r)) {
			sc.left--
			return &sc.fault
		}
	}
	return nil
}

// ServeHTTP answers by the script or lets the vendor answer.
func (s *Script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.pick(r)
	if f == nil {
		s.vendor.ServeHTTP(w, r)
		return
	}
	switch {
	case f.Reset:
		reset(w)
		return
	case f.Hang:
		_, _ = io.Copy(io.Discard, r.Body) // or the server does not notice that the client has gone
		<-r.Context().Done()
		return
	case f.Drip:
		drip(w, r, f.Body)
		return
	}
	maps.Copy(w.Header(), f.Header)
	if f.Truncated {
		w.Header().Set("Content-Length", strconv.Itoa(len(f.Body)+100))
	}
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	// A client that hung up is no concern of the script's.
	_, _ = w.Write([]byte(f.Body))
	if f.Truncated {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// drip trickles blanks, which JSON takes for nothing, until the client has
// had enough.
func drip(w http.ResponseWriter, r *http.Request, body string) {
	_, _ = io.Copy(io.Discard, r.Body)
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	_, _ = io.WriteString(w, body[:len(body)/2])
	for {
		select {
		case <-r.Context().Done():
			return
		case <-every.C:
			_, _ = io.WriteString(w, " ")
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// reset drops the connection so that the client sees "connection reset".
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
