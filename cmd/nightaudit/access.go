package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/load/disk"
)

// Who may read and write what a night rests on. What lets strangers change it is
// a failure of check, what lets them read it or the group change it a warning.

const (
	groupWrites fs.FileMode = 0o020
	otherWrites fs.FileMode = 0o002
	othersRead  fs.FileMode = 0o044
)

// checkAccess looks at modes, and changes nothing. Windows keeps access in lists
// that a mode does not show.
func checkAccess(cfg *config.Config) []finding {
	if runtime.GOOS == "windows" {
		return nil
	}
	found := checkConfigFile(cfg)
	for _, file := range cfg.SecretFiles {
		found = append(found, checkFolderOf("secret file", file)...)
	}
	found = append(found, checkDataDir(cfg.DataDir)...)
	found = append(found, checkShared("publish.dir", cfg.Publish.Dir, true)...)
	found = append(found, checkShared("report.dir", cfg.Report.Dir, false)...) // finance writes there
	if cfg.Report.ExtraDir != "" {
		found = append(found, checkShared("report.extra_dir", cfg.Report.ExtraDir, true)...)
	}
	return found
}

// checkConfigFile looks at the configuration: whoever changes it sends the
// secrets where they like.
func checkConfigFile(cfg *config.Config) (found []finding) {
	const key = "configuration"
	info, err := os.Stat(cfg.File)
	if err != nil {
		return nil
	}
	mode := info.Mode().Perm()
	if uid, ok := disk.OwnerOf(info); ok && uid != 0 && uid != os.Geteuid() {
		found = append(found, warn(key, fmt.Sprintf("%s belongs to another user (%d), who can change it", cfg.File, uid), "chown it to the user who runs nightaudit"))
	}
	switch {
	case mode&otherWrites != 0:
		found = append(found, fail(key, fmt.Sprintf("anybody on this machine can change %s (mode %04o)", cfg.File, mode), "chmod 600 "+quoted(cfg.File)))
	case mode&groupWrites != 0:
		found = append(found, warn(key, fmt.Sprintf("its group can change %s (mode %04o)", cfg.File, mode), "chmod g-w "+quoted(cfg.File)))
	}
	if len(cfg.Literals) > 0 && mode&othersRead != 0 {
		found = append(found, warn(key, fmt.Sprintf("other people can read %s (mode %04o), and secrets stand in it: %s", cfg.File, mode, literals(cfg.Literals)),
			"chmod 600 "+quoted(cfg.File)+", or write ${NAME} or ${file:PATH} there"))
	}
	return append(found, checkFolderOf(key, cfg.File)...)
}

// literals names secrets by their keys.
func literals(all []config.Literal) string {
	var words []string
	for _, l := range all {
		words = append(words, fmt.Sprintf("%s (line %d)", l.Key, l.Line))
	}
	return strings.Join(words, ", ")
}

// checkFolderOf looks whether strangers can put another file in the place of one.
func checkFolderOf(key, file string) []finding {
	dir := filepath.Dir(file)
	found := checkAbove(key, dir)
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&groupWrites != 0 && info.Mode()&fs.ModeSticky == 0 {
		found = append(found, warn(key, fmt.Sprintf("the group of the folder %s can replace %s (mode %04o)", dir, filepath.Base(file), info.Mode().Perm()), "chmod g-w "+quoted(dir)))
	}
	return found
}

