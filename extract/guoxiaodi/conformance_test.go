package guoxiaodi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
)

// The courier has no list: it is asked for numbers, and spared what concerns
// lists. It documents no code for "asked too often": 429 is an assumption.
func TestConformance(t *testing.T) {
	vendor := func(_ testing.TB, n int) *extracttest.Vendor {
		no := func(i int) string { return fmt.Sprintf("ON%06d", i) }
		source := func(i int) string { return fmt.Sprintf("XF%06d", i) }
		now := func() time.Time { return made.Add(2 * time.Hour) }
		vendor := sim.New(sim.Options{Now: now})
		var numbers []string
		for i := range n {
			vendor.Put(delivered(no(i), source(i)))
			numbers = append(numbers, source(i))
		}
		return &extracttest.Vendor{
			Handler: vendor, Config: withSOMS, Now: now,
			Plan:   extract.Plan{Until: now(), State: extract.State{Known: known(numbers...)}},
			ID:     no,
			IsRead: func(*http.Request) bool { return true },
		}
	}
	extracttest.Conformance(t, extracttest.Subject{
		Driver:      guoxiaodi.Driver(),
		RateCode:    `{"code":429,"msg":"","data":null,"ok":false,"fail":true}`,
		WrongShape:  `{"code":0,"msg":"","data":["delivered"],"ok":true}`,
		UnknownCode: `{"code":4711,"msg":"","data":null,"ok":false,"fail":true}`,
		New:         vendor,
		One: func(t testing.TB) extracttest.One {
			return extracttest.One{
				Vendor: vendor(t, 12),
				Order:  "XF000005", // nobody has told another number
				Key:    "ON000005",
				Of:     func(_ *http.Request, body string) bool { return strings.Contains(body, "XF000005") },
			}
		},
	})
}
