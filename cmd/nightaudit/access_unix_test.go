//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

const (
	literalConfig   = "version: 1\nreport: {extra_dir: mine}\npii: {key: a-key-that-stands-here}\nsources:\n  soms:\n    - {account: a, base_url: https://soms.example, tenant_id: \"1\", auth: {kind: basic, username: u, password: \"${file:secrets/soms}\"}}\n"
	referenceConfig = "version: 1\nreport: {extra_dir: mine}\npii: {key: \"${KEY}\"}\nsources:\n  soms:\n    - {account: a, base_url: https://soms.example, tenant_id: \"1\", auth: {kind: basic, username: u, password: \"${file:secrets/soms}\"}}\n"
)

// accessCases give one file or folder a mode; says is a line that check has then,
// "" for none.
var accessCases = []struct {
	path   string
	mode   fs.FileMode
	config string
	says   string
}{
	{"na/nightaudit.yaml", 0o600, literalConfig, ""},
	{"na/nightaudit.yaml", 0o400, literalConfig, ""},
	{"na/nightaudit.yaml", 0o640, literalConfig, "! configuration: other people can read"},
	{"na/nightaudit.yaml", 0o604, literalConfig, "! configuration: other people can read"},
	{"na/nightaudit.yaml", 0o644, literalConfig, "! configuration: other people can read"},
	{"na/nightaudit.yaml", 0o640, referenceConfig, ""},
	{"na/nightaudit.yaml", 0o644, referenceConfig, ""},
	{"na/nightaudit.yaml", 0o620, literalConfig, "! configuration: its group can change"},
	{"na/nightaudit.yaml", 0o660, referenceConfig, "! configuration: its group can change"},
	{"na/nightaudit.yaml", 0o664, referenceConfig, "! configuration: its group can change"},
	{"na/nightaudit.yaml", 0o602, literalConfig, "✗ configuration: anybody on this machine can change"},
	{"na/nightaudit.yaml", 0o666, referenceConfig, "✗ configuration: anybody on this machine can change"},
	{"na/nightaudit.yaml", 0o666, literalConfig, "✗ configuration: anybody on this machine can change"},
	{"na", 0o700, literalConfig, ""},
	{"na", 0o755, literalConfig, ""},
	{"na", 0o775, literalConfig, "! configuration: the group of the folder"},
	{"na", 0o770, literalConfig, "! configuration: the group of the folder"},
	{"na", 0o777, literalConfig, "✗ configuration: anybody on this machine can replace what lies in"},
	{"na", 0o703, literalConfig, "✗ configuration: anybody on this machine can replace what lies in"},
	{"na", 0o777 | fs.ModeSticky, referenceConfig, ""},
	{".", 0o777, literalConfig, "✗ configuration: anybody on this machine can replace what lies in"},
	{".", 0o777 | fs.ModeSticky, literalConfig, ""},
	{"na/secrets", 0o755, literalConfig, ""},
	{"na/secrets", 0o775, literalConfig, "! secret file: the group of the folder"},
	{"na/secrets", 0o777, literalConfig, "✗ secret file: anybody on this machine can replace what lies in"},
	{"na/secrets/soms", 0o400, literalConfig, ""},
	{"na/secrets/soms", 0o640, literalConfig, "secret file secrets/soms can be read or changed by group or others (mode 0640): chmod 600 it"},
	{"na/secrets/soms", 0o604, literalConfig, "can be read or changed by group or others (mode 0604)"},
	{"na/secrets/soms", 0o620, literalConfig, "can be read or changed by group or others (mode 0620)"},
	{"na/secrets/soms", 0o602, literalConfig, "can be read or changed by group or others (mode 0602)"},
	{"na/secrets/soms", 0o666, literalConfig, "can be read or changed by group or others (mode 0666)"},
	{"na/data", 0o700, literalConfig, ""},
	{"na/data", 0o710, literalConfig, "! data_dir: mode 0710 lets other people in"},
	{"na/data", 0o750, literalConfig, "! data_dir: mode 0750 lets other people in"},
	{"na/data", 0o755, literalConfig, "! data_dir: mode 0755 lets other people in"},
	{"na/data", 0o777, literalConfig, "✗ data_dir: anybody on this machine can replace what lies in"},
	{"na/data", 0o777 | fs.ModeSticky, literalConfig, "! data_dir: mode 0777 lets other people in"},
	{"na/published", 0o750, literalConfig, ""},
	{"na/published", 0o755, literalConfig, ""},
	{"na/published", 0o770, literalConfig, "! publish.dir: the group of"},
	{"na/published", 0o777, literalConfig, "✗ publish.dir: anybody on this machine can replace what lies in"},
	{"na/reports", 0o750, literalConfig, ""},
	{"na/reports", 0o770, literalConfig, ""}, // finance writes there
	{"na/reports", 0o775, literalConfig, ""},
	{"na/reports", 0o777, literalConfig, "✗ report.dir: anybody on this machine can replace what lies in"},
	{"na/mine", 0o755, literalConfig, ""},
	{"na/mine", 0o775, literalConfig, "! report.extra_dir: the group of"},
	{"na/mine", 0o777, literalConfig, "✗ report.extra_dir: anybody on this machine can replace what lies in"},
}

