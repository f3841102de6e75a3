package notify

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// Options of a Teller.
type Options struct {
	Channels []*Channel
	Dir      string // the data folder, where what was told is kept; "" for nowhere
	Language string // zh or en
	Zone     *time.Location
	Names    labels.Names // by which accounts are called
	Log      *slog.Logger
	Limits   Limits

	Now   func() time.Time                           // nil: time.Now
	Sleep func(context.Context, time.Duration) error // nil: by the clock
	Roots *x509.CertPool                             // whose certificates are trusted; nil: those of the system
}

// Teller tells people of nights.
type Teller struct {
	o     Options
	words *words
}

// New returns a teller; it calls nobody.
func New(o Options) (*Teller, error) {
	all, err := labels.Load()
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Limits = o.Limits.filled()
	return &Teller{o: o, words: &words{all, o.Language, o.Zone, o.Names}}, nil
}

// Tell tells each channel what of the night is news to it. What goes wrong is logged
// and, where a channel did not take its news, told by the next message. It takes
// Limits.Total at most, and as long again where another process is telling.
func (t *Teller) Tell(ctx context.Context, n Night) {
	if len(t.o.Channels) == 0 || n.ExitCode == exit.Locked && !slices.ContainsFunc(t.o.Channels, func(c *Channel) bool { return c.Locked }) {
		return
	}
	n.At = n.At.UTC()
	unlock, err := t.lock(ctx)
	if err != nil {
		t.o.Log.Error("nobody is told of this run: another one is being told of all the time", "error", err)
		return
	}
	defer unlock()
	s, damage := t.recall()
	if damage != nil {
		t.o.Log.Error("what was told before cannot be known and is told again", "error", damage)
	}
	deadline, cancel := context.WithTimeout(ctx, t.o.Limits.Total)
	defer cancel()
	memories := make([]memory, len(t.o.Channels))
	var group errgroup.Group
	for i, c := range t.o.Channels {
		group.Go(func() error {
			memories[i] = t.tell(deadline, c, &n, s, damage != nil)
			return nil
		})
	}
	_ = group.Wait() // what went wrong is in the log and in the memories
	next := &state{Version: stateVersion, Run: s.Run, Channels: map[string]memory{}}
	if n.Run != "" {
		next.Run = n.Run
	}
	for i, c := range t.o.Channels {
		next.Channels[c.Name] = memories[i]
	}
	if t.o.Dir == "" {
		return
	}
	if err := next.write(t.file()); err != nil {
		t.o.Log.Error("what was told is told again by the next run", "error", err)
	}
}

// tell tells one channel, and gives what it knows then.
func (t *Teller) tell(ctx context.Context, c *Channel, n *Night, s *state, forgotten bool) memory {
	before := s.Channels[c.Name]
	since := func(key troubleKey) time.Time { return s.since(key, n.At) }
	news, next := before.decide(n, n.troubles(&c.Settings, t.words), since, t.words)
	news = append(t.happened(n, s, forgotten), news...)
	silent := c.When != always || n.ExitCode == exit.Locked && !c.Locked
	if silent && len(news) == 0 && len(before.Untold) == 0 {
		return next
	}
	m := t.words.compose(n, news, before.Untold, before.Dropped)
	m.Channel = c.Name
	var err error
	next.Sent, err = c.deliver(ctx, m, before.Sent, t)
	if err != nil {
		t.o.Log.Error("a channel did not take the news: the next message has them", "channel", c.Name, "host", c.sender.host(), "why", err.Error())
		return next.refused(&before, news)
	}
	return next.taken(t.words.day(n.At))
}

// happened is the news of what does not last.
func (t *Teller) happened(n *Night, s *state, forgotten bool) (news []Item) {
	once := func(text, do string) {
		news = append(news, Item{Change: Once, Night: n.At, Text: text, Do: do})
	}
	if forgotten {
		once(t.words.text("forgotten"), "")
	}
	if n.CutShort != "" && n.CutShort != s.Run {
		once(t.words.text("cut_short", n.CutShort), t.words.text("do.cut_short"))
	}
	if days := len(n.Missed); days > 0 {
		once(t.words.text("missed", firstFew(n.Missed), days), t.words.text("do.missed"))
	}
	return news
}

// firstFew names the first and the last of many days.
func firstFew(days []string) string {
	const most = 7
	if len(days) <= most {
		return strings.Join(days, ", ")
	}
	return days[0] + " – " + days[len(days)-1]
}

// recall reads what was told before.
func (t *Teller) recall() (*state, error) {
	if t.o.Dir == "" {
		return &state{}, nil
	}
	return readState(t.file())
}

func (t *Teller) file() string { return filepath.Join(t.o.Dir, "notify.json") }

// lock waits for another process that tells people. A folder in which no lock can be
// had keeps nobody from being told.
func (t *Teller) lock(ctx context.Context) (unlock func(), err error) {
	if t.o.Dir == "" {
		return func() {}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, t.o.Limits.Total)
	defer cancel()
	lock := disk.Lock(filepath.Join(t.o.Dir, "notify.lock"), 0o600)
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return nil, err
	} else if err != nil {
		return func() {}, nil
	}
	return func() { _ = lock.Unlock() }, nil
}

// Outcome is how a sample fared.
type Outcome struct {
	Name, Kind, Host string // Host is "" on this machine
	Err              error  // why it was not taken; nil where it was
}

// Test sends each channel a sample, once, and changes nothing of what they were told.
func (t *Teller) Test(ctx context.Context) []Outcome {
	ctx, cancel := context.WithTimeout(ctx, t.o.Limits.Total)
	defer cancel()
	outcomes := make([]Outcome, len(t.o.Channels))
	var group errgroup.Group
	for i, c := range t.o.Channels {
		group.Go(func() error {
			m := t.words.compose(&Night{At: t.o.Now(), Outcome: "sample"}, []Item{{Change: Once, Night: t.o.Now(), Text: t.words.text("sample")}}, nil, 0)
			m.Channel = c.Name
			outcomes[i] = Outcome{Name: c.Name, Kind: c.Kind, Host: c.sender.host()}
			outcomes[i].Err = c.attempt(ctx, m, t)
			return nil
		})
	}
	_ = group.Wait() // the outcomes hold what went wrong
	return outcomes
}
