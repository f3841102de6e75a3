package catalogue

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/shelf"
	"github.com/nightaudit/nightaudit/reports/workbook"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Report is one file of the catalogue.
type Report struct {
	workbook.Layout               // what its header says about its title and columns
	Name            string        // also the file's name without .sql
	Path            string        // for messages
	Extra           bool          // it is of the user's own folder
	Description     labels.Words  // may be empty
	Params          []Param       // in the order of the header
	Text            sqlfiles.Text // one SELECT with $parameters, as it is written, for every engine
	SQL             string        // the same as DuckDB reads it
}

// reportSpec lists the keys of a report's header.
var reportSpec = sqlfiles.Spec{
	Required: []string{"name", "title.en", "title.zh"},
	Optional: []string{"description.en", "description.zh", "table", "print_to"},
	Prefixes: []string{"param.", "label.en.", "label.zh.", "format.", "width.", "values."},
}

// Load lists the built-in reports and those of extraDir, ordered by
// name. extraDir may be empty. Every file is read strictly: an unknown key, a
// missing title, a parameter that the statement does not use or does not
// declare, a layout that names no known format or vocabulary, and two reports
// of one name are errors that say file and line.
func Load(extraDir string) ([]Report, error) {
	own, err := builtIn()
	if err != nil || extraDir == "" {
		return slices.Clone(own), err
	}
	texts, err := extraTexts(extraDir)
	if err != nil {
		return nil, err
	}
	extra, err := parseReports(texts, true)
	if err != nil {
		return nil, err
	}
	reports := slices.Clone(own)
	for i := range extra {
		if first, err := Find(own, extra[i].Name); err == nil {
			return nil, fmt.Errorf("%s:1: a report named %q exists already (%s): rename the file and its name key", extra[i].Path, first.Name, first.Path)
		}
		reports = append(reports, extra[i])
	}
	slices.SortFunc(reports, byName)
	return reports, nil
}

// builtIn are the program's own reports, which are read once.
var builtIn = sync.OnceValues(func() ([]Report, error) {
	texts, err := sqlfiles.Files(sqlfiles.Reports)
	if err != nil {
		return nil, fmt.Errorf("read the built-in reports: %w", err)
	}
	return parseReports(texts, false)
})

// parseReports takes files of one folder apart, of which no two have one name.
func parseReports(texts []sqlfiles.Text, extra bool) ([]Report, error) {
	words, err := labels.Load()
	if err != nil {
		return nil, err
	}
	reports := make([]Report, 0, len(texts))
	for _, t := range texts {
		r, err := parseReport(t, words)
		if err != nil {
			return nil, err
		}
		r.Extra = extra
		reports = append(reports, r)
	}
	slices.SortFunc(reports, byName)
	return reports, nil
}

func byName(a, b Report) int { return strings.Compare(a.Name, b.Name) }

// maxReport is how long a report of the user's own may be, in bytes.
const maxReport = 1 << 20

// extraTexts reads the .sql files of a user's folder.
func extraTexts(dir string) ([]sqlfiles.Text, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of extra reports (report.extra_dir): %w", err)
	}
	var texts []sqlfiles.Text
	for _, e := range entries {
		name, isSQL := strings.CutSuffix(e.Name(), ".sql")
		if !isSQL || e.IsDir() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		data, err := disk.ReadIn(path, maxReport)
		if err != nil {
			return nil, fmt.Errorf("read the extra report: %w", err)
		}
		text, err := disk.Text(data)
		if err != nil {
			return nil, fmt.Errorf("the extra report %s %w", path, err)
		}
		texts = append(texts, sqlfiles.Text{Name: name, Path: path, SQL: text})
	}
	return texts, nil
}

