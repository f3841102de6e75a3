package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/extract/all"
)

const installed = "/usr/local/bin/nightaudit"

var unitNames = []string{"nightaudit.service", "nightaudit-listen.service", "nightaudit.timer"}

// unit reads a unit of docs/install: the values of its keys, in their order.
func unit(t *testing.T, name string) map[string][]string {
	t.Helper()
	values := map[string][]string{}
	for line := range strings.Lines(readDocument(t, "docs/install/"+name)) {
		line = strings.TrimSpace(line)
		if key, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			values[key] = append(values[key], value)
		}
	}
	return values
}

// systemd does not end a night before max_duration does, and both services are
// hardened alike: what the listener lacks of the night's rights is named here.
func TestUnitsAgree(t *testing.T) {
	night, listener := unit(t, "nightaudit.service"), unit(t, "nightaudit-listen.service")
	limit, err := time.ParseDuration(night["TimeoutStartSec"][0])
	if err != nil {
		t.Fatal(err)
	}
	c := mustLoad(t, starter(all.Drivers()))
	if limit < c.MaxDuration+time.Hour {
		t.Errorf("TimeoutStartSec is %v, and a night asks vendors for %v by default", limit, c.MaxDuration)
	}
	hardening := func(values map[string][]string) (lines []string) {
		for key, all := range values {
			if regexp.MustCompile(`^(ReadWrite|Protect|Private|NoNew|Capability|Restrict(Address|Name|Real|SUID)|Lock|Memory|Remove|UMask|SystemCall(Arch|Error)|User|Group|Environment)`).MatchString(key) {
				lines = append(lines, key+"="+strings.Join(all, ","))
			}
		}
		slices.Sort(lines)
		return lines
	}
	if a, b := hardening(night), hardening(listener); !slices.Equal(a, b) || len(a) < 20 {
		t.Errorf("the services differ:\n%v\n%v", a, b)
	}
	if listener["IPAddressDeny"] == nil || listener["IPAddressAllow"][0] != "localhost" {
		t.Error("the listener may be reached by other machines")
	}
}

