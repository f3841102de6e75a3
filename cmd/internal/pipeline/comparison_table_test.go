package pipeline_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// damageCase is a damage of the landing of buildLanding, a step of words a line,
// and what the replay then says. Paths are those of the landing; {3} is the folder
// of the third night, of which the first two are pruned. In what it says, nights
// are called by their number.
type damageCase struct {
	Name string
	Do   string
	Says []string // parts of the answer; none: nothing is lacking
}

// do carries out a step.
func (c *holed) do(step string) {
	c.t.Helper()
	words := strings.Fields(step)
	file, number := c.at(words[1]), 0
	name, err := filepath.Rel(c.landing(), file)
	if err != nil {
		c.t.Fatal(err)
	}
	if len(words) > 2 {
		number, _ = strconv.Atoi(words[2]) // where it is one
	}
	switch words[0] {
	case "cut": // the last bytes
		data := c.read(file)
		c.write(file, data[:len(data)-number])
	case "flip": // a bit of a byte, counted from the end where negative
		data := c.read(file)
		data[(number+len(data))%len(data)] ^= 1
		c.write(file, data)
	case "keep": // lines
		c.setLines(name, c.lines(name)[:number])
	case "drop": // a line, from 1
		all := c.lines(name)
		c.setLines(name, append(all[:number-1:number-1], all[number:]...))
	case "replace": // in all of the file
		c.write(file, bytes.ReplaceAll(c.read(file), []byte(words[2]), []byte(words[3])))
	case "set": // a member of a JSON file
		var members map[string]any
		err := json.Unmarshal(c.read(file), &members)
		if err == nil {
			var value any
			if err = json.Unmarshal([]byte(words[3]), &value); err == nil {
				members[words[2]] = value
				var data []byte
				data, err = json.Marshal(members)
				c.write(file, data)
			}
		}
		if err != nil {
			c.t.Fatal(err)
		}
	case "add": // to the end
		c.write(file, append(c.read(file), strings.Join(words[2:], " ")+"\n"...))
	case "rm":
		c.remove(name)
	case "swap":
		other, err := filepath.Rel(c.landing(), c.at(words[2]))
		if err != nil {
			c.t.Fatal(err)
		}
		c.swap(name, other)
	case "copy":
		c.write(c.at(words[2]), c.read(file))
	case "move":
		if err := os.Rename(file, filepath.Join(filepath.Dir(file), words[2])); err != nil {
			c.t.Fatal(err)
		}
	default:
		c.t.Fatalf("no such step: %s", step)
	}
}

// Damages of the landing made by hand, with what a replay says to each. The first
// three are those that once were published as complete.
func TestReplayOverMadeDamages(t *testing.T) {
	slowTest(t)
	var cases []damageCase
	data, err := os.ReadFile(filepath.Join("testdata", "damages.yaml"))
	if err == nil {
		err = yaml.UnmarshalWithOptions(data, &cases, yaml.DisallowUnknownField())
	}
	if err != nil || len(cases) < 60 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	if !long() {
		cases = cases[:3]
	}
	l := buildLanding(t)
	tally := attacks.In(t)
	for _, made := range cases {
		tally.Try(made.Name, func(t *testing.T) {
			t.Parallel()
			c := l.copy(t)
			for step := range strings.Lines(made.Do) {
				c.do(step)
			}
			outcome := c.judge()
			if (len(made.Says) == 0) != (outcome == wholeOutcome) {
				t.Errorf("the replay says: %s", outcome)
			}
			for _, part := range made.Says {
				if !strings.Contains(outcome, part) {
					t.Errorf("the replay does not say %q but: %s", part, outcome)
				}
			}
			t.Log(outcome)
		})
	}
}
