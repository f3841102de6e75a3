package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
)

// everySecret is a configuration with every kind of auth of every source, and a
// secret (@) wherever one may stand.
const everySecret = `version: 1
pii: {key: "@"}
landing: {recipient: RECIPIENT, identity: "IDENTITY"}
healthcheck_url: "HOOK"
lineage: {url: "https://lineage.example", api_key: "@"}
notify:
  - {kind: wecom, url: "HOOK"}
  - {kind: dingtalk, url: "HOOK", secret: "@"}
  - {kind: webhook, url: "HOOK", headers: {Authorization: "@"}}
  - {kind: mail, host: mail.example, username: night, password: "@", from: "a(at)b.example", to: ["c(at)d.example"]}
sources:
  tuya:
    - {account: a, base_url: "https://a.example", project_id: "1", auth: {kind: tuya, client_id: "@", client_secret: "@"}}
  akubela:
    - {account: b, base_url: "https://b.example", auth: {kind: oauth2, client_id: "@", client_secret: "@"}}
    - {account: c, base_url: "https://c.example", auth: {kind: bearer, token: "@"}}
  soms:
    - {account: d, base_url: "https://d.example", tenant_id: "1", auth: {kind: basic, username: night, password: "@"}}
  starhotel:
    - {account: e, base_url: "https://e.example", pms_id: 1, auth: {kind: bearer, token: "@"}}
    - {account: f, base_url: "https://f.example", pms_id: 2, auth: {kind: header, name: X-Key, value: "@"}, enabled: false}
  guoxiaodi:
    - {account: g, base_url: "https://g.example", auth: {kind: none}, notify: {secret: "@"}}
    - account: h
      base_url: https://h.example
      register: [a.csv]
      auth: {kind: signature, algorithm: md5, secret: "@", values: {appId: "@"}, fields: [appId, secret], name: sign}
`

// planted is everySecret with its secrets.
type planted struct {
	dir     string
	env     map[string]string
	secrets []string
}

