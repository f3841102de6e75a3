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

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// Open opens an account of d from its YAML, one mapping as it stands in
// nightaudit.yaml. Unknown keys are errors, as in the real configuration.
// What env leaves out is filled in: the zone Asia/Shanghai, the process's
// clock, a timeout of 10 s, no retries, answers of at most 64 MiB, and a sleep
// that does not wait.
func Open(t testing.TB, d extract.Driver, yamlText string, env extract.Env) extract.Source {
	t.Helper()
	a, err := TryOpen(d, yamlText, env)
	if err != nil {
		t.Fatalf("open an account of %s: %v", d.Name, err)
	}
	return a
}

// TryOpen is Open for tests of wrong configurations.
func TryOpen(d extract.Driver, yamlText string, env extract.Env) (extract.Source, error) {
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
	Column                              string // "orders.net_amount", "order_items.pay_amount #2"; "" where it is no column's
	IsAmount                            bool   // an amount is missing for it
}

// Night is what a source delivered.
type Night struct {
	// Tables holds the rows of every stream in the order in which they were
	// decoded, without those of rejected records and of answers that a later
	// reading of their window has superseded (extract.Passes).
	Tables map[string][]Row
	// Streams holds the same rows by stream, then table.
	Streams  map[string]map[string][]Row
	Findings []Issue
	Rejects  []Issue
	Pages    []*extract.Page
	Facts    []extract.Facts // beside Pages
	Windows  []extract.Window
	Outcomes []Outcome // beside Windows, of those that were read to their end
}

// Outcome is how the reading of one window ended.
type Outcome struct {
	Total     int64 // as the vendor states it, -1 where it states none
	Distinct  int   // records that count: those of the last pass, or of all where they did not agree
	Passes    int
	Keys      []string // of the records that count, without repetition
	Unsettled string   // why the window is marked; "" where its passes agreed
}

