package main

import (
	"testing"
	"time"
)

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                       "0.0 s",
		3460 * time.Millisecond: "3.5 s",
		61 * time.Second:        "1m1s",
		2*time.Hour + 29*time.Minute + 500*time.Millisecond: "2h29m1s",
	} {
		if got := seconds(d); got != want {
			t.Errorf("seconds(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestConfigFlag(t *testing.T) {
	for file, want := range map[string]string{
		"nightaudit.yaml": "",
		"a/b.yaml":        " --config a/b.yaml",
		"my night.yaml":   " --config 'my night.yaml'",
		"it's.yaml":       ` --config 'it'\''s.yaml'`,
	} {
		if got := configFlag(file); got != want {
			t.Errorf("configFlag(%q) = %q, want %q", file, got, want)
		}
	}
}
