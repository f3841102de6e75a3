package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
)

// inn is a shop and a hotel with a night every ten minutes. On night k both
// state k yuan as the amount of every order they have, whenever it was made,
// and both have k times as many orders as they take between two nights: a
// reader can tell from any row which night it is of, and from the number of
// rows whether the night is whole.
type inn struct {
	t        testing.TB
	dir      string // of the configuration
	perNight int    // orders that each vendor takes before a night
	night    atomic.Int64
	shop     *soms.Vendor
	hotel    *starhotel.Vendor
}

// innFolders are where an inn keeps its files; "" is a folder beside the
// configuration.
type innFolders struct{ data, published, reports string }

const innConfig = `version: 1
data_dir: %q
publish: {dir: %q, keep: 2}
report: {dir: %q, language: en}
pii: {documents: drop}
sources:
  soms:
    - {account: a, base_url: %q, tenant_id: "8560", rate: 100000/s, auth: {kind: basic, username: u, password: p}}
  starhotel:
    - {account: a, base_url: %q, pms_id: 2, rate: 100000/s, auth: {kind: bearer, token: t}}
`

func startInn(t testing.TB, perNight int, folders innFolders) *inn {
	t.Helper()
	in := &inn{t: t, dir: t.TempDir(), perNight: perNight}
	in.shop = soms.New(soms.Options{Username: "u", Password: "p", Now: in.clock})
	in.hotel = starhotel.New(starhotel.Options{Token: "t", Now: in.clock})
	for name, dir := range map[string]*string{"data": &folders.data, "published": &folders.published, "reports": &folders.reports} {
		if *dir == "" {
			*dir = filepath.Join(in.dir, name)
		}
	}
	values := []any{folders.data, folders.published, folders.reports}
	for _, v := range []http.Handler{in.shop, in.hotel} {
		server := httptest.NewServer(v)
		t.Cleanup(server.Close)
		values = append(values, server.URL)
	}
	if err := os.WriteFile(filepath.Join(in.dir, "nightaudit.yaml"), fmt.Appendf(nil, innConfig, values...), 0o600); err != nil {
		t.Fatal(err)
	}
	return in
}

// at is the time of night k.
func (in *inn) at(k int64) time.Time {
	return time.Date(2024, 4, 11, 3, 0, 0, 0, soms.Zone).Add(time.Duration(k) * 10 * time.Minute)
}

func (in *inn) clock() time.Time { return in.at(in.night.Load()) }

// pass lets the time pass until the next night.
func (in *inn) pass() {
	k := in.night.Add(1)
	for n := int64(1); n <= k*int64(in.perNight); n++ {
		// The orders of a night are made in the minutes before it.
		created := in.at((n-1)/int64(in.perNight) + 1).Add(-5 * time.Minute)
		in.shop.Put(innSale(n, created, in.at(k).Add(-time.Minute), k))
		in.hotel.Put(innBooking(n, created, k))
	}
}

func innSale(n int64, created, changed time.Time, yuan int64) soms.Order {
	id, at, amount := fmt.Sprintf("A%06d", n), soms.LocalTime(created), fmt.Sprintf("%d.00", yuan)
	o := shopOrder(id, at, amount)
	o.Modified, o.State = soms.LocalTime(changed), "confirmed"
	return o
}

func innBooking(n int64, created time.Time, yuan int64) starhotel.Order {
	amount := fmt.Sprintf("%d.00", yuan)
	return starhotel.Order{
		OrderID: n, OrderNo: fmt.Sprintf("B%06d", n), Name: "Li", TotalAmount: amount, TotalPayedAmount: "0.00",
		CreatorID: "1", OrderStatus: 110, ServiceDate: created.Unix(), CreatedAt: starhotel.ISOTime(created), UpdatedAt: starhotel.ISOTime(created),
		Accoms: []starhotel.Accom{{
			AccomID: n, RoomID: 1, RoomName: "801", CheckinStartTime: created.Unix(), CheckinEndTime: created.Unix() + 80000,
			TotalAmount: amount, Amount: amount, AccomStatus: 40, CheckoutStatus: 10, CreatedDate: created.Unix(),
		}},
	}
}

// command is the program in the inn's folder.
func (in *inn) command(args ...string) *exec.Cmd {
	cmd := exec.Command("nightaudit", args...)
	cmd.Dir = in.dir
	cmd.Env = append(os.Environ(), "NIGHTAUDIT_CONFIG=")
	return cmd
}

// runNight is the command of the night that it is.
func (in *inn) runNight() *exec.Cmd {
	return in.command("run", "--at", in.clock().Format(time.RFC3339))
}

// did is what a command printed and its exit code.
type did struct {
	stdout, stderr string
	code           int
}

func runOf(t testing.TB, cmd *exec.Cmd) did {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return did{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// wantDone carries out the night and has it succeed.
func (in *inn) wantDone() did {
	in.t.Helper()
	d := runOf(in.t, in.runNight())
	if d.code != 0 {
		in.t.Fatalf("night %d ended with %d\n%s%s", in.night.Load(), d.code, d.stdout, d.stderr)
	}
	return d
}
