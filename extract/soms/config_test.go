package soms

import (
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// TestConfig: each mistake names its key.
func TestConfig(t *testing.T) {
	good := accountYAML("https://soms.example")
	for _, c := range []struct{ yaml, want string }{
		{strings.Replace(good, "tenant_id", "tenant", 1), "tenant"},
		{strings.Replace(good, `"8560"`, `"85/60"`, 1), "tenant_id"},
		{strings.Replace(good, "kind: basic", "kind: bearer", 1), "auth.kind"},
		{good + "change_time: created\n", "change_time"},
		{good + "page_size: 101\n", "page_size"},
		{good + "max_window_rows: 50\n", "max_window_rows"},
		{good + "overlap: soon\n", "no duration"},
	} {
		_, err := extracttest.TryOpen(Driver(), c.yaml, extract.Env{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that names %s", err, c.want)
		}
	}
	if a := extracttest.Open(t, Driver(), good, extract.Env{}); a.Settings().PageSize != 100 || a.Settings().Concurrency != 4 {
		t.Errorf("settings %+v", a.Settings())
	}
}

// TestExampleConfig: the starter configuration opens as it stands, and with
// every key that is commented out.
func TestExampleConfig(t *testing.T) {
	element := strings.Replace(exampleConfig, "- account", "  account", 1)
	for _, text := range []string{element, strings.ReplaceAll(element, "\n  # ", "\n  ")} {
		if _, err := extracttest.TryOpen(Driver(), text, extract.Env{}); err != nil {
			t.Errorf("the example does not open: %v\n%s", err, text)
		}
	}
}
