//go:build unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// modesOf is every kind of file and folder that the program makes: a pattern of
// its path, its mode, and whether it is the group's of publish.group. What stands
// in no line is a failure.
var modesOf = []struct {
	path   string
	mode   fs.FileMode
	shared bool
}{
	{`(made\.yaml|nightaudit\.schema\.json)`, 0o600, false}, // init
	{`data(/.*)?/`, 0o700, false},
	{`data/.*`, 0o600, false},
	{`published/`, 0o750, true},
	{`published/nightaudit\.duckdb`, 0o440, true},
	{`published/previous/`, 0o750, true},
	{`published/previous/nightaudit_(until|of|unread)_.*\.duckdb`, 0o440, true},
	{`published/nightaudit\.duckdb\.foreign-wal`, 0o600, false},
	{`reports/`, 0o750, true},
	{`reports/reconciliation_.*\.(xlsx|html)`, 0o640, true},
	{`reports/closes.*\.csv`, 0o640, true},
	{`reports/(taken|previous)/`, 0o750, true},
	{`reports/(taken|previous)/.*\.(xlsx|html)`, 0o640, true},
	{`lake(/.*)?/`, 0o750, false},
	{`lake/.*`, 0o640, false},
	{`nightaudit-demo(/.*)?/`, 0o700, false},
	{`nightaudit-demo/(nightaudit\.yaml|secrets/.*|data/.*|register/.*|\.nightaudit-demo.*|.*\.md|.*\.json)`, 0o600, false},
}

// demoShared are the folders of a demo that a run makes as any other: readable by
// the group of whoever ran it.
var demoShared = regexp.MustCompile(`^nightaudit-demo/(published|reports)`)

const modesConfig = `
version: 1
publish: {group: %q}
report: {language: en}
pii: {key: k}
sources:
  soms:
    - {account: retail, base_url: %q, tenant_id: "8560", rate: 1000/s, auth: {kind: basic, username: night, password: open sesame}}
    - {account: waiting, base_url: %q, tenant_id: "8560", rate: 1000/s, auth: {kind: basic, username: night, password: open sesame}}
  guoxiaodi:
    - {account: courier, base_url: %q, notify: {secret: a-secret-of-tests}}
`

// Whatever the umask of whoever starts the program, all that it makes has its own
// mode: what is private is private, and the group reads what is published, the
// earlier ones and the workbooks.
func TestModesOfAllThatIsMade(t *testing.T) {
	slowTest(t)
	group, gid := sharedGroup(t)
	for _, umask := range []string{"000", "022", "077"} {
		t.Run(umask, func(t *testing.T) {
			m := modesNight{t: t, umask: umask, dir: t.TempDir()}
			m.night(group)
			m.check(gid)
		})
	}
}

// sharedGroup is a group that this user may give files to, if there is one other
// than their own.
func sharedGroup(t *testing.T) (name string, gid int) {
	t.Helper()
	gid = os.Getegid()
	if os.Geteuid() == 0 {
		gid = 1 // the first that every system has
	} else if ids, err := os.Getgroups(); err == nil && len(ids) > 0 {
		gid = ids[len(ids)-1]
	}
	g, err := user.LookupGroupId(fmt.Sprint(gid))
	if err != nil {
		t.Skipf("no group: %v", err)
	}
	return g.Name, gid
}

type modesNight struct {
	t     *testing.T
	umask string
	dir   string
}

// program runs the program under the umask.
func (m *modesNight) program(args ...string) *exec.Cmd {
	cmd := exec.Command("sh", append([]string{"-c", `umask ` + m.umask + ` && exec nightaudit "$@"`, "sh"}, args...)...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "NIGHTAUDIT_CONFIG=")
	return cmd
}

func (m *modesNight) run(args ...string) {
	m.t.Helper()
	if out, err := m.program(args...).CombinedOutput(); err != nil {
		m.t.Fatalf("nightaudit %v: %v\n%s", args, err, out)
	}
}

