package extract

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// This page is what a source must know. A source is a Driver, listed in
// extract/all; Driver.Open makes a Source of each configured account. In a run
// the pipeline asks a Source to Plan windows, to Fetch each of them, and to
// Decode each answer that Fetch yields, once it is landed. The types of windows
// and streams are those of transform/ledger, which the whole line shares.

// Driver is one vendor: its streams and how an account of it is opened. It is
// a value; there is no registry.
type Driver struct {
	// Name is the source's name in the configuration and in every row.
	Name string
	// About says in a few words which system it is and what it knows, to who
	// chooses among sources.
	About string
	// Streams in order of precedence: where two streams of one run carry the
	// same column of an order, the later one's answer is loaded.
	Streams []Stream
	// Role is what the source is to a hotel.
	Role Role
	// Needs names sources that must be loaded before this one is fetched.
	Needs []string
	// CreationFilter reports whether the vendor can be asked for orders by
	// creation date, so whether --since and --until apply.
	CreationFilter bool
	// SweepDays is for how many calendar days before the run's bound the
	// second call of Plan is told what is booked (State.Booked); 0 is none.
	SweepDays int
	// WallWindows reports whether the vendor is asked for the bounds of windows
	// as wall times of the account's zone, so that another zone makes other
	// moments of them.
	WallWindows bool
	// ExampleConfig is the account's part of a starter configuration: YAML
	// of one list element, commented, indented by nothing.
	ExampleConfig string
	// DeriveSQL, optional, is a .sql file of the source: SELECTs and CASE
	// expressions are the loader's; see load, "derived columns".
	DeriveSQL string
	// FinalSQL, optional, is what a final order o of main.orders must fulfil
	// besides its final status before it is no longer asked for: a condition
	// that may read getvariable('run_at'), the recorded time of the run.
	FinalSQL string
	// Personal names the members of the answers that hold personal data, or
	// secrets, with everything inside of them: "guests", or by the last parts
	// of its path, without indices, where a name alone is too little:
	// "contact.name". What the vendor's document lists is the least. Whoever
	// shows an answer to people masks them.
	Personal []string
	// Open validates an account's configuration and returns the account. It
	// calls nobody and keeps nothing open. decode fills a struct strictly from
	// the account's YAML: an unknown key is an error with its line. A key that
	// is wrong is a *KeyError.
	Open func(decode func(into any) error, env Env) (Source, error)
}

// What the whole line speaks of; a source needs to import no more than this
// package.
type (
	// Stream is one kind of answer of a source.
	Stream = ledger.Stream
	// Window is a part of a stream that is fetched and accounted for as one.
	Window = ledger.Window
	// Due is an order that is to be asked for by its id.
	Due = ledger.Due
	// KnownNumber is a number from another source's order.
	KnownNumber = ledger.KnownNumber
	// KnownQuery says which numbers of another source's orders an account asks for.
	KnownQuery = ledger.KnownQuery
	// State is what the warehouse knows of the account.
	State = ledger.State
)

// Env is what the process gives to every account.
type Env struct {
	// Now is the recorded clock of the run (--at); requests are signed with
	// the real clock instead.
	Now func() time.Time
	// Clock is the real clock, by which the age of a file is told; nil is
	// time.Now.
	Clock func() time.Time
	// Transport carries the requests; nil is the default transport.
	Transport http.RoundTripper
	// HTTP are the limits common to all accounts.
	HTTP HTTPLimits
	// Tokens are the process's log-ins, shared by accounts of one key; nil
	// gives each account its own.
	Tokens *TokenStore
	// Log takes warnings, with the account's name on every line. Never a query
	// string, header, token or body.
	Log *slog.Logger
	// Dir is the configuration's folder: relative paths start here.
	Dir string
	// Pushed is the folder that holds what vendors push, a log for each
	// account (Notified); "" where nothing is kept.
	Pushed string
	// Keys open what vendors push, and encrypt it.
	Keys sealed.Keys
	// Zone is the time zone of accounts that state none.
	Zone *time.Location
	// DayStart is the start of the business day of accounts that state none.
	DayStart time.Duration
}

// Logger is e.Log, and never nil.
func (e *Env) Logger() *slog.Logger {
	if e.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return e.Log
}

