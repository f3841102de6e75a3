package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// update writes the goldens anew, and what documents say that commands print.
var update = flag.Bool("update", false, "write the goldens anew")

func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"nightaudit": main, "published-reader": publishedReader})
}

// Each script of testdata/script tells what a person types and sees. The
// vendors that scripts meet are simulators in this process: $SHOP is a SOMS
// shop (see shop), $DOWN a vendor that refuses everybody, $SLOW one that never
// answers. kept-demo lays a demo that has run into nightaudit-demo, for a script
// that is about what comes after it. [slow] is set where slow tests are asked for.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(name string) (bool, error) {
			if name == "slow" {
				return slowTests(), nil
			}
			return false, fmt.Errorf("there is no condition %s", name)
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("SHOP", shop(env))
			env.Setenv("DOWN", down(env))
			s := newSlow(env)
			env.Setenv("SLOW", s.url)
			env.Values[slowKey{}] = s
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"asked":  asked,
			"damage": damage,
			"exits":  exits,
			"kept-demo": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 0 {
					ts.Fatalf("usage: kept-demo")
				}
				copyDemo(t, ts.MkAbs("nightaudit-demo"))
			},
			"mode":       mode,
			"substitute": substitute,
		},
	})
}

const (
	shopUser     = "night"
	shopPassword = "open sesame"
)

// shop is a shop that made two orders on 2024-04-10 in China, one of 20.00
// and one of 30.50, both paid.
func shop(env *testscript.Env) string {
	vendor := soms.New(soms.Options{Username: shopUser, Password: shopPassword, Orders: []soms.Order{
		shopOrder("A1", "2024-04-10 10:00:00", "20.00"),
		shopOrder("A2", "2024-04-10 11:00:00", "30.50"),
	}})
	server := httptest.NewServer(vendor)
	env.Defer(func() {
		server.Close()
		if refused := vendor.Refused(); len(refused) > 0 {
			env.T().Fatal("calls that are no reads: ", refused)
		}
	})
	return server.URL
}

// shopOrder is an order of one line, delivered and paid, without discounts.
func shopOrder(id, created, amount string) soms.Order {
	n := json.Number(amount)
	return soms.Order{
		ID: id, Created: created, Modified: created, State: "delivered",
		Front:     &soms.Front{OrderID: "F" + id, Created: created, Platform: &soms.IDName{ID: "meituan"}},
		RealTotal: n, OrigTotal: n, SKUQuantity: "1", ItemCount: 1,
		Payment: &soms.Payment{
			State: "paid", Amount: n, Freight: "0", PackageTotal: "0", OtherFee: "0", PayTime: created,
			Details: []soms.PaymentDetail{{Code: "wechat", Amount: n}},
		},
		Items: []soms.Item{{
			ItemID: "1", SKUID: "S1", ItemTitle: "tea", Quantity: "1", UnitPrice: n, Total: n, PayAmount: n,
			DiscountAmount: "0", ApportedDiscountAmount: "0",
		}},
	}
}

func down(env *testscript.Env) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	}))
	env.Defer(server.Close)
	return server.URL
}

// slow is a vendor that takes calls and never answers.
type slow struct {
	url   string
	asked chan struct{} // one element for each call
}

type slowKey struct{}

func newSlow(env *testscript.Env) *slow {
	s := &slow{asked: make(chan struct{}, 100)}
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		s.asked <- struct{}{}
		<-ended
	}))
	s.url = server.URL
	env.Defer(func() {
		close(ended)
		server.Close()
	})
	return s
}

// asked waits until the slow vendor has been called.
func asked(ts *testscript.TestScript, _ bool, _ []string) {
	<-ts.Value(slowKey{}).(*slow).asked
}

// exits CODE COMMAND… runs a command and checks its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			ts.Fatalf("%v", err)
		}
		code = ended.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// mode FILE PERM checks who may read and write a file.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode FILE PERM")
	}
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}

// damage DIR changes what every landed segment below a folder holds, as a disk
// does that fails.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage DIR")
	}
	segments, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*", "*", "*", "*", "*.jsonl.zst"))
	ts.Check(err)
	if len(segments) == 0 {
		ts.Fatalf("there is no segment")
	}
	for _, segment := range segments {
		data, err := os.ReadFile(segment)
		ts.Check(err)
		data[len(data)/2] ^= 0x55
		ts.Check(os.WriteFile(segment, data, 0o600))
	}
}

// substitute FILE… writes the addresses of the vendors into files.
func substitute(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: substitute FILE…")
	}
	for _, name := range args {
		words := os.Expand(ts.ReadFile(name), func(v string) string {
			if v == "SHOP" || v == "DOWN" || v == "SLOW" {
				return ts.Getenv(v)
			}
			return "${" + v + "}"
		})
		ts.Check(os.Chmod(ts.MkAbs(name), 0o600))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(words), 0o600))
	}
}
