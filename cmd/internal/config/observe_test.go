package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
)

// What programs are told is read with its defaults, paths from the folder of the file;
// those who only read what was published need no key for it.
func TestObserved(t *testing.T) {
	const text = "version: 1\n" + minimal + `metrics: {textfile: night.prom}
lineage: {file: lineage.jsonl, url: "https://lineage.example/of", api_key: "${KEY}"}
`
	c, err := load(t, text, map[string]string{"KEY": "s-e-c-r-e-t"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := c.Lineage
	if c.MetricsFile != filepath.Join(c.Dir, "night.prom") || l.File != filepath.Join(c.Dir, "lineage.jsonl") || l.URL.String() != "https://lineage.example/of" || l.APIKey != "s-e-c-r-e-t" || l.Namespace != "nightaudit" {
		t.Errorf("metrics %s, lineage %+v", c.MetricsFile, l)
	}
	c, err = config.Load("nightaudit.yaml", config.Options{Getenv: func(string) string { return "" }, Reader: true})
	if err != nil || c.Lineage.URL != nil || c.Lineage.APIKey != "" {
		t.Errorf("a reader gets %+v (%v)", c, err)
	}
}

// What is wrong with it is told with its key, and without what is secret.
func TestObservedProblems(t *testing.T) {
	for section, want := range map[string]string{
		"metrics: {textfile: night.txt}":                       "metrics.textfile: must end in .prom: node_exporter reads no other files",
		"metrics: {text: night.prom}":                          "metrics.text: unknown key",
		"lineage: {url: 'http://lineage.example/s-e-c-r-e-t'}": "lineage.url: would send news in clear to another machine: write https://",
		"lineage: {url: 's-e-c-r-e-t'}":                        "lineage.url: must be an https address without user and password",
		"lineage: {file: l.jsonl, api_key: s-e-c-r-e-t}":       "lineage.api_key: stands without url, to which it would be sent: add url, or leave it out",
		"lineage: {file: l.jsonl, namespace: ''}":              "lineage.namespace: is empty: name what receivers file the jobs under, or leave it out for nightaudit",
		"lineage: {url: '${LINEAGE_URL}'}":                     "lineage.url: environment variable LINEAGE_URL is not set or empty: set it, or name another one here",
	} {
		_, err := load(t, "version: 1\n"+minimal+section+"\n", nil, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s-e-c-r-e-t") || strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%s: %v, want %s", section, err, want)
		}
	}
}
