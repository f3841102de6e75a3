package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// loadReal reads a configuration of the real sources.
func loadReal(t *testing.T, sources string) (*config.Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nightaudit.yaml")
	if err := os.WriteFile(file, []byte("pii: {key: k}\nsources:\n"+sources), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load(file, config.Options{Drivers: all.Drivers(), Env: extract.Env{}})
}

// Two accounts that read the same orders are one account twice, however their
// addresses are written, whether one of them is disabled, and of every source.
// What differs in what it reads is another account.
func TestOneTenantUnderTwoNames(t *testing.T) {
	const (
		tuya      = "  tuya:\n    - {account: a, base_url: %A, project_id: \"1\", auth: {kind: tuya, client_id: c, client_secret: s}}\n    - {account: b, base_url: %B, project_id: \"%T\", auth: {kind: tuya, client_id: d, client_secret: e}}\n"
		soms      = "  soms:\n    - {account: a, base_url: %A, tenant_id: \"1\", auth: {kind: basic, username: u, password: p}}\n    - {account: b, base_url: %B, tenant_id: \"%T\", auth: {kind: basic, username: v, password: q}, enabled: false}\n"
		starhotel = "  starhotel:\n    - {account: a, base_url: %A, pms_id: 1, auth: {kind: bearer, token: t}}\n    - {account: b, base_url: %B, pms_id: %T, auth: {kind: bearer, token: u}}\n"
		akubela   = "  akubela:\n    - {account: a, base_url: %A, auth: {kind: oauth2, client_id: \"1\", client_secret: s}}\n    - {account: b, base_url: %B, auth: {client_secret: r, client_id: \"%T\", kind: oauth2}}\n"
		bearer    = "  akubela:\n    - {account: a, base_url: %A, auth: {kind: bearer, token: t1}}\n    - {account: b, base_url: %B, auth: {token: t%T, kind: bearer}}\n"
		courier   = "  guoxiaodi:\n    - {account: a, base_url: %A, register: [\"one/*.csv\", \"1.csv\"]}\n    - {account: b, base_url: %B, register: [\"two/*.csv\", \"%T.csv\"]}\n"
		signed    = "  guoxiaodi:\n    - {account: a, base_url: %A, register: [x.csv], auth: {kind: signature, algorithm: hmac-sha256, secret: s, values: {appId: \"1\"}, fields: [appId, body], join: \"\", case: lower, in: header, name: sign}}\n" +
			"    - {account: b, base_url: %B, register: [x.csv], auth: {kind: signature, algorithm: hmac-sha256, secret: s, values: {appId: \"%T\"}, fields: [appId, body], join: \"\", case: lower, in: header, name: sign}}\n"
	)
	same := [][2]string{
		{"https://v.example", "https://v.example"},
		{"https://v.example", "https://V.EXAMPLE/"},
		{"https://v.example", "https://v.example:443"},
		{"https://v.example:443/", "https://v.example."},
		{"https://v.example/api", "https://v.example//api/"},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080///"},
		{"https://[::1]:443", "https://[::1]"},
	}
	other := [][2]string{
		{"https://v.example", "https://w.example"},
		{"https://v.example", "https://v.example:8443"},
		{"https://v.example/api", "https://v.example/API"},
		{"https://v.example:80", "https://v.example"},
	}
	tried := 0
	for name, text := range map[string]string{"tuya": tuya, "soms": soms, "starhotel": starhotel, "akubela": akubela, "bearer": bearer, "courier": courier, "signed": signed} {
		try := func(pair [2]string, tenant string, refused bool) {
			t.Helper()
			tried++
			_, err := loadReal(t, strings.NewReplacer("%A", `"`+pair[0]+`"`, "%B", `"`+pair[1]+`"`, "%T", tenant).Replace(text))
			if refused != (err != nil) || refused && !strings.Contains(err.Error(), "b reads the same orders as a (line ") {
				t.Errorf("%s %q, tenant %s: %v", name, pair, tenant, err)
			}
		}
		for _, pair := range same {
			try(pair, "1", true)
		}
		try(same[0], "2", false)
		for _, pair := range other {
			try(pair, "1", false)
		}
	}
	attacks.In(t).All(tried)
	if tried != 7*12 {
		t.Errorf("%d configurations tried", tried)
	}
}

// What a name of the past may stand for: names, a choice of accounts, where a
// part came from. What it may not is told at its line.
func TestEarlierNames(t *testing.T) {
	const shops = "  soms:\n    - {account: b, aliases: [a], base_url: \"https://v.example\", tenant_id: \"1\", auth: {kind: basic, username: u, password: p}}\n"
	c, err := loadReal(t, shops+"    - {account: c, split_from: [a], moved_from: [\"https://Old.example/ tenant_id 9\", old.example], base_url: \"https://w.example\", tenant_id: \"2\", auth: {kind: basic, username: u, password: p}}\n"+
		"names:\n  accounts: {soms/a: North}\n")
	if err != nil {
		t.Fatal(err)
	}
	if name := c.Names["account"][c.Accounts[0].ID().String()]; name != "North" {
		t.Errorf("the name of soms/b is %q", name)
	}
	split := c.Accounts[1]
	if len(split.SplitFrom) != 1 || split.SplitFrom[0] != "b" || len(split.MovedFrom) != 2 ||
		split.MovedFrom[0].String() != "old.example tenant_id 9" || split.MovedFrom[1].String() != "old.example tenant_id 2" {
		t.Errorf("%q %q", split.SplitFrom, split.MovedFrom)
	}
	if _, err := c.Choose(nil, []string{"a"}); err == nil || err.Error() != "the account a is called b now" {
		t.Errorf("an account by its earlier name: %v", err)
	}
	for more, want := range map[string]string{
		"split_from: [b]":                             `:4:97: sources.soms[0].split_from[0]: soms has no other account of that name`,
		"split_from: [gone]":                          `soms has no other account of that name: name the one that had these orders before`,
		"moved_from: [\"https://v.example\"]":         `"https://v.example" is where the account is now, or nowhere`,
		"moved_from: [\"\"]":                          `"" is where the account is now, or nowhere`,
		"moved_from: [\"v.example:443 tenant_id 1\"]": "is where the account is now",
		"moved_from: [\"V.example  tenant_id   1 \"]": "is where the account is now",
		"moved_from: https://old.example":             "moved_from",
	} {
		_, err := loadReal(t, strings.Replace(shops, "aliases: [a]", more, 1))
		if err == nil || !strings.Contains(err.Error(), want) && want[0] != ':' {
			t.Errorf("%s: %v", more, err)
		}
	}
}

// A name has 64 bytes at most, an earlier one too; letters are those of any script.
func TestNamesOfAccounts(t *testing.T) {
	longest := "酒" + strings.Repeat("a", 58) + "-_." // 3 + 58 + 3 bytes
	for name, good := range map[string]bool{
		longest: true, "a" + longest: false, "7": true, "-a": false, ".a": false, "a b": false, "a/b": false, "..": false, "a\u200bb": false,
	} {
		for _, keys := range []string{"account: %q", "account: b, aliases: [%q]"} {
			_, err := loadReal(t, fmt.Sprintf("  akubela:\n    - {"+keys+", base_url: \"https://v.example\", auth: {kind: bearer, token: t}}\n", name))
			if good != (err == nil) {
				t.Errorf("%s, %d bytes: %v", fmt.Sprintf(keys, name), len(name), err)
			}
		}
	}
}

func TestNumbersAtTheirLimits(t *testing.T) {
	const hotel = "  starhotel:\n    - {account: inn, base_url: \"https://v.example\", pms_id: 2, auth: {kind: bearer, token: t}, concurrency: %d}\nlinks:\n  - {name: inn, starhotel: [inn], rooms_available: %d}\n"
	for numbers, good := range map[[2]int]bool{{1, 1}: true, {64, 100_000}: true, {65, 1}: false, {-1, 1}: false, {1, 0}: false, {1, 100_001}: false} {
		if _, err := loadReal(t, fmt.Sprintf(hotel, numbers[0], numbers[1])); good != (err == nil) {
			t.Errorf("%v: %v", numbers, err)
		}
	}
}

// A thousand accounts of one vendor are told apart, and the one that is there twice
// is found.
func TestManyAccounts(t *testing.T) {
	var text strings.Builder
	text.WriteString("  starhotel:\n")
	for n := range 1000 {
		fmt.Fprintf(&text, "    - {account: h%d, base_url: \"https://v.example\", pms_id: %d, auth: {kind: bearer, token: t}}\n", n, n+1)
	}
	c, err := loadReal(t, text.String())
	if err != nil || len(c.Accounts) != 1000 {
		t.Fatal(len(c.Accounts), err)
	}
	text.WriteString("    - {account: again, base_url: \"https://v.example\", pms_id: 500, auth: {kind: bearer, token: u}}\n")
	if _, err := loadReal(t, text.String()); err == nil || !strings.Contains(err.Error(), "again reads the same orders as h499 (line ") {
		t.Errorf("%v", err)
	}
}
