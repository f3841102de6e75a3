package listen

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/wal"
)

// Bounds of what is kept of the calls that an account refused: only those who
// know its secret come so far, and they must not fill the disk.
const (
	quarantineBytes = 16 << 20    // all of an account's
	quarantineCalls = 5000        // of one listener, from its start to its end
	quarantinedBody = 32 << 10    // of one call
	quarantinedText = 200         // of what its header says
	quarantineTime  = time.Minute // to put one on disk
)

// quarantine is the log of an account's refused calls. It is opened when the
// first is refused.
type quarantine struct {
	dir string
	o   wal.Options

	mu    sync.Mutex
	kept  *wal.Writer
	calls int
}

var errQuarantineFull = errors.New("there is no room left for refused calls: see what they are, and remove their files")

// keep puts a call aside, with the answer that it gets.
func (q *quarantine) keep(ctx context.Context, r *http.Request, body []byte, status int, why string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.room(); err != nil {
		return err
	}
	if q.kept == nil {
		aside, err := wal.Open(q.dir, q.o)
		if err != nil {
			return err
		}
		q.kept = aside
	}
	text, err := refusedCall(r, body, status, why)
	if err != nil {
		return err
	}
	again, err := q.kept.Append(ctx, text)
	if err == nil && !again {
		q.calls++
	}
	return err
}

func (q *quarantine) room() error {
	if q.calls >= quarantineCalls {
		return errQuarantineFull
	}
	files, err := os.ReadDir(q.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var size int64
	for _, f := range files {
		if info, err := f.Info(); err == nil { // else it was removed just now
			size += info.Size()
		}
	}
	if size >= quarantineBytes {
		return errQuarantineFull
	}
	return nil
}

// refusedCall is a call as extract.Refused reads it.
func refusedCall(r *http.Request, body []byte, status int, why string) ([]byte, error) {
	c := extract.RefusedCall{
		Status: status, Why: why, Method: r.Method, Length: max(r.ContentLength, int64(len(body))),
		ContentType: cut(r.Header.Get("Content-Type")), ContentEncoding: cut(r.Header.Get("Content-Encoding")),
	}
	body = body[:min(len(body), quarantinedBody)]
	if c.Text = string(body); !utf8.Valid(body) {
		c.Text, c.Base64 = "", base64.StdEncoding.EncodeToString(body)
	}
	text, err := json.Marshal(c)
	if err == nil && len(text) > wal.MaxBody { // of a text that must be escaped
		c.Text, c.Base64 = "", base64.StdEncoding.EncodeToString(body)
		text, err = json.Marshal(c)
	}
	return text, err
}

func cut(text string) string { return text[:min(len(text), quarantinedText)] }

func (q *quarantine) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.kept == nil {
		return nil
	}
	if err := q.kept.Close(); err != nil {
		return fmt.Errorf("close the log of refused calls: %w", err)
	}
	return nil
}

func newQuarantine(a *Account, o wal.Options) *quarantine {
	return &quarantine{dir: filepath.Join(a.LogDir, extract.RefusedDir), o: o}
}
