package config

import (
	"os"
	"path/filepath"
	"testing"
)

// A reader knows the zones of accounts that it does not open.
func TestAccountZone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	text := "version: 1\ntimezone: Asia/Shanghai\nsources:\n  soms:\n    - {account: a, timezone: Europe/Paris, auth: {password: \"${NONE}\"}}\n    - {account: b}\n    - {account: c, timezone: Nowhere}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, Options{Reader: true, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	for account, want := range map[string]string{"a": "Europe/Paris", "b": "Asia/Shanghai", "c": "Asia/Shanghai", "d": "Asia/Shanghai"} {
		if got := c.AccountZone("soms", account).String(); got != want {
			t.Errorf("the zone of %s is %s, want %s", account, got, want)
		}
	}
}
