package httpx

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// The kinds of authentication, the values of auth.kind.
const (
	KindTuya      = "tuya"
	KindOAuth2    = "oauth2"
	KindBearer    = "bearer"
	KindBasic     = "basic"
	KindHeader    = "header"
	KindSignature = "signature"
	KindNone      = "none"
)

// AuthConfig is the configuration's auth key: a kind, and the keys of that
// kind. A key that belongs to another kind is an error.
type AuthConfig struct {
	Kind string `yaml:"kind"`

	ClientID     string `yaml:"client_id"`     // tuya, oauth2
	ClientSecret string `yaml:"client_secret"` // tuya, oauth2
	Token        string `yaml:"token"`         // bearer
	Username     string `yaml:"username"`      // basic
	Password     string `yaml:"password"`      // basic
	Name         string `yaml:"name"`          // header, signature
	Value        string `yaml:"value"`         // header

	// The template of the kind signature; see Template.
	Algorithm string            `yaml:"algorithm"`
	Secret    string            `yaml:"secret"`
	Values    map[string]string `yaml:"values"`
	Fields    []string          `yaml:"fields"`
	Join      *string           `yaml:"join"`
	Case      string            `yaml:"case"`
	In        string            `yaml:"in"`
}

// AuthOptions are what an account gives to its authentication.
type AuthOptions struct {
	BaseURL   string
	Transport http.RoundTripper  // nil: a copy of the default transport
	Limits    extract.HTTPLimits // of the log-in's own calls
	Clock     func() time.Time   // the real clock, which signs; nil is time.Now
	Random    io.Reader          // of nonces; nil is the system's
	// OAuthPath and OAuthScope are the log-in of the kind oauth2: the
	// vendor's, so they come from the source and not from the configuration.
	OAuthPath, OAuthScope string
	// Check is the vendor's success test of the log-in's answers of the kind
	// tuya, as Options.Check is of all others; oauth2 has its own, by RFC 6749.
	Check func(body []byte) error
	// Tokens shares log-ins with other accounts; nil shares them with none.
	Tokens *extract.TokenStore
}

// keysOf lists the keys of each kind: those it must have, then those it may.
var keysOf = map[string]struct{ must, may []string }{
	KindTuya:      {must: []string{"client_id", "client_secret"}},
	KindOAuth2:    {must: []string{"client_id", "client_secret"}},
	KindBearer:    {must: []string{"token"}},
	KindBasic:     {must: []string{"username", "password"}},
	KindHeader:    {must: []string{"name", "value"}},
	KindSignature: {must: []string{"algorithm", "secret", "fields", "name"}, may: []string{"values", "join", "case", "in"}},
	KindNone:      {},
}

// given lists the keys that the configuration states, in the order of the
// contract.
func (c *AuthConfig) given() []string {
	var keys []string
	for _, k := range []struct {
		key   string
		given bool
	}{
		{"client_id", c.ClientID != ""},
		{"client_secret", c.ClientSecret != ""},
		{"token", c.Token != ""},
		{"username", c.Username != ""},
		{"password", c.Password != ""},
		{"name", c.Name != ""},
		{"value", c.Value != ""},
		{"algorithm", c.Algorithm != ""},
		{"secret", c.Secret != ""},
		{"values", c.Values != nil},
		{"fields", c.Fields != nil},
		{"join", c.Join != nil},
		{"case", c.Case != ""},
		{"in", c.In != ""},
	} {
		if k.given {
			keys = append(keys, k.key)
		}
	}
	return keys
}

// New validates the configuration and returns the authentication; it calls
// nobody. allowed are the kinds that the source's vendor takes. An error is
// an *extract.KeyError, and never holds a value of the configuration but the
// kind.
func (c AuthConfig) New(o AuthOptions, allowed ...string) (Auth, error) {
	if err := c.validate(allowed); err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Tokens == nil {
		o.Tokens = new(extract.TokenStore)
	}
	switch c.Kind {
	case KindTuya:
		return newTuyaAuth(c, o), nil
	case KindOAuth2:
		return newOAuth2(c, o), nil
	case KindBearer:
		return newBearer(c)
	case KindBasic:
		return newBasic(c)
	case KindHeader:
		return newNamedHeader(c)
	case KindSignature:
		return newTemplate(c, o)
	}
	return noAuth{}, nil
}

func (c *AuthConfig) validate(allowed []string) error {
	kinds := strings.Join(allowed, ", ")
	if c.Kind == "" {
		return keyError("kind", "is missing: it is one of "+kinds)
	}
	if !slices.Contains(allowed, c.Kind) {
		return keyError("kind", "is "+quoteKind(c.Kind)+", which this source does not take: it is one of "+kinds)
	}
	keys := keysOf[c.Kind]
	given := c.given()
	for _, key := range given {
		if !slices.Contains(keys.must, key) && !slices.Contains(keys.may, key) {
			return keyError(key, "does not belong to kind "+c.Kind+": "+belonging(keys.must, keys.may))
		}
	}
	for _, key := range keys.must {
		if !slices.Contains(given, key) {
			return keyError(key, "is missing: kind "+c.Kind+" needs it")
		}
	}
	return nil
}

func belonging(must, may []string) string {
	all := slices.Concat(must, may)
	if len(all) == 0 {
		return "remove it, that kind has no keys"
	}
	return "remove it, that kind has " + strings.Join(all, ", ")
}

// quoteKind shortens what may be a secret that slipped into the wrong key.
func quoteKind(kind string) string {
	if len(kind) > 12 {
		kind = kind[:12] + "…"
	}
	return "\"" + kind + "\""
}

func keyError(key, problem string) error {
	return &extract.KeyError{Key: "auth." + key, Problem: problem}
}
