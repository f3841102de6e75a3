package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/notify"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// document is the file's first level; its sections hold their defaults.
type document struct {
	Version          int              `yaml:"version"`
	DataDir          string           `yaml:"data_dir"`
	MemoryLimit      size             `yaml:"memory_limit"`
	MaxDuration      extract.Duration `yaml:"max_duration"`
	Publish          publishSection   `yaml:"publish"`
	Timezone         string           `yaml:"timezone"`
	BusinessDayStart extract.Clock    `yaml:"business_day_start"`
	Report           reportSection    `yaml:"report"`
	PII              privacySection   `yaml:"pii"`
	HTTP             httpSection      `yaml:"http"`
	Landing          landingSection   `yaml:"landing"`
	Sources          *node            `yaml:"sources"`
	Links            *node            `yaml:"links"`
	Retired          []string         `yaml:"retired"`
	Names            namesSection     `yaml:"names"`
	Notify           *node            `yaml:"notify"`
	HealthcheckURL   string           `yaml:"healthcheck_url"`
	Metrics          metricsSection   `yaml:"metrics"`
	Lineage          lineageSection   `yaml:"lineage"`
	Lake             lakeSection      `yaml:"lake"`
}

type namesSection struct {
	Accounts *node             `yaml:"accounts"`
	Stores   map[string]string `yaml:"stores"`
	Channels map[string]string `yaml:"channels"`
}

type publishSection struct {
	Dir   string `yaml:"dir"`
	Group string `yaml:"group"`
	Keep  int    `yaml:"keep"`
}

type reportSection struct {
	Dir      string `yaml:"dir"`
	Language string `yaml:"language" schema:"zh|en"`
	ExtraDir string `yaml:"extra_dir"`
}

type privacySection struct {
	Names     treatment `yaml:"names"`
	Phones    treatment `yaml:"phones"`
	Emails    treatment `yaml:"emails"`
	Documents treatment `yaml:"documents"`
	Addresses treatment `yaml:"addresses"`
	Rooms     treatment `yaml:"rooms"`
	Key       string    `yaml:"key"`
}

type httpSection struct {
	Timeout     extract.Duration `yaml:"timeout"`
	Retries     int              `yaml:"retries"`
	MaxResponse size             `yaml:"max_response"`
}

// defaults are the values of docs/contract.md's example, but for the ones that
// only the operator knows.
func defaults() document {
	return document{
		Version:     1,
		DataDir:     "./data",
		MaxDuration: extract.Duration(6 * time.Hour),
		Publish:     publishSection{Dir: "./published", Keep: 14},
		Timezone:    "Asia/Shanghai",
		Report:      reportSection{Dir: "./reports", Language: "zh"},
		PII: privacySection{
			Names:     treatment(transform.Mask),
			Phones:    treatment(transform.Mask),
			Emails:    treatment(transform.Mask),
			Documents: treatment(transform.Hash),
			Addresses: treatment(transform.Drop),
			Rooms:     treatment(transform.Keep),
		},
		HTTP:    httpSection{Timeout: extract.Duration(30 * time.Second), Retries: 6, MaxResponse: 64 << 20},
		Landing: landingSection{Keep: extract.Duration(400 * 24 * time.Hour)},
		Lineage: lineageSection{Namespace: "nightaudit"},
		Lake:    lakeSection{Keep: 30, ExpireAfter: extract.Duration(30 * 24 * time.Hour)},
	}
}

// treatment is transform.Treatment as it is written in the file.
type treatment transform.Treatment

// UnmarshalText reads keep, mask, hash or drop.
func (t *treatment) UnmarshalText(b []byte) error {
	if slices.Contains(t.Enum(), string(b)) {
		*t = treatment(b)
		return nil
	}
	return errors.New("is no treatment of personal data: write keep, mask, hash or drop")
}

// Enum are the treatments that there are.
func (treatment) Enum() []string {
	return []string{string(transform.Keep), string(transform.Mask), string(transform.Hash), string(transform.Drop)}
}

// size is a number of bytes; 0 is none.
type size int64

// MarshalText writes what UnmarshalText reads, down to whole KiB; nothing for none.
func (s size) MarshalText() ([]byte, error) {
	switch {
	case s <= 0:
		return nil, nil
	case s%(1<<30) == 0:
		return fmt.Appendf(nil, "%dGiB", s>>30), nil
	case s%(1<<20) == 0:
		return fmt.Appendf(nil, "%dMiB", s>>20), nil
	}
	return fmt.Appendf(nil, "%dKiB", s>>10), nil
}

// Pattern is what a size is written like, as a regular expression.
func (size) Pattern() string { return `[0-9]+[KMG]iB` }

// UnmarshalText reads "64MiB", "512KiB" or "1GiB".
func (s *size) UnmarshalText(b []byte) error {
	number := strings.TrimRight(string(b), "KMGiB")
	unit, known := map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[string(b[len(number):])]
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil || !known || n < 1 {
		return errors.New("is no size: write 512KiB, 64MiB or 1GiB")
	}
	*s = size(n * unit)
	return nil
}

