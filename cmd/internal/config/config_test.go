package config_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// shop is a source with every kind of key that a real one has. It reads
// nothing: configuration is all that is asked of it here.
type shop struct {
	extract.Settings `yaml:",inline"`
	Project          string            `yaml:"project_id"`
	Auth             shopAuth          `yaml:"auth"`
	Register         []string          `yaml:"register"`
	Values           map[string]string `yaml:"values"`
	Overlap          time.Duration     `yaml:"overlap"`
	FromSOMS         struct {
		Account string `yaml:"account"`
	} `yaml:"from_soms"`
}

type shopAuth struct {
	Kind   string `yaml:"kind"`
	Secret string `yaml:"secret"`
}

// UnmarshalYAML decodes the section by itself, as httpx.AuthConfig does.
func (a *shopAuth) UnmarshalYAML(decode func(into any) error) error {
	type keys shopAuth
	return decode((*keys)(a))
}

type account struct {
	config shop
	env    extract.Env
}

func (a *account) Settings() *extract.Settings { return &a.config.Settings }

func (a *account) Tenancy() extract.Tenancy {
	return extract.Tenancy{Address: extract.Address(a.config.BaseURL), Tenant: "project_id " + a.config.Project}
}

func (*account) Plan(context.Context, extract.Plan) ([]extract.Window, error) {
	return nil, errors.New("a configuration test reads nothing")
}

func (*account) Fetch(context.Context, extract.Window, extract.Yield) error {
	return errors.New("a configuration test reads nothing")
}

func (*account) Decode(*extract.Page, *transform.Batch) (extract.Facts, error) {
	return extract.Facts{}, errors.New("a configuration test reads nothing")
}

func (*account) Check(context.Context) (extract.CheckResult, error) {
	return extract.CheckResult{}, errors.New("a configuration test reads nothing")
}

func (a *account) KnownFrom() (extract.KnownQuery, bool) {
	return extract.KnownQuery{Source: "soms", Account: a.config.FromSOMS.Account}, a.config.FromSOMS.Account != ""
}

func driver(name string, role extract.Role) extract.Driver {
	return extract.Driver{Name: name, Role: role, Open: func(decode func(any) error, env extract.Env) (extract.Source, error) {
		a := &account{env: env}
		if err := decode(&a.config); err != nil {
			return nil, err
		}
		if err := a.config.Complete(extract.Defaults{Rate: 10, Concurrency: 4, PageSize: 100, MaxPageSize: 100}, env); err != nil {
			return nil, err
		}
		if a.config.Auth.Secret == "" {
			return nil, &extract.KeyError{Key: "auth.secret", Problem: "is missing: write secret: \"${NAME}\""}
		}
		return a, nil
	}}
}

