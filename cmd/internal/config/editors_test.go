package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
)

// The configuration and the files of its secrets, as editors on Windows save
// them: what the editor puts around a text is no part of it, and a file in
// another encoding is told with what to do. The files are written byte by byte.
func TestFilesSavedByEditors(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	const mark = "\xef\xbb\xbf"
	key := "# created: 2026-01-01T00:00:00Z\r\n# public key: " + identity.Recipient().String() + "\r\n" + identity.String() + "\r\n"
	text := "version: 1\r\n# 酒店\r\nlanding:\r\n  recipient: " + identity.Recipient().String() + "\r\n  identity: '${file:key}'\r\n" +
		"pii: {key: '${PII}'}\r\nnames:\r\n  stores:\r\n    S1: |-\r\n      总店\r\n      二楼\r\nsources:\r\n  tuya:\r\n    - account: hotel-a\r\n" +
		"      base_url: https://tuya.example\r\n      auth: {secret: '${file:secret}'}\r\n"
	for name, c := range map[string]struct {
		yaml, secret, key, pii string
		want                   string // the message; "" where all is read as it is meant
	}{
		"line ends of Windows":            {text, "s3cret\r\n", key, "k", ""},
		"line ends of an old Mac":         {strings.ReplaceAll(text, "\r\n", "\r"), "s3cret\r", strings.ReplaceAll(key, "\r\n", "\r"), "k", ""},
		"a byte order mark everywhere":    {mark + text, mark + "s3cret", mark + key, mark + "k\r", ""},
		"the configuration as Unicode":    {"\xff\xfev\x00e\x00r\x00", "s3cret", key, "k", "nightaudit.yaml: is UTF-16 (“Unicode”): save it as UTF-8"},
		"the configuration as ANSI (GBK)": {strings.Replace(text, "酒店", "\xbe\xc6\xb5\xea", 1), "s3cret", key, "k", "nightaudit.yaml: is not UTF-8, perhaps GBK (“ANSI”): save it as UTF-8"},
		"a secret of PowerShell's echo":   {text, "\xff\xfes\x003\x00\r\x00\n\x00", key, "k", "nightaudit.yaml:16:22: sources.tuya[0].auth.secret: secret file secret is UTF-16 (“Unicode”): save it as UTF-8"},
		"a secret of nothing but a mark":  {text, mark, key, "k", "nightaudit.yaml:16:22: sources.tuya[0].auth.secret: secret file secret is empty: write the secret into it"},
		"a variable of nothing but marks": {text, "s3cret", key, mark + "\r\n", "nightaudit.yaml:6:12: pii.key: environment variable PII is not set or empty: set it, or name another one here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for file, content := range map[string]string{"nightaudit.yaml": c.yaml, "secret": c.secret, "key": c.key} {
				if err := os.WriteFile(filepath.Clean(file), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var secret string
			tuya := driver("tuya", extract.RoomOrders)
			open := tuya.Open
			tuya.Open = func(decode func(any) error, env extract.Env) (extract.Source, error) {
				source, err := open(decode, env)
				if err == nil {
					secret = source.(*account).config.Auth.Secret
				}
				return source, err
			}
			got, err := config.Load("nightaudit.yaml", config.Options{
				Getenv: func(string) string { return c.pii }, Drivers: []extract.Driver{tuya},
			})
			if c.want != "" {
				if err == nil || err.Error() != c.want {
					t.Errorf("got %v, want %s", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if secret != "s3cret" || string(got.Privacy.Key) != "k" {
				t.Errorf("the secret is %q, the key of pii %q", secret, got.Privacy.Key)
			}
			if !got.LandingKeys.Opens() || got.LandingKeys.Check() != nil {
				t.Error("the identity is not read")
			}
			if store := got.Names["store"]["S1"]; store != "总店\n二楼" {
				t.Errorf("the store's name is %q", store)
			}
		})
	}
}
