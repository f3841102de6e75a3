package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	courier "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/extract/wal"
)

// listener is the program listening in a process of its own.
type listener struct {
	cmd    *exec.Cmd
	url    string
	stdout *bufio.Reader
	stderr *strings.Builder
}

// listenConfig is in want of its landing section.
const listenConfig = `
version: 1
landing: {%s}
pii: {key: k}
sources:
  guoxiaodi:
    - account: courier
      base_url: https://courier.example
      notify: {secret: "5f3c2a5f3c2a5f3c"}
`

func writeListenConfig(t *testing.T, landed string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "nightaudit.yaml"), fmt.Appendf(nil, listenConfig, landed), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func startListener(t *testing.T, dir string) *listener {
	t.Helper()
	return startListenerAs(t, dir, exec.Command("nightaudit", "listen", "--addr", "127.0.0.1:0"))
}

func startListenerAs(t *testing.T, dir string, cmd *exec.Cmd) *listener {
	t.Helper()
	l := &listener{cmd: cmd, stderr: new(strings.Builder)}
	l.cmd.Dir, l.cmd.Stderr = dir, l.stderr
	l.cmd.Env = append(os.Environ(), "NIGHTAUDIT_CONFIG=")
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.cmd.Process.Kill()
		_ = l.cmd.Wait()
	})
	l.stdout = bufio.NewReader(out)
	line, err := l.stdout.ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening at ")
	if !ok {
		t.Fatalf("the listener says %q, %v\n%s", line, err, l.stderr)
	}
	l.url = strings.Replace(url, "<secret>", "5f3c2a5f3c2a5f3c", 1)
	return l
}

