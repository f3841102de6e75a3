// Package config reads nightaudit.yaml: strictly, with every problem named by
// line, column and key, and a remedy. Secrets stand outside the file, as
// ${NAME} and ${file:PATH}, and never appear in a message.
package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/nightaudit/nightaudit/cmd/internal/notify"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Config is a valid configuration. All paths are absolute.
type Config struct {
	// File is the configuration's own path; Dir is its folder, where relative
	// paths of the file start.
	File, Dir string
	// SHA256 of the file's bytes, before any reference is expanded, in hex.
	SHA256 string

	DataDir string
	// MemoryLimit is how many bytes the database may take in a night before it
	// spills to disk; 0 is a fifth of the machine's memory, at most 1 GiB. To load and
	// to check it takes less, as long as it is not large.
	MemoryLimit int64
	// MaxDuration is how long a night may ask vendors.
	MaxDuration time.Duration
	Publish     Publish
	Report      Report
	Zone        *time.Location
	DayStart    time.Duration // since midnight
	Privacy     transform.Privacy
	HTTP        extract.HTTPLimits
	LandingKeep time.Duration
	// Literals are the secrets that stand in the file itself, and SecretFiles
	// those that are read from files: who may read these is looked at.
	Literals    []Literal
	SecretFiles []string
	// LandingKeys encrypt what is landed and pushed, where there are
	// recipients, and open it, where there is an identity.
	LandingKeys sealed.Keys

	// Accounts are the enabled accounts: by source in the order of the
	// drivers, within a source in the order of the file.
	Accounts []Account
	// Idle are the accounts with enabled: false: nobody asks them, but what is
	// landed of them can be read again.
	Idle []Account
	// zones are the time zones of accounts that have their own.
	zones map[ledger.AccountID]*time.Location
	// Disabled are the accounts with enabled: false.
	Disabled []ledger.AccountID
	// Retired are accounts that are in the file no longer and whose orders stay
	// in the books.
	Retired []ledger.AccountID
	Links   []Link
	Names   labels.Names
	// Notify are the channels by which people are told how nights end.
	Notify []*notify.Channel
	// Healthcheck is told when nights begin and how they end; nil for none. Its path
	// is a secret.
	Healthcheck *url.URL
	// MetricsFile is where each run leaves its metrics for node_exporter; "" for
	// nowhere.
	MetricsFile string
	Lineage     Lineage
	// Lake is where each night is committed to; nil for nowhere.
	Lake *Lake
	// Unread says which references could not be read (Options.Lenient).
	Unread []string

	inForce inForce
}

// Literal is a secret that stands in the configuration itself.
type Literal struct {
	Key  string // "sources.soms[0].auth.password"
	Line int
}

// Publish says where the database goes that people open.
type Publish struct {
	Dir   string
	Group string // "" leaves the group as it is
	Keep  int    // published databases to keep, the newest among them
}

// Report says where workbooks go and in which language.
type Report struct {
	Dir      string
	Language string // zh or en
	ExtraDir string // the operator's own reports; "" for none
}

// Account is an account that takes part in the night.
type Account struct {
	Driver *extract.Driver
	Name   string
	// Aliases are names that the account had earlier.
	Aliases []string
	// SplitFrom are accounts, by the names that they have now, of whose orders
	// this one takes those that its vendor lists.
	SplitFrom []string
	// Tenancy says whose orders it reads, MovedFrom whose it read before and are
	// the same.
	Tenancy   extract.Tenancy
	MovedFrom []extract.Tenancy
	Source    extract.Source
	// MemoOnly is set where a link ties an account of room orders to a PMS:
	// its orders are part of the consumption that the PMS bills.
	MemoOnly bool
}

// Link names the accounts, by source, that are the same place.
type Link struct {
	Name     string
	Accounts map[string][]string
	Rooms    map[string]string // where systems name a room differently: theirs → the PMS's
	// RoomsAvailable is how many rooms the place has to sell; 0 where nothing
	// is said.
	RoomsAvailable int
}

// Path is a path of the configuration: relative ones start at its folder.
func (c *Config) Path(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(c.Dir, path)
}

// Options are what a configuration is read with.
type Options struct {
	// Getenv reads the environment for ${NAME}; nil is os.Getenv.
	Getenv func(string) string
	// Drivers are the sources that exist.
	Drivers []extract.Driver
	// Env is given to every account, with Dir, Zone, DayStart and HTTP filled
	// in from the file.
	Env extract.Env
	// MaxRetries, if not 0, is an upper bound for http.retries: a command
	// before which a person waits does not try for minutes.
	MaxRetries int
	// Reader is set by commands that only open what was published. They need
	// no secret and no account, so that people without the secrets can use
	// the same file: sources, links, names, notify, lineage, lake, pii and landing are not
	// looked at.
	Reader bool
	// Lake makes a Reader look at lake after all: it writes there.
	Lake bool
	// Lenient takes references that cannot be read as if they could be, for a
	// command that shows the configuration and uses no secret.
	Lenient bool
	// Landing makes a Reader look at landing after all: it opens what was
	// landed, and needs the identity for it where there is one.
	Landing bool
}

