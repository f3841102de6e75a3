package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/sealed"
)

// counted is the way to a vendor that takes a while, and counts.
type counted struct {
	pipeline.Unheard
	http.RoundTripper
	calls, bytes atomic.Int64
}

// slowly is how long an answer takes.
const slowly = 20 * time.Millisecond

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(slowly)
	answer, err := c.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	c.calls.Add(1)
	c.bytes.Add(int64(len(body)))
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, err
}

// AccountStarted counts from here on: what comes before asks for the time.
func (c *counted) AccountStarted(string, string) {
	c.calls.Store(0)
	c.bytes.Store(0)
}

// startCounted is a shop of three orders, which is asked over one connection.
func startCounted(t *testing.T) (*released, *counted) {
	t.Helper()
	r := startReleased(t, t.TempDir())
	way := &counted{RoundTripper: r.wire}
	r.wire = way
	must(t, os.WriteFile(filepath.Join(r.dir, "nightaudit.yaml"), []byte(releasedConfig), 0o600))
	r.load()
	return r, way
}

// amounts are a run's stages without their times.
func (v *village) amounts(run string) []string {
	v.t.Helper()
	return v.read("SELECT source, account, stage, calls, bytes, rows FROM audit.stages WHERE run_id = ? AND stage NOT IN ('plan', 'wait') ORDER BY ALL", run)
}

// landedSize reads the segments of the landing: how many answers there are, how
// long they are, and how much room they take.
func landedSize(t *testing.T, dir string) (answers, text, packed int) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(dir, "data", "landing", "*", "*", "*", "*", "*.jsonl.zst"))
	must(t, err)
	for _, file := range segments {
		data, err := os.ReadFile(file)
		must(t, err)
		plain, err := sealed.Decompress(bytes.NewReader(data))
		must(t, err)
		all, err := io.ReadAll(plain)
		must(t, errors.Join(err, plain.Close()))
		lines := bytes.Count(all, []byte("\n"))
		answers, text, packed = answers+lines, text+len(all)-lines, packed+len(data)
	}
	return answers, text, packed
}

func sizeOf(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	must(t, err)
	return info.Size()
}

// What a night did stands in audit.stages as it is counted beside it: on the wire,
// in the landing's files, and in the tables. What came after the ledger was written
// is there once the next night, in which nothing changed, is published. A replay
// gives the same rows, times and all.
func TestStages(t *testing.T) {
	t.Parallel()
	r, way := startCounted(t)
	first := r.night(pipeline.Options{Observer: way})
	answers, text, packed := landedSize(t, r.dir)
	staged := r.read(`SELECT (SELECT sum(fetched) FROM audit.extracts) + (SELECT count(*) FROM main.orders) + (SELECT count(*) FROM main.order_items)
		+ (SELECT count(*) FROM main.payments) + (SELECT count(*) FROM main.deliveries) + (SELECT count(*) FROM main.settlements)`)[0]
	flushed := r.read("SELECT count(DISTINCT stream) FROM audit.extracts WHERE fetched > 0")[0]
	night := []string{
		"– | – | checks | 1 | 0 | 0",
		fmt.Sprintf("soms | shop | fetch | %d | %d | 0", way.calls.Load(), way.bytes.Load()),
		fmt.Sprintf("soms | shop | land | %d | %d | 0", answers, packed),
		fmt.Sprintf("soms | shop | decode | %d | %d | %s", answers, text, r.read("SELECT sum(fetched) FROM audit.extracts")[0]),
		fmt.Sprintf("soms | shop | stage | %s | 0 | %s", flushed, staged),
		"soms | shop | merge | 1 | 0 | 3",
	}
	equal(t, "the first night", r.amounts(first.RunID), night)
	seconds := fmt.Sprintf("SELECT seconds >= %d * %f FROM audit.stages WHERE stage = 'fetch'", way.calls.Load(), slowly.Seconds())
	equal(t, "every answer took a while", r.read(seconds), []string{"true"})
	published := sizeOf(t, first.Database)
	books := sizeOf(t, first.Workbook)
	for _, book := range first.Earlier {
		books += sizeOf(t, book)
	}

	second := r.night(pipeline.Options{Observer: way, NoReport: true})
	equal(t, "the first night, after the second", r.amounts(first.RunID), append(night,
		"– | – | seal | 1 | 0 | 0",
		fmt.Sprintf("– | – | publish | 1 | %d | 0", published),
		fmt.Sprintf("– | – | report | %d | %d | 0", 1+len(first.Earlier), books)))
	equal(t, "changed in the second", r.read("SELECT rows FROM audit.stages WHERE stage = 'merge' AND run_id = ?", second.RunID), []string{"0"})
	r.replayAlike()
}

