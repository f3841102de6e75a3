package config_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract/all"
)

// TestAuth: what is wrong with the section auth of the real sources stands at
// the line of its key.
func TestAuth(t *testing.T) {
	const before = "pii: {key: k}\nsources:\n"
	for name, c := range map[string]struct {
		sources string
		want    []string
	}{
		"slip of the hand": {
			"  starhotel:\n    - account: inn\n      base_url: https://a.example\n      pms_id: 2\n      auth:\n        kind: bearer\n        tokne: t\n",
			[]string{"nightaudit.yaml:9:9: sources.starhotel[0].auth.tokne: unknown key: did you mean token?"},
		},
		"unknown keys, all at once": {
			"  starhotel:\n    - account: inn\n      base_url: https://a.example\n      pms_idd: 2\n      auth: {kind: bearer, token: t, sort: x}\n",
			[]string{
				"nightaudit.yaml:6:7: sources.starhotel[0].pms_idd: unknown key: did you mean pms_id?",
				"nightaudit.yaml:7:38: sources.starhotel[0].auth.sort: unknown key: remove it, or use one of kind, token",
			},
		},
		"key of another kind": {
			"  starhotel:\n    - account: inn\n      base_url: https://a.example\n      pms_id: 2\n      auth: {kind: bearer, token: t, client_id: x}\n",
			[]string{"nightaudit.yaml:7:38: sources.starhotel[0].auth.client_id: does not belong to kind bearer: remove it, that kind has token"},
		},
		"no kind": {
			"  tuya:\n    - {account: a, base_url: \"https://a.example\", project_id: \"1\"}\n",
			[]string{"nightaudit.yaml:4:8: sources.tuya[0].auth.kind: is missing: it is one of tuya"},
		},
		"empty kind": {
			"  tuya:\n    - {account: a, base_url: \"https://a.example\", project_id: \"1\", auth: {kind: \"\"}}\n",
			[]string{"nightaudit.yaml:4:75: sources.tuya[0].auth.kind: is missing: it is one of tuya"},
		},
		"list for a kind": {
			"  tuya:\n    - {account: a, base_url: \"https://a.example\", project_id: \"1\", auth: {kind: [tuya]}}\n",
			[]string{`nightaudit.yaml:4:75: sources.tuya[0].auth.kind: is none that this source takes: it is one of tuya`},
		},
		"kind of another source, and no mapping": {
			"  akubela:\n    - {account: a, base_url: \"https://a.example\", auth: {kind: basic}}\n    - {account: b, base_url: \"https://a.example\", auth: token}\n",
			[]string{
				`nightaudit.yaml:4:58: sources.akubela[0].auth.kind: is none that this source takes: it is one of oauth2, bearer`,
				"nightaudit.yaml:5:57: sources.akubela[1].auth: must be a mapping (key: value), not a text",
			},
		},
		"missing key of a signature": {
			"  guoxiaodi:\n    - account: c\n      base_url: https://a.example\n      register: [a.csv]\n      auth: {kind: signature, algorithm: md5, secret: s, name: sign}\n",
			[]string{"nightaudit.yaml:7:7: sources.guoxiaodi[0].auth.fields: is missing: kind signature needs it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("nightaudit.yaml", []byte(before+c.sources), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := config.Load("nightaudit.yaml", config.Options{Drivers: all.Drivers()})
			var problems *config.Error
			if !errors.As(err, &problems) {
				t.Fatalf("error %v, want problems", err)
			}
			if got, want := err.Error(), strings.Join(c.want, "\n"); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}
