package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	akubela "github.com/nightaudit/nightaudit/extract/akubela/sim"
	guoxiaodi "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// Zone is the zone in which the group keeps its books.
const Zone = "Asia/Shanghai"

const (
	projectID = "1160823965053000001"
	tenantID  = "8560"
	clientID  = "nightauditdemo"
	username  = "nightaudit"
	pmsID     = 2
)

// StartOptions say when the demo plays and what it is to be like.
type StartOptions struct {
	// Anchor is the end of the world's 60 days, a midnight in Zone. Zero is
	// the last midnight before Now, so that a demo looks current.
	Anchor time.Time
	// Now tells what day it is; nil is time.Now. The vendors keep the real
	// clock whatever it says, for requests are signed with the real clock.
	Now func() time.Time
	// World varies the data; the zero value is the demo's.
	World Options
}

// Vendors are the five simulators.
type Vendors struct {
	Tuya      *tuya.Vendor
	Akubela   *akubela.Vendor
	Soms      *soms.Vendor
	Starhotel *starhotel.Vendor
	Guoxiaodi *guoxiaodi.Vendor
}

// vendor is what all simulators have in common.
type vendor interface {
	http.Handler
	Refused() []string
	Requests() int
}

func (v *Vendors) each() map[string]vendor {
	return map[string]vendor{
		srcTuya: v.Tuya, srcAkubela: v.Akubela, srcSoms: v.Soms, srcStarhotel: v.Starhotel, srcGuoxiaodi: v.Guoxiaodi,
	}
}

// Refused lists, by source, the calls that were no documented read. A night
// that leaves anything here is wrong.
func (v *Vendors) Refused() map[string][]string {
	out := map[string][]string{}
	for name, s := range v.each() {
		if r := s.Refused(); len(r) > 0 {
			out[name] = r
		}
	}
	return out
}

// Requests counts the calls so far, by source.
func (v *Vendors) Requests() map[string]int {
	out := map[string]int{}
	for name, s := range v.each() {
		out[name] = s.Requests()
	}
	return out
}

// Running is a started demo. Close ends its vendors; the folder stays.
type Running struct {
	ConfigPath string // of the demo's nightaudit.yaml
	World      *World
	Vendors    Vendors
	// Again is set where an earlier demo, of another database, left workbooks.
	Again bool

	servers []*http.Server
}

// Start makes the world, serves its five vendors on the loopback under
// credentials of their own, and writes into dir a configuration for them and
// the courier's register. It owns dir: see prepare for what it may replace
// there. The vendors are served until Close, or until ctx is done.
func Start(ctx context.Context, dir string, o StartOptions) (*Running, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return nil, fmt.Errorf("start the demo: %w", err)
	}
	if o.Anchor.IsZero() {
		y, m, d := o.Now().In(zone).Date()
		o.Anchor = time.Date(y, m, d, 0, 0, 0, 0, zone)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("start the demo: %w", err)
	}
	if err := prepare(dir); err != nil {
		return nil, err
	}
	secrets, err := newCredentials(dir)
	if err != nil {
		return nil, err
	}
	r := &Running{World: New(o.Anchor.In(zone), o.World)}
	if _, err := os.Stat(filepath.Join(dir, "reports")); err == nil {
		r.Again = true
	}
	if err := r.World.writeRegister(filepath.Join(dir, "register")); err != nil {
		return nil, err
	}
	r.Vendors = r.World.vendors(secrets)
	addresses := map[string]string{}
	for name, v := range r.Vendors.each() {
		if addresses[name], err = r.serve(ctx, v); err != nil {
			return nil, errors.Join(fmt.Errorf("serve the demo's %s on the loopback: %w", name, err), r.Close())
		}
	}
	context.AfterFunc(ctx, func() { _ = r.Close() })
	r.ConfigPath, err = r.World.writeConfig(dir, configValues{
		Tuya: addresses[srcTuya], Akubela: addresses[srcAkubela], Soms: addresses[srcSoms],
		Starhotel: addresses[srcStarhotel], Guoxiaodi: addresses[srcGuoxiaodi],
	})
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// vendors are the five systems with the world's data in them.
func (w *World) vendors(c credentials) Vendors {
	extra := 0
	if w.options.StatedTotalOff {
		extra = 1
	}
	return Vendors{
		Tuya: tuya.New(tuya.Options{
			ClientID: clientID, ClientSecret: c.tuya, ProjectID: projectID, Orders: w.tuyaOrders(), ExtraTotal: extra,
		}),
		Akubela: akubela.New(akubela.Options{ClientID: clientID, ClientSecret: c.akubela, Orders: w.akubelaOrders()}),
		Soms: soms.New(soms.Options{
			Tenant: tenantID, Username: username, Password: c.soms, Orders: w.somsOrders(), Reminds: w.somsReminds(),
		}),
		Starhotel: starhotel.New(starhotel.Options{PMSID: pmsID, Token: c.starhotel, Orders: w.starhotelOrders()}),
		Guoxiaodi: guoxiaodi.New(guoxiaodi.Options{Orders: w.guoxiaodiOrders()}),
	}
}

// serve listens on a free port of the loopback and returns its address.
func (r *Running) serve(ctx context.Context, h http.Handler) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	r.servers = append(r.servers, s)
	go func() { _ = s.Serve(l) }() // ends with Close
	return "http://" + l.Addr().String(), nil
}

// Close ends the vendors. It may be called more than once.
func (r *Running) Close() error {
	var errs []error
	for _, s := range r.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
