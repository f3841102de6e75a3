package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract/all"
)

// The starter configuration is complete but for its secrets.
func TestStarterIsValid(t *testing.T) {
	drivers := all.Drivers()
	words := starter(drivers)
	c := mustLoad(t, words)
	if len(c.Accounts) != len(drivers) {
		t.Errorf("%d accounts, want one of each of the %d sources", len(c.Accounts), len(drivers))
	}
	// What is commented out is right as well.
	c = mustLoad(t, strings.NewReplacer(
		"# links:", "links:", "#   - name: tower", "  - name: tower", "#     tuya:", "    tuya:", "#     akubela:", "    akubela:",
		"#     starhotel:", "    starhotel:", "#     rooms:", "    rooms:", "  # group:", "  group:", "  # extra_dir:", "  extra_dir:",
		"# notify:", "notify:", "#   - {kind:", "  - {kind:", "# metrics:", "metrics:", "#   textfile:", "  textfile:",
		"# lineage:", "lineage:", "#   file: ./", "  file: ./", "#   url: https", "  url: https", "#   api_key:", "  api_key:", "#   namespace:", "  namespace:",
	).Replace(words))
	if c.MetricsFile == "" || c.Lineage.File == "" || c.Lineage.URL == nil || c.Lineage.APIKey == "" || c.Lineage.Namespace != "nightaudit" {
		t.Errorf("metrics %q, lineage %+v", c.MetricsFile, c.Lineage)
	}
	if len(c.Notify) != 2 || len(c.Links) != 1 || c.Links[0].Rooms["8801"] != "A8801" || c.Publish.Group != "analysts" || c.Report.ExtraDir == "" {
		t.Errorf("links %+v, publish %+v, report %+v", c.Links, c.Publish, c.Report)
	}
}

// The examples on the sources' pages are configurations.
func TestSourcePages(t *testing.T) {
	var words strings.Builder
	words.WriteString("version: 1\npii: {key: k}\nsources:\n")
	drivers := all.Drivers()
	for i := range drivers {
		page, err := os.ReadFile("../../docs/sources/" + drivers[i].Name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, ok := strings.Cut(string(page), "```yaml\n")
		example, _, closed := strings.Cut(rest, "```")
		if !ok || !closed {
			t.Fatalf("the page of %s has no example", drivers[i].Name)
		}
		for line := range strings.Lines(example) {
			words.WriteString("  " + line)
		}
	}
	if c := mustLoad(t, words.String()); len(c.Accounts) != len(drivers) {
		t.Errorf("%d accounts, want %d", len(c.Accounts), len(drivers))
	}
}

// exampleSecret is what the environment has in place of a secret.
func exampleSecret(name string) string {
	if strings.HasSuffix(name, "_URL") {
		return "https://value.example/of?name=" + name
	}
	return "value-of-" + name
}

func mustLoad(t *testing.T, words string) *config.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nightaudit.yaml")
	if err := os.WriteFile(file, []byte(words), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, config.Options{
		Getenv:  exampleSecret,
		Drivers: all.Drivers(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
