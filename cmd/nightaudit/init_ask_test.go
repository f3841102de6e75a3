package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract/all"
)

// accountsOf reads the accounts of a starter.
func accountsOf(t *testing.T, text string) map[string][]map[string]any {
	t.Helper()
	var file struct {
		Sources map[string][]map[string]any `yaml:"sources"`
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatalf("the starter is no YAML: %v\n%s", err, text)
	}
	return file.Sources
}

// A person answers, makes mistakes, and takes what is in brackets.
func TestInitAsks(t *testing.T) {
	typed := strings.Join([]string{
		"soms starhotl", "soms starhotel",
		"the shop", "shop", "soms.real", "https://soms.real", "'0042'", "", "hunter2", "$SHOP_PASSWORD", // soms: account, base_url, tenant_id, username, password
		"", "https://pms.real", "seventeen", "17", "secrets/pms", // starhotel: account, base_url, pms_id, token
	}, "\n") + "\n"
	var told strings.Builder
	text, next := answered(t, typed, &told)
	sources := accountsOf(t, text)
	if len(sources) != 2 {
		t.Fatalf("the starter has the sources %v", sources)
	}
	soms, inn := sources["soms"][0], sources["starhotel"][0]
	for name, c := range map[string]struct{ got, want any }{
		"account":   {soms["account"], "shop"},
		"base_url":  {soms["base_url"], "https://soms.real"},
		"tenant_id": {soms["tenant_id"], "0042"}, // a text: its zeros stay
		"username":  {soms["auth"].(map[string]any)["username"], "nightaudit"},
		"password":  {soms["auth"].(map[string]any)["password"], "${SHOP_PASSWORD}"},
		"inn":       {inn["account"], "inn"},
		"pms_id":    {inn["pms_id"], uint64(17)},
		"token":     {inn["auth"].(map[string]any)["token"], "${file:secrets/pms}"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %#v, want %#v", name, c.got, c.want)
		}
	}
	for _, words := range []string{
		`there is no "starhotl"; did you mean starhotel?`, "the secret itself does not belong into the file",
		"must consist of letters, digits", "must be an http or https address", "must be a whole number",
	} {
		if !strings.Contains(told.String(), words) {
			t.Errorf("it was not told %q:\n%s", words, told.String())
		}
	}
	if strings.Contains(text+told.String(), "hunter2") {
		t.Error("what was typed as a secret stands somewhere")
	}
	for _, words := range []string{
		"as in the example still: soms auth.username nightaudit\n", "export NIGHTAUDIT_PII_KEY=…  pii.key: a long random text that never changes",
		"export SHOP_PASSWORD=…", "file secrets/pms, chmod 600",
	} {
		if !strings.Contains(next, words) {
			t.Errorf("it does not say %q:\n%s", words, next)
		}
	}
	if !strings.Contains(text, "# a name of your own, unique within soms; it is in every row") {
		t.Error("the comments are gone")
	}
}

