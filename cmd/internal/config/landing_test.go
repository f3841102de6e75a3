package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
)

// The keys of landing: what is right is used by every account, what is wrong
// is told at its place, and no message holds a key.
func TestLandingKeys(t *testing.T) {
	pair := func() (recipient, identity string) {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		return id.Recipient().String(), id.String()
	}
	mine, secret := pair()
	other, _ := pair()
	_, strange := pair()
	file := "# created: 2026-01-01T00:00:00Z\n# public key: " + mine + "\n" + secret + "\n"
	for name, c := range map[string]struct {
		landing string
		seals   bool
		opens   bool
		want    []string // problems
	}{
		"nothing":                    {"{keep: 30d}", false, false, nil},
		"left empty":                 {"{recipient: , identity: }", false, false, nil},
		"one recipient":              {"{recipient: " + mine + "}", true, false, nil},
		"two, and the file of one":   {"{recipient: [" + other + ", " + mine + "], identity: '${file:key}'}", true, true, nil},
		"the identity alone":         {"{recipient: '${MINE}', identity: '${SECRET}'}", true, true, nil},
		"an identity from before":    {"{identity: '${SECRET}'}", false, true, nil},
		"the file's name, not it":    {"{recipient: " + mine + ", identity: key}", false, false, []string{"1:86: landing.identity: holds no age identity"}},
		"secret as recipient":        {"{recipient: '${SECRET}'}", false, false, []string{"1:22: landing.recipient: is a secret key: write its public key"}},
		"a recipient cut short":      {"{recipient: [" + mine + ", age1qqqq]}", false, false, []string{"1:87: landing.recipient[1]: is no age recipient"}},
		"an empty list":              {"{recipient: []}", false, false, []string{"1:22: landing.recipient: is empty: name a recipient"}},
		"no text":                    {"{recipient: {a: b}}", false, false, []string{"1:23: landing.recipient: must be a single value"}},
		"of somebody else":           {"{recipient: " + mine + ", identity: '${STRANGE}'}", false, false, []string{"1:86: landing.identity: opens nothing that is encrypted to landing.recipient"}},
		"a variable that is not set": {"{recipient: '${NONE}', identity: '${NONE}'}", false, false, []string{"1:22: landing.recipient: environment variable NONE", "1:43: landing.identity: environment variable NONE"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for file, text := range map[string]string{"nightaudit.yaml": "landing: " + c.landing + "\n" + minimal, "key": file} {
				if err := os.WriteFile(filepath.Clean(file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			options := config.Options{
				Getenv: func(name string) string {
					return map[string]string{"MINE": mine, "SECRET": secret, "STRANGE": strange}[name]
				},
				Drivers: []extract.Driver{driver("tuya", extract.RoomOrders)},
			}
			got, err := config.Load("nightaudit.yaml", options)
			var problems *config.Error
			errors.As(err, &problems)
			if err != nil && problems == nil || (problems == nil) != (c.want == nil) || problems != nil && len(problems.Problems) != len(c.want) {
				t.Fatalf("%v, want %q", err, c.want)
			}
			for i, want := range c.want {
				if text := problems.Problems[i].String(); !strings.HasPrefix(text, "nightaudit.yaml:"+want) {
					t.Errorf("%s, want %s", text, want)
				}
			}
			if err != nil && (strings.Contains(err.Error(), secret[20:40]) || strings.Contains(err.Error(), strange[20:40])) {
				t.Errorf("the message holds a secret key: %v", err)
			}
			if err == nil {
				keys := got.Accounts[0].Source.(*account).env.Keys
				if keys.Seals() != c.seals || keys.Opens() != c.opens || got.LandingKeys.Seals() != c.seals || got.LandingKeys.Opens() != c.opens {
					t.Errorf("seals %v, opens %v; want %v and %v", keys.Seals(), keys.Opens(), c.seals, c.opens)
				}
			}
			// Who only reads what was published needs no key.
			options.Reader = true
			if _, err := config.Load("nightaudit.yaml", options); err != nil {
				t.Errorf("for a reader: %v", err)
			}
		})
	}
}
