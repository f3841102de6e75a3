package httpx

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// Kind is one way to authenticate: a value of auth.kind, with the keys that
// belong to it. A source lists the kinds that its vendor takes.
type Kind struct {
	Name string
	keys []string // beside kind, in the order in which they are told
	read func(decode func(into any) error) (opener, any, error)
	// shape is what the section is decoded into, empty but for its kind.
	shape any
}

// opener makes an authentication of keys that were decoded.
type opener func(o AuthOptions) (Auth, error)

// NewKind makes a kind of the struct K. K's yaml tags name the keys; a key
// without omitempty must be given. auth validates the keys and calls nobody.
// Its error is an *extract.KeyError and holds no value of the configuration.
func NewKind[K any](name string, auth func(K, AuthOptions) (Auth, error)) Kind {
	var keys []string
	t := reflect.TypeFor[K]()
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		keys = append(keys, key)
	}
	type section struct {
		Kind string `yaml:"kind"`
		Keys K      `yaml:",inline"`
	}
	return Kind{name, keys, func(decode func(into any) error) (opener, any, error) {
		c := section{Kind: name}
		if err := decode(&c); err != nil {
			return nil, nil, err
		}
		return func(o AuthOptions) (Auth, error) {
			v := reflect.ValueOf(c.Keys)
			for i, key := range keys {
				if v.Field(i).IsZero() && !strings.HasSuffix(t.Field(i).Tag.Get("yaml"), ",omitempty") {
					return nil, BadKey(key, "is missing: kind "+name+" needs it")
				}
			}
			return auth(c.Keys, o)
		}, c, nil
	}, section{Kind: name}}
}

// The kinds that HTTP itself has.
var (
	None   = NewKind("none", func(struct{}, AuthOptions) (Auth, error) { return noAuth{}, nil })
	Bearer = NewKind("bearer", newBearer)
	Basic  = NewKind("basic", newBasic)
	Header = NewKind("header", newNamedHeader)
)

// AuthConfig is the key auth of an account's configuration: a kind and its
// keys. The source fills in the fields before its configuration is decoded.
type AuthConfig struct {
	Kinds     []Kind // those that the vendor takes
	Otherwise string // the kind where the configuration names none; "": it must

	open  opener
	name  string
	given any // what the section was decoded into
}

// Kind is the name of the kind in force; "" where none is.
func (c *AuthConfig) Kind() string {
	if c.given == nil {
		return c.Otherwise
	}
	return c.name
}

// MarshalYAML is the section as it was decoded, secrets included.
func (c AuthConfig) MarshalYAML() (any, error) { return c.given, nil }

// Shapes are the structs that the section may be decoded into, one of each kind,
// with the kind's name, and the kind of a section that names none.
func (c AuthConfig) Shapes() (shapes []any, otherwise string) {
	for _, k := range c.Kinds {
		shapes = append(shapes, k.shape)
	}
	return shapes, c.Otherwise
}

// UnmarshalYAML decodes the section strictly into the keys of its kind. What
// else is wrong with it is told by New.
func (c *AuthConfig) UnmarshalYAML(decode func(into any) error) error {
	given := map[string]any{}
	if err := decode(&given); err != nil {
		return err
	}
	kind, err := c.choose(given)
	if err != nil {
		c.open = func(AuthOptions) (Auth, error) { return nil, err }
		return nil
	}
	c.name = kind.Name
	c.open, c.given, err = kind.read(decode)
	return err
}

// AuthOptions are what an account gives to its authentication.
type AuthOptions struct {
	BaseURL   string
	Transport http.RoundTripper  // nil: a copy of the default transport
	Limits    extract.HTTPLimits // of the log-in's own calls
	Clock     func() time.Time   // the real clock, which signs; nil is time.Now
	Random    io.Reader          // of nonces; nil is the system's
	// Tokens shares log-ins with other accounts; nil shares them with none.
	Tokens *extract.TokenStore
}

// Client is the client of a configured account. o needs only Allow and Check:
// what the account's settings and env say is filled in.
func (c *AuthConfig) Client(s *extract.Settings, env extract.Env, o Options) (*Client, error) {
	auth, err := c.New(AuthOptions{BaseURL: s.BaseURL, Transport: env.Transport, Limits: env.HTTP, Tokens: env.Tokens})
	if err != nil {
		return nil, err
	}
	o.BaseURL, o.Rate, o.Concurrency = s.BaseURL, s.Rate, s.Concurrency
	o.Limits, o.Transport, o.Auth, o.Log = env.HTTP, env.Transport, auth, env.Logger()
	return New(o), nil
}

// New validates the configuration and returns the authentication; it calls
// nobody. An error is an *extract.KeyError, and holds no value of the
// configuration.
func (c *AuthConfig) New(o AuthOptions) (Auth, error) {
	if c.open == nil { // there is no section auth
		if err := c.UnmarshalYAML(func(any) error { return nil }); err != nil {
			return nil, err
		}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Tokens == nil {
		o.Tokens = new(extract.TokenStore)
	}
	return c.open(o)
}

// choose finds the kind, and refuses keys that belong to other kinds. Keys
// that belong to none are left to the strict decoder.
func (c *AuthConfig) choose(given map[string]any) (Kind, error) {
	names := make([]string, len(c.Kinds))
	for i, k := range c.Kinds {
		names[i] = k.Name
	}
	name := c.Otherwise
	if v := given["kind"]; v != nil && v != "" {
		name = fmt.Sprint(v)
	}
	chosen := slices.Index(names, name)
	switch {
	case name == "":
		return Kind{}, BadKey("kind", "is missing: it is one of "+strings.Join(names, ", "))
	case chosen < 0:
		return Kind{}, BadKey("kind", "is none that this source takes: it is one of "+strings.Join(names, ", "))
	}
	kind := c.Kinds[chosen]
	known := slices.Concat(c.Kinds, []Kind{Bearer, Basic, Header, OAuth2(OAuth2Vendor{})})
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if slices.Contains(kind.keys, key) || !slices.ContainsFunc(known, func(k Kind) bool { return slices.Contains(k.keys, key) }) {
			continue
		}
		has := "no keys"
		if len(kind.keys) > 0 {
			has = strings.Join(kind.keys, ", ")
		}
		return Kind{}, BadKey(key, "does not belong to kind "+name+": remove it, that kind has "+has)
	}
	return kind, nil
}

// BadKey says what is wrong with a key of the section auth.
func BadKey(key, problem string) error {
	return extract.BadKey("auth."+key, problem)
}
