// Package extracttest runs a source the way the pipeline does, without disk
// and database: it plans, fetches and decodes a night and returns the rows as
// text that a test can compare with the vendor's document. It also holds the
// scripted faults of a vendor that answers wrongly.
package extracttest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// Open opens an account of d from its YAML, one mapping as it stands in
// nightaudit.yaml. Unknown keys are errors, as in the real configuration.
// What env leaves out is filled in: the zone Asia/Shanghai, the process's
// clock, a timeout of 10 s, no retries, answers of at most 64 MiB, and a sleep
// that does not wait.
func Open(t testing.TB, d extract.Driver, yamlText string, env extract.Env) extract.Account {
	t.Helper()
	a, err := TryOpen(d, yamlText, env)
	if err != nil {
		t.Fatalf("open an account of %s: %v", d.Name, err)
	}
	return a
}

// TryOpen is Open for tests of wrong configurations.
func TryOpen(d extract.Driver, yamlText string, env extract.Env) (extract.Account, error) {
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Zone == nil {
		zone, err := time.LoadLocation("Asia/Shanghai")
		if err != nil {
			return nil, err
		}
		env.Zone = zone
	}
	if env.HTTP.Timeout == 0 {
		env.HTTP.Timeout = 10 * time.Second
	}
	if env.HTTP.MaxResponse == 0 {
		env.HTTP.MaxResponse = 64 << 20
	}
	if env.HTTP.Sleep == nil {
		env.HTTP.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	}
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	return d.Open(func(into any) error {
		err := yaml.NewDecoder(strings.NewReader(yamlText), yaml.Strict()).Decode(into)
		if errors.Is(err, io.EOF) { // an empty mapping
			return nil
		}
		return err
	}, env)
}

// Row is one row as text, by column: amounts "10.0000", unit prices and
// quantities "2.000000", instants "2024-04-10T08:00:00Z", dates yyyy-MM-dd,
// booleans true or false. A null column is missing, as are source, account
// and the technical columns.
type Row = map[string]string

// Issue is a finding or a reject.
type Issue struct {
	Stream, OrderID, Field, Reason, Raw string
}

// Night is what a source delivered.
type Night struct {
	// Tables holds the rows of every stream in the order in which they were
	// decoded, without those of rejected records.
	Tables map[string][]Row
	// Streams holds the same rows by stream, then table.
	Streams  map[string]map[string][]Row
	Findings []Issue
	Rejects  []Issue
	Pages    []*extract.Page
	Facts    []extract.Facts // beside Pages
	Windows  []extract.Window
}

