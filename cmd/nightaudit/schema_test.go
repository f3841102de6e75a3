package main

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
)

const schemaDocument = "docs/nightaudit.schema.json"

// The schema in the repository is that of the types: -update writes it.
func TestSchemaIsKept(t *testing.T) {
	text, err := config.Schema(all.Drivers(), starter(all.Drivers()))
	if err != nil {
		t.Fatal(err)
	}
	if readDocument(t, schemaDocument) != string(text) && !*update {
		t.Errorf("%s is not what nightaudit config --schema prints: go test ./cmd/nightaudit -run TestSchemaIsKept -update writes it", schemaDocument)
	}
	updateDocument(t, schemaDocument, string(text))
}

// keptSchema is the schema in the repository, compiled, and as it stands.
func keptSchema(t *testing.T) (*jsonschema.Schema, map[string]any) {
	t.Helper()
	raw, err := jsonschema.UnmarshalJSON(strings.NewReader(readDocument(t, schemaDocument)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("nightaudit.schema.json", raw); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("nightaudit.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s, raw.(map[string]any)
}

// asEditorsSee is a configuration's text as an editor's YAML parser gives it to
// the schema.
func asEditorsSee(t *testing.T, text string) any {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
		return nil // no YAML: the editor says so itself
	}
	object, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(object))
	if err != nil {
		t.Fatalf("%v\n%s", err, object)
	}
	return value
}

// loadAnywhere loads a configuration in a folder of its own. Variables are set but
// for those whose name begins with NO_.
func loadAnywhere(t *testing.T, text string) error {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nightaudit.yaml")
	write(t, file, text)
	write(t, filepath.Join(filepath.Dir(file), "hook.tmpl"), "{{.text}}")
	_, err := config.Load(file, config.Options{
		Drivers: all.Drivers(), Env: extract.Env{Tokens: new(extract.TokenStore)},
		Getenv: func(name string) string {
			switch {
			case strings.HasPrefix(name, "NO_"):
				return ""
			case name == "SHOP" || name == "DOWN" || name == "SLOW": // the vendors of the scripts
				return "https://vendor.example"
			}
			return exampleSecret(name)
		},
	})
	return err
}

// misshapen are the loader's words for what is wrong in the shape of a file, which
// a schema can tell.
var misshapen = regexp.MustCompile(`unknown key|unknown source|is no (rate|duration|size|time of day|treatment)|must be (a mapping|a list|a single value|true or false|a whole number|zh or en)`)

// The configurations of the tests' scripts, the starter, the demo's, the contract's
// and those of the sources' pages: those that the loader takes fit the schema, and
// those whose shape it refuses do not.
func TestSchemaAgreesWithTheLoader(t *testing.T) {
	schema, _ := keptSchema(t)
	fits, not := 0, 0
	try := func(name, text string) {
		err := loadAnywhere(t, text)
		told := schema.Validate(asEditorsSee(t, text))
		switch {
		case err == nil:
			if fits++; told != nil {
				t.Errorf("%s is taken by the loader, and does not fit the schema: %v", name, told)
			}
		case misshapen.MatchString(err.Error()):
			if not++; told == nil {
				t.Errorf("%s fits the schema, and the loader says: %v", name, err)
			}
		}
	}
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		archive, err := txtar.ParseFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			if strings.HasSuffix(file.Name, ".yaml") {
				try(script+" "+file.Name, string(file.Data))
			}
		}
	}
	try("the starter", starter(all.Drivers()))
	if fits < 15 || not < 2 {
		t.Errorf("of the configurations only %d were taken, and %d had the wrong shape", fits, not)
	}
	demo, err := os.ReadFile(filepath.Join(root, "cmd/internal/demo/nightaudit.yaml.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(asEditorsSee(t, demoValues.Replace(string(demo)))); err != nil {
		t.Errorf("the demo's configuration does not fit the schema: %v", err)
	}
}

var demoValues = strings.NewReplacer("{ {{- .Rooms -}} }", `{"8801": A8801}`, "{{.PMSID}}", "2", "{{.", "", "}}", "")

// What the schema says of each key of a configuration that has them all is what the
// loader holds: each value of an enumeration is taken and another one refused, what
// is required is missed, and a key, a list or a mapping that is not known is refused
// by both.
func TestSchemaSaysWhatTheLoaderHolds(t *testing.T) {
	schema, raw := keptSchema(t)
	_, rest, _ := strings.Cut(readDocument(t, contract), "```yaml\n")
	example, _, _ := strings.Cut(rest, "```\n")
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	example = regexp.MustCompile(`age1[a-z0-9]+`).ReplaceAllString(example, identity.Recipient().String())
	example = strings.NewReplacer("${file:secrets/landing.key}", identity.String(), "${file:secrets/soms}", "${SOMS}").Replace(example)
	var tree map[string]any
	if err := yaml.Unmarshal([]byte(example), &tree); err != nil {
		t.Fatal(err)
	}
	a := agreement{t: t, schema: schema, root: tree}
	if err := a.load(); err != nil {
		t.Fatal(err)
	}
	a.walk("", raw, tree)
	t.Logf("%d enumerated values, %d required keys, %d unknown keys", a.values, a.required, a.unknown)
	// Counted in the contract's example. Values: six treatments of four, and 21 of
	// nine other keys; of each of the seven channels three of when and of min_severity.
	// Required: sources, 17 of five accounts, 16 of their five sections auth, 3 of notify
	// and from_soms, a link's name; of the channels their kinds, six addresses and
	// commands, and three of mail. Unknown, one for each mapping: 11 of the file's own,
	// five accounts with auth, notify, from_soms, a link, seven channels.
	if a.values != 45+42 || a.required != 38+16 || a.unknown != 24+7 {
		t.Error("want 87, 54 and 31")
	}
}

