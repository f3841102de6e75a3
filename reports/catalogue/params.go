package catalogue

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Param is one parameter of a report. In the statement it is $name.
type Param struct {
	Name       string
	Type       string // date, text, integer, decimal or flag
	Default    string // as in the header; see Values for what a date can say
	HasDefault bool
}

// paramTypes are the types that a header can declare.
var paramTypes = []string{"date", "text", "integer", "decimal", "flag"}

// lastCompleteWord is the date default that stands for the last business date
// that is over; " - 30" behind it goes that many days back.
const lastCompleteWord = "last_complete"

var (
	paramName    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	lastDays     = regexp.MustCompile(`^` + lastCompleteWord + `(?:\s*-\s*(\d{1,4}))?$`)
	plainDecimal = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
)

// parseParam reads "param.NAME: TYPE" or "param.NAME: TYPE = DEFAULT".
func parseParam(name, text string) (Param, error) {
	typ, def, has := strings.Cut(text, "=")
	p := Param{Name: name, Type: strings.TrimSpace(typ), Default: strings.TrimSpace(def), HasDefault: has}
	if !paramName.MatchString(name) {
		return p, fmt.Errorf("parameter %q: want a name of lower-case letters, digits and _", name)
	}
	if !slices.Contains(paramTypes, p.Type) {
		return p, fmt.Errorf("parameter %s: unknown type %q; known are %s", name, p.Type, strings.Join(paramTypes, ", "))
	}
	if has {
		if _, err := p.value(p.Default, time.Time{}); err != nil {
			return p, fmt.Errorf("default of %w", err)
		}
	}
	return p, nil
}

// value is what is bound for a text: always text or null, which the statement
// casts ($date_from::DATE), so that no type is guessed twice.
func (p *Param) value(text string, complete time.Time) (any, error) {
	fail := func(want string) (any, error) {
		return nil, fmt.Errorf("parameter %s: %q is not %s", p.Name, text, want)
	}
	if text == "" && p.Type != "text" {
		return nil, nil
	}
	switch p.Type {
	case "date":
		if m := lastDays.FindStringSubmatch(text); m != nil {
			back, _ := strconv.Atoi("0" + m[1])
			return complete.AddDate(0, 0, -back).Format(time.DateOnly), nil
		}
		if d, err := time.Parse(time.DateOnly, text); err != nil || d.Year() < 1970 || d.Year() > 9998 {
			return fail("a date: want yyyy-MM-dd")
		}
		return text, nil
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fail("a whole number")
		}
		return n, nil
	case "decimal":
		if !plainDecimal.MatchString(text) {
			return fail("a plain decimal number")
		}
		return text, nil
	case "flag":
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fail("true or false")
		}
		return b, nil
	}
	return text, nil
}

// Has says whether the report has a parameter of that name.
func (r *Report) Has(param string) bool {
	return slices.ContainsFunc(r.Params, func(p Param) bool { return p.Name == param })
}

// bind is the arguments of the report's statement: given values by name, else
// the defaults of the header. A given value for a parameter that the report
// does not have is left out: whoever lets people name parameters checks them
// with Has. complete is the last complete business date.
func (r *Report) bind(given map[string]string, complete time.Time) ([]any, error) {
	args := make([]any, 0, len(r.Params))
	for _, p := range r.Params {
		text, ok := given[p.Name]
		if !ok {
			if !p.HasDefault {
				return nil, fmt.Errorf("report %s: parameter %s (%s) has no default: give it a value", r.Name, p.Name, p.Type)
			}
			text = p.Default
		}
		v, err := p.value(text, complete)
		if err != nil {
			return nil, fmt.Errorf("report %s: %w", r.Name, err)
		}
		args = append(args, sql.Named(p.Name, v))
	}
	return args, nil
}

// checkParams compares the declared parameters with those that the statement
// uses, both ways.
func (r *Report) checkParams() error {
	used := map[string]int{}
	for _, t := range sqlfiles.Tokens(r.Text.SQL) {
		name := t.Param()
		if _, seen := used[name]; name != "" && !seen {
			used[name] = r.Text.Line + t.Line - 1
		}
	}
	for name, line := range used {
		if !r.Has(name) {
			return fmt.Errorf("%s:%d: $%s is not declared: add \"-- param.%s: TYPE = DEFAULT\" to the header", r.Path, line, name, name)
		}
	}
	for _, p := range r.Params {
		if _, ok := used[p.Name]; !ok {
			return fmt.Errorf("%s:1: parameter %s is declared but the statement has no $%s", r.Path, p.Name, p.Name)
		}
	}
	return nil
}

// Day is the calendar day of t, or of otherwise where t is zero.
func Day(t, otherwise time.Time) time.Time {
	if t.IsZero() {
		t = otherwise
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
