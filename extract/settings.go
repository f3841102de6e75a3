package extract

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/transform"
)

// Settings are the keys that every account has (docs/contract.md). Each source's
// configuration embeds them with `yaml:",inline"`.
type Settings struct {
	Account          string   `yaml:"account" schema:"required"`
	BaseURL          string   `yaml:"base_url" schema:"required"`
	Since            Day      `yaml:"since"`
	Rate             Rate     `yaml:"rate"`
	Concurrency      int      `yaml:"concurrency"`
	PageSize         int      `yaml:"page_size"`
	FirstPage        *int     `yaml:"first_page"` // the vendor's number of the first page, 0 or 1
	Timezone         string   `yaml:"timezone"`
	Currency         string   `yaml:"currency"`
	Lookback         Duration `yaml:"lookback"`
	MaxDuration      Duration `yaml:"max_duration"` // 0: what the night has
	RefreshOpen      Duration `yaml:"refresh_open"`
	BusinessDayStart *Clock   `yaml:"business_day_start"`
	Aliases          []string `yaml:"aliases"`
	SplitFrom        []string `yaml:"split_from"`
	MovedFrom        []string `yaml:"moved_from"`
	Enabled          *bool    `yaml:"enabled"`
	// Insecure lets base_url be http:// to another machine.
	Insecure bool `yaml:"insecure"`

	calendar transform.Calendar
}

// Defaults are a source's own defaults of the common keys.
type Defaults struct {
	Rate        Rate
	Concurrency int
	PageSize    int
	MaxPageSize int // 0: the vendor states none
	FirstPage   int // the number of the first page by the vendor's document
	Lookback    time.Duration
}

// IsEnabled reports whether the account takes part in the run.
func (s *Settings) IsEnabled() bool { return s.Enabled == nil || *s.Enabled }

// PageNumber is the vendor's number of page n of a list, counted from 1.
func (s *Settings) PageNumber(n int) int { return *s.FirstPage + n - 1 }

// Calendar is the account's time zone and start of the business day.
func (s *Settings) Calendar() transform.Calendar { return s.calendar }

// Complete fills in defaults and validates the common keys. The error names
// the key, the limit and the remedy.
func (s *Settings) Complete(d Defaults, env Env) error {
	if s.Account == "" {
		return BadKey("account", "is missing: give the account a name that is unique within its source")
	}
	u, err := url.Parse(s.BaseURL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return BadKey("base_url", "must be an http or https address without user, password or query, as https://pms.example")
	}
	if u.Scheme == "http" && !IsLoopback(u.Hostname()) && !s.Insecure {
		return BadKey("base_url", "would send credentials and orders in clear to another machine: write https://; where the way there is trusted (a tunnel, a wire of your own), insecure: true on the account allows http://")
	}
	s.BaseURL = strings.TrimRight(s.BaseURL, "/")
	if s.Rate == 0 {
		s.Rate = d.Rate
	}
	if s.Concurrency == 0 {
		s.Concurrency = d.Concurrency
	}
	if s.Concurrency < 1 || s.Concurrency > 64 {
		return BadKey("concurrency", "must be from 1 to 64")
	}
	if s.PageSize == 0 {
		s.PageSize = d.PageSize
	}
	if s.PageSize < 1 || (d.MaxPageSize > 0 && s.PageSize > d.MaxPageSize) {
		return BadKey("page_size", fmt.Sprintf("must be from 1 to %d, the vendor's limit", d.MaxPageSize))
	}
	if s.FirstPage == nil {
		s.FirstPage = &d.FirstPage
	}
	if *s.FirstPage != 0 && *s.FirstPage != 1 {
		return BadKey("first_page", "must be 0 or 1, the vendor's number of the first page")
	}
	if s.Lookback == 0 {
		s.Lookback = Duration(d.Lookback)
	}
	if s.MaxDuration != 0 && (s.MaxDuration < Duration(time.Second) || s.MaxDuration > Duration(LongestNight)) {
		return BadKey("max_duration", "must be from 1s to 7d")
	}
	if s.RefreshOpen == 0 {
		s.RefreshOpen = Duration(400 * 24 * time.Hour)
	}
	if s.Currency == "" {
		s.Currency = "CNY"
	}
	if !transform.IsCurrency(s.Currency) {
		return BadKey("currency", "is no currency of ISO 4217: write its code in three capital letters, such as CNY, USD or KWD")
	}
	s.calendar = transform.Calendar{Zone: env.Zone, DayStart: env.DayStart}
	if s.Timezone != "" {
		if s.calendar.Zone, err = time.LoadLocation(s.Timezone); err != nil {
			return BadKey("timezone", "is no time zone: use a name such as Asia/Shanghai")
		}
	}
	if s.BusinessDayStart != nil {
		s.calendar.DayStart = time.Duration(*s.BusinessDayStart)
	}
	return nil
}

// LongestNight is the most that max_duration may be.
const LongestNight = 7 * 24 * time.Hour

// InClear reports whether the account's requests can be read on their way.
func (s *Settings) InClear() bool {
	u, err := url.Parse(s.BaseURL)
	return err == nil && u.Scheme == "http" && !IsLoopback(u.Hostname())
}

