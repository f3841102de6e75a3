package guoxiaodi

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// template is the kind signature: a scheme that the vendor agreed with its
// customer and did not publish (docs/sources/guoxiaodi.md, Auth).
//
//	algorithm  hmac-sha256 or hmac-md5, keyed with secret; or sha256 or md5,
//	           which need secret among the fields
//	secret     the shared secret; never sent
//	values     what is sent beside the signature, as appId: "…"
//	fields     what is signed, in this order: names of values, and
//	             timestamp  the moment, 13-digit milliseconds
//	             nonce      32 random hexadecimal digits
//	             body       the body as it is without what the signature adds
//	             secret     the secret
//	join       the text between the fields; none by default
//	case       lower or upper: the hexadecimal digits of the signature; lower
//	in         header or body: where values, timestamp and nonce (if they are
//	           fields) and the signature are sent, each under its own name;
//	           header. In a body they are added to the object as texts.
//	name       the name under which the signature is sent
type template struct {
	hash   func() hash.Hash // with the key, where it takes one
	secret string
	values map[string]string
	fields []string
	join   string
	upper  bool
	inBody bool
	name   string
	clock  func() time.Time
	random io.Reader
}

// The fields that the template fills in itself.
const (
	fieldTimestamp = "timestamp"
	fieldNonce     = "nonce"
	fieldBody      = "body"
	fieldSecret    = "secret"
)

var builtIn = []string{fieldTimestamp, fieldNonce, fieldBody, fieldSecret}

var kindSignature = httpx.NewKind("signature", newTemplate)

type signatureKeys struct {
	Algorithm string            `yaml:"algorithm" schema:"hmac-sha256|hmac-md5|sha256|md5"`
	Secret    string            `yaml:"secret"`
	Fields    []string          `yaml:"fields"`
	Name      string            `yaml:"name"`
	Values    map[string]string `yaml:"values,omitempty"`
	Join      string            `yaml:"join,omitempty"`
	Case      string            `yaml:"case,omitempty" schema:"lower|upper"`
	In        string            `yaml:"in,omitempty" schema:"header|body"`
}

func newTemplate(k signatureKeys, o httpx.AuthOptions) (httpx.Auth, error) {
	t := &template{
		secret: k.Secret, values: k.Values, fields: k.Fields, join: k.Join, name: k.Name,
		upper: k.Case == "upper", inBody: k.In == "body", clock: o.Clock, random: o.Random,
	}
	if t.random == nil {
		t.random = rand.Reader
	}
	algorithm, ok := algorithms[k.Algorithm]
	switch {
	case !ok:
		return nil, httpx.BadKey("algorithm", "must be hmac-sha256, hmac-md5, sha256 or md5")
	case !algorithm.keyed && !slices.Contains(k.Fields, fieldSecret):
		return nil, httpx.BadKey("fields", "must hold secret: algorithm "+k.Algorithm+" has no key, so anybody could sign without it")
	case !slices.Contains([]string{"", "lower", "upper"}, k.Case):
		return nil, httpx.BadKey("case", "must be lower or upper")
	case !slices.Contains([]string{"", "header", "body"}, k.In):
		return nil, httpx.BadKey("in", "must be header or body")
	}
	t.hash = algorithm.hash
	if algorithm.keyed {
		t.hash = func() hash.Hash { return hmac.New(algorithm.hash, []byte(k.Secret)) }
	}
	return t, t.validate()
}

var algorithms = map[string]struct {
	hash  func() hash.Hash
	keyed bool
}{
	"hmac-sha256": {sha256.New, true},
	"hmac-md5":    {md5.New, true},
	"sha256":      {sha256.New, false},
	"md5":         {md5.New, false},
}

