package pipeline_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// northAndSouth are two shops that sell at nine, which is the day before once the day
// begins at ten, after their first night.
func northAndSouth(t *testing.T) (v *village, north, south string) {
	t.Helper()
	v = startVillage(t, "ns")
	v.sell("n", "N1", "N2")
	v.sell("s", "S1")
	south = v.account("south", "s")
	v.configure("", v.account("north", "n"), south)
	v.quiet(0)
	return v, v.account("north", "n", `business_day_start: "10:00"`), south
}

const laterDay = "soms/north: business_day_start 00:00 → 10:00"

// drill wants findings of these kinds, and that the first says these words.
func (v *village) drill(what, kinds string, words ...string) {
	v.t.Helper()
	r, err := pipeline.RestoreTest(v.t.Context(), v.cfg, pipeline.Options{Now: v.clock, Version: "test"})
	if err != nil {
		v.t.Fatal(what, err)
	}
	var found []string
	for _, f := range r.Findings {
		found = append(found, string(f.Kind))
	}
	slices.Sort(found)
	if got := strings.Join(slices.Compact(found), " "); got != kinds {
		v.t.Errorf("%s: findings of the kinds %q, want %q: %+v", what, got, kinds, r.Findings)
	}
	for _, w := range words {
		if len(r.Findings) == 0 || !strings.Contains(r.Findings[0].Text, w) {
			v.t.Errorf("%s: it does not say %q first: %+v", what, w, r.Findings)
		}
	}
}

// A drill after settings have changed says so, and which, in the place of calling tables
// altered that differ by right; what does not follow from them, in rows of another account,
// is still called altered.
func TestRestoreDrillSaysWhichSettings(t *testing.T) {
	t.Parallel()
	v, north, south := northAndSouth(t)
	v.configure("", north, south)
	alter(t, v.published(), "UPDATE orders SET net_amount = 1 WHERE account = 'south'")
	v.drill("not carried out, and the other account altered", "altered settings",
		"the settings have changed", laterDay+", which no run has carried out yet; nightaudit run brings it to them")
}

// The same after the change was carried out, until a replay has made all of it anew; of
// names; and of nothing that changed.
func TestRestoreDrillAfterOtherSettings(t *testing.T) {
	slowTest(t)
	v, north, south := northAndSouth(t)
	v.drill("as it was made", "")
	v.configure("", north, south)
	v.drill("not carried out", "settings", laterDay)
	two := v.quiet(0)
	v.drill("carried out", "settings", laterDay+", which run "+two.RunID+" carried out; nightaudit replay makes it anew")
	v.replay()
	v.drill("replayed", "")

	v.configure("names: {stores: {S1: Lakeside}}\n", north, south)
	v.drill("a name", "settings", "made under those of now alone: names; nightaudit run brings it to them")
	v.quiet(0)
	alter(t, v.published(), "DELETE FROM audit.names")
	v.drill("the name gone, and no setting changed", "altered")
}