// check says what of modes is too open, and nothing of what is not; the command
// that it gives mends it.
func TestCheckSaysWhoMayReadAndWrite(t *testing.T) {
	for _, c := range accessCases {
		name := fmt.Sprintf("%s %v", c.path, c.mode)
		dir := layOut(t, c.config)
		if err := os.Chmod(filepath.Join(dir, c.path), c.mode); err != nil {
			t.Fatal(err)
		}
		said, commands := accessOf(t, dir)
		if c.says == "" && said != "" || !strings.Contains(said, c.says) {
			t.Errorf("%s: check says %q, want %q", name, said, c.says)
		}
		for _, command := range commands {
			if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v %s", name, command, err, out)
			}
		}
		if again, _ := accessOf(t, dir); len(commands) > 0 && again != "" {
			t.Errorf("%s: after %q check still says %q", name, commands, again)
		}
	}
	attacks.In(t).All(len(accessCases))
}

// layOut makes all that a configuration names, as it should be.
func layOut(t *testing.T, text string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "above")
	for _, folder := range []string{"na/data", "na/published", "na/reports", "na/mine"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "na", "secrets", "soms"), "a password")
	write(t, filepath.Join(dir, "na", "nightaudit.yaml"), text)
	return dir
}

// accessOf is what check says of modes, and the commands that mend it.
func accessOf(t *testing.T, dir string) (said string, commands []string) {
	t.Helper()
	cfg, err := config.Load(filepath.Join(dir, "na", "nightaudit.yaml"), config.Options{
		Drivers: all.Drivers(), Env: extract.Env{Tokens: new(extract.TokenStore)}, Getenv: func(string) string { return "a-key-of-the-environment" },
	})
	if err != nil {
		return err.Error(), nil
	}
	var lines []string
	for _, f := range checkAccess(cfg) {
		lines = append(lines, fmt.Sprintf("%c %s: %s", f.mark, f.subject, f.text))
		command, _, _ := strings.Cut(f.do, ", or ")
		commands = append(commands, command)
		if strings.Contains(f.text, "a-key") {
			t.Errorf("a secret is shown: %s", f.text)
		}
	}
	return strings.Join(lines, "\n"), commands
}

// An ordinary user hears the same of the program itself, and what they own does
// not belong to another user.
func TestCheckAsAnOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	const nobody = 65534
	dir, err := os.MkdirTemp("/tmp", "nightaudit-nobody-") // t.TempDir is root's alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	write(t, filepath.Join(dir, "nightaudit.yaml"), strings.ReplaceAll(literalConfig, "${file:secrets/soms}", "pass-word-that-stands-here"))
	if err := os.Mkdir(filepath.Join(dir, "mine"), 0o700); err != nil {
		t.Fatal(err)
	}
	check := func(mode fs.FileMode, owner int) string {
		t.Helper()
		for _, path := range []string{"mine", "nightaudit.yaml", "."} {
			if err := os.Chown(filepath.Join(dir, path), nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
		file := filepath.Join(dir, "nightaudit.yaml")
		if err := os.Chown(file, owner, nobody); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("nightaudit", "check")
		cmd.Path = readableProgram(t, dir)
		cmd.Dir, cmd.Env = dir, []string{"HOME=" + dir, "HTTPS_PROXY=http://user:proxy-password@127.0.0.1:1"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	for _, c := range []struct {
		mode  fs.FileMode
		owner int
		says  string
	}{
		{0o666, nobody, "✗ configuration: anybody on this machine can change"},
		{0o644, 1, "! configuration: " + filepath.Join(dir, "nightaudit.yaml") + " belongs to another user (1)"},
	} {
		said := check(c.mode, c.owner)
		if !strings.Contains(said, c.says) {
			t.Errorf("mode %04o of user %d: want %q in\n%s", c.mode, c.owner, c.says, said)
		}
		if !strings.Contains(said, "✓ proxy: http://127.0.0.1:1 (HTTPS_PROXY), for soms/a") {
			t.Errorf("the proxy is not named:\n%s", said)
		}
		if strings.Contains(said, "proxy-password") || strings.Contains(said, "pass-word") || strings.Contains(said, "a-key-that") {
			t.Errorf("a secret is shown:\n%s", said)
		}
	}
}

// readableProgram is a copy of the program that everybody can start.
func readableProgram(t *testing.T, dir string) string {
	t.Helper()
	found, err := exec.LookPath("nightaudit")
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "nightaudit")
	if _, err := os.Stat(to); err == nil {
		return to
	}
	if err := os.Link(found, to); err == nil {
		return to
	}
	data, err := os.ReadFile(found)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return to
}
