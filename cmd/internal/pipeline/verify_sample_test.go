package pipeline_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/simulate"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// A sample of all that two nights brought finds what was changed in the published database,
// and tells the order without its values.
func TestVerifySample(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.run()
	h.pass()
	two := h.run()
	all := pipeline.VerifyOptions{Sample: 10_000}
	if v := wantVerifiedWith(t, h.cfg, all); v.Sample.Runs != 2 || v.Sample.Answers == 0 || v.Sample.TooLarge != 0 {
		t.Errorf("sampled %+v", v.Sample)
	}
	whole := read(t, two.Database)
	const first = "order_id = (SELECT min(order_id) FROM payments WHERE source = 'soms') AND source = 'soms'"
	for _, c := range []struct {
		name, statement, says string
		kind                  landing.Kind
	}{
		{"an amount of a version", "UPDATE audit.order_versions SET net_amount = net_amount + 0.0001 WHERE version_no = 1 AND " + first, "its rows in orders are not what the answer gives", landing.Altered},
		{"where a version came from", "UPDATE audit.order_versions SET landing_ref = 'x' WHERE version_no = 1 AND " + first, "its rows in orders are not what the answer gives", landing.Altered},
		{"an amount of a payment", "UPDATE payments SET amount = amount + 1 WHERE " + first, "its rows in payments are not what the answer gives", landing.Altered},
		{"all versions gone", "DELETE FROM audit.order_versions WHERE " + first, "no version rests on the answer", landing.Missing},
		{"the hash of a record", "UPDATE audit.order_versions SET payload_sha256 = 'x' WHERE version_no = 1 AND " + first, "its rows in orders are not what the answer gives", landing.Altered},
	} {
		t.Run(c.name, func(t *testing.T) {
			alter(t, two.Database, c.statement)
			v := wantVerifiedKinds(t, h, all)
			if v[c.kind] == "" || !strings.Contains(v[c.kind], "soms/a: order ") || !strings.Contains(v[c.kind], c.says) {
				t.Errorf("found %v", v)
			}
			setBack(t, two.Database, whole)
		})
	}
	t.Run("an answer that is damaged", func(t *testing.T) {
		segments, err := filepath.Glob(filepath.Join(h.cfg.DataDir, "landing", "2*", "*", "*", two.RunID, "soms-*.jsonl.zst"))
		if err != nil || len(segments) == 0 {
			t.Fatal(segments, err)
		}
		segment := []byte(read(t, segments[0]))
		sound := string(segment)
		segment[len(segment)/2] ^= 1
		setBack(t, segments[0], string(segment)) // its size is the same
		if v := wantVerifiedKinds(t, h, all); v[landing.Unreadable] == "" {
			t.Errorf("found %v", v)
		}
		setBack(t, segments[0], sound)
	})
	t.Run("more answers than the sample", func(t *testing.T) {
		if v := wantVerifiedWith(t, h.cfg, pipeline.VerifyOptions{Sample: 1}); v.Sample.Answers > 1 || v.Sample.TooLarge == 0 {
			t.Errorf("sampled %+v", v.Sample)
		}
	})
	t.Run("another configuration", func(t *testing.T) {
		was := h.cfg.SHA256
		h.cfg.SHA256 = "x"
		if v := wantVerifiedWith(t, h.cfg, all); v.Sample.Answers != 0 || !strings.Contains(strings.Join(v.Notices, "\n"), "the configuration is another") {
			t.Errorf("sampled %+v, told %v", v.Sample, v.Notices)
		}
		h.cfg.SHA256 = was
	})
}

// wantVerifiedKinds verifies, and gives the words of what was found by its kind.
func wantVerifiedKinds(t *testing.T, h *hamlet, o pipeline.VerifyOptions) map[landing.Kind]string {
	t.Helper()
	v, err := pipeline.Verify(t.Context(), h.cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	found := map[landing.Kind]string{}
	for _, f := range v.Findings {
		found[f.Kind] += f.Text + "\n"
	}
	return found
}

// Nights that were disturbed in every way that the tests know leave nothing of which a
// sample of all that was landed says that it is another than it was: vendors that were
// down, answered nothing or in part, a kill, other names, another zone, a day that begins
// at noon, a closed month that moved, answers that were removed for their age.
func TestSampleOfDisturbedNights(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.configure()
	tally := attacks.In(t)
	const renamed, east = "account: b, aliases: [a],", "version: 1\ntimezone: Asia/Tokyo\n"
	for _, night := range []struct {
		name string
		do   func()
	}{
		{"undisturbed", func() {}},
		{"a vendor down, an empty list, a list that breaks off", func() {
			h.desk("starhotel").Fault(func(*http.Request) *simulate.Fault { return &simulate.Fault{Status: 503} })
			h.answering("akubela", calls("", "get_order_list")(), emptied["akubela"][0].answer)
			h.answering("tuya", secondPage["tuya"](), simulate.Fault{Status: 500})
		}},
		{"a record that is refused, all vendors well", func() {
			h.soms.Put(soms.Order{ID: "9999", Created: "yesterday", Modified: soms.LocalTime(h.now.Add(-time.Hour)), State: "confirmed"})
		}},
		{"killed", func() { h.killed(t) }},
		{"other names", func() { h.configure("account: a,", renamed) }},
		{"names as they are now", func() { h.configure("account: a,", "account: b,") }},
		{"another zone", func() { h.configure("account: a,", "account: b,", "version: 1\n", east) }},
		{"a day that begins at noon", func() {
			h.configure("account: a,", "account: b,", "version: 1\n", east+"business_day_start: \"12:00\"\n")
		}},
		{"a closed month", func() {
			h.now = h.now.Add(-time.Hour)
			april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
			if _, err := pipeline.Close(t.Context(), h.cfg, pipeline.CloseOptions{Month: april, Force: true, Reason: "test", Options: pipeline.Options{Now: h.clock, By: "chen"}}); err != nil {
				t.Fatal(err)
			}
			h.now = h.now.Add(time.Hour)
		}},
		{"answers removed for their age", func() { h.cfg.LandingKeep = 4 * 24 * time.Hour }},
		{"the night after", func() {}},
	} {
		tally.Try(night.name, func(t *testing.T) {
			night.do()
			h.run()
			for _, source := range sources {
				h.well(source)
			}
			v := wantVerifiedWith(t, h.cfg, pipeline.VerifyOptions{Sample: 100_000})
			t.Logf("sampled %+v, told %q", *v.Sample, v.Notices)
			if v.Sample.Runs == 0 || v.Sample.Orders == 0 || len(v.Notices) > 0 {
				t.Errorf("sampled %+v, told %q", *v.Sample, v.Notices)
			}
		})
		h.pass()
	}
}

// killed has another process begin the night, and kills it once it has landed something.
func (h *hamlet) killed(t *testing.T) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childConfig+"="+h.cfg.File, childNow+"="+h.now.Format(time.RFC3339))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for landed := false; !landed; time.Sleep(time.Millisecond) {
		segments, err := filepath.Glob(filepath.Join(h.cfg.DataDir, "landing", h.now.UTC().Format("2006/01/02"), "*", "*.journal.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		landed = len(segments) == len(sources)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}