func load(t *testing.T, text string, env map[string]string, files map[string]os.FileMode) (*config.Config, error) {
	t.Helper()
	dir := t.TempDir()
	for name, mode := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("from-a-file\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	if err := os.WriteFile("nightaudit.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load("nightaudit.yaml", config.Options{
		Getenv:  func(name string) string { return env[name] },
		Drivers: []extract.Driver{driver("tuya", extract.RoomOrders), driver("soms", 0), driver("starhotel", extract.PMS)},
	})
}

const minimal = `pii: {key: k}
sources:
  tuya:
    - account: hotel-a
      base_url: https://tuya.example
      auth: {secret: s}
`

func TestLoad(t *testing.T) {
	c, err := load(t, `version: 1
data_dir: /var/lib/nightaudit
publish: {dir: pub, group: analysts, keep: 3}
timezone: Asia/Tokyo
business_day_start: 06:00
report: {dir: out, language: en}
pii: {names: drop, documents: hash, key: "${PII}"}
memory_limit: 2GiB
max_duration: 1h30m
http: {timeout: 10s, retries: 2, max_response: 1MiB}
landing: {keep: 30d}
sources:
  starhotel:
    - {account: inn, base_url: "https://pms.example/", auth: {secret: "literal$${x}"}}
  tuya:
    - &hotel
      account: hotel-a
      base_url: https://tuya.example
      project_id: 1160823965053000000
      auth: {kind: tuya, secret: "a-${SECRET}-${file:secrets/tuya}"}
      register: ["a/*.csv", b]
      values: {one: 1, two: "2"}
      overlap: 15m
      lookback: 1d12h
      timezone: UTC
      business_day_start: "04:30"
    - <<: *hotel
      account: hotel-b
      project_id: 7
      overlap: 20m
    - account: closed
      base_url: https://gone.example
      auth: {secret: "${GONE}"}
      enabled: false
links:
  - name: tower
    tuya: [hotel-a]
    starhotel: [inn]
    rooms: {8801: A8801}
    rooms_available: 120
names:
  accounts: {tuya/hotel-a: Hotel A}
  stores: {0007: 湖滨店}
  channels: {eleme: 饿了么}
`, map[string]string{"PII": "pepper", "SECRET": "from-env"}, map[string]os.FileMode{"secrets/tuya": 0o600})
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if c.DataDir != "/var/lib/nightaudit" || c.Publish != (config.Publish{Dir: filepath.Join(dir, "pub"), Group: "analysts", Keep: 3}) {
		t.Errorf("data_dir %s, publish %+v", c.DataDir, c.Publish)
	}
	if c.Report != (config.Report{Dir: filepath.Join(dir, "out"), Language: "en"}) {
		t.Errorf("report %+v", c.Report)
	}
	if c.Zone.String() != "Asia/Tokyo" || c.DayStart != 6*time.Hour || c.LandingKeep != 30*24*time.Hour {
		t.Errorf("zone %v, day start %v, landing %v", c.Zone, c.DayStart, c.LandingKeep)
	}
	if c.MemoryLimit != 2<<30 || c.MaxDuration != 90*time.Minute {
		t.Errorf("memory limit %d, a night of %s", c.MemoryLimit, c.MaxDuration)
	}
	if c.HTTP.Timeout != 10*time.Second || c.HTTP.Retries != 2 || c.HTTP.MaxResponse != 1<<20 {
		t.Errorf("http %+v", c.HTTP)
	}
	wantPrivacy := transform.Privacy{
		Names: transform.Drop, Phones: transform.Mask, Emails: transform.Mask, Documents: transform.Hash,
		Addresses: transform.Drop, Rooms: transform.Keep, Key: []byte("pepper"),
	}
	if !reflect.DeepEqual(c.Privacy, wantPrivacy) {
		t.Errorf("pii %+v", c.Privacy)
	}

	var names []string
	for _, a := range c.Accounts {
		names = append(names, a.Driver.Name+"/"+a.Name)
	}
	if want := []string{"tuya/hotel-a", "tuya/hotel-b", "starhotel/inn"}; !reflect.DeepEqual(names, want) {
		t.Fatalf("accounts %v, want %v", names, want)
	}
	if want := []ledger.AccountID{{Source: "tuya", Account: "closed"}}; !reflect.DeepEqual(c.Disabled, want) {
		t.Errorf("disabled %v", c.Disabled)
	}
	a := c.Accounts[0].Source.(*account)
	if got := a.config; got.Project != "1160823965053000000" || got.Auth.Secret != "a-from-env-from-a-file" ||
		!reflect.DeepEqual(got.Register, []string{"a/*.csv", "b"}) || got.Values["one"] != "1" ||
		got.Overlap != 15*time.Minute || time.Duration(got.Lookback) != 36*time.Hour {
		t.Errorf("hotel-a: %+v", got)
	}
	if cal := a.Settings().Calendar(); cal.Zone.String() != "UTC" || cal.DayStart != 4*time.Hour+30*time.Minute {
		t.Errorf("hotel-a: calendar %+v", cal)
	}
	if a.env.Dir != dir || a.env.HTTP.Retries != 2 {
		t.Errorf("hotel-a: env %+v", a.env)
	}
	b := c.Accounts[1].Source.(*account).config
	if b.Account != "hotel-b" || b.Overlap != 20*time.Minute || b.BaseURL != "https://tuya.example" {
		t.Errorf("hotel-b, merged from hotel-a: %+v", b)
	}
	if got := c.Accounts[2].Source.(*account).config.Auth.Secret; got != "literal${x}" {
		t.Errorf("$${x} became %q, want the characters ${x}", got)
	}
	if !c.Accounts[0].MemoOnly || c.Accounts[1].MemoOnly || c.Accounts[2].MemoOnly {
		t.Error("hotel-a alone is tied to a PMS")
	}
	if want := []config.Link{{
		Name:     "tower",
		Accounts: map[string][]string{"tuya": {"hotel-a"}, "starhotel": {"inn"}},
		Rooms:    map[string]string{"8801": "A8801"},

		RoomsAvailable: 120,
	}}; !reflect.DeepEqual(c.Links, want) {
		t.Errorf("links %+v", c.Links)
	}
	if want := (labels.Names{
		"account": {"tuya/hotel-a": "Hotel A"}, "store": {"0007": "湖滨店"}, "channel": {"eleme": "饿了么"},
	}); !reflect.DeepEqual(c.Names, want) {
		t.Errorf("names %+v", c.Names)
	}
}

func TestDefaults(t *testing.T) {
	c, err := load(t, minimal, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if c.DataDir != filepath.Join(dir, "data") || c.Publish != (config.Publish{Dir: filepath.Join(dir, "published"), Keep: 14}) ||
		c.Report != (config.Report{Dir: filepath.Join(dir, "reports"), Language: "zh"}) {
		t.Errorf("folders: %s %+v %+v", c.DataDir, c.Publish, c.Report)
	}
	if c.Zone.String() != "Asia/Shanghai" || c.DayStart != 0 || c.LandingKeep != 400*24*time.Hour ||
		c.HTTP.Timeout != 30*time.Second || c.HTTP.Retries != 6 || c.HTTP.MaxResponse != 64<<20 {
		t.Errorf("%v %v %v %+v", c.Zone, c.DayStart, c.LandingKeep, c.HTTP)
	}
	// The constant minimal, written to a file: sha256sum nightaudit.yaml.
	if c.SHA256 != "3146b81d0f64423b9592bc11f77cf26614122a2563680176f633beedf46f85e2" {
		t.Errorf("SHA256 %q", c.SHA256)
	}
}

// People who only read what was published have none of the secrets.
func TestReader(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "publish: {dir: pub}\npii: {key: \"${PII}\"}\nsources: {tuya: [{account: a, auth: {secret: \"${SECRET}\"}}]}\n"
	if err := os.WriteFile("nightaudit.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load("nightaudit.yaml", config.Options{Getenv: func(string) string { return "" }, Reader: true})
	if err != nil {
		t.Fatal(err)
	}
	if c.Publish.Dir != filepath.Join(c.Dir, "pub") || len(c.Accounts) != 0 {
		t.Errorf("publish %+v, accounts %v", c.Publish, c.Accounts)
	}
}
