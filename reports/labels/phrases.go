package labels

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed phrases.yaml
var phrasesFile []byte

// phrase is something that the program itself writes into a message, and how it
// is said in Chinese.
type phrase struct {
	pattern *regexp.Regexp
	chinese string // a template of regexp.Expand
}

// figure is what stands for {} in a message: no blank, no end of a clause.
const figure = `([^\s;,]+)`

// readPhrases reads phrases.yaml, and the reasons of the vocabulary
// issue_reason, which may stand behind a place ("line 3: …"). Longer ones come
// first, for a shorter one may be a part of them.
func readPhrases(reasons map[string]Words) ([]phrase, error) {
	var list []Words
	if err := yaml.NewDecoder(bytes.NewReader(phrasesFile), yaml.Strict()).Decode(&list); err != nil {
		return nil, fmt.Errorf("read the embedded phrases.yaml: %w", err)
	}
	for _, w := range reasons {
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b Words) int {
		if len(a.EN) != len(b.EN) {
			return len(b.EN) - len(a.EN)
		}
		return strings.Compare(a.EN, b.EN)
	})
	phrases := make([]phrase, 0, len(list))
	for _, w := range list {
		pattern, err := regexp.Compile(strings.ReplaceAll(regexp.QuoteMeta(w.EN), `\{\}`, figure))
		if err != nil {
			return nil, fmt.Errorf("phrase %q: %w", w.EN, err)
		}
		chinese := strings.ReplaceAll(w.ZH, "$", "$$")
		for n := 1; n <= strings.Count(w.EN, "{}"); n++ {
			chinese = strings.ReplaceAll(chinese, "{"+strconv.Itoa(n)+"}", "${"+strconv.Itoa(n)+"}")
		}
		phrases = append(phrases, phrase{pattern, chinese})
	}
	return phrases, nil
}

// Say is a message of the program in a language: its own phrases are translated,
// what a vendor said and addresses stay as they are.
func (l *Labels) Say(language, message string) string {
	if language != Chinese {
		return message
	}
	for _, p := range l.phrases {
		message = p.pattern.ReplaceAllString(message, p.chinese)
	}
	return message
}
