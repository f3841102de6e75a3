package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// A landing that is encrypted, whose account has got another name since, or of which the
// oldest answers were removed, gives a case like any other; what is no more is said.
func TestCaseOfALandingThatWasChanged(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	locked := "landing: {recipient: " + key.Recipient().String() + ", identity: " + key.String() + "}\n"
	const first, soon, late = "2024-04-11T03:00:00+08:00", "2024-04-12T03:00:00+08:00", "2024-06-11T03:00:00+08:00"
	type night struct{ settings, account, at string }
	for _, c := range []struct {
		what   string
		slow   bool
		nights []night
		after  night    // the configuration when the case is made, if it is another one
		again  bool     // the order is another one in the second night
		code   int      // of case
		says   []string // case, besides
	}{
		{"encrypted", true, []night{{locked, "account: retail", first}, {locked, "account: retail", soon}}, night{}, false, exit.Done, nil},
		{"encrypted since the second night", true, []night{{"", "account: retail", first}, {locked, "account: retail", soon}}, night{}, false, exit.Done, nil},
		{"renamed", true, []night{{"", "account: retail", first}, {"", "account: shop, aliases: [retail]", soon}}, night{}, false, exit.Done, nil},
		{
			"renamed, and the alias is out of the configuration", false,
			[]night{{"", "account: retail", first}, {"", "account: shop, aliases: [retail]", soon}},
			night{"", "account: shop", ""},
			false, exit.Done, nil,
		},
		{
			"its answers are removed", false,
			[]night{{"", "account: retail", first}, {"landing: {keep: 30d}\n", "account: retail", late}},
			night{},
			false,
			exit.Failed,
			[]string{"none of the answers is in the landing", "landing.keep"},
		},
		{
			"the first of its answers is removed", true,
			[]night{{"", "account: retail", first}, {"landing: {keep: 30d}\n", "account: retail", late}},
			night{},
			true,
			exit.Partial,
			[]string{"were removed for their age (landing.keep)", "audit.order_versions: missing: "},
		},
	} {
		t.Run(c.what, func(t *testing.T) {
			if c.slow {
				slowTest(t)
			}
			var clock time.Time // the vendor's: by it answers are removed for their age
			vendor := soms.New(soms.Options{Username: shopUser, Password: shopPassword, Now: func() time.Time { return clock }})
			server := httptest.NewServer(vendor)
			t.Cleanup(server.Close)
			put := func(id, modified, amount string) {
				o := shopOrder(id, "2024-04-10 10:00:00", amount)
				o.Modified, o.Payment.Details[0].FlowNo = modified, "P20240410001"
				vendor.Put(o)
			}
			put("R0001", "2024-04-10 10:00:00", "20.00")
			put("R0002", "2024-04-10 10:00:00", "20.00")
			config := filepath.Join(t.TempDir(), "nightaudit.yaml")
			configure := func(n night) {
				text := fmt.Sprintf("version: 1\npii: {key: k}\n%ssources:\n  soms:\n  - {%s, base_url: %s, tenant_id: \"8560\", rate: 10000/s, auth: {kind: basic, username: %s, password: %s}}\n", n.settings, n.account, server.URL, shopUser, shopPassword)
				if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for i, n := range c.nights {
				if i > 0 && c.again {
					put("R0002", "2024-06-10 10:00:00", "21.00")
				}
				configure(n)
				if clock, err = time.Parse(time.RFC3339, n.at); err != nil {
					t.Fatal(err)
				}
				if out, code := try(t, "run", "--config", config, "--no-report", "--at", n.at); code == exit.Failed || code == exit.Usage {
					t.Fatalf("the night: exit code %d:\n%s", code, out)
				}
			}
			if c.after.account != "" {
				configure(c.after)
			}
			var id string
			for _, b := range breaksOf(t, config) {
				if b.Rule == "payment_reused" {
					id = b.ID
				}
			}
			if c.code == exit.Done {
				reproduces(t, config, id)
				return
			}
			out, code := try(t, "case", "--config", config, "--order", id, "--out", filepath.Join(t.TempDir(), "case.zip"))
			if code != c.code {
				t.Errorf("exit code %d:\n%s", code, out)
			}
			for _, words := range c.says {
				if !strings.Contains(out, words) {
					t.Errorf("it does not say %q:\n%s", words, out)
				}
			}
		})
	}
}
