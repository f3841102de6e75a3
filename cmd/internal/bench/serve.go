package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// vendorOptions say what the simulated vendors hold.
type vendorOptions struct {
	accounts int           // of SOMS, tenants 1, 2, …
	soms     int           // orders of each
	tuya     int           // orders of the one Tuya project
	size     int           // bytes of a SOMS order, 0 as small as it is
	delay    time.Duration // before each answer
}

func (o vendorOptions) args() []string {
	return []string{"serve", "-accounts", strconv.Itoa(o.accounts), "-soms", strconv.Itoa(o.soms), "-tuya", strconv.Itoa(o.tuya), "-size", strconv.Itoa(o.size), "-delay", o.delay.String()}
}

// tenant is the path prefix of account i.
func tenant(i int) string { return strconv.Itoa(8560 + i) }

// vendors are the simulators of this process.
type vendors struct {
	delay time.Duration
	soms  map[string]*soms.Vendor // by tenant
	tuya  *tuya.Vendor

	mu          sync.Mutex
	pages       int // full pages of the list of SOMS orders
	first, last time.Time
}

func newVendors(o vendorOptions) *vendors {
	v := &vendors{delay: o.delay, soms: map[string]*soms.Vendor{}}
	for a := range o.accounts {
		list := make([]soms.Order, o.soms)
		for i := range list {
			list[i] = somsOrder(i)
		}
		v.soms[tenant(a)] = soms.New(soms.Options{Tenant: tenant(a), Username: username, Password: password, Orders: list, Padding: o.size})
	}
	list := make([]tuya.Order, o.tuya)
	for i := range list {
		list[i] = tuyaOrder(i)
	}
	v.tuya = tuya.New(tuya.Options{ClientID: clientID, ClientSecret: secret, ProjectID: projectID, Orders: list, ParamsIn: "query"})
	return v
}

func (v *vendors) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch one := v.soms[first]; {
	case first == "pages":
		v.tellPages(w)
	case first == "change":
		v.change(w, r)
	case one != nil:
		began := time.Now()
		time.Sleep(v.delay)
		asked, _ := io.ReadAll(r.Body) // the vendor judges what it is given
		r.Body = io.NopCloser(bytes.NewReader(asked))
		one.ServeHTTP(w, r)
		if isPage(r.URL, asked) {
			v.answered(began)
		}
	default:
		time.Sleep(v.delay)
		v.tuya.ServeHTTP(w, r)
	}
}

// isPage reports whether a page of the list of orders was asked for, not a total
// or the refunded ones.
func isPage(u *url.URL, asked []byte) bool {
	return strings.HasSuffix(u.Path, "/orders/query") && u.Query().Get("page_size") == "100" && !bytes.Contains(asked, []byte("refund_state"))
}

// answered counts a page that was asked for at a time and is answered now.
func (v *vendors) answered(began time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.pages == 0 {
		v.first = began
	}
	v.pages++
	v.last = time.Now()
}

// pageTimes is how many pages were read and how long that took, from the
// first question to the last answer.
type pageTimes struct {
	Pages int
	Took  time.Duration
}

// tellPages answers with the pages since it was last asked.
func (v *vendors) tellPages(w http.ResponseWriter) {
	v.mu.Lock()
	defer v.mu.Unlock()
	_ = json.NewEncoder(w).Encode(pageTimes{v.pages, v.last.Sub(v.first)}) // the asker notices
	v.pages = 0
}

// serveCommand serves the vendors on a free port of the loopback until its
// standard input ends, which it does when the process that started it does.
func serveCommand(ctx context.Context, args []string, out io.Writer) error {
	var o vendorOptions
	flags := flag.NewFlagSet("bench serve", flag.ContinueOnError)
	flags.IntVar(&o.accounts, "accounts", 1, "accounts of SOMS")
	flags.IntVar(&o.soms, "soms", 100, "orders of each")
	flags.IntVar(&o.tuya, "tuya", 0, "orders of Tuya")
	flags.IntVar(&o.size, "size", soms.DocumentedSize, "bytes of a SOMS order")
	flags.DurationVar(&o.delay, "delay", 0, "wait so long before each answer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: newVendors(o), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // however it ends, it has ended
		_ = server.Close()                   // the process ends with it
	}()
	fmt.Fprintln(out, "http://"+l.Addr().String())
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// startVendors starts the vendors as a process and returns their address.
func startVendors(ctx context.Context, o vendorOptions) (address string, stop func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	c := exec.CommandContext(ctx, program, o.args()...)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	said, err := c.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := c.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = in.Close() // ends it
		_ = c.Wait()   // it was asked to end
	}
	address, err = bufio.NewReader(said).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the simulators did not start: %w", err)
	}
	return strings.TrimSpace(address), stop, nil
}

// askPages asks the vendors for the pages that were read since it last did.
func askPages(ctx context.Context, address string) (p pageTimes, err error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/pages", nil)
	if err != nil {
		return p, err
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return p, err
	}
	defer answer.Body.Close()
	return p, json.NewDecoder(answer.Body).Decode(&p)
}
