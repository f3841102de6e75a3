package pipeline_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/landing"
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