// HTTPLimits are the configuration's http section.
type HTTPLimits struct {
	Timeout     time.Duration
	Retries     int
	MaxResponse int64 // bytes, decompressed
	// MaxWait is the longest wait before another attempt; a call that has to
	// wait longer has failed. 0 waits as long as the vendor asks for, five
	// minutes at most.
	MaxWait time.Duration
	// Sleep waits before another attempt and for the rate limit; nil waits in
	// real time. Tests replace it.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Source is one configured account of a source, opened. Its methods may be
// called from several goroutines. They end soon after ctx does, with its error.
type Source interface {
	// Settings are the keys that all accounts have, with defaults filled in.
	Settings() *Settings
	// Tenancy says whose orders the account reads.
	Tenancy() Tenancy
	// Plan cuts the streams into windows to fetch, in the order in which they
	// are fetched. It is called once for the streams that are not ByID, and once
	// more, with State.Due not nil, for those and for the days that the Driver
	// sweeps. The same Plan gives the same windows: by them a run that is
	// resumed finds what it has landed. Plan may ask the vendor for totals; an
	// error fails the account, not the run.
	Plan(ctx context.Context, p Plan) ([]Window, error)
	// Fetch asks the vendor for one window and yields each answer in the
	// order in which it is to be loaded. yield may be called from one goroutine
	// at a time; its error ends Fetch and is returned as it is. nil says that
	// the window is complete. *Unsettled says that what came is to be loaded
	// and marked; any other error, of one of this package's classes, fails the
	// account.
	Fetch(ctx context.Context, w Window, yield Yield) error
	// Decode transforms one landed answer into canonical rows; it is called by
	// the function Decode of this package. It depends on
	// the page and the account's configuration only, so that a page can be
	// replayed years later. A damaged record becomes a finding or a reject; an
	// error (BadAnswer) means that the answer as a whole is not what it should
	// be. out stays the caller's.
	Decode(p *Page, out *transform.Batch) (Facts, error)
	// Check reaches the vendor, logs in and reads one page, for the command
	// check. It lands and loads nothing.
	Check(ctx context.Context) (CheckResult, error)
}

// Remembers is implemented by accounts whose Fetch goes by what an earlier
// window of the same run has answered. Where that window is taken from the
// landing, after a crash, Remember is told its pages instead.
type Remembers interface {
	Remember(p *Page) error
}

// AsksByID is implemented by accounts whose configuration says whether the
// source's streams that are ByID are read. Others read them.
type AsksByID interface {
	AsksByID() bool
}

// WallZoned is implemented by accounts whose configuration says in which zone the
// vendor writes the times that it documents as UTC: its name, "" for UTC.
type WallZoned interface {
	WallZone() string
}

// Plan is what the pipeline knows when it asks for windows. A Source reads it
// and changes nothing in it.
type Plan struct {
	// Until is the upper bound, exclusive, frozen at the start of the run.
	Until time.Time
	// Since, if not zero, is --since: re-read orders created from then, inclusive.
	Since time.Time
	// Full asks for everything since the account's own since.
	Full bool
	// Cursor holds, by stream, the end of the last complete window; streams
	// that were never complete are missing. That of windows with a cursor of
	// their own stands under ledger.CursorOf.
	Cursor map[string]time.Time
	// State is what the warehouse knows of the account.
	State
}

// Yield takes one answer: it lands it, then decodes it, and says what the
// decoder learned. The page is then the pipeline's: its Body is the landed line,
// and neither side changes it any more.
type Yield func(p *Page) (Facts, error)

// Page is one answer of a vendor.
type Page struct {
	Stream  string
	Request Request
	Status  int       // of HTTP
	At      time.Time // when it was answered, real clock
	Body    []byte    // JSON, as it came: not all of it need be valid UTF-8; line breaks between tokens may become blanks
	// Raw is the answer as it came where Body is not: it was no JSON, or of
	// another charset (Charset). nil where Body is as it came.
	Raw     []byte
	Charset string
	// Repairs are what had to be mended before Body was JSON.
	Repairs []transform.Repair
	Filter  string // the window's
	// Part names the part of the window that Facts.Total is the total of,
	// where a source had to cut a window further while reading it.
	Part string
	// Pass is the number of the reading of the window that the answer belongs
	// to, from 1, where the window is read until two readings agree (Passes);
	// a later one takes the place of all before it. 0 where it is read once.
	Pass int
	// Subject is the order asked for, where the answer does not name it.
	Subject Subject
	// Refused is set where the vendor did not show the order that was asked for
	// (ByID). The page is then no answer, and its Body is null.
	Refused *Refusal
}

// Subject names what a page was asked for.
type Subject struct {
	OrderID string `json:"order_id,omitempty"`
	Number  string `json:"number,omitempty"`
}

// Request describes a request without its secrets: what is kept in the
// manifest of the landing and shown by trace.
type Request struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Params string `json:"params,omitempty"` // query or body, without secrets and personal data
}

// Facts is what decoding a page tells the code that pages.
type Facts struct {
	Rows       int      // records on the page
	Total      int64    // stated by the vendor; -1 where it states none
	OddTotal   string   // what stands in its place and is no count, as the vendor wrote it
	First      string   // key of the first record, to notice a page that repeats
	Incomplete []string // orders that arrived without a part that must be asked for
	// Keys tell the page's records apart, in their order, for the code that
	// reads a list until two passes agree (transform.Record.Identity). They do
	// not share the page's memory.
	Keys []string
	// Refused is set by Decode where nothing can be read of the order that the
	// page was asked for.
	Refused *Refusal
}

// CheckResult is what check prints of an account.
type CheckResult struct {
	Orders    int64         // stated total of the page read; -1 where none is stated
	ClockSkew time.Duration // the vendor's clock against ours; 0 where it states none
	Notes     []string      // what the operator should know of the vendor
}