func (t *template) validate() error {
	for _, name := range slices.Sorted(maps.Keys(t.values)) {
		switch {
		case slices.Contains(builtIn, name):
			return httpx.BadKey("values."+name, "is a name that fields fills in by itself: remove it")
		case strings.EqualFold(name, t.name):
			return httpx.BadKey("values."+name, "has the name of the signature: rename one of them")
		case !t.inBody && !httpx.HeaderName(name):
			return httpx.BadKey("values."+name, "is no name of an HTTP header: use letters, digits and hyphens, or in: body")
		case !t.inBody && !httpx.HeaderValue(t.values[name]):
			return httpx.BadKey("values."+name, "cannot stand in an HTTP header: remove line breaks and blanks at its ends, or use in: body")
		}
	}
	if slices.Contains(builtIn, t.name) {
		return httpx.BadKey("name", "must differ from the names that fields fills in: "+strings.Join(builtIn, ", "))
	}
	if !t.inBody && !httpx.HeaderName(t.name) {
		return httpx.BadKey("name", "is no name of an HTTP header: use letters, digits and hyphens, or in: body")
	}
	for i, name := range t.fields {
		if _, ok := t.values[name]; !ok && !slices.Contains(builtIn, name) {
			return httpx.BadKey(fmt.Sprintf("fields[%d]", i), "is neither in values nor one of "+strings.Join(builtIn, ", "))
		}
	}
	return nil
}

func (*template) Expire(*http.Request) bool { return false }

func (t *template) Sign(_ context.Context, req *http.Request, body []byte) error {
	sent := maps.Clone(t.values)
	if sent == nil {
		sent = map[string]string{}
	}
	parts := make([]string, len(t.fields))
	for i, name := range t.fields {
		switch name {
		case fieldBody:
			parts[i] = string(body)
			continue
		case fieldSecret:
			parts[i] = t.secret
			continue
		case fieldTimestamp:
			if sent[name] == "" {
				sent[name] = strconv.FormatInt(t.clock().UnixMilli(), 10)
			}
		case fieldNonce:
			if sent[name] == "" {
				nonce := make([]byte, 16)
				if _, err := io.ReadFull(t.random, nonce); err != nil {
					return &extract.Error{Op: "sign", Err: fmt.Errorf("read random numbers: %w", err)}
				}
				sent[name] = hex.EncodeToString(nonce)
			}
		}
		parts[i] = sent[name]
	}
	digest := t.hash()
	digest.Write([]byte(strings.Join(parts, t.join)))
	signature := hex.EncodeToString(digest.Sum(nil))
	if t.upper {
		signature = strings.ToUpper(signature)
	}
	sent[t.name] = signature
	if t.inBody {
		return addMembers(req, body, sent)
	}
	for name, value := range sent {
		req.Header.Set(name, value)
	}
	return nil
}

// addMembers sends body, an object, with more members at its end.
func addMembers(req *http.Request, body []byte, members map[string]string) error {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		body = []byte("{}")
	}
	taken, count := "", 0
	err := jx.DecodeBytes(body).Obj(func(d *jx.Decoder, key string) error {
		count++
		if _, ok := members[key]; ok {
			taken = key
		}
		return d.Skip()
	})
	if err != nil {
		return &extract.Error{Op: "sign", Err: errors.New("the body is no JSON object, so the signature cannot be added to it"), Hint: "use auth.in: header"}
	}
	if taken != "" {
		return &extract.Error{Op: "sign", Err: fmt.Errorf("the body has a member %q already", taken), Hint: "rename it in auth.name or auth.values, or use auth.in: header"}
	}
	out := bytes.Clone(body[:len(body)-1])
	for _, name := range slices.Sorted(maps.Keys(members)) {
		member, err := json.Marshal(map[string]string{name: members[name]})
		if err != nil {
			return &extract.Error{Op: "sign", Err: errors.New("a value of the signature cannot be written as JSON")}
		}
		if count++; count > 1 {
			out = append(out, ',')
		}
		out = append(out, member[1:len(member)-1]...)
	}
	out = append(out, '}')
	req.ContentLength = int64(len(out))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(out)), nil }
	req.Body, err = req.GetBody()
	return err
}
