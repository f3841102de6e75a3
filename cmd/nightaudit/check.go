package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/urfave/cli/v3"
	"golang.org/x/sync/errgroup"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/catalogue"
)

const (
	// A vendor that checks signatures allows for a few minutes of skew; what
	// is above this is worth mending before it is too much.
	maxSkew = time.Minute
	// The warehouse, its published copies and the landing share the disk.
	scarceDisk = 1 << 30   // bytes: a warning
	fullDisk   = 100 << 20 // bytes: too little for a night
)

// checkLimits: a person waits. One more attempt, and not the night's six, and
// no minutes before it because a vendor asks for them.
var checkLimits = extract.HTTPLimits{Retries: 1, MaxWait: 10 * time.Second}

func (a *app) checkCommand() *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "validate the configuration, then reach every account",
		Description: "For each account: reach the vendor, log in, read one page, compare clocks.\n" +
			"Nothing is loaded. Exit codes: 2 for the configuration, 1 when a folder or an\n" +
			"account fails.",
		Flags: []cli.Flag{formatFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			asJSON, err := wantsJSON(c)
			if err != nil {
				return err
			}
			return a.check(ctx, asJSON)
		},
	}
}

// finding is a line of check.
type finding struct {
	mark    rune // ✓, ! or ✗
	subject string
	text    string
	do      string // the remedy
}

func pass(subject, words string) finding     { return finding{'✓', subject, words, ""} }
func warn(subject, words, do string) finding { return finding{'!', subject, words, do} }
func fail(subject, words, do string) finding { return finding{'✗', subject, words, do} }

func (a *app) check(ctx context.Context, asJSON bool) error {
	var told collected
	cfg, err := a.loadLogging(a.now, checkLimits, slog.New(&warnings{Handler: a.log.Handler(), into: &told}))
	if err != nil {
		return err
	}
	r := checked{Version: 1, At: a.now().UTC().Truncate(time.Second)}
	show := func(f finding) {
		if f.mark == '✗' {
			r.Failed++
		}
		r.Findings = append(r.Findings, f.json(a.names))
		if !asJSON {
			a.printFinding(f)
		}
	}
	show(pass("configuration", fmt.Sprintf("%s, %s", a.configFile, plural(int64(len(cfg.Accounts)), "account", "accounts"))))
	for _, f := range slices.Concat(checkFolders(ctx, cfg), checkNewer(ctx, cfg), checkAccess(cfg), checkKey(cfg), checkTaken(ctx, cfg), checkClear(cfg.Accounts), checkAccounts(ctx, cfg.Accounts)) {
		show(f)
	}
	for _, f := range told.found {
		show(f)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if asJSON {
		err = a.printJSON(r)
	} else if r.Failed == 0 {
		a.sayNext(cfg, "probe", "")
	}
	if err == nil && r.Failed > 0 {
		if !asJSON {
			a.sayNext(cfg, "check", "once what ✗ names is mended")
		}
		return exitWith(exit.Failed)
	}
	return err
}

func (a *app) printFinding(f finding) {
	colours := map[rune]text.Colors{'✓': green, '!': yellow, '✗': red}[f.mark]
	a.sayf("%s %s: %s", paint(a.stdoutColour(), colours, string(f.mark)), f.subject, strings.TrimSuffix(f.text+"; "+f.do, "; "))
}

// checkFolders looks at what the night will write to, and changes nothing.
func checkFolders(ctx context.Context, cfg *config.Config) []finding {
	found := []finding{checkFolder("data_dir", cfg.DataDir)}
	found = append(found, checkFolder("publish.dir", cfg.Publish.Dir), checkFolder("report.dir", cfg.Report.Dir))
	if dir := cfg.Report.ExtraDir; dir != "" {
		if all, err := catalogue.Load(dir); err != nil {
			found = append(found, fail("report.extra_dir", err.Error(), "mend it, or leave the key out"))
		} else {
			found = append(found, pass("report.extra_dir", fmt.Sprintf("%s, with the built-in ones %s", dir, plural(int64(len(all)), "report", "reports"))))
		}
	}
	for _, told := range []struct{ key, file string }{{"metrics.textfile", cfg.MetricsFile}, {"lineage.file", cfg.Lineage.File}} {
		if told.file != "" {
			found = append(found, checkFileIn(told.key, told.file))
		}
	}
	if cfg.LandingKeys.Seals() {
		found = append(found, checkLanding(cfg))
	}
	if group := cfg.Publish.Group; group != "" {
		found = append(found, checkGroup(cfg, group)...)
	}
	free, err := disk.Free(existing(cfg.DataDir))
	switch {
	case err != nil:
		found = append(found, warn("disk", err.Error(), "see that there is room for the night"))
	case free < fullDisk:
		found = append(found, fail("disk", gibibytes(free)+" free for data_dir", "make room: a night needs more than twice the warehouse's size"))
	case free < scarceDisk:
		found = append(found, warn("disk", gibibytes(free)+" free for data_dir", "make room soon"))
	default:
		found = append(found, pass("disk", gibibytes(free)+" free for data_dir"))
	}
	return append(found, checkMemory(ctx, cfg.MemoryLimit))
}

// checkMemory says how much memory the database of a night takes.
func checkMemory(ctx context.Context, configured int64) finding {
	limit, err := load.MemoryLimit(ctx, configured)
	if err != nil {
		return warn("memory", err.Error(), "set memory_limit")
	}
	words := fmt.Sprintf("the database takes %d MiB to load and to check, up to %d MiB where it is larger than %d MiB, then it works on the disk",
		load.SparingMemory>>20, limit>>20, load.LargeDatabase>>20)
	if configured == 0 {
		words += "; memory_limit sets another limit"
	}
	return pass("memory", words)
}

// checkNewer finds what a newer program has written: no command of this one would
// touch it.
func checkNewer(ctx context.Context, cfg *config.Config) (found []finding) {
	folder := filepath.Join(cfg.DataDir, "landing")
	errs := []error{
		load.RefuseNewer(ctx, filepath.Join(cfg.DataDir, "warehouse.duckdb")),
		load.RefuseNewer(ctx, filepath.Join(cfg.Publish.Dir, load.PublishedName)),
	}
	if _, err := os.Stat(folder); err == nil {
		_, err := landing.Open(folder, cfg.LandingKeys)
		errs = append(errs, err)
	}
	for _, err := range errs {
		if err != nil {
			found = append(found, fail("versions", err.Error(), ""))
		}
	}
	return found
}

// checkLanding says what an encrypted landing can do without its identity.
func checkLanding(cfg *config.Config) finding {
	const subject, set = "landing", "set landing.identity where they are to run"
	switch {
	case cfg.LandingKeys.Opens():
		return pass(subject, "encrypted, and landing.identity opens it")
	case len(notified(cfg)) > 0:
		return fail(subject, "encrypted, and landing.identity is not set: notifications are kept, and no night can load them", set)
	}
	return warn(subject, "encrypted, and landing.identity is not set: replay and removing old answers do not work, and a night that was cut short asks the vendors again", set)
}

func gibibytes(n int64) string { return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30)) }