// leastMemory is the least that the database is given, in bytes.
const leastMemory = 256 << 20

// apply validates the sections and puts them into the configuration.
func (d *document) apply(c *Config, root *node, p *problems) {
	complain := func(key, format string, args ...any) {
		p.add(root.locate(key), key, format, args...)
	}
	if d.Version != 1 {
		complain("version", "this program reads version 1: write version: 1, or run the nightaudit that the file was written for")
	}

	c.DataDir = c.folder("data_dir", d.DataDir, complain)
	if c.MemoryLimit = int64(d.MemoryLimit); c.MemoryLimit > 0 && c.MemoryLimit < leastMemory {
		complain("memory_limit", "must be 256MiB or more: with less the database cannot work")
	}
	if c.MaxDuration = time.Duration(d.MaxDuration); c.MaxDuration < time.Second || c.MaxDuration > extract.LongestNight {
		complain("max_duration", "must be from 1s to 7d")
	}
	c.Publish = Publish{Dir: c.folder("publish.dir", d.Publish.Dir, complain), Group: d.Publish.Group, Keep: d.Publish.Keep}
	c.Report = Report{Dir: c.folder("report.dir", d.Report.Dir, complain), Language: d.Report.Language}
	if d.Publish.Keep < 1 || d.Publish.Keep > 10_000 {
		complain("publish.keep", "must be from 1 to 10000 published databases")
	}
	for key, dir := range map[string]string{"publish.dir": c.Publish.Dir, "report.dir": c.Report.Dir} {
		if within(c.DataDir, dir) {
			complain(key, "lies in data_dir, which nobody else may read: name a folder outside of it")
		}
		if within(dir, c.DataDir) {
			complain("data_dir", "lies in %s, which other people may read: name a folder outside of it", key)
		}
	}
	if d.HealthcheckURL != "" && !root.get("healthcheck_url").unread {
		var err error
		if c.Healthcheck, err = notify.ParseAddress(d.HealthcheckURL); err != nil {
			complain("healthcheck_url", "%v", err)
		}
	}
	if d.Report.Language != "zh" && d.Report.Language != "en" {
		complain("report.language", "must be zh or en")
	}
	if d.Report.ExtraDir != "" {
		c.Report.ExtraDir = c.Path(d.Report.ExtraDir)
	}

	zone, err := time.LoadLocation(d.Timezone)
	if err != nil || d.Timezone == "" || d.Timezone == "Local" {
		complain("timezone", "is no time zone: use a name such as Asia/Shanghai")
		zone = time.UTC
	}
	c.Zone = zone
	c.DayStart = time.Duration(d.BusinessDayStart)

	c.Privacy = d.PII.policy()
	if what := d.PII.hashed(); what != "" && d.PII.Key == "" {
		complain("pii.key", "is missing, and %s are hashed with it: write key: \"${NIGHTAUDIT_PII_KEY}\" and set that variable to a long random text, or choose another treatment than hash", what)
	}

	c.HTTP = extract.HTTPLimits{
		Timeout: time.Duration(d.HTTP.Timeout), Retries: d.HTTP.Retries, MaxResponse: int64(d.HTTP.MaxResponse),
	}
	if c.HTTP.Timeout < time.Second || c.HTTP.Timeout > time.Hour {
		complain("http.timeout", "must be from 1s to 1h")
	}
	if c.HTTP.Retries < 0 || c.HTTP.Retries > 100 {
		complain("http.retries", "must be from 0 to 100")
	}
	d.Landing.apply(c, root, p)
	d.Metrics.apply(c, complain)
	d.Lake.apply(c, root, complain)
	if n := root.at("lineage.url"); n == nil || !n.unread {
		d.Lineage.apply(c, complain)
	}
}

func (s *privacySection) policy() transform.Privacy {
	return transform.Privacy{
		Names: transform.Treatment(s.Names), Phones: transform.Treatment(s.Phones),
		Emails: transform.Treatment(s.Emails), Documents: transform.Treatment(s.Documents),
		Addresses: transform.Treatment(s.Addresses), Rooms: transform.Treatment(s.Rooms),
		Key: []byte(s.Key),
	}
}

// hashed names the first kind of personal data that is hashed, or "".
func (s *privacySection) hashed() string {
	for _, treated := range []struct {
		name string
		t    treatment
	}{
		{"names", s.Names},
		{"phones", s.Phones},
		{"emails", s.Emails},
		{"documents", s.Documents},
		{"addresses", s.Addresses},
		{"rooms", s.Rooms},
	} {
		if treated.t == treatment(transform.Hash) {
			return treated.name
		}
	}
	return ""
}

func (c *Config) folder(key, dir string, complain func(key, format string, args ...any)) string {
	if dir == "" {
		complain(key, "is empty: name a folder")
	}
	return c.Path(dir)
}

// within reports whether dir is parent or lies below it.
func within(parent, dir string) bool {
	rel, err := filepath.Rel(parent, dir)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
