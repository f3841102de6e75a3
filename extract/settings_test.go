package extract_test

import (
	"encoding"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

type text interface {
	encoding.TextMarshaler
	encoding.TextUnmarshaler
}

// What is written of a value of the configuration is what a person would write, and
// is read as the same value.
func TestSettingsAreWrittenAsTheyAreRead(t *testing.T) {
	for _, c := range []struct {
		into        text
		given, want string
	}{
		{new(extract.Duration), "45d", "45d"},
		{new(extract.Duration), "36h", "1d12h"},
		{new(extract.Duration), "90m", "1h30m"},
		{new(extract.Duration), "3600s", "1h"},
		{new(extract.Duration), "600s", "10m"},
		{new(extract.Duration), "0s", "0s"},
		{new(extract.Duration), "1500ms", "1.5s"},
		{new(extract.Rate), "10/s", "10/s"},
		{new(extract.Rate), "300/m", "5/s"},
		{new(extract.Rate), "7/m", "7/m"},
		{new(extract.Rate), "5000/h", "5000/h"},
		{new(extract.Rate), "0.5/s", "30/m"},
		{new(extract.Clock), "06:00", "06:00"},
		{new(extract.Clock), "23:59", "23:59"},
		{new(extract.Day), "2024-02-29", "2024-02-29"},
	} {
		if err := c.into.UnmarshalText([]byte(c.given)); err != nil {
			t.Fatalf("%s: %v", c.given, err)
		}
		if got, err := c.into.MarshalText(); err != nil || string(got) != c.want {
			t.Errorf("%s is written %s (%v), want %s", c.given, got, err, c.want)
		}
	}
}

func TestAnyRateAndDurationComesBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		given := strconv.Itoa(random.IntN(1e6)+1) + "/" + string("smh"[random.IntN(3)])
		var a, b extract.Rate
		if err := a.UnmarshalText([]byte(given)); err != nil {
			t.Fatal(err)
		}
		written, _ := a.MarshalText()
		if err := b.UnmarshalText(written); err != nil || a != b {
			t.Errorf("%s was written %s, which is %v and not %v (%v)", given, written, b, a, err)
		}
		d := extract.Duration(random.Int64N(int64(3650 * 24 * time.Hour)))
		var e extract.Duration
		written, _ = d.MarshalText()
		if err := e.UnmarshalText(written); err != nil || d != e {
			t.Errorf("%v was written %s, which is %v (%v)", time.Duration(d), written, time.Duration(e), err)
		}
	}
}
