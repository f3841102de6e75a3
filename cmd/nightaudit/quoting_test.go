package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// slipped is a secret that came to stand where none belongs. No four
// characters of it stand in a message of the program itself.
const slipped = "Zq7-Hunter2/Xy9"

// Wherever a person puts a secret by mistake, in the place of any value or key
// of the configuration, as a reference, an alias or a tag, or so that the file
// is no YAML, the message shows no four characters of it.
func TestNoMessageShowsAMisplacedSecret(t *testing.T) {
	_, example, _ := strings.Cut(readDocument(t, contract), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secrets", "soms"), "a password")
	write(t, filepath.Join(dir, "secrets", "landing.key"), identity.String())
	write(t, filepath.Join(dir, "hook.tmpl"), "{{.text}}")
	lines := strings.Split(regexp.MustCompile(`age1[a-z0-9]+`).ReplaceAllString(example, identity.Recipient().String()), "\n")
	if err := loadText(t, dir, strings.Join(lines, "\n")); err != nil {
		t.Fatal(err)
	}
	told, taken, n := 0, 0, 0
	for i, line := range lines {
		for _, changed := range misplaceIn(line) {
			if n++; n%9 != 0 && !slowTests() { // every way, on some of the lines
				continue
			}
			lines[i] = changed
			err := loadText(t, dir, strings.Join(lines, "\n"))
			if err == nil {
				taken++ // a text that means what it says: a name, a path
				continue
			}
			told++
			if piece := shows(err.Error()); piece != "" {
				t.Errorf("line %d as %q: %q is shown:\n%v", i+1, changed, piece, err)
			}
			if !strings.Contains(err.Error(), ":") {
				t.Errorf("line %d as %q: no place is named:\n%v", i+1, changed, err)
			}
		}
		lines[i] = line
	}
	t.Logf("of them %d are errors and %d are configurations", told, taken)
	attacks.In(t).All(told + taken)
	if told < 150 {
		t.Errorf("only %d cases were errors", told)
	}
}

var (
	keyed    = regexp.MustCompile(`^(\s*(?:- )?)([a-z_]+):(\s+)(.+)$`)
	inBraces = regexp.MustCompile(`([a-z_]+): ("[^"]*"|[^,{}\[\]]+)`)
)

// misplaceIn writes the secret into a line in every way that a hand slips.
func misplaceIn(line string) (changed []string) {
	m := keyed.FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	for _, value := range []string{
		slipped, `"` + slipped + `"`, `'` + slipped, `"` + slipped, "*" + slipped, "!" + slipped + " x", "&" + slipped + " *x",
		"${" + slipped + "}", "${file:" + slipped + "}", "${" + slipped, "[" + slipped + "]", "{" + slipped + ": 1}", "{" + slipped,
		slipped + ": " + slipped, "@" + slipped, "`" + slipped, `"\` + slipped + `"`, "https://" + slipped + "@host.example", "| " + slipped,
	} {
		changed = append(changed, m[1]+m[2]+":"+m[3]+value)
	}
	changed = append(changed, m[1]+slipped+":"+m[3]+m[4], m[1]+`"`+slipped+`":`+m[3]+m[4], "\t"+slipped+line, slipped, line+"\n"+slipped)
	for _, at := range inBraces.FindAllStringSubmatchIndex(m[4], -1) {
		head := m[1] + m[2] + ":" + m[3]
		changed = append(changed,
			head+m[4][:at[4]]+`"`+slipped+`"`+m[4][at[5]:],
			head+m[4][:at[2]]+`"`+slipped+`"`+m[4][at[3]:])
	}
	return changed
}

// shows is a piece of the secret that stands in a text.
func shows(text string) string {
	for i := 0; i+4 <= len(slipped); i++ {
		if strings.Contains(text, slipped[i:i+4]) {
			return slipped[i : i+4]
		}
	}
	return ""
}

// loadText loads a configuration in which all references of the example can be
// read.
func loadText(t *testing.T, dir, text string) error {
	t.Helper()
	file := filepath.Join(dir, "nightaudit.yaml")
	write(t, file, text)
	_, err := config.Load(file, config.Options{
		Drivers: all.Drivers(), Env: extract.Env{Tokens: new(extract.TokenStore)},
		Getenv: func(name string) string {
			if strings.Contains(slipped, name) {
				return ""
			}
			if strings.HasSuffix(name, "_URL") {
				return exampleSecret(name)
			}
			return "what-the-environment-holds"
		},
	})
	var problems *config.Error
	if err != nil && !errors.As(err, &problems) {
		t.Fatal(fmt.Errorf("not an error of the configuration: %w", err))
	}
	return err
}

// write writes a private file, with its folder.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
