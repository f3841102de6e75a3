package config_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
)

// Every problem names line, column, key and remedy.
func TestProblems(t *testing.T) {
	const accounts = "pii: {key: k}\nsources:\n  tuya:\n"
	tests := map[string]struct {
		text  string
		env   map[string]string
		files map[string]os.FileMode
		want  []string
	}{
		"unknown key of the file": {
			text: "vesion: 1\n" + minimal,
			want: []string{"nightaudit.yaml:1:1: vesion: unknown key: did you mean version?"},
		},
		"unknown key of a section": {
			text: "publish:\n  dir: p\n  colour: red\n" + minimal,
			want: []string{"nightaudit.yaml:3:3: publish.colour: unknown key: remove it, or use one of dir, group, keep"},
		},
		"unknown keys of an account, all at once": {
			text: accounts + "    - account: a\n      bass_url: https://a.example\n      auth:\n        secret: s\n        sort: x\n",
			want: []string{
				"nightaudit.yaml:5:7: sources.tuya[0].bass_url: unknown key: did you mean base_url?",
				"nightaudit.yaml:8:9: sources.tuya[0].auth.sort: unknown key: remove it, or use one of kind, secret",
			},
		},
		"unknown source": {
			text: minimal + "  sons: []\n",
			want: []string{"nightaudit.yaml:7:3: sources.sons: unknown source: did you mean soms?"},
		},
		"no sources": {
			text: "pii: {key: k}\nsources:\n",
			want: []string{"nightaudit.yaml:2:1: sources: is missing or empty: add a source with an account; nightaudit init shows how"},
		},
		"bad durations, rate and time of day": {
			text: "landing: {keep: 3 weeks}\n" + minimal + "      lookback: 45days\n      rate: 10 per second\n      overlap: 5\n      business_day_start: 6am\n",
			want: []string{
				`nightaudit.yaml:1:17: landing.keep: is no duration: write 30s, 15m, 12h or 45d`,
				`nightaudit.yaml:8:17: sources.tuya[0].lookback: is no duration: write 30s, 15m, 12h or 45d`,
				`nightaudit.yaml:9:13: sources.tuya[0].rate: is no rate: write 10/s, 300/m or 5000/h`,
				`nightaudit.yaml:10:16: sources.tuya[0].overlap: is no duration: write 30s, 15m or 12h`,
				`nightaudit.yaml:11:27: sources.tuya[0].business_day_start: is no time of day: write "06:00"`,
			},
		},
		"missing environment variables": {
			text: "pii: {key: \"${PII_KEY}\"}\n" + accounts[len("pii: {key: k}\n"):] + "    - account: a\n      base_url: https://a.example\n      auth: {secret: '${TUYA}'}\n",
			want: []string{
				"nightaudit.yaml:1:12: pii.key: environment variable PII_KEY is not set or empty: set it, or name another one here",
				"nightaudit.yaml:6:22: sources.tuya[0].auth.secret: environment variable TUYA is not set or empty: set it, or name another one here",
			},
		},
		"secret file missing": {
			text: accounts + "    - account: a\n      base_url: https://a.example\n      auth: {secret: '${file:secrets/none}'}\n",
			want: []string{"nightaudit.yaml:6:22: sources.tuya[0].auth.secret: secret file secrets/none cannot be read: no such file or directory; create it with mode 0600"},
		},
		"secret file readable by others": {
			text:  accounts + "    - account: a\n      base_url: https://a.example\n      auth: {secret: '${file:open}'}\n",
			files: map[string]os.FileMode{"open": 0o640},
			want:  []string{"nightaudit.yaml:6:22: sources.tuya[0].auth.secret: secret file open can be read or changed by group or others (mode 0640): chmod 600 it"},
		},
		"reference that is none": {
			text: accounts + "    - account: a\n      base_url: https://a.example\n      auth: {secret: '${a b}'}\n",
			want: []string{"nightaudit.yaml:6:22: sources.tuya[0].auth.secret: holds a ${ that begins no reference: write ${NAME} or ${file:PATH}, and $${ for the characters themselves"},
		},
		"two accounts of one name": {
			text: minimal + "    - account: hotel-a\n      base_url: https://b.example\n      auth: {secret: s}\n",
			want: []string{`nightaudit.yaml:7:16: sources.tuya[1].account: has the name that line 4 has already: give each account of a source a name of its own`},
		},
		"an alias that is another account's name": {
			text: minimal + "    - account: b\n      aliases: [Hotel-A]\n      base_url: https://b.example\n      auth: {secret: s}\n",
			want: []string{`nightaudit.yaml:8:17: sources.tuya[1].aliases[0]: has the name that line 4 has already: give each account of a source a name of its own`},
		},
		"a retired account that is no account, and one that is not retired": {
			text: minimal + "      aliases: [hotel-old]\nretired: [hotel-b, tuya/hotel-a, tuya/hotel-old, tuya/gone]\n",
			want: []string{
				`nightaudit.yaml:8:11: retired[0]: names no account: write source/account, as soms/retail`,
				"nightaudit.yaml:8:20: retired[1]: is in the configuration too: take it out here, or there",
				"nightaudit.yaml:8:34: retired[2]: is in the configuration too: take it out here, or there",
			},
		},
		"an account's name that is no file name": {
			text: accounts + "    - account: ../up\n      base_url: https://a.example\n      auth: {secret: s}\n",
			want: []string{`nightaudit.yaml:4:16: sources.tuya[0].account: must consist of letters, digits, - _ and . and start with a letter or a digit`},
		},
		"a driver's complaint stands at its key": {
			text: minimal + "      concurrency: 100\n",
			want: []string{"nightaudit.yaml:7:7: sources.tuya[0].concurrency: must be from 1 to 64"},
		},
		"an account's currency that is none": {
			text: minimal + "      currency: RMB\n",
			want: []string{`nightaudit.yaml:7:7: sources.tuya[0].currency: is no currency of ISO 4217: write its code in three capital letters, such as CNY, USD or KWD`},
		},
		"an account's currency in small letters": {
			text: minimal + "      currency: cny\n",
			want: []string{`nightaudit.yaml:7:7: sources.tuya[0].currency: is no currency of ISO 4217: write its code in three capital letters, such as CNY, USD or KWD`},
		},
		"an account's currency in full-width letters": {
			text: minimal + "      currency: ＣＮＹ\n",
			want: []string{`nightaudit.yaml:7:7: sources.tuya[0].currency: is no currency of ISO 4217: write its code in three capital letters, such as CNY, USD or KWD`},
		},
		"a unit of account that nobody pays in": {
			text: minimal + "      currency: XXX\n",
			want: []string{`nightaudit.yaml:7:7: sources.tuya[0].currency: is no currency of ISO 4217: write its code in three capital letters, such as CNY, USD or KWD`},
		},
		"a driver's complaint of a missing key stands at its place": {
			text: accounts + "    - account: a\n      base_url: https://a.example\n      auth:\n        kind: x\n",
			want: []string{`nightaudit.yaml:6:7: sources.tuya[0].auth.secret: is missing: write secret: "${NAME}"`},
		},
		"hash without key": {
			text: strings.Replace(minimal, "pii: {key: k}", "pii:\n  phones: hash", 1),
			want: []string{`nightaudit.yaml:1:1: pii.key: is missing, and phones are hashed with it: write key: "${NIGHTAUDIT_PII_KEY}" and set that variable to a long random text, or choose another treatment than hash`},
		},
		"unknown treatment": {
			text: strings.Replace(minimal, "{key: k}", "{key: k, names: masked}", 1),
			want: []string{`nightaudit.yaml:1:22: pii.names: is no treatment of personal data: write keep, mask, hash or drop`},
		},
		"links to what does not exist": {
			text: minimal + "links:\n  - name: tower\n    tuya: [hotel-b]\n    soms: [shop]\n    hotel: [x]\n",
			want: []string{
				`nightaudit.yaml:9:12: links[0].tuya[0]: names no account of tuya: there are hotel-a`,
				`nightaudit.yaml:10:12: links[0].soms[0]: names no account of soms: there is none: add it under sources.soms`,
				"nightaudit.yaml:11:5: links[0].hotel: unknown key: remove it, or use one of name, rooms, rooms_available, tuya, soms, starhotel",
			},
		},
		"rooms and names that fit nothing": {
			text: minimal + "links:\n  - name: tower\n    tuya: [hotel-a]\n    rooms_available: 0\nnames:\n  accounts: {retail: Shop}\n",
			want: []string{
				"nightaudit.yaml:10:22: links[0].rooms_available: must be from 1 to 100000 rooms",
				"nightaudit.yaml:10:22: links[0].rooms_available: is the number of rooms of one hotel, and the link names 0 accounts of a PMS: name one in each link",
				"nightaudit.yaml:12:14: names.accounts.retail: must be source/account, such as soms/retail",
			},
		},
		"numbers from an account that does not exist": {
			text: minimal + "      from_soms: {account: retail}\n",
			want: []string{`nightaudit.yaml:7:19: sources.tuya[0].from_soms.account: names no account of soms: there is none: add it under sources.soms, or leave from_soms out`},
		},
		"wrong kinds of values": {
			text: "version: [1]\npublish: p\nhttp: {retries: 1.5, max_response: 64MB}\n" + minimal,
			want: []string{
				"nightaudit.yaml:1:10: version: must be a single value, not a list (- …)",
				"nightaudit.yaml:2:10: publish: must be a mapping (key: value), not a text",
				"nightaudit.yaml:3:17: http.retries: must be a whole number such as 4",
				`nightaudit.yaml:3:36: http.max_response: is no size: write 512KiB, 64MiB or 1GiB`,
			},
		},
		"too little memory": {
			text: "memory_limit: 64MiB\n" + minimal,
			want: []string{"nightaudit.yaml:1:1: memory_limit: must be 256MiB or more: with less the database cannot work"},
		},
		"a night of no time": {
			text: "max_duration: 0s\n" + minimal,
			want: []string{"nightaudit.yaml:1:1: max_duration: must be from 1s to 7d"},
		},
		"a night of eight days": {
			text: "max_duration: 8d\n" + minimal,
			want: []string{"nightaudit.yaml:1:1: max_duration: must be from 1s to 7d"},
		},
		"a newer file": {
			text: "version: 2\n" + minimal,
			want: []string{"nightaudit.yaml:1:1: version: this program reads version 1: write version: 1, or run the nightaudit that the file was written for"},
		},
		"a key twice": {
			text: minimal + "      base_url: https://b.example\n",
			want: []string{"nightaudit.yaml:7:7: sources.tuya[0].base_url: stands twice, first in line 5: remove one of them"},
		},
		"published inside the private folder": {
			text: "data_dir: d\npublish: {dir: d/pub}\n" + minimal,
			want: []string{"nightaudit.yaml:2:11: publish.dir: lies in data_dir, which nobody else may read: name a folder outside of it"},
		},
		"time zone and language": {
			text: "timezone: Peking\nreport: {language: fr}\n" + minimal,
			want: []string{
				`nightaudit.yaml:1:1: timezone: is no time zone: use a name such as Asia/Shanghai`,
				"nightaudit.yaml:2:10: report.language: must be zh or en",
			},
		},
		"no YAML": {
			text: "version: 1\n\tdata_dir: x\n",
			want: []string{"nightaudit.yaml:2:1: is no YAML: found character '\\t' that cannot start any token; check the indentation (blanks, not tabs), quotes and colons of this line"},
		},
		"empty": {
			text: "# nothing yet\n",
			want: []string{"nightaudit.yaml: is empty: write a starter configuration to another file with nightaudit init"},
		},
		"two documents": {
			text: minimal + "---\nversion: 1\n",
			want: []string{"nightaudit.yaml:8:1: a second document starts here: keep one, without the line ---"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, tt.text, tt.env, tt.files)
			var problems *config.Error
			if !errors.As(err, &problems) {
				t.Fatalf("error %v, want problems", err)
			}
			if got, want := err.Error(), strings.Join(tt.want, "\n"); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// A secret in the wrong place is named by its reference.
func TestSecretsAreNotShown(t *testing.T) {
	const hidden = "s3cr\"t-value"
	for _, key := range []string{"rate", "timezone", "currency", "lookback", "account", "page_size", "since", "base_url"} {
		t.Run(key, func(t *testing.T) {
			text := minimal + "    - account: b\n      base_url: https://b.example\n      auth: {secret: s}\n"
			line := "      " + key + ": \"${SECRET}\"\n"
			switch key {
			case "account":
				text = strings.Replace(text, "account: b\n", "account: \"${SECRET}\"\n", 1)
			case "base_url":
				text = strings.Replace(text, "      base_url: https://b.example\n", line, 1)
			default:
				text += line
			}
			_, err := load(t, text, map[string]string{"SECRET": hidden}, nil)
			if err == nil {
				t.Fatal("no problem found")
			}
			if strings.Contains(err.Error(), "s3cr") || strings.Contains(err.Error(), "t-value") {
				t.Errorf("the message shows the secret: %v", err)
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := config.Load("nightaudit.yaml", config.Options{})
	if err == nil || err.Error() != "nightaudit.yaml: cannot be read: no such file or directory; write a starter configuration with nightaudit init, or name another file with --config" {
		t.Errorf("error %v", err)
	}
}
