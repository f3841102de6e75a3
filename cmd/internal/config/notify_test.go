package config_test

import (
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
)

// The channels of notify: are read with their defaults, and those who only read what
// was published need none of their secrets.
func TestNotify(t *testing.T) {
	const text = "version: 1\n" + minimal + `notify:
  - {kind: wecom, url: "${WECOM_URL}"}
  - {kind: wecom, name: night-shift, url: "${WECOM_URL}", when: failure, min_severity: error, locked: true}
  - {kind: command, command: [tell, me]}
`
	c, err := load(t, text, map[string]string{"WECOM_URL": "https://robot.example/send?key=k"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, channel := range c.Notify {
		got = append(got, strings.Join([]string{channel.Kind, channel.Name, channel.When, channel.MinSeverity}, " "))
	}
	if want := "wecom wecom change warning, wecom night-shift failure error, command command change warning"; strings.Join(got, ", ") != want || !c.Notify[1].Locked {
		t.Errorf("the channels are %s, want %s", strings.Join(got, ", "), want)
	}
	c, err = config.Load("nightaudit.yaml", config.Options{Getenv: func(string) string { return "" }, Reader: true})
	if err != nil || len(c.Notify) != 0 {
		t.Errorf("a reader gets %v (%v)", c, err)
	}
}

// What is wrong with a channel is told with its place and what to write, and without
// what is secret: the address of a robot among it.
func TestNotifyProblems(t *testing.T) {
	for entry, want := range map[string]string{
		"{url: https://robot.example/s-e-c-r-e-t}": "notify[0].kind: must be one of wecom, dingtalk, feishu, slack, webhook, command, mail",
		"{kind: teams}":                   "notify[0].kind: must be one of wecom, dingtalk, feishu, slack, webhook, command, mail",
		"{kind: slack}":                   "notify[0].url: is missing: a channel of kind slack needs it",
		"{kind: slack, url: }":            "notify[0].url: is missing: a channel of kind slack needs it",
		"{kind: slack, url: s-e-c-r-e-t}": "notify[0].url: must be an https address without user and password",
		"{kind: slack, url: 'https://night:s-e-c-r-e-t@robot.example'}":                "notify[0].url: must be an https address without user and password",
		"{kind: slack, url: 'http://robot.example/s-e-c-r-e-t'}":                       "notify[0].url: would send news in clear to another machine: write https://",
		"{kind: slack, url: 'https://robot.example', secret: s-e-c-r-e-t}":             "notify[0].secret: is no key of a channel of kind slack: its keys are kind, name, when, min_severity, locked, url",
		"{kind: slack, url: 'https://robot.example', uri: s-e-c-r-e-t}":                "notify[0].uri: unknown key: did you mean url?",
		"{kind: slack, url: 'https://robot.example', when: never}":                     "notify[0].when: must be always, failure or change",
		"{kind: slack, url: 'https://robot.example', min_severity: all}":               "notify[0].min_severity: must be info, warning or error",
		"{kind: slack, url: '${ROBOT_URL}'}":                                           "notify[0].url: environment variable ROBOT_URL is not set or empty: set it, or name another one here",
		"{kind: command, command: []}":                                                 "notify[0].command: is empty: write the program and its arguments, as [./on-night.sh]",
		"{kind: command, command: tell}":                                               "notify[0].command: must be a list (- …), not a text",
		"{kind: mail, host: 'm:25', from: a@x.example, to: [b@x.example]}":             "notify[0].host: must be the name of a mail server, without a port",
		"{kind: mail, host: m, tls: none, from: a@x.example, to: [b@x.example]}":       "notify[0].tls: would send news and password in clear to another machine: write starttls or implicit",
		"{kind: mail, host: m, tls: ssl, from: a@x.example, to: [b@x.example]}":        "notify[0].tls: must be starttls, implicit, or none to a server on this machine",
		"{kind: mail, host: m, port: 70000, from: a@x.example, to: [b@x.example]}":     "notify[0].port: must be from 1 to 65535",
		"{kind: mail, host: m, password: s-e-c-r-e-t, from: a@x.example, to: [b@x.e]}": "notify[0].username: and password go together: give both, or neither where the server asks for none",
		"{kind: mail, host: m, from: night, to: [b@x.example]}":                        "notify[0].from: is no address: write night@hotel.example",
		"{kind: mail, host: m, from: a@x.example, to: [b@x.example, boss]}":            "notify[0].to[1]: is no address: write finance@hotel.example",
		"{kind: mail, host: m, from: a@x.example, to: [b@x.example], attach: [book]}":  "notify[0].attach[0]: must be workbook or page",
		"{kind: webhook, url: 'https://hook.example', template: none.tmpl}":            "notify[0].template: cannot be read: no such file or directory",
	} {
		_, err := load(t, "version: 1\n"+minimal+"notify:\n  - "+entry+"\n", nil, nil)
		if err == nil {
			t.Errorf("%s is taken", entry)
			continue
		}
		_, said, _ := strings.Cut(err.Error(), ": ")
		if said != want || strings.Contains(err.Error(), "s-e-c-r-e-t") {
			t.Errorf("%s:\n%v, want\n%s", entry, err, want)
		}
	}
	_, err := load(t, "version: 1\n"+minimal+"notify:\n  - {kind: slack, url: 'https://a.example'}\n  - {kind: slack, url: 'https://b.example'}\n", nil, nil)
	want := "nightaudit.yaml:10:6: notify[1].name: is the name that the channel in line 9 has already (a channel without one is called by its kind): give each a name of its own"
	if err == nil || err.Error() != want {
		t.Errorf("two channels of one name: %v, want %s", err, want)
	}
}

// An address, a header and a password that stand in the file itself are secrets: who
// may read the file is looked at.
func TestNotifyLiterals(t *testing.T) {
	c, err := load(t, "version: 1\n"+minimal+`notify:
  - {kind: webhook, url: "https://hook.example/s", headers: {Authorization: "Bearer s"}}
  - {kind: mail, host: m, username: u, password: s, from: a@x.example, to: [b@x.example]}
`, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, l := range c.Literals {
		keys = append(keys, l.Key)
	}
	if got, want := strings.Join(keys, " "), "pii.key sources.tuya[0].auth.secret notify[0].url notify[0].headers.… notify[1].password"; got != want {
		t.Errorf("the secrets of the file are %s, want %s", got, want)
	}
}
