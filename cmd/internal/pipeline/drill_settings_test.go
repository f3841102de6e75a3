package pipeline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// A drill after settings have changed says so, and which, in the place of calling tables
// altered that differ by right; what does not follow from them is still called so.
func TestRestoreDrillAfterOtherSettings(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.run()
	say := func(what string, r *pipeline.DrillResult, words ...string) {
		t.Helper()
		for _, w := range words {
			if len(r.Findings) == 0 || !strings.Contains(r.Findings[0].Text, w) {
				t.Errorf("%s: it does not say %q first: %+v", what, w, r.Findings)
			}
		}
	}
	const tuya = `project_id: "1", `
	h.configure(tuya, tuya+`business_day_start: "06:00", `)
	drill := func(what string, kinds map[string]bool, words ...string) {
		t.Helper()
		r, err := pipeline.RestoreTest(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test"})
		if err != nil {
			t.Fatal(what, err)
		}
		found := map[string]bool{}
		for _, f := range r.Findings {
			found[string(f.Kind)] = true
		}
		for _, kind := range []string{"settings", "altered", "missing"} {
			if found[kind] != kinds[kind] {
				t.Errorf("%s: findings of kind %s: %v, want %v: %+v", what, kind, found[kind], kinds[kind], r.Findings)
			}
		}
		say(what, r, words...)
	}
	settings := map[string]bool{"settings": true}
	drill("not carried out", settings, "the settings have changed", "tuya/a: business_day_start 00:00 → 06:00, which no run has carried out yet", "nightaudit run brings it to them")
	whole := read(t, h.published())
	alter(t, h.published(), "UPDATE orders SET net_amount = 1 WHERE source = 'soms'")
	drill("not carried out, and altered", map[string]bool{"settings": true, "altered": true}, "tuya/a: business_day_start 00:00 → 06:00")
	setBack(t, h.published(), whole)
	h.now = h.now.Add(time.Hour)
	two := h.run()
	drill("carried out", settings, "tuya/a: business_day_start 00:00 → 06:00, which run "+two.RunID+" carried out; nightaudit replay makes it anew")
	if _, err := pipeline.Replay(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test"}); err != nil {
		t.Fatal(err)
	}
	drill("replayed", nil)
	h.configure(tuya, tuya+`business_day_start: "06:00", `, "sources:", "names: {stores: {S1: Lakeside}}\nsources:")
	drill("a name", settings, "made under those of now alone: names; nightaudit run brings it to them")
}