// checkFolder tries whether something can be made in a folder, or, where it does
// not exist yet, in the folder in which it will be made.
func checkFolder(key, dir string) finding {
	parent := existing(dir)
	tried, err := disk.Own(parent, disk.Hidden+"check-")
	if err != nil {
		var refused *fs.PathError
		if errors.As(err, &refused) {
			err = refused.Err
		}
		return fail(key, fmt.Sprintf("%s cannot be written to: %v", parent, err), "give the user who runs nightaudit write access, or name another folder")
	}
	if err := os.Remove(tried); err != nil {
		return fail(key, err.Error(), "remove "+tried)
	}
	if parent != dir {
		return pass(key, dir+", will be made")
	}
	return pass(key, dir)
}

// checkFileIn tries whether a file can be made in its folder, which is not made.
func checkFileIn(key, file string) finding {
	dir := filepath.Dir(file)
	if existing(dir) != dir {
		return fail(key, dir+" is not there", "make the folder, and let the user who runs nightaudit write into it")
	}
	if f := checkFolder(key, dir); f.mark == '✗' {
		return f
	}
	return pass(key, file)
}

// existing is dir or the closest folder above it that exists.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// checkGroup looks whether the group can be given what is published, and whether
// its members come to it.
func checkGroup(cfg *config.Config, group string) []finding {
	const key = "publish.group"
	with, err := disk.WithGroup(group)
	if err != nil { // the name may be anything that slipped into the key
		return []finding{fail(key, err.Error(), "create it, or leave the key out")}
	}
	found := checkReach("publish.dir", cfg.Publish.Dir, group, with.ID())
	if info, err := os.Stat(cfg.Report.Dir); err != nil || disk.Lets(info, with.ID(), 0o5) { // else another group was chosen for it
		found = append(found, checkReach("report.dir", cfg.Report.Dir, group, with.ID())...)
	}
	ids, err := os.Getgroups()
	switch {
	case err != nil:
		return append(found, warn(key, err.Error(), "see that you belong to the group "+group))
	case os.Geteuid() == 0 || os.Getegid() == with.ID() || slices.Contains(ids, with.ID()):
		return append(found, pass(key, group))
	}
	return append(found, fail(key, "the user who runs nightaudit does not belong to "+group+", and so cannot give files to it", "add the user to the group"))
}

// checkAccounts asks all accounts at once and answers in their order.
func checkAccounts(ctx context.Context, accounts []config.Account) []finding {
	found := make([]finding, len(accounts))
	var group errgroup.Group
	group.SetLimit(8)
	for i, account := range accounts {
		group.Go(func() error {
			found[i] = checkAccount(ctx, account)
			return nil
		})
	}
	_ = group.Wait() // the findings hold what went wrong
	return found
}

func checkAccount(ctx context.Context, account config.Account) finding {
	subject := account.Driver.Name + "/" + account.Name
	result, err := account.Source.Check(ctx)
	if err != nil {
		do := ""
		var e *extract.Error
		if !errors.As(err, &e) || e.Hint == "" {
			do = "see the account in the configuration"
		}
		return fail(subject, err.Error(), do)
	}
	words := "reached"
	if result.Orders >= 0 {
		words += ", " + plural(result.Orders, "record", "records") + " stated"
	}
	for _, note := range result.Notes {
		words += "; " + note
	}
	if skew := result.ClockSkew.Round(time.Second); skew.Abs() > maxSkew {
		direction := "ahead of"
		if skew < 0 {
			direction = "behind"
		}
		return warn(subject, fmt.Sprintf("%s; the vendor's clock is %v %s ours", words, skew.Abs(), direction), "keep this machine's clock by NTP: signatures depend on it")
	}
	return pass(subject, strings.TrimSpace(words))
}