// night has every command make all that it makes.
func (m *modesNight) night(group string) {
	vendor := soms.New(soms.Options{Username: shopUser, Password: shopPassword, Orders: []soms.Order{
		shopOrder("A1", "2024-04-10 10:00:00", "20.00"), shopOrder("A2", "2024-04-10 11:00:00", "30.50"),
	}})
	shop := httptest.NewServer(vendor)
	m.t.Cleanup(shop.Close)
	hold := make(chan struct{})
	waiting := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	m.t.Cleanup(waiting.Close)
	courier := httptest.NewServer(http.NotFoundHandler())
	m.t.Cleanup(courier.Close)
	write(m.t, filepath.Join(m.dir, "nightaudit.yaml"), fmt.Sprintf(modesConfig, group, shop.URL, waiting.URL, courier.URL))

	m.run("init", "made.yaml")
	m.listen()
	m.run("run", "--at", "2024-04-11T03:00:00+08:00", "--account", "retail")
	// Somebody saves the workbook, and a client leaves its log.
	book := filepath.Join(m.dir, "reports", "reconciliation_2024-04-10.xlsx")
	saveAs(m.t, book)
	write(m.t, filepath.Join(m.dir, "published", "nightaudit.duckdb.wal"), "of a client")
	m.run("run", "--at", "2024-04-12T03:00:00+08:00", "--account", "retail", "--since", "2024-04-10")
	m.run("run", "--at", "2024-05-02T03:00:00+08:00", "--account", "retail", "--no-report")
	m.run("close", "--month", "2024-04", "--force", "--reason", "test")
	m.run("annotate", "reports/reconciliation_2024-04-10.xlsx")
	m.run("replay")
	m.run("export", "--to", "lake")
	m.run("report", "closes", "--format", "csv")
	m.run("report", "--date", "2024-04-10")
	if m.umask != "022" || long() {
		m.run("demo")
	}

	// One that is killed while a vendor keeps it waiting leaves what it has under
	// way: what the other account brought stands in the database's log.
	killed := m.program("run", "--source", "soms")
	if err := killed.Start(); err != nil {
		m.t.Fatal(err)
	}
	log := filepath.Join(m.dir, "data", "warehouse.duckdb.wal")
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(log); err == nil {
			break
		}
		if time.Since(began) > time.Minute {
			m.t.Error("no log of the database came to be")
			break
		}
	}
	m.check(-1)
	_ = killed.Process.Kill()
	_ = killed.Wait()
	close(hold)
}

// listen takes a notification, and one that is put aside.
func (m *modesNight) listen() {
	l := startListenerAs(m.t, m.dir, m.program("listen", "--addr", "127.0.0.1:0"))
	url := strings.Replace(l.url, "5f3c2a5f3c2a5f3c", "a-secret-of-tests", 1)
	for _, body := range []string{`{"orderNo":"Y1","expressStatus":"RECEIVED"}`, "no JSON"} {
		answer, err := http.Post(url, "application/json", strings.NewReader(body))
		if err != nil {
			m.t.Fatal(err)
		}
		answer.Body.Close()
	}
	_ = l.cmd.Process.Signal(syscall.SIGTERM)
	_ = l.cmd.Wait()
}

// check compares every file with the table; gid -1 leaves the groups, which a
// command under way may not have given yet.
func (m *modesNight) check(gid int) {
	seen := map[string]bool{}
	err := filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == m.dir {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return nil //nolint:nilerr // a command under way has removed it
		}
		name, _ := filepath.Rel(m.dir, path)
		if d.IsDir() {
			name += "/"
		}
		if name == "nightaudit.yaml" {
			return nil // the test's own
		}
		m.checkOne(name, info, gid, seen)
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
	for _, line := range modesOf {
		if !seen[line.path] && gid >= 0 && !strings.HasPrefix(line.path, "nightaudit-demo") {
			m.t.Errorf("nothing was made of %s: the test says nothing of it", line.path)
		}
	}
}

func (m *modesNight) checkOne(name string, info fs.FileInfo, gid int, seen map[string]bool) {
	plain := name
	if demoShared.MatchString(name) {
		plain = strings.TrimPrefix(name, "nightaudit-demo/")
	}
	for _, line := range modesOf {
		if !regexp.MustCompile(`^` + line.path + `$`).MatchString(plain) {
			continue
		}
		seen[line.path] = true
		if info.Mode().Perm() != line.mode {
			m.t.Errorf("under umask %s %s has mode %04o, want %04o", m.umask, name, info.Mode().Perm(), line.mode)
		}
		of := int(info.Sys().(*syscall.Stat_t).Gid)
		if want := gid; gid >= 0 && plain == name {
			if !line.shared {
				want = os.Getegid()
			}
			if of != want {
				m.t.Errorf("under umask %s %s is of group %d, want %d", m.umask, name, of, want)
			}
		}
		return
	}
	m.t.Errorf("under umask %s there is %s, mode %04o, which the table lacks", m.umask, name, info.Mode().Perm())
}

// saveAs saves a workbook in place, as somebody does who changed a cell.
func saveAs(t *testing.T, path string) {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.SetCellStr("Summary", "H1", "looked at"), f.Save(), f.Close()); err != nil {
		t.Fatal(err)
	}
}