// Row is the only row of table whose columns have the values of match; the
// test fails where there is none or several.
func (n *Night) Row(t testing.TB, table string, match Row) Row {
	t.Helper()
	var found []Row
	for _, r := range n.Tables[table] {
		ok := true
		for k, v := range match {
			ok = ok && r[k] == v
		}
		if ok {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s has %d rows with %v, want one", table, len(found), match)
	}
	return found[0]
}

// Privacy is the default policy of the configuration, with the key
// "sample-key".
func Privacy() transform.Privacy {
	return transform.Privacy{
		Names: transform.Mask, Phones: transform.Mask, Emails: transform.Mask,
		Documents: transform.Hash, Addresses: transform.Drop, Rooms: transform.Keep,
		Key: []byte("sample-key"),
	}
}

// Collect plans, fetches and decodes a night: first the streams that are not
// ByID, then, for every order seen, those that are. An error ends the test.
func Collect(t testing.TB, ctx context.Context, a extract.Account, p extract.Plan) *Night {
	t.Helper()
	n, err := TryCollect(ctx, a, p)
	if err != nil {
		t.Fatalf("collect a night: %v", err)
	}
	return n
}

// TryCollect is Collect for tests of failures: the night holds what arrived
// before the error. It reports, as an error, a page that was changed after it
// was yielded and a page that decodes differently a second time.
func TryCollect(ctx context.Context, a extract.Account, p extract.Plan) (*Night, error) {
	c := newCollector(a)
	p.Due = nil
	if err := c.run(ctx, p); err != nil {
		return c.night, err
	}
	p.Due = []extract.Due{}
	for _, id := range slices.Sorted(maps.Keys(c.due)) {
		p.Due = append(p.Due, c.due[id])
	}
	if err := c.run(ctx, p); err != nil {
		return c.night, err
	}
	return c.night, c.replay()
}

// TryFetch plans once, with p as it is, and fetches and decodes those
// windows: the lists alone, or with p.Due the orders asked for alone. On an
// error the night holds what arrived before it.
func TryFetch(ctx context.Context, a extract.Account, p extract.Plan) (*Night, error) {
	c := newCollector(a)
	return c.night, c.run(ctx, p)
}

// Due are the orders of ids as Plan takes them.
func Due(ids ...string) []extract.Due {
	due := make([]extract.Due, len(ids))
	for i, id := range ids {
		due[i].OrderID = id
	}
	return due
}

// Decode decodes one page by itself, for tests of documented samples.
func Decode(t testing.TB, a extract.Account, page *extract.Page) *Night {
	t.Helper()
	c := newCollector(a)
	if _, err := c.take(page, 1); err != nil {
		t.Fatalf("decode a page of %s: %v", page.Stream, err)
	}
	return c.night
}

func newCollector(a extract.Account) *collector {
	return &collector{
		account: a, windows: map[string]int{}, due: map[string]extract.Due{},
		night: &Night{Tables: map[string][]Row{}, Streams: map[string]map[string][]Row{}},
	}
}

type collector struct {
	account extract.Account
	windows map[string]int // by stream, windows so far
	due     map[string]extract.Due
	night   *Night
	sums    [][32]byte // beside night.Pages
	landed  []*extract.Page

	yielding sync.Mutex
}

func (c *collector) run(ctx context.Context, p extract.Plan) error {
	windows, err := c.account.Plan(ctx, p)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	for _, w := range windows {
		c.windows[w.Stream]++
		c.night.Windows = append(c.night.Windows, w)
		err := c.account.Fetch(ctx, w, func(page *extract.Page) (extract.Facts, error) {
			if !c.yielding.TryLock() {
				return extract.Facts{}, errors.New("yield was called by two goroutines at once")
			}
			defer c.yielding.Unlock()
			if page.Stream != w.Stream {
				return extract.Facts{}, fmt.Errorf("a page of stream %q in a window of stream %q", page.Stream, w.Stream)
			}
			return c.take(page, c.windows[w.Stream])
		})
		if err != nil {
			return fmt.Errorf("fetch %s: %w", w.Stream, err)
		}
	}
	return nil
}

// land is the form in which a page is kept on disk: one line.
func land(page *extract.Page) *extract.Page {
	kept := *page
	kept.Body = bytes.ReplaceAll(bytes.ReplaceAll(page.Body, []byte("\n"), []byte(" ")), []byte("\r"), []byte(" "))
	return &kept
}

func (c *collector) take(page *extract.Page, window int) (extract.Facts, error) {
	kept := land(page)
	c.night.Pages = append(c.night.Pages, page)
	c.sums = append(c.sums, sha256.Sum256(page.Body))
	c.landed = append(c.landed, kept)
	rows, facts, err := c.decode(kept, window, len(c.night.Pages))
	c.night.Facts = append(c.night.Facts, facts)
	if err != nil {
		return facts, err
	}
	c.night.Findings = append(c.night.Findings, rows.findings...)
	c.night.Rejects = append(c.night.Rejects, rows.rejects...)
	for _, table := range rows.order {
		c.night.Tables[table] = append(c.night.Tables[table], rows.tables[table]...)
		if c.night.Streams[page.Stream] == nil {
			c.night.Streams[page.Stream] = map[string][]Row{}
		}
		c.night.Streams[page.Stream][table] = append(c.night.Streams[page.Stream][table], rows.tables[table]...)
	}
	for _, o := range rows.tables[transform.TableOrders] {
		due := c.due[o["order_id"]]
		due.OrderID = o["order_id"]
		if o["order_no"] != "" {
			due.OrderNo = o["order_no"]
		}
		c.due[due.OrderID] = due
	}
	return facts, nil
}

// decode transforms one landed page in a batch of its own.
func (c *collector) decode(page *extract.Page, window, number int) (*rows, extract.Facts, error) {
	batch := NewBatch(c.account, page.Stream)
	sum := sha256.Sum256(page.Body)
	batch.Begin(transform.PageOrigin{
		Ref:    fmt.Sprintf("%s.jsonl:%d", page.Stream, number),
		SHA256: hex.EncodeToString(sum[:]), Window: window,
	})
	facts, err := c.account.Decode(page, batch)
	if err != nil {
		return nil, facts, fmt.Errorf("decode: %w", err)
	}
	rows, err := readRows(page.Stream, batch)
	return rows, facts, err
}

// replay decodes every page once more: a landed page must give the same rows
// years later.
func (c *collector) replay() error {
	again := newCollector(c.account)
	for i, page := range c.landed {
		if sha256.Sum256(c.night.Pages[i].Body) != c.sums[i] {
			return fmt.Errorf("page %d of %s was changed after it was yielded", i+1, page.Stream)
		}
		if _, err := again.take(page, 1); err != nil {
			return fmt.Errorf("replay page %d: %w", i+1, err)
		}
	}
	if !maps.EqualFunc(c.night.Tables, again.night.Tables, func(a, b []Row) bool { return slices.EqualFunc(a, b, maps.Equal) }) ||
		!slices.Equal(c.night.Findings, again.night.Findings) || !slices.Equal(c.night.Rejects, again.night.Rejects) {
		return errors.New("decoding the pages a second time gives other rows: Decode may depend on the page and the configuration only")
	}
	return nil
}

// CheckReadsOnly fails the test if a simulator was sent anything but the
// reads of its document.
func CheckReadsOnly(t testing.TB, vendor interface{ Refused() []string }) {
	t.Helper()
	for _, call := range vendor.Refused() {
		t.Errorf("the vendor was sent a call that is not one of its reads: %s", call)
	}
}
