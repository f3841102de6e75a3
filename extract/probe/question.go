package probe

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/goccy/go-yaml"
)

// Text is words in both languages of the program's readers.
type Text struct {
	EN string `yaml:"en" json:"en"`
	ZH string `yaml:"zh" json:"zh"`
}

// Sure is how sure an outcome is.
type Sure string

// How sure an outcome can be.
const (
	Proven Sure = "proven" // what came allows of no other reading
	Likely Sure = "likely" // what came fits, and nothing that came speaks against it
	Open   Sure = "open"   // it cannot be told from what came
)

// Question is what a vendor's document leaves open, with all that may come out.
type Question struct {
	ID  string `yaml:"id"`
	Ask Text   `yaml:"ask"`
	// Outcomes by name. The texts are templates over the values that are given to
	// Session.Tell.
	Outcomes map[string]Outcome `yaml:"outcomes"`
}

// Outcome is one of the answers that a question may have.
type Outcome struct {
	Sure Sure `yaml:"sure"`
	Say  Text `yaml:"say"`
	// Means is what follows for the nightly run; empty where nothing does.
	Means Text `yaml:"means"`
	// Do is how to find out, where Sure is Open.
	Do Text `yaml:"do"`
	// Set are keys of the account's configuration, "page_size", and the YAML of
	// the value that each should have, a template too.
	Set map[string]string `yaml:"set"`
}

//go:embed questions.yaml
var commonQuestions []byte

// Common are the questions that several sources ask in the same words.
var Common = sync.OnceValues(func() ([]Question, error) {
	var common struct {
		Questions []Question `yaml:"questions"`
	}
	if err := yaml.UnmarshalWithOptions(commonQuestions, &common, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the questions of all sources: %w", err)
	}
	return common.Questions, nil
})

// Questions reads a source's questions: its own, and of those that several sources
// ask in the same words (questions.yaml of this package) the ones named in use.
func Questions(text []byte) ([]Question, error) {
	var own struct {
		Use       []string   `yaml:"use"`
		Questions []Question `yaml:"questions"`
	}
	if err := yaml.UnmarshalWithOptions(text, &own, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the questions of a source: %w", err)
	}
	common, err := Common()
	if err != nil {
		return nil, err
	}
	var all []Question
	for _, id := range own.Use {
		i := slices.IndexFunc(common, func(q Question) bool { return q.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("there is no common question %q", id)
		}
		all = append(all, common[i])
	}
	all = append(all, own.Questions...)
	for i := range all {
		if err := all[i].validate(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (q *Question) validate() error {
	if q.ID == "" || q.Ask.EN == "" || q.Ask.ZH == "" || len(q.Outcomes) == 0 {
		return fmt.Errorf("question %q has no id, no words or no outcomes", q.ID)
	}
	for _, name := range slices.Sorted(maps.Keys(q.Outcomes)) {
		o := q.Outcomes[name]
		switch {
		case o.Sure != Proven && o.Sure != Likely && o.Sure != Open:
			return fmt.Errorf("outcome %s of question %s is %q: write proven, likely or open", name, q.ID, o.Sure)
		case o.Say.EN == "" || o.Say.ZH == "":
			return fmt.Errorf("outcome %s of question %s has no words", name, q.ID)
		case o.Sure == Open && (o.Do.EN == "" || o.Do.ZH == "" || len(o.Set) > 0):
			return fmt.Errorf("outcome %s of question %s is open: it says how to find out, and sets nothing", name, q.ID)
		}
	}
	return nil
}

// fill puts values into the words of an outcome.
func (o Outcome) fill(values map[string]any) (Outcome, error) {
	var firstErr error
	put := func(text string) string {
		if !strings.Contains(text, "{{") {
			return strings.TrimSpace(text)
		}
		var b bytes.Buffer
		t, err := template.New("").Option("missingkey=error").Parse(text)
		if err == nil {
			err = t.Execute(&b, values)
		}
		if err != nil && firstErr == nil {
			firstErr = err
		}
		return strings.TrimSpace(b.String())
	}
	for _, t := range []*Text{&o.Say, &o.Means, &o.Do} {
		*t = Text{put(t.EN), put(t.ZH)}
	}
	filled := make(map[string]string, len(o.Set))
	for key, value := range o.Set {
		filled[key] = put(value)
	}
	o.Set = filled
	return o, firstErr
}