// What systemd itself says of the units: they are right, and their exposure, on its
// scale from 0 to 10, is below 2.
func TestSystemdTakesTheUnits(t *testing.T) {
	slowTest(t)
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd is not installed:", err)
	}
	program, err := os.Executable() // verify looks whether what is started exists
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var files []string
	for _, name := range unitNames {
		text := readDocument(t, "docs/install/"+name)
		if strings.HasSuffix(name, ".service") && !strings.Contains(text, "\nExecStart="+installed+" ") {
			t.Errorf("%s does not start %s", name, installed)
		}
		file := filepath.Join(dir, name)
		write(t, file, strings.ReplaceAll(text, installed, program))
		files = append(files, file)
	}
	out, err := exec.Command(analyze, append([]string{"verify", "--man=no"}, files...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	// A unit that is wrong is told, or the above would say nothing.
	wrong := filepath.Join(dir, "wrong.service")
	write(t, wrong, "[Service]\nExecStart="+program+"\nProtectSystm=strict\n")
	if out, _ := exec.Command(analyze, "verify", "--man=no", wrong).CombinedOutput(); !strings.Contains(string(out), "ProtectSystm") {
		t.Errorf("systemd-analyze verify says nothing of a wrong key:\n%s", out)
	}
	for _, file := range files[:2] {
		out, err := exec.Command(analyze, "security", "--offline=yes", "--no-pager", "--threshold=20", file).CombinedOutput()
		if err != nil {
			t.Errorf("systemd-analyze security: %v\n%s", err, out)
		}
	}
}

// The calls that a night makes are among those that its service lets through.
func TestServiceAllowsTheCallsOfANight(t *testing.T) {
	slowTest(t)
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed:", err)
	}
	sets, err := exec.Command("systemd-analyze", "syscall-filter", "--no-pager").Output()
	if err != nil {
		t.Skip("systemd is not installed:", err)
	}
	allowed := map[string]bool{}
	for _, filter := range unit(t, "nightaudit.service")["SystemCallFilter"] {
		names, denied := strings.CutPrefix(filter, "~")
		for name := range strings.FieldsSeq(names) {
			for _, call := range callsOf(string(sets), name) {
				allowed[call] = !denied
			}
		}
	}
	if !allowed["write"] || !allowed["fchown"] || allowed["setuid"] || allowed["setpriority"] || allowed["mount"] {
		t.Fatal("the filter is not read as systemd reads it")
	}
	dir := t.TempDir()
	trace := filepath.Join(dir, "calls")
	cmd := exec.Command(strace, "-f", "-qq", "-c", "-U", "name", "-o", trace, "nightaudit", "demo", "--dir", filepath.Join(dir, "demo"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("strace cannot trace here: %v\n%s", err, out)
	}
	made, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	calls := regexp.MustCompile(`(?m)^ *([a-z]\w+)$`).FindAllStringSubmatch(string(made), -1)
	if len(calls) < 40 {
		t.Fatalf("strace tells of %d calls:\n%s", len(calls), made)
	}
	for _, call := range calls {
		if name := call[1]; !allowed[name] && name != "syscall" && name != "total" {
			t.Errorf("nightaudit.service refuses %s", name)
		}
	}
}

// callsOf are the calls of a set of systemd, those of the sets in it among them.
func callsOf(sets, name string) (calls []string) {
	if !strings.HasPrefix(name, "@") {
		return []string{name}
	}
	_, body, _ := strings.Cut("\n"+sets, "\n"+name+"\n")
	for line := range strings.Lines(body) {
		inner := strings.TrimSpace(line)
		if !strings.HasPrefix(line, " ") {
			break
		}
		if !strings.HasPrefix(inner, "#") {
			calls = append(calls, callsOf(sets, inner)...)
		}
	}
	return calls
}

// What root is told to install is in the repository.
func TestInstallPageNamesFiles(t *testing.T) {
	named := regexp.MustCompile(`docs/install/[\w.-]+`).FindAllString(readDocument(t, installPage), -1)
	if len(named) < 4 {
		t.Errorf("it names %d files", len(named))
	}
	for _, name := range named {
		readDocument(t, name)
	}
}

// Compose starts what the image has: its user, its folder, its configuration's path,
// and commands that exist.
func TestComposeFitsTheImage(t *testing.T) {
	var compose struct {
		Services map[string]struct {
			Command  []string `yaml:"command"`
			Volumes  []string `yaml:"volumes"`
			ReadOnly bool     `yaml:"read_only"`
			CapDrop  []string `yaml:"cap_drop"`
			Ports    []string `yaml:"ports"`
		} `yaml:"services"`
		Volumes map[string]any `yaml:"volumes"`
	}
	if err := yaml.Unmarshal([]byte(readDocument(t, "docs/install/compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	image := readDocument(t, "Dockerfile")
	root := (&app{getenv: os.Getenv}).root()
	if len(compose.Services) != 2 {
		t.Fatalf("%d services, want night and listen", len(compose.Services))
	}
	for name, s := range compose.Services {
		if !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") {
			t.Errorf("%s is not closed as the Dockerfile advises", name)
		}
		command := root.Command(s.Command[0])
		if command == nil {
			t.Fatalf("%s starts %s, and there is no such command", name, s.Command[0])
		}
		for _, word := range s.Command[1:] {
			if flag, ok := strings.CutPrefix(word, "--"); ok && !hasFlag(slices.Concat(command.Flags, root.Flags), flag) {
				t.Errorf("%s: %s has no flag --%s", name, s.Command[0], flag)
			}
		}
		for _, volume := range s.Volumes {
			parts := strings.Split(volume, ":")
			if !strings.Contains(image, parts[1]) {
				t.Errorf("%s mounts %s, of which the image knows nothing", name, parts[1])
			}
			if _, named := compose.Volumes[parts[0]]; !named && !strings.HasPrefix(parts[0], "./") {
				t.Errorf("%s: there is no volume %s", name, parts[0])
			}
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is open to other machines: %s", name, port)
			}
		}
	}
}

func hasFlag(flags []cli.Flag, name string) bool {
	return slices.ContainsFunc(flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}

// refuseNewCode makes the kernel refuse memory that is first written and then run,
// as MemoryDenyWriteExecute does, for the program that it then becomes: PR_SET_MDWE.
const refuseNewCode = `
import ctypes, os, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0:
    sys.exit(77)
os.execvp(sys.argv[1], sys.argv[1:])
`

// DuckDB loads and reads under MemoryDenyWriteExecute.
func TestNightMakesNoCode(t *testing.T) {
	slowTest(t)
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3, which asks the kernel for it, is not installed:", err)
	}
	dir := t.TempDir()
	copyDemo(t, dir)
	for _, args := range [][]string{{"replay"}, {"query", "--format", "csv", "SELECT count(*) AS n FROM orders"}} {
		cmd := exec.Command(python, append([]string{"-c", refuseNewCode, "nightaudit"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() == 77 {
			t.Skip("this kernel does not know PR_SET_MDWE")
		}
		if err != nil {
			t.Fatalf("nightaudit %v: %v\n%s", args, err, out)
		}
		if args[0] == "query" && string(out) != "n\n5001\n" {
			t.Errorf("it answers %q, want 5001 orders", out)
		}
	}
}