// IsLoopback reports whether a host is this machine and cannot be another one.
// Other ways to write its addresses (127.1, a name of /etc/hosts) are not looked
// into: what they lead to may change.
func IsLoopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761, section 6.3
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// KeyError is a configuration error of one key of an account.
type KeyError struct {
	Key     string // relative to the account, "auth.client_id"
	Problem string // what is wrong and what to do
}

func (e *KeyError) Error() string { return e.Key + " " + e.Problem }

// BadKey is the error of one key: what is wrong with it and what to do.
func BadKey(key, problem string) error { return &KeyError{key, problem} }

// Duration is a time span: Go's units, and d for days of 24 hours ("45d").
type Duration time.Duration

// UnmarshalText reads "15m", "45d" or "1d12h".
func (d *Duration) UnmarshalText(b []byte) error {
	text := string(b)
	days, rest, ok := strings.Cut(text, "d")
	if !ok {
		days, rest = "0", text
	}
	n, err := strconv.Atoi(days)
	var span time.Duration
	if err == nil && rest != "" {
		span, err = time.ParseDuration(rest)
	}
	if err != nil || n < 0 || n > 36500 || span < 0 || text == "" {
		return errors.New("is no duration: write 30s, 15m, 12h or 45d")
	}
	*d = Duration(time.Duration(n)*24*time.Hour + span)
	return nil
}

// MarshalText writes what UnmarshalText reads, in the largest units: "45d", "1d12h".
func (d Duration) MarshalText() ([]byte, error) {
	const day = Duration(24 * time.Hour)
	text := ""
	if days := d / day; days > 0 {
		text = fmt.Sprintf("%dd", days)
	}
	if rest := d % day; rest != 0 || text == "" {
		text += time.Duration(rest).String()
	}
	for _, nothing := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, nothing) {
			text = text[:len(text)-2]
		}
	}
	return []byte(text), nil
}

// Pattern is what a Duration is written like, as a regular expression.
func (Duration) Pattern() string { return `([0-9]+d)?([0-9]+(\.[0-9]+)?(ms|s|m|h))*` }

// Rate is a number of requests a second.
type Rate float64

// UnmarshalText reads "10/s", "300/m" or "5000/h".
func (r *Rate) UnmarshalText(b []byte) error {
	count, unit, ok := strings.Cut(string(b), "/")
	n, err := strconv.ParseFloat(count, 64)
	per, known := map[string]float64{"s": 1, "m": 60, "h": 3600}[unit]
	if !ok || err != nil || !known || n <= 0 || n > 1e6 {
		return errors.New("is no rate: write 10/s, 300/m or 5000/h")
	}
	*r = Rate(n / per)
	return nil
}

// MarshalText writes what UnmarshalText reads: per second, minute or hour, by
// which of them the number is whole.
func (r Rate) MarshalText() ([]byte, error) {
	for _, unit := range []struct {
		name string
		per  float64
	}{{"s", 1}, {"m", 60}, {"h", 3600}} {
		if n := math.Round(float64(r) * unit.per); n > 0 && Rate(n/unit.per) == r {
			return fmt.Appendf(nil, "%.0f/%s", n, unit.name), nil
		}
	}
	return append(strconv.AppendFloat(nil, float64(r), 'f', -1, 64), "/s"...), nil
}

// Pattern is what a Rate is written like, as a regular expression.
func (Rate) Pattern() string { return `[0-9]+(\.[0-9]+)?/[smh]` }

// Clock is a time of day, as a duration since midnight.
type Clock time.Duration

// UnmarshalText reads "06:00".
func (c *Clock) UnmarshalText(b []byte) error {
	t, err := time.Parse("15:04", string(b))
	if err != nil {
		return errors.New("is no time of day: write \"06:00\"")
	}
	*c = Clock(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (c Clock) MarshalText() ([]byte, error) {
	return time.Time{}.Add(time.Duration(c)).AppendFormat(nil, "15:04"), nil
}

// Pattern is what a Clock is written like, as a regular expression.
func (Clock) Pattern() string { return `([01]?[0-9]|2[0-3]):[0-5][0-9]` }

// Day is a calendar day of the configuration; the zero value is none.
type Day struct{ year, month, day int }

// UnmarshalText reads yyyy-MM-dd.
func (d *Day) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil {
		return errors.New("is no day: write yyyy-MM-dd")
	}
	if t.Year() < 1970 || t.Year() > 9998 {
		return fmt.Errorf("%s is not meant as a day: write one from 1970 on, or leave it out", b)
	}
	*d = Day{t.Year(), int(t.Month()), t.Day()}
	return nil
}

// MarshalText writes what UnmarshalText reads, and nothing for the zero day.
func (d Day) MarshalText() ([]byte, error) {
	if d.year == 0 {
		return nil, nil
	}
	return d.In(time.UTC).AppendFormat(nil, time.DateOnly), nil
}

// Pattern is what a Day is written like, as a regular expression.
func (Day) Pattern() string { return `[0-9]{4}-[0-9]{2}-[0-9]{2}` }

// In is midnight of the day in zone; the zero time for the zero day.
func (d Day) In(zone *time.Location) time.Time {
	if d.year == 0 {
		return time.Time{}
	}
	return time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, zone)
}
