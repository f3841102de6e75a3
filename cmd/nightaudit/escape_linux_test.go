package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// Who may read the database and nothing else in its folder cannot give it a further
// name. It is opened in its place then, or, where a log lies beside it, as a copy:
// the log is not read either way.
func TestAReaderOfAnotherName(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	o := newOffice(t)
	program, err := exec.LookPath("nightaudit")
	if err != nil {
		t.Fatal(err)
	}
	// Another name, for the test's own program lies where others may not look.
	own := filepath.Join(o.dir, "nightaudit")
	if err := os.Link(program, own); err != nil {
		t.Skipf("the program can have no further name here: %v", err)
	}
	for path, mode := range map[string]os.FileMode{o.dir: 0o755, filepath.Dir(o.dir): 0o755, o.published: 0o755, o.database: 0o444, o.temp: 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	read := func() (string, string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), own, "query", "--database", o.database, "--format", "csv", oneAmount)
		cmd.Dir = "/"
		cmd.Env = []string{"TMPDIR=" + o.temp}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		var out, said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &said
		if err := cmd.Run(); err != nil {
			t.Errorf("%v: %s", err, &said)
		}
		if left, _ := filepath.Glob(filepath.Join(o.temp, "*")); len(left) > 0 {
			t.Errorf("left %v", left)
		}
		return out.String(), said.String()
	}
	if got, said := read(); got != asItIs || said != "" {
		t.Errorf("%q, %q", got, said)
	}
	if err := os.WriteFile(o.database+".wal", reportstest.Log(t, o.database, forging), 0o644); err != nil {
		t.Fatal(err)
	}
	before := reportstest.Folder(t, o.published)
	if got, said := read(); got != asItIs || !strings.Contains(said, "is not read") {
		t.Errorf("%q, %q", got, said)
	}
	if after := reportstest.Folder(t, o.published); after != before {
		t.Errorf("the folder is\n%s\nand was\n%s", after, before)
	}
}

// The process in which a statement runs ends with the one that started it, even
// where that is killed.
func TestTheEngineEndsWithItsCommand(t *testing.T) {
	o := newOffice(t)
	pipe := filepath.Join(o.dir, "started")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "nightaudit", "query", "--allow-files",
		"COPY (SELECT 1) TO '"+pipe+"' (FORMAT csv, USE_TMP_FILE false); SELECT sum(a.range + b.range) FROM range(1000000000000) a, range(1000) b")
	cmd.Dir = o.dir
	cmd.Env = append(os.Environ(), "TMPDIR="+o.temp, "SHOP_PASSWORD=p")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(pipe); err != nil { // it is running
		t.Fatal(err)
	}
	child := childOf(t, cmd.Process.Pid)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for until := time.Now().Add(10 * time.Second); syscall.Kill(child, 0) == nil && !zombie(child); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			_ = syscall.Kill(child, syscall.SIGKILL)
			t.Fatalf("process %d goes on", child)
		}
	}
}

// childOf is the only child of a process.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	files, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if child, bad := strconv.Atoi(strings.TrimSpace(string(data))); err == nil && bad == nil {
			return child
		}
	}
	t.Skip("which children a process has is not told here")
	return 0
}

// zombie says whether a process has ended and nobody has asked how.
func zombie(pid int) bool {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(data), ") Z ")
}
