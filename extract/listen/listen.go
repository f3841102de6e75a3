// Package listen takes what vendors push: it keeps each notification in the
// account's log, on disk, before it answers. It understands none of them;
// the account's next run does.
//
// It speaks plain HTTP. TLS, and who may connect at all, is the business of a
// proxy before it.
package listen

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/wal"
)

// What a client may take: those who connect and say nothing, or little, must
// not hold the listener.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	headerBytes   = 16 << 10
	// stopTimeout is for how long calls under way may still take once the
	// listener is told to stop.
	stopTimeout = time.Second
)

// Account is an account whose notifications are taken.
type Account struct {
	Source, Name string
	extract.Notifications
}

// Server takes the notifications of some accounts: an http.Handler for POST
// /<source>/<account>/<secret>.
type Server struct {
	log       *slog.Logger
	mailboxes []*mailbox
	now       func() time.Time
	metrics   *metrics
	// header and whole are for how long a client may send its header, and
	// all of its call.
	header, whole time.Duration
	connections   int // open at once

	tells   sync.Mutex
	telling map[string]*told // by what was told
}

// mailbox is the address of an account.
type mailbox struct {
	Account
	path [sha256.Size]byte // hash of the address's path
	kept *wal.Writer
	// refused is where calls that were not understood are kept aside.
	refused *quarantine
	log     *slog.Logger
}

// Counts says what became of the calls so far.
type Counts struct {
	Kept     int64
	Repeated int64 // kept already
	Refused  int64
}

// New opens the logs of accounts. now is the clock by which they receive.
func New(accounts []Account, now func() time.Time, log *slog.Logger) (*Server, error) {
	s := &Server{
		log: log, now: now, metrics: newMetrics(), header: headerTimeout, whole: readTimeout, connections: mostConnections, telling: map[string]*told{},
	}
	for _, a := range accounts {
		o := wal.Options{Now: now, Keys: a.Keys, Mark: []byte(a.Secret)}
		j, err := wal.Open(a.LogDir, o)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open the journal of %s %s: %w", a.Source, a.Name, err), s.Close())
		}
		s.mailboxes = append(s.mailboxes, &mailbox{
			Account: a, path: sha256.Sum256([]byte("/" + a.Source + "/" + a.Name + "/" + a.Secret)), kept: j, refused: newQuarantine(&a, o),
			log: log.With("source", a.Source, "account", a.Name),
		})
		s.metrics.of(&a)
	}
	return s, nil
}

// Close closes the logs after what they were given is on disk.
func (s *Server) Close() error {
	var errs []error
	for _, m := range s.mailboxes {
		errs = append(errs, m.kept.Close(), m.refused.Close())
	}
	return errors.Join(errs...)
}

// Serve takes calls on l until ctx ends, lets those under way end, and closes
// the logs. Being told to end is no error.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	bounded := limitConnections(l, s.connections, func() {
		s.metrics.crowded.Inc()
		s.tell(s.log, slog.LevelWarn, "there are too many connections: the one that has waited longest without a call was closed", "most", s.connections)
	})
	s.metrics.watch(bounded)
	server := &http.Server{
		ConnState:         bounded.changed,
		Handler:           s,
		ReadHeaderTimeout: s.header, ReadTimeout: s.whole, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytes,
		// The library tells of clients that are no HTTP clients.
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	stopping := context.AfterFunc(ctx, func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		err := server.Shutdown(limit)
		if err != nil { // a client that takes too long is not waited for
			err = server.Close()
		}
		stopped <- err
	})
	err := server.Serve(bounded)
	if errors.Is(err, http.ErrServerClosed) {
		err = <-stopped
	} else {
		stopping()
	}
	return errors.Join(err, s.Close())
}

// ServeHTTP takes one notification.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m := s.addressee(r.URL.Path)
	if m == nil {
		// Whether the path or the secret is wrong is not told; the path may
		// hold most of a secret, and is not logged.
		s.refuse(w, r, nil, slog.LevelWarn, http.StatusNotFound, "not found")
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
	}
	body, status, err := read(w, r)
	if err == nil {
		status, err = s.take(r, m, body)
	}
	switch {
	case status == http.StatusServiceUnavailable:
		m.log.Error("a notification could not be kept; the vendor was told to repeat it", "error", err)
		s.refuse(w, r, m, slog.LevelDebug, status, "not kept: send it again")
	case err != nil:
		s.putAside(r, m, body, status, err.Error())
		s.refuse(w, r, m, slog.LevelWarn, status, err.Error())
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, m.Answer) // a vendor that hung up sends it again
	}
}

