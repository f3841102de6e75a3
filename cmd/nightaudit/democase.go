package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/cases"
	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/reports/sheets"
)

// demoCase plays a case in a folder of the demo.
func (a *app) demoCase(ctx context.Context, file, dir string) (err error) {
	opened, err := cases.Open(file)
	if err != nil {
		return &failure{code: exit.Usage, what: "there is no case to play", err: err, do: "nightaudit case makes one"}
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if from, err := filepath.Abs(file); err != nil || from == dir || strings.HasPrefix(from, dir+string(filepath.Separator)) {
		return usage("the case lies in the folder that the demo makes anew", "name another folder with --dir")
	}
	err = demo.Prepare(dir)
	if err == nil {
		err = opened.Lay(dir)
	}
	if err != nil {
		return &failure{code: exit.Failed, what: "the demo did not start", err: err}
	}
	p, err := a.playCase(ctx, dir, opened.About)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.db.close()) }()
	workbook, err := p.db.workbook(ctx, sheets.Options{
		Dir: p.cfg.Report.Dir, Language: p.cfg.Report.Language, Timezone: p.cfg.Zone.String(), Now: a.now,
		Notice: func(text string) { a.log.Warn(text) },
	})
	if err != nil {
		return &failure{code: exit.Failed, what: "the workbook of the case was not made", err: err}
	}
	differences := cases.Differences(opened.Expected, p.outcome)
	fmt.Fprintf(a.stdout, "database  %s\nworkbook  %s\ncomes     %s\n", shortPath(p.result.Database), shortPath(workbook), outcomeText(p.outcome))
	printDifferences(a, differences, "as expected", "otherwise than expected")
	with := a.program + " %s" + configFlag(shortPath(filepath.Join(dir, defaultConfig)))
	if opened.OrderID != "" {
		fmt.Fprintf(a.stdout, "\nTo see it: "+with+" %s --raw\n", "trace", quoted(opened.OrderID))
	}
	if len(differences) > 0 {
		return exitWith(exit.Partial)
	}
	return nil
}