// journaled counts the orders in the journal of dir.
func journaled(t *testing.T, dir string, keys sealed.Keys) map[string]int {
	t.Helper()
	dir = filepath.Join(dir, "data", "landing", "notifications", "courier")
	segments, err := wal.LogSegments(dir)
	if err != nil {
		t.Fatal(err)
	}
	orders := map[string]int{}
	for _, s := range segments {
		err := wal.Lines(dir, s, keys, func(_ int, words string) error {
			e, err := wal.Decode(words)
			if _, rest, ok := strings.Cut(string(e.Body), `"orderNo":"`); ok {
				no, _, _ := strings.Cut(rest, `"`)
				orders[no]++
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	return orders
}

// A listener that is asked to stop says what it did, and what it acknowledged
// is on disk.
func TestListenStops(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGTERM there")
	}
	dir := writeListenConfig(t, "")
	l := startListenerAs(t, dir, exec.Command("nightaudit", "listen", "--addr", "127.0.0.1:0", "--metrics-addr", "127.0.0.1:0"))
	line, _ := l.stdout.ReadString('\n')
	metrics, ok := strings.CutPrefix(strings.TrimSpace(line), "metrics at ")
	if !ok {
		t.Errorf("it says %q", line)
	}
	vendor := courier.Notifier{URL: l.url}
	for _, no := range []string{"Y1", "Y2", "Y1"} {
		attempts, taken, err := vendor.Notify(context.Background(), courier.Notification{OrderNo: no, ExpressStatus: "RECEIVED", HappenTime: 1751169600000})
		if err != nil || !taken || attempts != 1 {
			t.Fatalf("%s: taken %v after %d attempts, %v", no, taken, attempts, err)
		}
	}
	if answer, err := http.Get(l.url + "x"); err != nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("a wrong secret: %v, %v", answer, err)
	} else {
		answer.Body.Close()
	}
	if answer, err := http.Get(metrics); err != nil {
		t.Error(err)
	} else {
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		want := map[string]float64{
			`nightaudit_listen_notifications_total{account="courier",outcome="kept",source="guoxiaodi"}`: 2,
			`nightaudit_listen_refused_total{account="",reason="unknown_address",source=""}`:             1,
		}
		if wantMetrics(t, "the listener", metricsOf(t, string(text)), want); err != nil {
			t.Error(err)
		}
	}
	second := exec.Command("nightaudit", "listen", "--addr", "127.0.0.1:0")
	second.Dir = dir
	out, err := second.CombinedOutput()
	if second.ProcessState.ExitCode() != exit.Locked || !strings.Contains(string(out), "another listener is at work") {
		t.Errorf("a second listener: %v\n%s", err, out)
	}
	if err := l.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(l.stdout)
	if err := l.cmd.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	if got, want := string(rest), "stopped: 2 notifications kept, 1 repeated, 1 call refused\n"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	// The refused call alone is logged, and nothing of the address.
	if said := l.stderr.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "a call was refused") || !strings.Contains(said, "status=404") || strings.Contains(said, "5f3c") {
		t.Errorf("on standard error: %s", said)
	}
	if got := journaled(t, dir, sealed.Keys{}); got["Y1"] != 1 || got["Y2"] != 1 || len(got) != 2 {
		t.Errorf("kept %v", got)
	}
}

// However often the listener is killed, what it acknowledged is on disk, and
// what the vendor repeated stands there once. NIGHTAUDIT_LONG=1 kills it 50
// times.
func TestListenKilled(t *testing.T) {
	t.Run("plain", func(t *testing.T) { listenKilled(t, "", sealed.Keys{}) })
	// The listener encrypts to a recipient whose identity it does not have.
	t.Run("encrypted", func(t *testing.T) {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		var keys sealed.Keys
		if err := keys.AddIdentities(id.String()); err != nil {
			t.Fatal(err)
		}
		listenKilled(t, "recipient: "+id.Recipient().String(), keys)
	})
}

func listenKilled(t *testing.T, landed string, keys sealed.Keys) {
	kills := 4
	if os.Getenv("NIGHTAUDIT_LONG") == "1" {
		kills = 50
	}
	const vendors = 8
	dir := writeListenConfig(t, landed)
	random := rand.New(rand.NewPCG(1, 2))
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: vendors}}
	var acknowledged sync.Map
	var left [vendors]string // what each vendor has to send again
	total := 0
	for round := range kills + 1 {
		last := round == kills
		l := startListener(t, dir)
		var taken atomic.Int64
		killAt := 1 + random.Int64N(300)
		var group sync.WaitGroup
		for v := range vendors {
			group.Go(func() {
				for i := 0; ; i++ {
					no := left[v]
					if no == "" {
						if last {
							return
						}
						no = fmt.Sprintf("Y%d-%d-%d", round, v, i)
					}
					left[v] = no
					body := courier.Notification{OrderNo: no, ExpressStatus: "RECEIVED", HappenTime: 1751169600000}.JSON()
					answer, err := client.Post(l.url, "application/json", strings.NewReader(string(body)))
					if err != nil {
						return // killed
					}
					words, err := io.ReadAll(answer.Body)
					answer.Body.Close()
					if err != nil {
						return
					}
					if string(words) != "OK" {
						t.Errorf("%s was answered %d %q", no, answer.StatusCode, words)
						return
					}
					acknowledged.Store(no, true)
					left[v] = ""
					if taken.Add(1) == killAt && !last {
						_ = l.cmd.Process.Kill()
					}
				}
			})
		}
		group.Wait()
		_ = l.cmd.Process.Kill()
		_ = l.cmd.Wait()
		client.CloseIdleConnections()
		total += int(taken.Load())
	}
	got := journaled(t, dir, keys)
	acknowledged.Range(func(no, _ any) bool {
		if got[no.(string)] != 1 {
			t.Errorf("%s was acknowledged and stands in the journal %d times", no, got[no.(string)])
		}
		return true
	})
	t.Logf("%d notifications acknowledged, %d in the journal, %d kills", total, len(got), kills)
	if total < kills {
		t.Error("hardly anything was acknowledged: the test says nothing")
	}
}
