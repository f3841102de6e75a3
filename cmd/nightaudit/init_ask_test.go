package main

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
		"shop", "https://soms.real", "0042", "", "hunter2", "SHOP_PASSWORD", // soms: account, base_url, tenant_id, username, password
		"", "https://pms.real", "17", "secrets/pms", // starhotel: account, base_url, pms_id, token
	}, "\n") + "\n"
	var told strings.Builder
	w := &wanted{}
	if err := w.ask(&asker{bufio.NewScanner(strings.NewReader(typed)), &told}, all.Drivers()); err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	text, err := w.apply(all.Drivers())
	if err != nil {
		t.Fatal(err)
	}
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
	for _, words := range []string{`there is no "starhotl"`, "did you mean starhotel?", "the secret itself does not belong into the file"} {
		if !strings.Contains(told.String(), words) {
			t.Errorf("it was not told %q:\n%s", words, told.String())
		}
	}
	if strings.Contains(text+told.String(), "hunter2") {
		t.Error("what was typed as a secret stands somewhere")
	}
	if names := variablesOf(text); !slices.Equal(names, []string{"NIGHTAUDIT_PII_KEY", "SHOP_PASSWORD"}) {
		t.Errorf("the variables to set are %v", names)
	}
	if !strings.Contains(text, "# unique within the source; appears in every row") {
		t.Error("the comments are gone")
	}
}

// Input that ends writes nothing; flags say it without questions.
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
		{"an unknown key", []string{"--source", "soms", "--set", "soms.base_uri=https://soms.real"}, 2, "has no key base_uri"},
		{"a secret", []string{"--source", "soms", "--set", "soms.auth.password=hunter2"}, 2, "the secret itself"},
		{"all of it", []string{"--source", "soms", "--set", "soms.base_url=https://soms.real", "--set", "soms.account=shop", "--set", "soms.auth.password=SHOP"}, 0, "nightaudit check"},
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
	if soms := accountsOf(t, string(text))["soms"]; len(soms) != 1 || soms[0]["account"] != "shop" || soms[0]["base_url"] != "https://soms.real" {
		t.Errorf("the account is %v", soms)
	}
}
