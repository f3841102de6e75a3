package soms

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// combined are the axes' ways, and how many orders there are.
func combined() [][]extracttest.Way[tenant] {
	var lists [][]extracttest.Way[tenant]
	for _, list := range axes {
		var ways []extracttest.Way[tenant]
		for _, w := range list {
			ways = append(ways, extracttest.Way[tenant]{Name: w.name, Saves: w.saves, Set: func(v *tenant) { v.ways = append(v.ways, w) }})
		}
		lists = append(lists, ways)
	}
	return append(lists, []extracttest.Way[tenant]{
		{Name: "60 orders", Set: func(v *tenant) { v.n = 60 }},
		{Name: "no orders"},
		{Name: "one order", Set: func(v *tenant) { v.n = 1 }},
		{Name: "two orders", Set: func(v *tenant) { v.n = 2 }},
		{Name: "one more than a page", Set: func(v *tenant) { v.n = 11 }},
	})
}

// TestProbeOfAnyVendor: whatever the vendor does, in everything at once. Nights, which
// ask what flags hide, are read where it is slow.
func TestProbeOfAnyVendor(t *testing.T) {
	extracttest.Combos[tenant]{Ways: combined(), Few: 100, Many: 1_500, Vendor: func(t *testing.T, chosen *tenant) *extracttest.Combo {
		v := tenantOf(chosen.n, chosen.ways...)
		prober.Config = tenantLines + strings.Join(v.lines, "\n")
		combo := &extracttest.Combo{
			Probe: &prober, Vendor: v.vendor(), Right: v.right(), Personal: somebody,
			Mends: v.n == 60 && !slices.ContainsFunc(v.ways, func(w way) bool { return w.beyond }),
		}
		if combo.Mends && os.Getenv("NIGHTAUDIT_SLOW") == "1" {
			combo.Night = func(config string) error {
				if wrong := v.night(t, strings.Split(strings.TrimPrefix(config, tenantLines), "\n")); wrong != "" {
					return errors.New(wrong)
				}
				return nil
			}
		}
		return combo
	}}.Run(t)
}
