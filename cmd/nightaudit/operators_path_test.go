package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

const installPage = "docs/install.md"

// operator is one who follows docs/install.md.
type operator struct {
	t         *testing.T
	dir       string // of the configuration
	bin       string // where the program is installed
	shop      *httptest.Server
	hotel     *httptest.Server
	hotelDown atomic.Bool
	ear       *ear                // whom notify: names
	scripts   map[string][]string // the page's blocks marked sh, by heading
	ran       int
}

// The operator's path: each command of the page, in their order, with the program
// that they install: configuration, first night, a night of which a vendor is down and a
// message that says so, its repair and the message of that, backup, restore in another
// folder with equal tables, and the upgrade of what the release before has left, and back.
func TestOperatorsPath(t *testing.T) {
	slowTest(t)
	for _, program := range []string{"sh", "tar", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("the page's commands need it:", err)
		}
	}
	p := startPath(t)
	clone, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	p.block("Install", 0, clone)
	p.block("Configure", 0, p.dir)
	p.fillIn()
	shown := p.block("Configure", 1, p.dir)
	p.wants(shown, "keep: 14", "key: ${file:secrets/pii-key}", "✓ soms/retail: reached", "✓ 湖边旅馆 (starhotel/inn): reached", "✓ duty (webhook 127.0.0.1:", "): taken")
	p.told("nightaudit …: a sample\nNote: who reads this is told how nights end")
	p.wants(p.block("The first night", 0, p.dir), "soms/retail: ", "starhotel/inn: ", "nothing was loaded")
	p.wants(p.block("The first night", 1, p.dir), "soms/retail", "湖边旅馆 (starhotel/inn)  complete", "nothing to do")
	p.told() // nothing is new, and nothing is wrong

	// The second night, as the timer starts it, with a vendor down: it says which,
	// the other is published, and status says what to do.
	p.hotelDown.Store(true)
	told := p.nightly(3)
	p.wants(told, "湖边旅馆 (starhotel/inn)  failed", "403")
	p.told("nightaudit …: done in part\n…New: 湖边旅馆 (starhotel/inn) failed: read orders page 1 (…) (POST /api/v1/pmsOrder/list): code 403: access is forbidden (asked 2 times); check the account's permissions at the vendor, " +
		"and whether it admits this machine's address. Do: nightaudit check tries the account and loads nothing")
	p.wants(p.sh(p.dir, "nightaudit status"), "nightaudit check tries accounts")
	// The vendor is back: the next night is silent, and there is nothing to do.
	p.hotelDown.Store(false)
	if told := p.nightly(0); told != "" {
		t.Errorf("a night of which there is nothing to say says:\n%s", told)
	}
	p.told("nightaudit …: done\n…Over: 湖边旅馆 (starhotel/inn) is complete again; it began on …")
	p.wants(p.sh(p.dir, "nightaudit status"), "nothing to do")

	p.wants(p.block("Back up", 0, p.dir), "verified")
	restored := p.block("Restore", 0, p.dir)
	p.wants(restored, "replayed", "every byte hashed", "0 findings", "nothing to do")
	p.sameTables(p.dir, filepath.Join(p.dir, "restored"))

	p.upgrade()
	total := 0
	for _, blocks := range p.scripts {
		total += len(blocks)
	}
	if p.ran != total {
		t.Errorf("%d of the %d blocks of %s were run", p.ran, total, installPage)
	}
}

func startPath(t *testing.T) *operator {
	t.Helper()
	p := &operator{t: t, dir: filepath.Join(t.TempDir(), "nightaudit"), bin: t.TempDir(), scripts: scripts(readDocument(t, installPage))}
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	made := soms.LocalTime(time.Now().Add(-3 * time.Hour))
	p.shop = httptest.NewServer(soms.New(soms.Options{Username: shopUser, Password: shopPassword, Orders: []soms.Order{
		shopOrder("A1", made, "20.00"), shopOrder("A2", made, "30.50"),
	}}))
	t.Cleanup(p.shop.Close)
	hotel := starhotel.New(starhotel.Options{PMSID: 2, Token: "a token"})
	p.hotel = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.hotelDown.Load() {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		hotel.ServeHTTP(w, r)
	}))
	t.Cleanup(p.hotel.Close)
	p.ear = startEar(t)
	return p
}

// told compares what was told since the last time with messages that a person wrote; … in
// them is what differs from night to night.
func (p *operator) told(want ...string) {
	p.t.Helper()
	got := p.ear.told
	p.ear.told = nil
	if len(got) != len(want) {
		p.t.Errorf("%d messages: %q, want %q", len(got), got, want)
		return
	}
	for i := range want {
		var message struct{ Text string }
		if err := json.Unmarshal([]byte(got[i]), &message); err != nil {
			p.t.Fatal(err)
		}
		pattern := "(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(want[i]), "…", ".*") + "$"
		if !regexp.MustCompile(pattern).MatchString(message.Text) {
			p.t.Errorf("told\n%s\nwant\n%s", message.Text, want[i])
		}
	}
}