// checkAbove looks for a folder, dir or one above it, in which anybody can put
// another file or folder in the place of one. Where the sticky bit is set (/tmp)
// nobody can replace what is somebody else's.
func checkAbove(key, dir string) []finding {
	for at := existing(dir); ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err == nil && info.Mode().Perm()&otherWrites != 0 && info.Mode()&fs.ModeSticky == 0 {
			return []finding{fail(key, fmt.Sprintf("anybody on this machine can replace what lies in %s (mode %04o)", at, info.Mode().Perm()), "chmod o-w "+quoted(at))}
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

func checkDataDir(dir string) []finding {
	const key = "data_dir"
	found := checkAbove(key, dir)
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o077 != 0 {
		found = append(found, warn(key, fmt.Sprintf("mode %04o lets other people in", info.Mode().Perm()), "chmod 700 "+quoted(dir)))
	}
	return found
}

// checkShared looks at a folder that other people read.
func checkShared(key, dir string, readOnly bool) []finding {
	found := checkAbove(key, dir)
	if info, err := os.Stat(dir); readOnly && err == nil && info.Mode().Perm()&groupWrites != 0 {
		found = append(found, warn(key, fmt.Sprintf("the group of %s can replace what lies there (mode %04o)", dir, info.Mode().Perm()), "chmod g-w "+quoted(dir)))
	}
	return found
}

// checkReach looks whether the members of a group come to a folder, and into it.
func checkReach(key, dir, group string, gid int) (found []finding) {
	if info, err := os.Stat(dir); err == nil && !disk.Lets(info, gid, 0o5) {
		found = append(found, warn(key, fmt.Sprintf("%s does not let the group %s in (mode %04o): the next run gives it to the group", dir, group, info.Mode().Perm()),
			fmt.Sprintf("or now: chgrp %s %s && chmod g+rx %s", quoted(group), quoted(dir), quoted(dir))))
	}
	for at := existing(filepath.Dir(dir)); at != filepath.Dir(at); at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && !disk.Lets(info, gid, 0o1) {
			found = append(found, fail(key, fmt.Sprintf("the group %s cannot reach it: %s has mode %04o", group, at, info.Mode().Perm()), "chmod o+x "+quoted(at)+", or name a folder elsewhere"))
		}
	}
	return found
}

// checkClear says of each account that it is read in clear, and by which proxy
// the others go.
func checkClear(accounts []config.Account) (found []finding) {
	by := map[string][]string{} // accounts by proxy
	for _, account := range accounts {
		subject := account.Driver.Name + "/" + account.Name
		settings := account.Source.Settings()
		switch {
		case settings.InClear():
			found = append(found, warn(subject, "base_url is http:// to another machine: credentials and orders can be read on their way (insecure: true); no proxy is used for it", "write https://, and take insecure out"))
		case settings.Insecure:
			found = append(found, warn(subject, "insecure: true is not needed: its base_url is https:// or this machine", "take it out"))
		}
		if proxy := settings.ProxyName(); proxy != "" {
			by[proxy] = append(by[proxy], subject)
		}
	}
	for proxy, subjects := range by {
		slices.Sort(subjects)
		found = append(found, pass("proxy", proxy+" (HTTPS_PROXY), for "+strings.Join(subjects, ", ")))
	}
	return found
}

// leastKey is how many characters keep hashes of document numbers from being
// found by trying.
const leastKey = 16

// checkKey looks at the key with which personal data is hashed. One that is in
// use is not refused: another one changes every hash that is stored.
func checkKey(cfg *config.Config) []finding {
	if !cfg.Privacy.Hashes() || len(cfg.Privacy.Key) >= leastKey {
		return nil
	}
	return []finding{warn("pii.key", "is shorter than 16 characters: what is hashed with it can be found by trying", "make one with openssl rand -hex 16; the next run then hashes anew all that is landed")}
}

// checkTaken says whose the places of this configuration are, if not its own.
func checkTaken(ctx context.Context, cfg *config.Config) []finding {
	notices, err := pipeline.Occupied(ctx, cfg)
	if err == nil {
		var found []finding
		for _, n := range notices {
			found = append(found, warn("places", n, "run, and see whether the disk is sound"))
		}
		return found
	}
	f := takenFailure(err)
	if !errors.As(err, new(*pipeline.TakenError)) {
		f.do = "see that the folders can be read"
	}
	return []finding{fail("places", err.Error(), f.do)}
}

// noticeAccess has a run or the listener say what check calls wrong with who may
// read and write.
func (a *app) noticeAccess(cfg *config.Config) {
	for _, f := range checkAccess(cfg) {
		a.log.Warn(f.subject + ": " + f.text + "; " + f.do)
	}
}