// agreement walks along a configuration and its schema.
type agreement struct {
	t                         *testing.T
	schema                    *jsonschema.Schema
	root                      map[string]any
	values, required, unknown int
}

// load is what the loader says of the configuration as it is now.
func (a *agreement) load() error {
	a.t.Helper()
	text, err := yaml.Marshal(a.root)
	if err != nil {
		a.t.Fatal(err)
	}
	return loadAnywhere(a.t, string(text))
}

// fits is what the schema says of it.
func (a *agreement) fits() bool {
	a.t.Helper()
	text, err := yaml.Marshal(a.root)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.schema.Validate(asEditorsSee(a.t, string(text))) == nil
}

// complains reports whether an error names a key.
func complains(err error, key string) bool {
	var problems *config.Error
	return errors.As(err, &problems) && slices.ContainsFunc(problems.Problems, func(p config.Problem) bool {
		return p.Key == key || strings.HasSuffix(p.Key, "."+key)
	})
}

func (a *agreement) walk(path string, s map[string]any, object map[string]any) {
	properties, _ := s["properties"].(map[string]any)
	if properties == nil {
		return
	}
	object["no_such_key"] = "x"
	if a.unknown++; a.load() == nil || a.fits() {
		a.t.Errorf("%s: a key that is not known is taken by the loader or the schema", path)
	}
	delete(object, "no_such_key")
	required, _ := s["required"].([]any)
	for _, key := range required {
		was := object[key.(string)]
		delete(object, key.(string))
		if a.required++; a.load() == nil || a.fits() {
			a.t.Errorf("%s.%s is required by one of loader and schema alone", path, key)
		}
		object[key.(string)] = was
	}
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		a.property(path, key, properties[key].(map[string]any), object)
	}
}

func (a *agreement) property(path, key string, s map[string]any, object map[string]any) {
	for _, value := range enumerated(s) {
		was, there := object[key]
		object[key] = value
		if err := a.load(); complains(err, key) || !a.fits() {
			a.t.Errorf("%s.%s: %v is in the schema, and is refused: %v", path, key, value, err)
		}
		object[key] = "another"
		if err := a.load(); !complains(err, key) || a.fits() {
			a.t.Errorf("%s.%s: another value than the schema has is taken (%v)", path, key, err)
		}
		if object[key] = was; !there {
			delete(object, key)
		}
		a.values++
	}
	switch value := object[key].(type) {
	case map[string]any:
		a.walk(path+"."+key, ofKind(s, value), value)
	case []any:
		items, _ := s["items"].(map[string]any)
		for _, item := range value {
			if element, ok := item.(map[string]any); ok {
				a.walk(path+"."+key, ofKind(items, element), element)
			}
		}
	}
}

// ofKind is the schema of an object where there are several kinds of them.
func ofKind(s, object map[string]any) map[string]any {
	for _, kind := range kinds(s) {
		if kind["properties"].(map[string]any)["kind"].(map[string]any)["const"] == object["kind"] {
			return kind
		}
	}
	return s
}

// enumerated are the values that a schema lists.
func enumerated(s map[string]any) []any {
	for _, one := range list(s, "anyOf") {
		if values, ok := one["enum"].([]any); ok {
			return values
		}
	}
	return nil
}

func kinds(s map[string]any) []map[string]any { return list(s, "oneOf") }

func list(s map[string]any, key string) (all []map[string]any) {
	values, _ := s[key].([]any)
	for _, v := range values {
		all = append(all, v.(map[string]any))
	}
	return all
}

// What the starter says of keys is what an editor shows.
func TestSchemaHasTheStartersWords(t *testing.T) {
	_, raw := keptSchema(t)
	at := func(path ...string) map[string]any {
		s := raw
		for _, key := range path {
			if items, ok := s["items"].(map[string]any); ok {
				s = items
			}
			s = s["properties"].(map[string]any)[key].(map[string]any)
		}
		return s
	}
	for want, s := range map[string]map[string]any{
		"the group that may read it": at("publish", "group"),
		"Personal data: keep, mask (张*, 138****0001), hash (one guest, one hash in all sources) or drop. Applied before anything is staged.": at("pii"),
		"first creation day to load; without it, all that the vendor holds":                                                                  at("sources", "akubela", "since"),
		"body, as documented, or query where a proxy drops the body of a GET":                                                                at("sources", "tuya", "params_in"),
		"to sell each night: occupancy and RevPAR rest on it":                                                                                at("links", "rooms_available"),
		"leaves the account out": at("sources", "soms", "enabled"),
	} {
		if got := s["description"]; got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}