// plantSecrets writes the configuration with secrets that stand in the file itself
// (literal), in environment variables (env) or in files (file). client_id is told
// apart: it names an account to the vendor, and is no secret where it stands in the
// file.
func plantSecrets(t *testing.T, form string) planted {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	p := planted{t.TempDir(), map[string]string{}, nil}
	if err := os.Mkdir(filepath.Join(p.dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	plant := func(secret string) string {
		n := len(p.secrets)
		p.secrets = append(p.secrets, secret)
		switch form {
		case "env":
			name := fmt.Sprintf("SECRET_%d", n)
			p.env[name] = secret
			return "${" + name + "}"
		case "file":
			name := fmt.Sprintf("secrets/s%d", n)
			if err := os.WriteFile(filepath.Join(p.dir, name), []byte(secret+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			return "${file:" + name + "}"
		}
		return secret
	}
	text := strings.ReplaceAll(everySecret, "RECIPIENT", identity.Recipient().String())
	if form == "literal" {
		text = strings.ReplaceAll(text, `client_id: "@"`, "client_id: id-of-a-client")
	}
	text = regexp.MustCompile(`@|IDENTITY|HOOK`).ReplaceAllStringFunc(text, func(what string) string {
		canary := fmt.Sprintf("canary-%s-%02d-sings", form, len(p.secrets))
		switch what {
		case "@":
			return plant(canary)
		case "HOOK":
			return plant("https://hook.example/" + canary)
		}
		return plant(identity.String())
	})
	write(t, filepath.Join(p.dir, "nightaudit.yaml"), strings.ReplaceAll(text, "(at)", "@"))
	return p
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// inForce is the configuration of a file as YAML and as JSON, one after the other.
func inForce(t *testing.T, file string, o config.Options) (*config.Config, string) {
	t.Helper()
	o.Drivers, o.Env = all.Drivers(), extract.Env{Tokens: new(extract.TokenStore)}
	c, err := config.Load(file, o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.InForce(768 << 20)
	if err != nil {
		t.Fatal(err)
	}
	words, err := yaml.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	object, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return c, string(words) + string(object)
}

// No secret is shown, wherever it stands and whoever asks: who may read the secrets,
// and who may not.
func TestInForceShowsNoSecret(t *testing.T) {
	for _, form := range []string{"literal", "env", "file"} {
		t.Run(form, func(t *testing.T) {
			p := plantSecrets(t, form)
			file := filepath.Join(p.dir, "nightaudit.yaml")
			getenv := func(name string) string { return p.env[name] }
			c, shown := inForce(t, file, config.Options{Getenv: getenv})
			if len(c.Accounts) != 7 || len(c.Idle) != 1 {
				t.Fatalf("%d accounts and %d disabled ones, want 7 and 1", len(c.Accounts), len(c.Idle))
			}
			if err := os.RemoveAll(filepath.Join(p.dir, "secrets")); err != nil {
				t.Fatal(err)
			}
			c, without := inForce(t, file, config.Options{Getenv: func(string) string { return "" }, Lenient: true})
			if want := map[string]int{"literal": 0, "env": len(p.secrets), "file": len(p.secrets)}[form]; len(c.Unread) != want {
				t.Errorf("%d references are said not to be read, want %d: %q", len(c.Unread), want, c.Unread)
			}
			// Counted in the text above: 19 and two of client_id, each once in YAML
			// and once in JSON.
			hidden, references := 19*2, 0
			if form != "literal" {
				hidden, references = 0, 21*2
			}
			for who, text := range map[string]string{"with secrets": shown, "without": without} {
				for _, secret := range p.secrets {
					if strings.Contains(text, secret) {
						t.Errorf("%s: %s is shown", who, secret)
					}
				}
				if got := strings.Count(text, "********"); got != hidden {
					t.Errorf("%s: %d values are covered, want %d:\n%s", who, got, hidden, text)
				}
				if got := strings.Count(text, "${"); got != references {
					t.Errorf("%s: %d references are shown, want %d", who, got, references)
				}
			}
		})
	}
}

// everySecret has every kind of every source: a new one must be added there.
func TestEverySecretHasEveryKind(t *testing.T) {
	text, err := config.Schema(all.Drivers(), "")
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties struct {
			Sources struct {
				Properties map[string]struct {
					Items struct {
						Properties struct {
							Auth struct {
								OneOf []struct {
									Properties struct{ Kind struct{ Const string } }
								}
							}
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for source, of := range s.Properties.Sources.Properties {
		_, section, _ := strings.Cut(everySecret, "\n  "+source+":\n")
		section = regexp.MustCompile(`(?m)^  [a-z]`).Split(section, 2)[0]
		for _, kind := range of.Items.Properties.Auth.OneOf {
			kinds++
			if !strings.Contains(section, "kind: "+kind.Properties.Kind.Const) {
				t.Errorf("no account of %s has the kind %s", source, kind.Properties.Kind.Const)
			}
		}
	}
	if kinds != 8 {
		t.Errorf("%d kinds, want 8", kinds)
	}
}

// What is printed can be read as a configuration, and is in force as it stands. What
// is covered is refused, and never taken for the secret.
func TestInForceIsAConfiguration(t *testing.T) {
	p := plantSecrets(t, "env")
	getenv := config.Options{Getenv: func(name string) string { return p.env[name] }}
	file := filepath.Join(p.dir, "nightaudit.yaml")
	first, shown := inForce(t, file, getenv)
	text, _, _ := strings.Cut(shown, "\n{")
	write(t, file, text)
	second, again := inForce(t, file, getenv)
	if again != shown {
		t.Errorf("got:\n%s\nwant:\n%s", again, shown)
	}
	for i := range first.Accounts {
		a, b := first.Accounts[i].Source.Settings(), second.Accounts[i].Source.Settings()
		if a.Rate != b.Rate || a.Lookback != b.Lookback || a.Since != b.Since || a.Calendar().Zone.String() != b.Calendar().Zone.String() || a.Calendar().DayStart != b.Calendar().DayStart {
			t.Errorf("%s: %+v, want %+v", first.Accounts[i].Name, b, a)
		}
	}
	p = plantSecrets(t, "literal")
	file = filepath.Join(p.dir, "nightaudit.yaml")
	_, shown = inForce(t, file, config.Options{})
	text, _, _ = strings.Cut(shown, "\n{")
	write(t, file, text)
	_, err := config.Load(file, config.Options{Drivers: all.Drivers()})
	if err == nil || strings.Count(err.Error(), "is what nightaudit config prints in place of a secret") != 19 {
		t.Errorf("the covered secrets are not refused, all 19: %v", err)
	}
}

// Every text that a name may be comes back as it is.
func TestInForceKeepsTexts(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "nightaudit.yaml")
	texts := []string{
		"0007", "1.50", "1e3", "0x10", "06:00", "2024-01-01", "yes", "true", "null", "~", "- a", "a: b", "a #b", "#a", "*a", "&a", "!a", "%a", "@a", "`a",
		"${NAME}", "$${NAME}", "$", "{a}", "[a]", "a,b", "'", `"`, `\`, " a", "a ", "a\nb", "a\n", "\ta", "湖滨店", "🏨", "<<", "---", "...", "|", ">", "=", "\u0085", "\u2028", "\ufeff",
	}
	stores := map[string]string{}
	for i, text := range texts {
		stores[fmt.Sprint("s", i)] = strings.ReplaceAll(text, "${", "$${")
	}
	quoted, err := json.Marshal(stores)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, `{version: 1, pii: {key: "${K}"}, names: {stores: `+string(quoted)+`}, sources: {starhotel: [{account: "01", base_url: "https://a.example", pms_id: 1, auth: {kind: bearer, token: "${K}"}}]}}`)
	options := config.Options{Getenv: func(string) string { return "a secret of the environment" }}
	first, shown := inForce(t, file, options)
	text, _, _ := strings.Cut(shown, "\n{")
	write(t, file, text)
	second, again := inForce(t, file, options)
	if again != shown {
		t.Errorf("got:\n%s\nwant:\n%s", again, shown)
	}
	for i, text := range texts {
		key := fmt.Sprint("s", i)
		if first.Names["store"][key] != text || second.Names["store"][key] != text {
			t.Errorf("%q became %q, then %q", text, first.Names["store"][key], second.Names["store"][key])
		}
	}
	if name := second.Accounts[0].Name; name != "01" {
		t.Errorf("the account is called %q", name)
	}
}

// Which secrets stand in the file itself is known, wherever they stand: check and run
// warn of them where others can read it. What signatures send besides (values) may be
// no secret, and is none of them; nor is what is mixed with a reference.
func TestLiterals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nightaudit.yaml")
	write(t, file, `version: 1
pii: {key: 0123456789abcdef}
sources:
  soms:
    - {account: d, base_url: "https://d.example", tenant_id: "1", auth: {kind: basic, username: &shared night, password: *shared}}
  starhotel:
    - {account: e, base_url: "https://e.example", pms_id: 1, auth: {kind: bearer, token: "${T}"}}
    - {account: f, base_url: "https://f.example", pms_id: 2, auth: {kind: header, name: X-Key, value: mine}, enabled: false}
  guoxiaodi:
    - account: h
      base_url: https://h.example
      register: [a.csv]
      notify: {secret: "long enough for ${T}"}
      auth: {kind: signature, algorithm: md5, secret: &also mine-too, values: {appId: *also}, fields: [appId, secret], name: sign}
`)
	c, err := config.Load(file, config.Options{Drivers: all.Drivers(), Getenv: func(string) string { return "a token" }})
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Literal{
		{Key: "pii.key", Line: 2},
		{Key: "sources.soms[0].auth.password", Line: 5},
		{Key: "sources.starhotel[1].auth.value", Line: 8},
		{Key: "sources.guoxiaodi[0].auth.secret", Line: 14},
	}
	if !slices.Equal(c.Literals, want) {
		t.Errorf("got %v, want %v", c.Literals, want)
	}
}
