package config_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
)

// The lake is read with its defaults, and its password from where secrets are; who only
// reads needs it as little as other secrets, but for who writes to the lake.
func TestLake(t *testing.T) {
	const text = "version: 1\n" + minimal + `lake: {warehouse: lake, catalog: "postgres://night:${KEY}@db.example/lake"}
`
	c, err := load(t, text, map[string]string{"KEY": "s-e-c-r-e-t"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if l := c.Lake; l.Warehouse != filepath.Join(c.Dir, "lake") || l.Catalog != "postgres://night:s-e-c-r-e-t@db.example/lake" || l.Keep != 30 || l.Expire != 30*24*time.Hour {
		t.Errorf("the lake is %+v", l)
	}
	getenv := func(name string) string { return map[string]string{"KEY": "s-e-c-r-e-t"}[name] }
	if c, err = config.Load("nightaudit.yaml", config.Options{Getenv: getenv, Reader: true}); err != nil || c.Lake != nil {
		t.Errorf("a reader gets %+v (%v)", c, err)
	}
	if c, err = config.Load("nightaudit.yaml", config.Options{Getenv: getenv, Reader: true, Lake: true}); err != nil || c.Lake == nil {
		t.Errorf("a writer gets %+v (%v)", c, err)
	}
	if c, err = load(t, "version: 1\n"+minimal, nil, nil); err != nil || c.Lake != nil {
		t.Errorf("without a lake: %+v (%v)", c, err)
	}
}

// What is wrong with it is told with its key, and without what is secret.
func TestLakeProblems(t *testing.T) {
	for section, want := range map[string]string{
		"{catalog: 'sqlite:///srv/c.db'}":                                        "lake.warehouse: is missing: name the folder of the lake's files",
		"{warehouse: 's3://lake/s-e-c-r-e-t'}":                                   "lake.warehouse: the address of the lake cannot be used: a warehouse in a bucket needs a catalog",
		"{warehouse: '/srv/our lake'}":                                           "lake.warehouse: the address of the lake cannot be used: the warehouse must be the absolute path of a folder, of the letters A to Z",
		"{warehouse: /srv/lake, keep: 0}":                                        "lake.keep: must be from 1 to 10000 snapshots of each table",
		"{warehouse: /srv/lake, expire_after: 1h}":                               "lake.expire_after: must be 1d or more",
		"{warehouse: ./data/lake}":                                               "lake.warehouse: lies in data_dir, which nobody else may read",
		"{warehouse: /srv/lake, catalog: 'postgres://n:s-e-c-r-e-t@db/lake'}":    "lake.catalog: holds a password: write ${NAME} in its place, and set that variable to it",
		"{warehouse: /srv/lake, catalog: 'https://s-e-c-r-e-t@rest.example/v1'}": "lake.catalog: holds a password: write ${NAME} in its place",
		"{warehouse: /srv/lake, catalog: 'mysql://db/s-e-c-r-e-t'}":              "lake.catalog: the address of the lake cannot be used: the catalog must begin with sqlite:, postgres:, http: or https:",
		"{warehouse: /srv/lake, catalog: 'sqlite:c.db'}":                         "lake.catalog: the address of the lake cannot be used: the catalog's file must be an absolute path",
		"{warehouse: /srv/lake, catalog: 'postgres:///s-e-c-r-e-t'}":             "lake.catalog: the address of the lake cannot be used: the catalog names no host",
		"{warehouse: /srv/lake, branch: main}":                                   "lake.branch: unknown key",
	} {
		_, err := load(t, "version: 1\n"+minimal+"lake: "+section+"\n", nil, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s-e-c-r-e-t") || strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%s: %v, want %s", section, err, want)
		}
	}
}