// answered is the starter that comes of what a person types, and what is said of it.
func answered(t *testing.T, typed string, told *strings.Builder) (text, next string) {
	t.Helper()
	w := &wanted{drivers: all.Drivers()}
	err := w.ask(t.Context(), &asker{bufio.NewScanner(strings.NewReader(typed)), told})
	if err == nil {
		text, err = w.apply()
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	return text, w.next("nightaudit.yaml", text)
}

// Who names a source twice has two accounts of it, and a courier beside a shop is
// asked for the orders of that shop.
func TestInitAsksForSeveralAccounts(t *testing.T) {
	typed := "guoxiaodi, soms soms\n" +
		"店铺\nhttps://soms.real\n1\n\nSHOP\n" +
		"\nhttps://soms.real\n2\n\nSHOP\n" +
		"\nhttps://courier.real\n\n"
	var told strings.Builder
	text, _ := answered(t, typed, &told)
	sources := accountsOf(t, text)
	var shops []any
	for _, shop := range sources["soms"] {
		shops = append(shops, shop["account"], shop["tenant_id"])
	}
	if want := []any{"店铺", "1", "retail-2", "2"}; !slices.Equal(shops, want) {
		t.Errorf("the shops are %v, want %v", shops, want)
	}
	if couriers := sources["guoxiaodi"]; len(couriers) != 1 || couriers[0]["from_soms"].(map[string]any)["account"] != "店铺" {
		t.Errorf("the courier is %v", couriers)
	}
}

// Rooms that order and the hotel that bills it count once only where they are linked.
func TestInitTellsOfLinks(t *testing.T) {
	const words = "where tuya/rooms and starhotel/inn are one place, say so under links"
	var told strings.Builder
	if _, next := answered(t, "tuya starhotel\nrooms\n\n\n\n\n\n\n\n\n", &told); !strings.Contains(next, words) {
		t.Errorf("it does not say %q:\n%s", words, next)
	}
	if _, next := answered(t, "starhotel\n\n\n\n\n", &told); strings.Contains(next, "under links") {
		t.Errorf("it tells one hotel of links:\n%s", next)
	}
}

// Who stops amid the questions is not waited for.
func TestInitIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	in, typing := io.Pipe()
	defer typing.Close() // nobody types
	w := &wanted{drivers: all.Drivers()}
	time.AfterFunc(10*time.Millisecond, stop)
	if err := w.ask(ctx, &asker{bufio.NewScanner(in), io.Discard}); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

// Flags say it without questions, and what they say is looked at as what is typed.
func TestInitWithFlags(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "nightaudit.yaml")
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"an unknown source", []string{"--source", "pms"}, 2, "the sources are"},
		{"a value of no source", []string{"--set", "soms.base_url=https://soms.real"}, 2, "--set takes SOURCE.KEY=VALUE"},
		{"two sources in one flag", []string{"--source", "soms,tuya"}, 2, "the sources are"},
		{"an unknown key", []string{"--source", "soms", "--set", "soms.base_uri=https://soms.real"}, 2, "unknown key"},
		{"a value that the key cannot have", []string{"--source", "soms", "--set", "soms.base_url=soms.real"}, 2, "must be an http or https address"},
		{"a secret in a section", []string{"--source", "guoxiaodi", "--set", "guoxiaodi.notify={secret: hunter2hunter2hunter2}"}, 2, "the secret itself"},
		{"no section", []string{"--source", "guoxiaodi", "--set", "guoxiaodi.from_soms=retail"}, 2, "must be a mapping"},
		{"a source twice", []string{"--source", "soms", "--source", "soms"}, 2, "given twice"},
		{"a secret", []string{"--source", "soms", "--set", "soms.auth.password=hunter2"}, 2, "the secret itself"},
		{"all of it", []string{"--source", "soms", "--set", "soms.base_url=https://soms.real", "--set", "soms.account=shop", "--set", "soms.auth.password=SHOP", "--set", "soms.since=2024-01-01", "--source", "guoxiaodi", "--set", "guoxiaodi.register=[courier.csv]", "--set", "guoxiaodi.from_soms={account: shop, carriers: [gxd]}"}, 0, "nightaudit check"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			code := Run(t.Context(), append(append([]string{"nightaudit", "init"}, c.args...), file), strings.NewReader(""), &out, &out, noEnv)
			if code != c.code || !strings.Contains(out.String(), c.says) {
				t.Errorf("exit code %d\n%s", code, out.String())
			}
			if _, err := os.Stat(file); (err == nil) != (c.code == 0) {
				t.Errorf("the file: %v", err)
			}
		})
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if courier := accountsOf(t, string(text))["guoxiaodi"][0]; fmt.Sprint(courier["register"], courier["from_soms"]) != "[courier.csv] map[account:shop carriers:[gxd]]" {
		t.Errorf("the courier is %v", courier)
	}
	if soms := accountsOf(t, string(text))["soms"]; len(soms) != 1 || soms[0]["account"] != "shop" || soms[0]["base_url"] != "https://soms.real" || soms[0]["since"] != "2024-01-01" {
		t.Errorf("the account is %v", soms)
	}
}
