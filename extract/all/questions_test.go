package all_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/probe"
)

var placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)

// TestQuestions: what every source asks its vendor can be read, in both languages; what
// one language says is said in the other, with the same values; and the keys that
// follow from an answer are keys of an account.
func TestQuestions(t *testing.T) {
	for _, d := range all.Drivers() {
		example := strings.TrimPrefix(strings.ReplaceAll("\n"+d.ExampleConfig, "\n- ", "\n  "), "\n")
		prober, ok := extracttest.Open(t, d, example, extract.Env{}).(probe.Prober)
		if !ok {
			continue
		}
		questions, err := probe.Questions(prober.Questions())
		if err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		for _, q := range questions {
			for name, o := range q.Outcomes {
				for _, text := range []probe.Text{q.Ask, o.Say, o.Means, o.Do} {
					if !slices.Equal(values(text.EN), values(text.ZH)) || (text.EN == "") != (text.ZH == "") {
						t.Errorf("%s: %s of question %s says %q, and %q", d.Name, name, q.ID, text.EN, text.ZH)
					}
				}
				for path := range o.Set {
					line := "{}"
					for _, key := range slices.Backward(strings.Split(path, ".")) {
						line = "{" + key + ": " + line + "}"
					}
					_, err := extracttest.TryOpen(d, example+"\n  "+line[1:len(line)-1]+"\n", extract.Env{})
					if err == nil || strings.Contains(err.Error(), "unknown field") {
						t.Errorf("%s: question %s sets %s, which is no key of an account", d.Name, q.ID, path)
					}
				}
			}
		}
	}
}

// values names those that a text of a question holds, each once. The words of units
// have a value in each language.
func values(text string) []string {
	names := placeholder.FindAllString(strings.ReplaceAll(text, "_zh}}", "}}"), -1)
	slices.Sort(names)
	return slices.Compact(names)
}