// scripts are a page's blocks marked sh, by the heading above them.
func scripts(markdown string) map[string][]string {
	found := map[string][]string{}
	above, block, inside := "", "", false
	for line := range strings.Lines(markdown) {
		title, isTitle := strings.CutPrefix(line, "## ")
		switch {
		case inside && strings.HasPrefix(line, "```"):
			found[above] = append(found[above], block)
			inside, block = false, ""
		case inside:
			block += line
		case isTitle:
			above = strings.TrimSpace(title)
		case strings.TrimSpace(line) == "```sh":
			inside = true
		}
	}
	return found
}

// block runs the n-th block below a heading.
func (p *operator) block(heading string, n int, dir string) string {
	p.t.Helper()
	if n >= len(p.scripts[heading]) {
		p.t.Fatalf("%s has no block %d below %q", installPage, n+1, heading)
	}
	p.ran++
	return p.sh(dir, p.scripts[heading][n])
}

// sh runs commands of which each succeeds, and is what they print.
func (p *operator) sh(dir, script string) string {
	p.t.Helper()
	cmd := p.command(dir, "sh", "-ec", script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

func (p *operator) command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOBIN="+p.bin, "PATH="+p.bin+string(os.PathListSeparator)+os.Getenv("PATH"), "NIGHTAUDIT_CONFIG=", "NO_PROXY=*")
	return cmd
}

// nightly runs the night as nightaudit.service does, and is what it says.
func (p *operator) nightly(code int) string {
	p.t.Helper()
	start := unit(p.t, "nightaudit.service")["ExecStart"][0]
	d := runOf(p.t, p.command(p.dir, "sh", "-ec", strings.Replace(start, installed, filepath.Join(p.bin, "nightaudit"), 1)))
	if d.code != code {
		p.t.Fatalf("the night ended with %d, want %d\n%s%s", d.code, code, d.stdout, d.stderr)
	}
	return d.stdout + d.stderr
}

func (p *operator) wants(said string, all ...string) {
	p.t.Helper()
	for _, words := range all {
		if !strings.Contains(said, words) {
			p.t.Errorf("it does not say %q:\n%s", words, said)
		}
	}
}

// fillIn does what the page asks for in words: it leaves two of the starter's
// sources, with their addresses, ids and log-ins.
func (p *operator) fillIn() {
	p.t.Helper()
	file := filepath.Join(p.dir, "nightaudit.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(text), "\nsources:\n")
	if !ok {
		p.t.Fatal("the starter has no sources")
	}
	head = strings.NewReplacer("${NIGHTAUDIT_PII_KEY}", "${file:secrets/pii-key}", "language: zh ", "language: en ").Replace(head)
	write(p.t, filepath.Join(p.dir, "secrets", "soms"), shopPassword+"\n")
	write(p.t, filepath.Join(p.dir, "secrets", "starhotel"), "a token\n")
	write(p.t, file, head+`
sources:
  soms:
    - account: retail
      base_url: `+p.shop.URL+`
      tenant_id: "8560"
      auth: {kind: basic, username: `+shopUser+`, password: "${file:secrets/soms}"}
  starhotel:
    - account: inn
      base_url: `+p.hotel.URL+`
      pms_id: 2
      auth: {kind: bearer, token: "${file:secrets/starhotel}"}
names:
  accounts: {starhotel/inn: 湖边旅馆}
notify:
  - {kind: webhook, name: duty, url: "`+p.ear.url+`"}
`)
}

// sameTables compares all tables of facts, and the breaks, of two published
// databases.
func (p *operator) sameTables(one, other string) {
	p.t.Helper()
	dictionary, err := sqlfiles.Dictionary()
	if err != nil {
		p.t.Fatal(err)
	}
	rows := map[string]int{}
	for i := range dictionary.Tables {
		table := &dictionary.Tables[i]
		name := tableName(table)
		if table.View || table.Schema != "main" && name != "recon.breaks" {
			continue
		}
		query := `nightaudit query --format csv "SELECT * FROM ` + name + ` ORDER BY ALL"`
		a, b := p.sh(one, query), p.sh(other, query)
		if a != b {
			p.t.Errorf("%s differs:\n%s\n%s", name, a, b)
		}
		rows[name] = strings.Count(a, "\n") - 1
	}
	if len(rows) < 10 || rows["orders"] != 2 {
		p.t.Errorf("these were compared: %v; want 2 orders", rows)
	}
}