// replayAlike replays, and wants the rows of all stages as they were.
func (v *village) replayAlike() {
	v.t.Helper()
	const whole = "SELECT * FROM audit.stages ORDER BY ALL"
	before := v.read(whole)
	v.replay()
	equal(v.t, "replayed", v.read(whole), before)
}

// A night that dies while it publishes, and is taken up, has the stages of both
// attempts: only the first has asked the vendor, and both have checked. What the
// night before had left stands there once, and what this one leaves comes with the
// next, also where a replay lies between them.
func TestStagesOfBothAttempts(t *testing.T) {
	t.Parallel()
	r, _ := startCounted(t)
	first := r.night(pipeline.Options{NoReport: true})
	ctx, cancel := context.WithCancel(t.Context())
	stop := &stages{told: func(name string) {
		if name == "publish" {
			cancel()
		}
	}}
	r.now = r.now.AddDate(0, 0, 1)
	if _, err := pipeline.Run(ctx, r.cfg, pipeline.Options{NoReport: true, Observer: stop, Now: r.clock, Version: "test"}); !errors.Is(err, context.Canceled) {
		t.Fatalf("the night was not cut short: %v", err)
	}
	again, err := pipeline.Run(t.Context(), r.cfg, pipeline.Options{NoReport: true, Now: r.clock, Version: "test"})
	must(t, err)
	equal(t, "attempts", r.read("SELECT stage, count(*) FROM audit.stages WHERE run_id = ? AND stage IN ('fetch', 'merge', 'checks', 'seal') GROUP BY ALL", again.RunID),
		[]string{"fetch | 1", "merge | 1", "checks | 2"})
	equal(t, "left by the first", r.read("SELECT stage, count(*) FROM audit.stages WHERE run_id = ? AND account IS NULL GROUP BY ALL", first.RunID),
		[]string{"checks | 1", "seal | 1", "publish | 1"})
	r.replayAlike()
	r.quiet(0)
	equal(t, "left by the second", r.read("SELECT stage, count(*) FROM audit.stages WHERE run_id = ? AND account IS NULL GROUP BY ALL", again.RunID),
		[]string{"checks | 2", "seal | 1", "publish | 1"})
}

// An account that has another name now has its stages under that, in the database
// and in a replay; one that fails has those that it came to.
func TestStagesOfRenamedAccounts(t *testing.T) {
	t.Parallel()
	v := startVillage(t, "ab")
	v.sell("a", "1")
	v.configure("", v.account("shop", "a"), v.account("other", "b"))
	v.quiet(0)
	v.configure("", v.account("store", "a", "aliases: [shop]"), strings.Replace(v.account("other", "b"), "password: p", "password: wrong", 1))
	v.quiet(3)
	equal(t, "accounts", v.read("SELECT account, list(stage ORDER BY stage) FROM audit.stages WHERE account IS NOT NULL AND run_id = (SELECT max(run_id) FROM audit.runs) AND stage <> 'wait' GROUP BY ALL"),
		[]string{"store | [decode, fetch, land, merge, plan, stage]", "other | [fetch, land, plan]"})
	equal(t, "names", v.read("SELECT DISTINCT account FROM audit.stages WHERE account IS NOT NULL"), []string{"store", "other"})
	v.replayAlike()
}
