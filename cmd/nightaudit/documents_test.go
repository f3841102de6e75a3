package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract/all"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// root is the repository's folder, as seen from this one.
const root = "../.."

// executed are the documents whose commands are run, with their blocks marked
// console. Their examples are of the demo that keptDemo names.
var executed = []string{"README.md", "docs/operator.md", "docs/finance.md", "docs/analyst.md"}

// The commands of the documents work and print what is said: the blocks marked
// console, one after the other, beside a folder in which the demo has just run.
// With -update what they print is written into the document, to be read again.
func TestDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a demo")
	}
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh:", err)
	}
	if of := "nightaudit demo --at " + keptDemo; !strings.Contains(readDocument(t, "docs/analyst.md"), of) {
		t.Errorf("docs/analyst.md does not say that its examples are of %s", of)
	}
	for _, name := range executed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runDocument(t, name)
		})
	}
}

func runDocument(t *testing.T, name string) {
	text := readDocument(t, name)
	commands := documentCommands(text)
	if len(commands) == 0 {
		t.Fatal("it has no block marked console")
	}
	dir := t.TempDir()
	copyDemo(t, filepath.Join(dir, "nightaudit-demo"))
	var updated strings.Builder
	end := 0
	for _, c := range commands {
		got := ""
		if folder, ok := strings.CutPrefix(c.command, "cd "); ok {
			dir = filepath.Join(dir, folder)
		} else {
			got = shell(t, dir, c.command)
		}
		if want := text[c.from:c.to]; got != want && !*update {
			t.Errorf("$ %s\ngot:\n%s\nwant:\n%s", c.command, got, want)
		}
		updated.WriteString(text[end:c.from] + got)
		end = c.to
	}
	updated.WriteString(text[end:])
	updateDocument(t, name, updated.String())
}

func shell(t *testing.T, dir, command string) string {
	t.Helper()
	cmd := exec.Command("sh", "-ec", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NIGHTAUDIT_CONFIG=")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", command, err, out, &stderr)
	}
	return string(out)
}

// SQL in a document that no test runs would go wrong unseen.
func TestDocumentsHaveNoOtherSQL(t *testing.T) {
	for _, name := range executed {
		inside := ""
		for line := range strings.Lines(readDocument(t, name)) {
			if block, ok := strings.CutPrefix(line, "```"); ok {
				if inside = strings.TrimSpace(block); inside == "sql" {
					t.Errorf("%s has a block marked sql: show it as a query in a console block", name)
				}
			}
			if inside != "console" && strings.Contains(line, "nightaudit query \"") {
				t.Errorf("%s shows a query outside of a console block: %s", name, line)
			}
		}
	}
}

// The lists that documents give of tables, columns, checks and reports are those
// of the files below sql.
func TestDocumentsListTheDictionary(t *testing.T) {
	dictionary, err := sqlfiles.Dictionary()
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []struct{ document, name, text string }{
		{"docs/analyst.md", "tables", tableList(dictionary)},
		{"docs/finance.md", "rules", ruleList(t)},
		{"docs/finance.md", "reports", reportList(t)},
		{"docs/contract.md", "columns", columnList(dictionary)},
		{"docs/mapping.md", "fields", fieldList(dictionary)},
	} {
		text := readDocument(t, list.document)
		begin, end := "<!-- "+list.name+":", "<!-- /"+list.name+" -->"
		before, rest, opened := strings.Cut(text, begin)
		head, rest, headed := strings.Cut(rest, "-->\n")
		have, after, closed := strings.Cut(rest, end)
		if !opened || !headed || !closed {
			t.Fatalf("%s has no place for the list of %s", list.document, list.name)
		}
		if have != list.text && !*update {
			t.Errorf("the %s in %s are not those below sql; -update writes them", list.name, list.document)
		}
		updateDocument(t, list.document, before+begin+head+"-->\n"+list.text+end+after)
	}
}

// ruleList says what each check compares.
func ruleList(t *testing.T) string {
	var list strings.Builder
	list.WriteString("| rule | severity | compares |\n| --- | --- | --- |\n")
	for _, keys := range headers(t, sqlfiles.Checks) {
		severity := keys["severity"]
		if keys["candidate"] == "true" {
			severity += ", candidate"
		}
		fmt.Fprintf(&list, "| `%s` | %s | %s |\n", keys["rule"], severity, cell(keys["compares.en"]))
	}
	return list.String()
}

// reportList says what each report holds.
func reportList(t *testing.T) string {
	var list strings.Builder
	list.WriteString("| report | title | holds |\n| --- | --- | --- |\n")
	for _, keys := range headers(t, sqlfiles.Reports) {
		fmt.Fprintf(&list, "| `%s` | %s %s | %s |\n", keys["name"], keys["title.en"], keys["title.zh"], cell(keys["description.en"]))
	}
	return list.String()
}

