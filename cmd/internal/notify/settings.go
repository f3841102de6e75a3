package notify

import (
	"cmp"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Settings are an entry of notify: in the configuration (docs/contract.md).
type Settings struct {
	Kind        string `yaml:"kind"`
	Name        string `yaml:"name"`
	When        string `yaml:"when" schema:"change|failure|always"`
	MinSeverity string `yaml:"min_severity" schema:"info|warning|error"`
	// Locked has the channel told, too, that a run was not begun because another
	// one was at work.
	Locked bool `yaml:"locked"`

	URL      string            `yaml:"url"`
	Secret   string            `yaml:"secret"`
	Template string            `yaml:"template"`
	Headers  map[string]string `yaml:"headers"`

	Command []string `yaml:"command"`

	Host     string   `yaml:"host"`
	Port     int      `yaml:"port"`
	TLS      string   `yaml:"tls"`
	Username string   `yaml:"username"`
	Password string   `yaml:"password"`
	From     string   `yaml:"from"`
	To       []string `yaml:"to"`
	Attach   []string `yaml:"attach"`
}

// When a channel is told.
const (
	always    = "always"  // of every run
	onFailure = "failure" // of what changes the exit code, and of its end
	onChange  = "change"  // of that and of breaks
)

// common are the keys of every channel.
var common = []string{"kind", "name", "when", "min_severity", "locked"}

// kinds are the channels that there are, with the keys of each besides the common
// ones.
var kinds = map[string]struct {
	needs, may []string
	open       func(s *Settings, dir string) (sender, error)
}{
	"wecom":    {[]string{"url"}, nil, openRobot},
	"dingtalk": {[]string{"url"}, []string{"secret"}, openRobot},
	"feishu":   {[]string{"url"}, []string{"secret"}, openRobot},
	"slack":    {[]string{"url"}, nil, openRobot},
	"webhook":  {[]string{"url"}, []string{"template", "headers"}, openRobot},
	"command":  {[]string{"command"}, nil, openCommand},
	"mail":     {[]string{"host", "from", "to"}, []string{"port", "tls", "username", "password", "attach"}, openMail},
}

// Kinds are the kinds of channels.
func Kinds() []string {
	return []string{"wecom", "dingtalk", "feishu", "slack", "webhook", "command", "mail"}
}

// Keys are the keys that a channel of a kind needs, and all that it may have.
func Keys(kind string) (needs, all []string) {
	k := kinds[kind]
	return append([]string{"kind"}, k.needs...), slices.Concat(common, k.needs, k.may)
}

// Open checks an entry whose keys are given, and makes the channel of it. Relative
// paths start at dir. Errors are of extract.KeyError and hold no value of a secret.
func (s Settings) Open(keys []string, dir string) (*Channel, error) {
	kind, known := kinds[s.Kind]
	if !known {
		return nil, extract.BadKey("kind", "must be one of "+strings.Join(Kinds(), ", "))
	}
	for _, key := range kind.needs {
		if !slices.Contains(keys, key) {
			return nil, extract.BadKey(key, "is missing: a channel of kind "+s.Kind+" needs it")
		}
	}
	for _, key := range keys {
		if !slices.Contains(slices.Concat(common, kind.needs, kind.may), key) {
			return nil, extract.BadKey(key, "is no key of a channel of kind "+s.Kind+": its keys are "+strings.Join(slices.Concat(common, kind.needs, kind.may), ", "))
		}
	}
	s.Name, s.When, s.MinSeverity = cmp.Or(s.Name, s.Kind), cmp.Or(s.When, onChange), cmp.Or(s.MinSeverity, sqlfiles.Warning)
	if !slices.Contains([]string{always, onFailure, onChange}, s.When) {
		return nil, extract.BadKey("when", "must be always, failure or change")
	}
	if sqlfiles.AtOrAbove(s.MinSeverity) == nil {
		return nil, extract.BadKey("min_severity", "must be info, warning or error")
	}
	if len(s.Name) > 64 || strings.ContainsFunc(s.Name, func(r rune) bool { return r < ' ' }) {
		return nil, extract.BadKey("name", "must be a short name")
	}
	sender, err := kind.open(&s, dir)
	if err != nil {
		return nil, err
	}
	return &Channel{Settings: s, sender: sender}, nil
}

// Severities are those of the breaks that some channel is told of.
func Severities(channels []*Channel) (severities []string) {
	for _, c := range channels {
		if above := sqlfiles.AtOrAbove(c.MinSeverity); c.When != onFailure && len(above) > len(severities) {
			severities = above
		}
	}
	return severities
}

// wants says whether the channel is told of a trouble.
func (s *Settings) wants(t *trouble) bool {
	if t.key.kind == ofLock {
		return s.Locked
	}
	return t.failure || s.When != onFailure
}

// heeds says whether the channel is told of breaks of a severity.
func (s *Settings) heeds(severity string) bool {
	return slices.Contains(sqlfiles.AtOrAbove(s.MinSeverity), severity)
}

// parseAddress checks an address to which news are posted. That of a robot is a secret.
func parseAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, extract.BadKey("url", "must be an https address without user and password")
	}
	if u.Scheme == "http" && !extract.IsLoopback(u.Hostname()) {
		return nil, extract.BadKey("url", "would send news in clear to another machine: write https://")
	}
	return u, nil
}

// path is a path of the configuration: relative ones start at its folder.
func path(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}