// take keeps the notifications of a call: all that are good, also where one
// beside them is not.
func (s *Server) take(r *http.Request, m *mailbox, body []byte) (status int, err error) {
	if r.Method != http.MethodPost {
		return http.StatusMethodNotAllowed, errors.New("notifications are posted")
	}
	bodies, wrong := notifications(r.Header, body)
	outcome := repeated
	for _, b := range bodies {
		if err := m.Check(b); err != nil {
			wrong = err
			continue
		}
		again, err := m.kept.Append(r.Context(), b)
		if err != nil {
			return http.StatusServiceUnavailable, err
		}
		if !again {
			outcome = kept
		}
	}
	if wrong != nil {
		return http.StatusBadRequest, wrong
	}
	s.metrics.took(&m.Account, outcome, len(body), s.now())
	m.log.Debug("a notification was taken", "bytes", len(body), "repeated", outcome == repeated)
	return 0, nil
}

// putAside keeps a call that is refused. Its sender knows the account's secret.
func (s *Server) putAside(r *http.Request, m *mailbox, body []byte, status int, why string) {
	if len(body) == 0 {
		return // it tells nothing
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), quarantineTime)
	defer cancel()
	if err := m.refused.keep(ctx, r, body, status, why); err != nil {
		m.log.Error("a call that is refused could not be put aside; what it told is lost unless the vendor sends it again", "error", err)
	}
}

// addressee finds the account of a path. All addresses are compared, each in
// constant time, so that the time taken tells nothing of a secret.
func (s *Server) addressee(path string) *mailbox {
	hash := sha256.Sum256([]byte(path))
	var found *mailbox
	for _, m := range s.mailboxes {
		if subtle.ConstantTimeCompare(hash[:], m.path[:]) == 1 {
			found = m
		}
	}
	return found
}

var errTooLong = fmt.Errorf("a notification has at most %d bytes", wal.MaxBody)

// read reads a body; after an error what came of it.
func read(w http.ResponseWriter, r *http.Request) (body []byte, status int, err error) {
	limit := int64(wal.MaxBody)
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close")
		limit = quarantinedBody
	}
	body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var long *http.MaxBytesError
	switch {
	case err == nil:
		return body, 0, nil
	case errors.As(err, &long):
		return body, http.StatusRequestEntityTooLarge, errTooLong
	case errors.Is(err, os.ErrDeadlineExceeded):
		return body, http.StatusRequestTimeout, errors.New("the body did not arrive in time")
	}
	return body, http.StatusBadRequest, errors.New("the body ended before its end")
}

// refuse answers with a status and its reason, which holds nothing of what
// was sent. m is nil where it was sent to nobody.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, m *mailbox, level slog.Level, status int, why string) {
	log, source, account := s.log, "", ""
	if m != nil {
		log, source, account = m.log, m.Source, m.Name
	}
	s.metrics.refused.WithLabelValues(source, account, reasons[status]).Inc()
	from, _, _ := net.SplitHostPort(r.RemoteAddr)
	s.tell(log, level, "a call was refused", "status", status, "why", why, "from", from)
	http.Error(w, why, status)
}

// What is told of strangers must not fill the disk: a few lines of one kind, then
// one a minute that says how many were left out.
const (
	toldAtOnce = 10
	toldEvery  = time.Minute
)

// told is how often lines of one kind were written and left out.
type told struct {
	sometimes rate.Sometimes
	leftOut   int
}

func (s *Server) tell(log *slog.Logger, level slog.Level, what string, args ...any) {
	s.tells.Lock()
	defer s.tells.Unlock()
	kind := fmt.Sprint(what, args[:2])
	t := s.telling[kind]
	if t == nil {
		t = &told{sometimes: rate.Sometimes{First: toldAtOnce, Interval: toldEvery}}
		s.telling[kind] = t
	}
	t.leftOut++
	t.sometimes.Do(func() {
		if t.leftOut > 1 {
			args = append(args, "times", t.leftOut)
		}
		t.leftOut = 0
		log.Log(context.Background(), level, what, args...)
	})
}