// headers are those of the .sql files of a folder, in the order of their names.
func headers(t *testing.T, folder string) []map[string]string {
	t.Helper()
	files, err := sqlfiles.Files(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for _, file := range files {
		parsed, err := sqlfiles.ParseFile(file.Path, file.SQL, sqlfiles.Spec{Prefixes: []string{""}})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parsed.Keys)
	}
	return all
}

// tableList says what each table and view holds.
func tableList(dictionary *sqlfiles.Dict) string {
	var list strings.Builder
	list.WriteString("| table or view | holds |\n| --- | --- |\n")
	for i := range dictionary.Tables {
		fmt.Fprintf(&list, "| `%s` | %s |\n", tableName(&dictionary.Tables[i]), cell(dictionary.Tables[i].Comment))
	}
	return list.String()
}

// columnList names the columns of each table and view.
func columnList(dictionary *sqlfiles.Dict) string {
	var list strings.Builder
	list.WriteString("| table or view | columns |\n| --- | --- |\n")
	for i := range dictionary.Tables {
		table := &dictionary.Tables[i]
		names := make([]string, len(table.Columns))
		for j := range table.Columns {
			names[j] = table.Columns[j].Name
		}
		fmt.Fprintf(&list, "| `%s` | %s |\n", tableName(table), strings.Join(names, ", "))
	}
	return list.String()
}

// fieldList says which field of which source fills the columns of the facts:
// a table for each, with a column for each source that fills any of it.
func fieldList(dictionary *sqlfiles.Dict) string {
	var list strings.Builder
	for i := range dictionary.Tables {
		table := &dictionary.Tables[i]
		if table.Schema != "main" || table.View {
			continue
		}
		var fillers []string
		for _, source := range append(sourceNames(), sqlfiles.Own) {
			for j := range table.Columns {
				if fieldOf(&table.Columns[j], source) != "" {
					fillers = append(fillers, source)
					break
				}
			}
		}
		fmt.Fprintf(&list, "\n### %s\n\n| column | %s |\n|%s\n", table.Name, strings.Join(fillers, " | "), strings.Repeat(" --- |", len(fillers)+1))
		for j := range table.Columns {
			column := &table.Columns[j]
			if len(column.From) == 0 {
				continue
			}
			fmt.Fprintf(&list, "| %s |", column.Name)
			for _, source := range fillers {
				if field := fieldOf(column, source); field != "" {
					fmt.Fprintf(&list, " %s |", cell(field))
				} else {
					list.WriteString(" – |")
				}
			}
			list.WriteString("\n")
		}
	}
	return list.String() + "\n"
}

func sourceNames() []string {
	var names []string
	for _, driver := range all.Drivers() {
		names = append(names, driver.Name)
	}
	return names
}

func fieldOf(column *sqlfiles.Column, source string) string {
	for _, field := range column.From {
		if field.Source == source {
			return field.Name
		}
	}
	return ""
}

// cell is a text as a cell of a Markdown table.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

func readDocument(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// updateDocument writes a document anew where -update asks for it.
func updateDocument(t *testing.T, name, text string) {
	t.Helper()
	if !*update {
		return
	}
	if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// documentCommand is a command and where in the text its output stands.
type documentCommand struct {
	command  string
	from, to int
}

// documentCommands finds the commands of the blocks marked console and what
// each is said to print.
func documentCommands(markdown string) []documentCommand {
	var commands []documentCommand
	inside, at := false, 0
	for line := range strings.Lines(markdown) {
		at += len(line)
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = strings.TrimSpace(line) == "```console"
		case inside && isCommand:
			commands = append(commands, documentCommand{strings.TrimSpace(command), at, at})
		case inside && len(commands) > 0:
			commands[len(commands)-1].to = at
		}
	}
	return commands
}

// The architecture's list of rooms has every package of the program.
func TestArchitectureNamesEveryRoom(t *testing.T) {
	out, err := exec.Command("go", "list", root+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	_, rooms, _ := strings.Cut(readDocument(t, "docs/architecture.md"), "## Rooms\n\n```text\n")
	rooms, _, _ = strings.Cut(rooms, "```")
	listed := strings.FieldsFunc(rooms, func(r rune) bool { return r == ' ' || r == '\n' || r == ',' })
	for _, imported := range strings.Fields(string(out)) {
		room := strings.TrimPrefix(imported, module)
		for _, source := range sourceNames() {
			room = strings.Replace(room, "extract/"+source, "extract/"+placeholder, 1)
		}
		if !slices.Contains(listed, room) && !slices.Contains(listed, room+"/") {
			t.Errorf("docs/architecture.md does not say what %s is", room)
		}
	}
}

// Every limit that docs/limits.md states is held by a test of that name.
func TestLimitsAreHeld(t *testing.T) {
	var all strings.Builder
	for _, folder := range []string{"cmd", "extract", "load", "reports", "transform"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			all.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(readDocument(t, "docs/limits.md"), -1)
	if len(named) < 15 {
		t.Fatalf("it names %d tests", len(named))
	}
	for _, n := range named {
		if !strings.Contains(all.String(), "func "+n[1]+"(") {
			t.Errorf("docs/limits.md names %s, and there is no such test", n[1])
		}
	}
}