// Marked reports whether the window would be loaded as unreconciled.
func (o Outcome) Marked() bool {
	return o.Unsettled != "" || (o.Total >= 0 && o.Total != int64(o.Distinct))
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
func Collect(t testing.TB, ctx context.Context, a extract.Source, p extract.Plan) *Night {
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
func TryCollect(ctx context.Context, a extract.Source, p extract.Plan) (*Night, error) {
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
func TryFetch(ctx context.Context, a extract.Source, p extract.Plan) (*Night, error) {
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
func Decode(t testing.TB, a extract.Source, page *extract.Page) *Night {
	t.Helper()
	c := newCollector(a)
	if _, err := c.take(page, 1); err != nil {
		t.Fatalf("decode a page of %s: %v", page.Stream, err)
	}
	c.keep(page.Stream, c.taken[0].rows)
	return c.night
}

func newCollector(a extract.Source) *collector {
	return &collector{
		account: a, windows: map[string]int{}, due: map[string]extract.Due{}, batches: map[string]*transform.Batch{},
		night: &Night{Tables: map[string][]Row{}, Streams: map[string]map[string][]Row{}},
	}
}

type collector struct {
	account extract.Source
	windows map[string]int // by stream, windows so far
	due     map[string]extract.Due
	night   *Night
	taken   []taken // beside night.Pages
	// keysOnly leaves the rows unread, which is most of a night's time, and
	// decodes all pages of a stream in one batch.
	keysOnly bool
	batches  map[string]*transform.Batch
	// started, if set, is told the first answer of each pass of a window.
	started func(w extract.Window, pass int)

	yielding sync.Mutex
}

// taken is an answer that was yielded.
type taken struct {
	sum    [32]byte      // of its bytes then
	landed *extract.Page // as it would lie on disk
	rows   *pageRows
}

func (c *collector) run(ctx context.Context, p extract.Plan) error {
	windows, err := c.account.Plan(ctx, p)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	for _, w := range windows {
		c.windows[w.Stream]++
		c.night.Windows = append(c.night.Windows, w)
		if err := c.window(ctx, w); err != nil {
			return fmt.Errorf("fetch %s: %w", w.Stream, err)
		}
	}
	return nil
}

// window reads one window; what arrives before an error is kept.
func (c *collector) window(ctx context.Context, w extract.Window) error {
	var tally extract.Tally
	first := len(c.night.Pages)
	err := c.account.Fetch(ctx, w, func(page *extract.Page) (extract.Facts, error) {
		if !c.yielding.TryLock() {
			return extract.Facts{}, errors.New("yield was called by two goroutines at once")
		}
		defer c.yielding.Unlock()
		if page.Stream != w.Stream {
			return extract.Facts{}, fmt.Errorf("a page of stream %q in a window of stream %q", page.Stream, w.Stream)
		}
		facts, err := c.take(page, c.windows[w.Stream])
		if err == nil {
			if c.started != nil && (tally.Pages == 0 || page.Pass > tally.Pass()) {
				c.started(w, page.Pass)
			}
			tally.Add(page, facts)
		}
		return facts, err
	})
	o := Outcome{Total: tally.Total(), Passes: tally.Pass()}
	var unsettled *extract.Unsettled
	if errors.As(err, &unsettled) {
		o.Unsettled, err = unsettled.Reason, nil
	}
	keys := map[string]bool{}
	texts, pass := map[string]int{}, 0 // records without a key of the pass
	for i := first; i < len(c.taken); i++ {
		page := c.night.Pages[i]
		if err == nil && o.Unsettled == "" && page.Pass < o.Passes {
			continue // superseded
		}
		c.keep(page.Stream, c.taken[i].rows)
		if page.Pass != pass {
			clear(texts)
			pass = page.Pass
		}
		for _, key := range c.night.Facts[i].Keys {
			if strings.HasPrefix(key, transform.Unnamed) {
				texts[key]++
				key = fmt.Sprintf("%s/%d", key, texts[key])
			}
			if !keys[key] {
				keys[key] = true
				o.Keys = append(o.Keys, key)
				o.Distinct++
			}
		}
	}
	if err == nil {
		c.night.Outcomes = append(c.night.Outcomes, o)
	}
	return err
}

// land is the form in which a page is kept on disk: one line, or the raw bytes
// that are mended again.
func land(page *extract.Page) *extract.Page {
	kept := *page
	if page.Raw != nil {
		kept.Body, kept.Repairs, _ = extract.Reread(page.Raw, page.Charset) // decoding tells a difference
		return &kept
	}
	kept.Body = bytes.ReplaceAll(bytes.ReplaceAll(page.Body, []byte("\n"), []byte(" ")), []byte("\r"), []byte(" "))
	return &kept
}

// take lands and decodes a page.
func (c *collector) take(page *extract.Page, window int) (extract.Facts, error) {
	t := taken{sum: sha256.Sum256(page.Body), landed: land(page)}
	var facts extract.Facts
	var err error
	t.rows, facts, err = c.decode(t.landed, window, len(c.night.Pages)+1)
	if err != nil {
		return facts, err
	}
	c.night.Pages = append(c.night.Pages, page)
	c.night.Facts = append(c.night.Facts, facts)
	c.taken = append(c.taken, t)
	return facts, nil
}

// keep adds the rows of a page to the night.
func (c *collector) keep(stream string, rows *pageRows) {
	c.night.Findings = append(c.night.Findings, rows.findings...)
	c.night.Rejects = append(c.night.Rejects, rows.rejects...)
	for _, table := range rows.order {
		c.night.Tables[table] = append(c.night.Tables[table], rows.tables[table]...)
		if c.night.Streams[stream] == nil {
			c.night.Streams[stream] = map[string][]Row{}
		}
		c.night.Streams[stream][table] = append(c.night.Streams[stream][table], rows.tables[table]...)
	}
	for _, o := range rows.tables[transform.TableOrders] {
		due := c.due[o["order_id"]]
		due.OrderID = o["order_id"]
		if o["order_no"] != "" {
			due.OrderNo = o["order_no"]
		}
		c.due[due.OrderID] = due
	}
}

// decode transforms one landed page, in a batch of its own unless keysOnly.
func (c *collector) decode(page *extract.Page, window, number int) (*pageRows, extract.Facts, error) {
	batch := c.batches[page.Stream]
	if batch == nil {
		batch = NewBatch(c.account, page.Stream)
	}
	sum := sha256.Sum256(page.Body)
	batch.Begin(transform.PageOrigin{
		Ref:    fmt.Sprintf("%s.jsonl:%d", page.Stream, number),
		SHA256: hex.EncodeToString(sum[:]), Window: window, Pass: page.Pass, Body: page.Body, Repairs: page.Repairs,
	})
	facts, err := extract.Decode(c.account, page, batch)
	if err != nil {
		return nil, facts, fmt.Errorf("decode: %w", err)
	}
	batch.EndPage()
	if c.keysOnly {
		c.batches[page.Stream] = batch
		return &pageRows{}, facts, batch.Take(func(string, arrow.RecordBatch) error { return nil })
	}
	rows, err := readRows(page.Stream, batch)
	return rows, facts, err
}

// replay decodes every page once more: a landed page must give the same rows
// years later.
func (c *collector) replay() error {
	for i, t := range c.taken {
		if sha256.Sum256(c.night.Pages[i].Body) != t.sum {
			return fmt.Errorf("page %d of %s was changed after it was yielded", i+1, t.landed.Stream)
		}
		again, _, err := c.decode(t.landed, 1, i+1)
		if err != nil {
			return fmt.Errorf("replay page %d: %w", i+1, err)
		}
		if !again.equal(t.rows) {
			return errors.New("decoding the pages a second time gives other rows: Decode may depend on the page and the configuration only")
		}
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