// maxFile is how long a configuration may be, in bytes: some thousand accounts.
const maxFile = 1 << 20

type loader struct {
	problems
	options Options
	env     extract.Env
	config  *Config
	root    *node
	opened  []openedAccount // in the order of the file
}

// Load reads and validates a configuration. It calls no vendor and creates
// no file. What is wrong with the file's content is an *Error with all
// problems that could be told apart.
func Load(path string, o Options) (*Config, error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	l := &loader{options: o, config: &Config{}, problems: problems{file: path}}
	data, err := disk.Read(path, maxFile)
	if err != nil {
		hint := "name another file with --config"
		if errors.Is(err, fs.ErrNotExist) {
			hint = "write a starter configuration with nightaudit init, or name another file with --config"
		}
		l.add(nil, "", "cannot be read: %v; %s", reason(err), hint)
		return nil, l.err()
	}
	file, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	l.config.File, l.config.Dir, l.config.SHA256 = file, filepath.Dir(file), hex.EncodeToString(sum[:])

	text, err := disk.Text(data)
	if err == nil && !utf8.ValidString(text) {
		err = errors.New("is not UTF-8, perhaps GBK (“ANSI”): save it as UTF-8")
	}
	if err != nil {
		l.add(nil, "", "%v", err)
		return nil, l.err()
	}
	if l.root = parse(text, &l.problems); l.root == nil {
		return nil, l.err()
	}
	l.accountZones()
	if o.Reader {
		l.root.remove("sources", "links", "names", "notify", "healthcheck_url", "lineage", "pii")
		if !o.Landing {
			l.root.remove("landing")
		}
		if !o.Lake {
			l.root.remove("lake")
		}
	}
	references := expander{
		problems: &l.problems, getenv: o.Getenv, dir: l.config.Dir, literals: &l.config.Literals, files: &l.config.SecretFiles,
		unread: &l.config.Unread,
	}
	if o.Lenient {
		references.lenient, references.standIn = true, "stands for a secret"
	}
	references.expand(l.root, "")
	d := defaults()
	if o.Reader {
		d.PII = privacySection{}
	}
	l.decode(l.root, "", &d)
	d.apply(l.config, l.root, &l.problems)

	l.env = o.Env
	if o.MaxRetries > 0 {
		l.config.HTTP.Retries = min(l.config.HTTP.Retries, o.MaxRetries)
	}
	l.config.HTTP.Sleep, l.config.HTTP.MaxWait = o.Env.HTTP.Sleep, o.Env.HTTP.MaxWait
	l.env.Dir, l.env.Zone, l.env.DayStart, l.env.HTTP = l.config.Dir, l.config.Zone, l.config.DayStart, l.config.HTTP
	l.env.Keys = l.config.LandingKeys
	l.env.Pushed = filepath.Join(l.config.DataDir, "landing", "notifications")
	if !o.Reader {
		l.sources(d.Sources)
		l.splits()
		l.links(d.Links)
		l.names(d.Names)
		l.retired(d.Retired)
		l.notify(d.Notify)
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	l.config.inForce = inForce{l.root, d, l.opened}
	return l.config, nil
}

// Find is the enabled account of that source that has or once had that name, or
// nil.
func (c *Config) Find(source, name string) *Account { return find(c.Accounts, source, name) }

// FindLanded is Find for what is landed: the account may be disabled.
func (c *Config) FindLanded(source, name string) *Account {
	if a := c.Find(source, name); a != nil {
		return a
	}
	return find(c.Idle, source, name)
}

func find(accounts []Account, source, name string) *Account {
	i := slices.IndexFunc(accounts, func(a Account) bool { return a.Driver.Name == source && slices.Contains(a.Names(), name) })
	if i < 0 {
		return nil
	}
	return &accounts[i]
}

// Names are the account's name and its earlier ones.
func (a *Account) Names() []string { return append([]string{a.Name}, a.Aliases...) }

// IsSplitInto says whether another account takes a part of this one's orders.
func (a *Account) IsSplitInto(other Account) bool {
	return other.Driver.Name == a.Driver.Name && slices.Contains(other.SplitFrom, a.Name)
}

// ID names the account.
func (a *Account) ID() ledger.AccountID {
	return ledger.AccountID{Source: a.Driver.Name, Account: a.Name}
}

// Knows reports whether the file names the account: it is enabled, disabled or
// retired.
func (c *Config) Knows(id ledger.AccountID) bool {
	return c.FindLanded(id.Source, id.Account) != nil || slices.Contains(c.Retired, id)
}
