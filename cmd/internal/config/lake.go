package config

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/reports/iceberg"
)

// Lake is the Iceberg lake to which each night is committed.
type Lake struct {
	Catalog   string // its address, with the password where it has one: a secret
	Warehouse string
	Keep      int           // snapshots of each table, whatever their age
	Expire    time.Duration // the age at which others go
}

type lakeSection struct {
	Catalog     string           `yaml:"catalog"`
	Warehouse   string           `yaml:"warehouse"`
	Keep        int              `yaml:"keep"`
	ExpireAfter extract.Duration `yaml:"expire_after"`
}

// writtenPassword is the part of an address that is a password, or of a REST catalog a
// token.
var writtenPassword = regexp.MustCompile(`^(?:[a-z]+://[^/@:]*:|https?://)([^/@]*)@`)

func (s *lakeSection) apply(c *Config, root *node, complain complaint) {
	n := root.at("lake.catalog")
	if s.Warehouse == "" {
		if s.Catalog != "" {
			complain("lake.warehouse", "is missing: name the folder of the lake's files")
		}
		return
	}
	c.Lake = &Lake{Catalog: s.Catalog, Warehouse: c.Path(s.Warehouse), Keep: s.Keep, Expire: time.Duration(s.ExpireAfter)}
	if strings.Contains(s.Warehouse, "://") {
		c.Lake.Warehouse = s.Warehouse
	}
	if s.Keep < 1 || s.Keep > 10_000 {
		complain("lake.keep", "must be from 1 to 10000 snapshots of each table")
	}
	if c.Lake.Expire < 24*time.Hour {
		complain("lake.expire_after", "must be 1d or more: readers may be at work on what goes")
	}
	some := "" // the catalog is looked at by itself
	if s.Catalog != "" {
		some = "sqlite:///catalog.db"
	}
	if err := iceberg.Check(iceberg.Options{Catalog: some, Warehouse: c.Lake.Warehouse}); err != nil {
		complain("lake.warehouse", "%v", err)
		return
	}
	if within(c.DataDir, c.Lake.Warehouse) {
		complain("lake.warehouse", "lies in data_dir, which nobody else may read: name a folder outside of it")
	}
	if n == nil || n.unread {
		return
	}
	if found := writtenPassword.FindStringSubmatch(cmp.Or(n.written, s.Catalog)); found != nil && !strings.Contains(found[1], "${") {
		complain("lake.catalog", "holds a password: write ${NAME} in its place, and set that variable to it")
		return
	}
	if err := iceberg.Check(iceberg.Options{Catalog: s.Catalog, Warehouse: c.Lake.Warehouse}); err != nil {
		complain("lake.catalog", "%v", err)
	}
}
