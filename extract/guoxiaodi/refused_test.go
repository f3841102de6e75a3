package guoxiaodi_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	"github.com/nightaudit/nightaudit/extract/listen"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/extract/wal"
)

// listener is the courier's listener, which receives at the given time.
func (c *courier) listener(t testing.TB, at time.Time) *listen.Server {
	t.Helper()
	how, ok := c.account.(extract.Notified).Notifications()
	if !ok {
		t.Fatal("the account takes no notifications")
	}
	s, err := listen.New([]listen.Account{{Source: "guoxiaodi", Name: "courier", Notifications: how}}, func() time.Time { return at }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// call posts a body and returns the answer's status and first line.
func call(s http.Handler, method, path string, header map[string]string, body []byte) string {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Body))
}

const courierPath = "/guoxiaodi/courier/a-secret-of-tests"

// refusals are the calls that were put aside, as the run can read them.
func (c *courier) refusals(t testing.TB, keys sealed.Keys) (calls []extract.RefusedCall) {
	t.Helper()
	dir := filepath.Join(c.dir, "pushed", "courier", "refused")
	segments, err := wal.LogSegments(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range segments {
		err := wal.Lines(dir, s, keys, func(_ int, text string) error {
			e, err := wal.Decode(text)
			if err != nil {
				return err
			}
			var call extract.RefusedCall
			calls = append(calls, call)
			return json.Unmarshal(e.Body, &calls[len(calls)-1])
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return calls
}

// However the courier writes a notification, what can be read of it without
// doubt is loaded; the rest is put aside as it came, with its answer, and the
// next night names it, once.
func TestCallsAsCouriersWriteThem(t *testing.T) {
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	const one, two = "map[Y1:1.2000]", "map[Y1:1.2000 Y2:0.3000]"
	for _, c := range []struct {
		file   string
		header map[string]string
		answer string
		loaded string // deductions by order
	}{
		{"note.json", nil, "200 OK", one},
		{"note.json", form, "200 OK", one}, // what curl says of a body when nobody tells it
		{"gbk.json", map[string]string{"Content-Type": "application/json;charset=GBK"}, "200 OK", one},
		{"gbk.json", map[string]string{"Content-Type": "application/json;charset=UTF-8"}, "200 OK", one},
		{"gbk.json", nil, "200 OK", one},
		{"utf16le.json", nil, "200 OK", one},
		{"bom.json", nil, "200 OK", one},
		{"note.json.gz", map[string]string{"Content-Encoding": "gzip"}, "200 OK", one},
		{"note.json.gz", nil, "200 OK", one},
		{"note.json", map[string]string{"Content-Encoding": "gzip"}, "200 OK", one}, // a proxy has unpacked it
		{"array.json", nil, "200 OK", two},
		{"form-json.txt", form, "200 OK", one},
		{"form-json.txt", nil, "200 OK", one},
		{"form-array.txt", form, "200 OK", one},
		{"form-fields.txt", form, "200 OK", one},
		{"form-fields-gbk.txt", map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=gbk"}, "200 OK", one},
		{"form-fields-gbk.txt", form, "200 OK", one},
		{"multipart.txt", map[string]string{"Content-Type": `multipart/form-data; boundary="XX"`}, "200 OK", one},
		// The one that is good is kept, whatever stands beside it.
		{"array-half.json", nil, "400 the notification has neither orderNo nor sourceOrderNo", one},
		{"xml.txt", nil, "400 the body is not one JSON object in UTF-8", "map[]"},
		{"xml-gbk.txt", nil, "400 the body is not in UTF-8, nor in the charset that it names", "map[]"},
		{"note.json", map[string]string{"Content-Encoding": "br"}, "400 the body is compressed in a way that is not read: send it as it is, or with gzip", "map[]"},
		{"bomb.gz", map[string]string{"Content-Encoding": "gzip"}, "400 a notification has at most 65536 bytes", "map[]"},
		{"broken.json.gz", map[string]string{"Content-Encoding": "gzip"}, "400 the gzip body is damaged", "map[]"},
		{"form-twice.txt", form, "400 the form has two values of one field", "map[]"},
		{"form-two-documents.txt", form, "400 several fields of the form are JSON", "map[]"},
	} {
		t.Run(fmt.Sprint(c.file, c.header), func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("testdata", "calls", c.file))
			if err != nil {
				t.Fatal(err)
			}
			v := open(t, twoOrders, withNotify, nil)
			s := v.listener(t, made.Add(time.Hour))
			for range 5 { // as often as the courier tries
				if got := call(s, "POST", courierPath, c.header, body); got != c.answer {
					t.Errorf("answered %q, want %q", got, c.answer)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			night := v.night(t, extract.Plan{Until: made.Add(2 * time.Hour)})
			loaded := map[string]string{}
			for _, o := range night.Streams["notifications"]["orders"] {
				loaded[o["order_id"]] = o["deduction_amount"]
			}
			if fmt.Sprint(loaded) != c.loaded {
				t.Errorf("loaded %v, want %s", loaded, c.loaded)
			}
			var aside [][]byte
			for _, call := range v.refusals(t, sealed.Keys{}) {
				text := []byte(call.Text)
				if call.Base64 != "" {
					text, _ = base64.StdEncoding.DecodeString(call.Base64)
				}
				if fmt.Sprint(call.Status, " ", call.Why) != c.answer || call.Length != int64(len(body)) || call.ContentEncoding != c.header["Content-Encoding"] {
					t.Errorf("put aside as %+v", call)
				}
				aside = append(aside, text)
			}
			var want []string
			if c.answer != "200 OK" {
				if len(aside) != 1 || !bytes.Equal(aside[0], body) {
					t.Errorf("put aside %q, want it once, as it came", aside)
				}
				want = []string{"call: courier/refused/2025-06-29-000001.jsonl:1: a call of the courier was refused (" + strings.Replace(c.answer, " ", ", ", 1) + ") and is not loaded: read it there, mend it and post it to the listener again ()"}
			}
			var got []string
			for _, text := range issues(night.Findings) {
				if strings.HasPrefix(text, "call: ") {
					got = append(got, text)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("findings %q, want %q", got, want)
			}
			next := v.night(t, extract.Plan{Until: made.Add(3 * time.Hour), Cursor: map[string]time.Time{"notifications": made.Add(2 * time.Hour)}})
			for _, text := range issues(next.Findings) {
				if strings.HasPrefix(text, "call: ") {
					t.Errorf("the night after names it again: %s", text)
				}
			}
		})
	}
}

// Calls of strangers are not put aside, and those who know the secret cannot
// fill the disk. What is put aside is its owner's, and encrypted where there are
// keys.
func TestBoundsOfWhatIsPutAside(t *testing.T) {
	c := open(t, sim.Options{}, withNotify, nil)
	s := c.listener(t, made)
	long := []byte("<" + strings.Repeat("9", wal.MaxBody+10) + ">")
	for _, path := range []string{"/guoxiaodi/courier/wrong", "/", "/guoxiaodi/courier/"} {
		call(s, "POST", path, nil, long[:1000])
	}
	pushed := filepath.Join(c.dir, "pushed", "courier")
	if _, err := os.Stat(filepath.Join(pushed, "refused")); !os.IsNotExist(err) {
		t.Errorf("calls of strangers were put aside: %v", err)
	}
	if got := call(s, "PUT", courierPath, nil, []byte(`{"orderNo":"Y1"}`)); got != "405 notifications are posted" {
		t.Errorf("PUT was answered %s", got)
	}
	if got := call(s, "POST", courierPath, nil, long); !strings.HasPrefix(got, "413 ") {
		t.Errorf("a long body was answered %s", got)
	}
	// 16 MiB are full but for 100 KiB: three more of 32 KiB go in.
	old, err := os.Create(filepath.Join(pushed, "refused", "old"))
	if err == nil {
		err = errors.Join(old.Chmod(0o600), old.Truncate(16<<20-100<<10-33<<10), old.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if got := call(s, "POST", courierPath, nil, fmt.Appendf(nil, "<%d %s", i, long[:60000])); !strings.HasPrefix(got, "400 ") {
			t.Fatalf("answered %s", got)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	calls := c.refusals(t, sealed.Keys{})
	if n := len(calls); n != 2+4 { // the fourth begins while there is room
		t.Errorf("%d calls are kept, want 6", n)
	}
	if calls[0].Method != "PUT" || calls[0].Text != `{"orderNo":"Y1"}` || calls[1].Length != int64(len(long)) || len(calls[1].Text) != 32<<10 {
		t.Errorf("the first are %s %q and %d of %d bytes", calls[0].Method, calls[0].Text, len(calls[1].Text), calls[1].Length)
	}
	err = filepath.WalkDir(filepath.Join(pushed, "refused"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is put aside is encrypted where there are keys; the listener needs no
// identity, and the command check counts it.
func TestPutAsideEncrypted(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var keys sealed.Keys
	if err := keys.AddRecipient(id.Recipient().String()); err != nil {
		t.Fatal(err)
	}
	opened := keys
	if err := opened.AddIdentities(id.String()); err != nil {
		t.Fatal(err)
	}
	c := open(t, sim.Options{}, withNotify, nil)
	with := func(keys sealed.Keys) extract.Source {
		return extracttest.Open(t, guoxiaodi.Driver(), "account: courier\nbase_url: https://courier.example\n"+withNotify,
			extract.Env{Dir: c.dir, Pushed: filepath.Join(c.dir, "pushed"), Zone: made.Location(), Keys: keys, Now: func() time.Time { return made.Add(time.Hour) }})
	}
	c.account = with(keys)
	s := c.listener(t, made)
	call(s, "POST", courierPath, nil, []byte("<xml>张三</xml>"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(c.dir, "pushed", "courier", "refused", "*.jsonl*"))
	if err != nil || len(files) != 1 || !strings.HasSuffix(files[0], ".zst.age") {
		t.Fatal(files, err)
	}
	if data, err := os.ReadFile(files[0]); err != nil || bytes.Contains(data, []byte("张三")) {
		t.Errorf("what was put aside lies in the clear: %v", err)
	}
	if calls := c.refusals(t, opened); len(calls) != 1 || calls[0].Text != "<xml>张三</xml>" {
		t.Errorf("put aside are %+v", calls)
	}
	night, err := extracttest.TryFetch(t.Context(), with(opened), extract.Plan{Until: made.Add(time.Hour)})
	if err != nil || len(night.Findings) != 1 || strings.Contains(fmt.Sprint(night.Findings, string(night.Pages[0].Body)), "张三") {
		t.Errorf("findings %v, %v; want one that names nobody", night.Findings, err)
	}
}
