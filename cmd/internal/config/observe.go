package config

import (
	"net/url"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/notify"
)

// Lineage says who is told of what a run read and wrote, in events of OpenLineage.
type Lineage struct {
	File      string   // to which events are appended, a line each; "" for none
	URL       *url.URL // of a receiver; nil for none
	APIKey    string   // "" where the receiver wants none
	Namespace string   // of the jobs
}

type metricsSection struct {
	Textfile string `yaml:"textfile"`
}

type lineageSection struct {
	File      string `yaml:"file"`
	URL       string `yaml:"url"`
	APIKey    string `yaml:"api_key"`
	Namespace string `yaml:"namespace"`
}

// complaint notes what is wrong with a key.
type complaint func(key, format string, args ...any)

func (s *metricsSection) apply(c *Config, complain complaint) {
	if s.Textfile == "" {
		return
	}
	c.MetricsFile = c.Path(s.Textfile)
	if !strings.HasSuffix(s.Textfile, ".prom") {
		complain("metrics.textfile", "must end in .prom: node_exporter reads no other files")
	}
}

func (s *lineageSection) apply(c *Config, complain complaint) {
	c.Lineage = Lineage{APIKey: s.APIKey, Namespace: s.Namespace}
	if s.File != "" {
		c.Lineage.File = c.Path(s.File)
	}
	if s.URL != "" {
		var err error
		if c.Lineage.URL, err = notify.ParseAddress(s.URL); err != nil {
			complain("lineage.url", "%v", err)
		}
	}
	if s.APIKey != "" && s.URL == "" {
		complain("lineage.api_key", "stands without url, to which it would be sent: add url, or leave it out")
	}
	if s.Namespace == "" {
		complain("lineage.namespace", "is empty: name what receivers file the jobs under, or leave it out for nightaudit")
	}
}