var reportName = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// parseReport takes one file apart.
func parseReport(t sqlfiles.Text, words *labels.Labels) (Report, error) {
	file, err := sqlfiles.ParseFile(t.Path, t.SQL, reportSpec)
	if err != nil {
		return Report{}, err
	}
	r := Report{
		Name:        file.Keys["name"],
		Path:        t.Path,
		Description: labels.Words{EN: file.Keys["description.en"], ZH: file.Keys["description.zh"]},
		Text:        sqlfiles.Text{Name: t.Name, Path: t.Path, SQL: strings.TrimRight(file.Body, "; \t\r\n"), Line: file.Line},
		Layout: workbook.Layout{
			Title:   labels.Words{EN: file.Keys["title.en"], ZH: file.Keys["title.zh"]},
			Table:   file.Keys["table"],
			PrintTo: file.Keys["print_to"],
			Columns: map[string]workbook.ColumnLayout{},
		},
	}
	if r.Name != t.Name || !reportName.MatchString(r.Name) {
		return Report{}, fmt.Errorf("%s:1: name is %q: it must be the file's name without .sql, in lower-case letters, digits, _ and -", t.Path, r.Name)
	}
	if r.Name == shelf.WorkbookName {
		return Report{}, fmt.Errorf("%s:1: name %q is that of the workbook: choose another", t.Path, r.Name)
	}
	for _, h := range file.Prefixed("param.") {
		p, err := parseParam(h.Key, h.Value)
		if err != nil {
			return Report{}, fmt.Errorf("%s:%d: %w", t.Path, h.Line, err)
		}
		r.Params = append(r.Params, p)
	}
	if err := r.checkParams(); err != nil {
		return Report{}, err
	}
	if r.SQL, err = sqlfiles.Expand(sqlfiles.DuckDB, r.Text); err != nil {
		return Report{}, err
	}
	return r, r.readLayout(&file, words)
}

// readLayout reads the keys that name columns. Whether a column exists is
// known only when the statement is prepared.
func (r *Report) readLayout(file *sqlfiles.File, words *labels.Labels) error {
	each := func(prefix string, set func(l *workbook.ColumnLayout, value string) error) error {
		for _, h := range file.Prefixed(prefix) {
			l := r.Columns[h.Key]
			if err := set(&l, h.Value); err != nil {
				return fmt.Errorf("%s:%d: %s%s: %w", r.Path, h.Line, prefix, h.Key, err)
			}
			r.Columns[h.Key] = l
		}
		return nil
	}
	for _, read := range []struct {
		prefix string
		set    func(l *workbook.ColumnLayout, value string) error
	}{
		{"label.en.", func(l *workbook.ColumnLayout, v string) error { l.Label.EN = v; return nil }},
		{"label.zh.", func(l *workbook.ColumnLayout, v string) error { l.Label.ZH = v; return nil }},
		{"format.", func(l *workbook.ColumnLayout, v string) error {
			if !slices.Contains(workbook.Formats, v) {
				return fmt.Errorf("unknown format %q; known are %s", v, strings.Join(workbook.Formats, ", "))
			}
			l.Format = v
			return nil
		}},
		{"width.", func(l *workbook.ColumnLayout, v string) error {
			w, err := strconv.ParseFloat(v, 64)
			if err != nil || w < 1 || w > 255 {
				return fmt.Errorf("width %q: want a number of characters from 1 to 255", v)
			}
			l.Width = w
			return nil
		}},
		{"values.", func(l *workbook.ColumnLayout, v string) error {
			if _, ok := words.Values[v]; !ok {
				return fmt.Errorf("unknown vocabulary %q; known are %s", v, strings.Join(words.Vocabularies(), ", "))
			}
			l.Values = v
			return nil
		}},
	} {
		if err := each(read.prefix, read.set); err != nil {
			return err
		}
	}
	return nil
}

// Find is the report of a name.
func Find(reports []Report, name string) (*Report, error) {
	for i := range reports {
		if reports[i].Name == name {
			return &reports[i], nil
		}
	}
	names := make([]string, len(reports))
	for i := range reports {
		names[i] = reports[i].Name
	}
	return nil, fmt.Errorf("no report %q: there are %s", name, strings.Join(names, ", "))
}
