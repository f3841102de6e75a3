package guoxiaodi

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// config is an account of sources.guoxiaodi (docs/contract.md).
type config struct {
	extract.Settings `yaml:",inline"`

	Auth     httpx.AuthConfig `yaml:"auth"`
	Register []string         `yaml:"register"` // patterns of files
	FromSOMS *fromSOMS        `yaml:"from_soms"`
	// Notify is the end of the address at which listen takes notifications.
	Notify *struct {
		Secret string `yaml:"secret" schema:"required"`
	} `yaml:"notify"`
	// UnknownCodes are the codes that say that the courier does not know a
	// number. The vendor documents none.
	UnknownCodes []int64 `yaml:"unknown_codes"`
}

// fromSOMS takes numbers from the orders of a SOMS account.
type fromSOMS struct {
	Account  string   `yaml:"account" schema:"required"`
	Carriers []string `yaml:"carriers" schema:"required"`
	Key      string   `yaml:"key" schema:"id|front_order_id|waybill_id"`
	As       string   `yaml:"as" schema:"sourceOrderNo|orderNo"`
}

// What a SOMS number is to the courier.
const (
	asSourceOrderNo = "sourceOrderNo"
	asOrderNo       = "orderNo"
)

// defaults: the vendor states no rate.
var defaults = extract.Defaults{Rate: 10, Concurrency: 4, PageSize: 1}

// unknownCodes is an assumption: the document shows no error at all.
var unknownCodes = []int64{404}

var somsKeys = map[string]extract.KnownKey{
	"id":             extract.KnownOrderID,
	"front_order_id": extract.KnownOrderNo,
	"waybill_id":     extract.KnownWaybill,
}

const exampleConfig = `- account: courier                # a name of your own, unique within guoxiaodi; it is in every row
  base_url: https://courier.example # where its interface is
  auth: {kind: none}
  # auth: {kind: signature, algorithm: hmac-sha256, secret: "${GXD_SECRET}", values: {appId: "…"}, fields: [appId, timestamp, body], join: "", case: lower, in: header, name: sign}
  # The vendor has no list. Numbers, and all fees, come from files that your
  # ordering system writes: one create-and-pay answer a line, or CSV.
  register: ["register/*.jsonl", "register/*.csv"]
  # Numbers also come from SOMS orders that these carriers deliver.
  # key: id | front_order_id | waybill_id; as: sourceOrderNo | orderNo
  # from_soms: {account: retail, carriers: [guoxiaodi, gxd], key: id, as: sourceOrderNo}
  # unknown_codes: [404]          # the courier's codes for "no such order"; it documents none
  # Status notifications, and with them what canceled orders cost: nightaudit
  # listen takes POST /guoxiaodi/<account>/<secret>. openssl rand -hex 32
  # notify: {secret: "${GXD_NOTIFY_SECRET}"}
  # rate: 10/s
`

// open validates an account's configuration; it calls nobody and opens no
// file.
func open(decode func(into any) error, env extract.Env) (extract.Source, error) {
	a := &account{env: env, clock: env.Clock, seed: maphash.MakeSeed(), answers: map[extract.Due]statusAnswer{}}
	if a.clock == nil {
		a.clock = time.Now
	}
	c := &a.config
	c.Auth = httpx.AuthConfig{Kinds: []httpx.Kind{httpx.None, kindSignature}, Otherwise: httpx.None.Name}
	if err := decode(c); err != nil {
		return nil, err
	}
	if err := c.Complete(defaults, env); err != nil {
		return nil, err
	}
	a.log = env.Logger()
	if err := c.validate(); err != nil {
		return nil, err
	}
	var allow []httpx.Read
	for _, path := range queryPaths {
		allow = append(allow, httpx.Read{Method: "POST", Path: path})
	}
	var err error
	a.client, err = c.Auth.Client(&c.Settings, env, httpx.Options{Check: a.checkEnvelope, Allow: allow})
	return a, err
}

func (c *config) validate() error {
	if c.Currency != cny {
		return extract.BadKey("currency", "must be CNY or missing: the courier states amounts in fen")
	}
	if len(c.Register) == 0 && c.FromSOMS == nil && c.Notify == nil {
		return extract.BadKey("register", "is missing: the courier has no list, so give register files, from_soms or notify, or several of them")
	}
	for _, pattern := range c.Register {
		if _, err := filepath.Match(pattern, ""); err != nil || pattern == "" {
			return extract.BadKey("register", "holds what is no file pattern: write a path such as register/*.jsonl")
		}
		if formatOf(pattern) == "" {
			return extract.BadKey("register", "holds a pattern that ends in neither .jsonl nor .csv, which says how the lines are read")
		}
	}
	if s := c.FromSOMS; s != nil {
		switch {
		case s.Account == "":
			return extract.BadKey("from_soms.account", "is missing: name an account of sources.soms")
		case len(s.Carriers) == 0 || slices.Contains(s.Carriers, ""):
			return extract.BadKey("from_soms.carriers", "must list the ids by which SOMS knows this courier")
		case s.Key == "":
			s.Key = "id"
		}
		if somsKeys[s.Key] == "" {
			return extract.BadKey("from_soms.key", "must be id, front_order_id or waybill_id")
		}
		if s.As == "" {
			s.As = asSourceOrderNo
		}
		if s.As != asSourceOrderNo && s.As != asOrderNo {
			return extract.BadKey("from_soms.as", "must be sourceOrderNo or orderNo")
		}
	}
	if err := c.validateNotify(); err != nil {
		return err
	}
	if c.UnknownCodes == nil {
		c.UnknownCodes = unknownCodes
	}
	if slices.Contains(c.UnknownCodes, 0) {
		return extract.BadKey("unknown_codes", "must not hold 0, the code of a success")
	}
	return nil
}

// leastSecret is how many characters keep strangers from finding the address at
// which notifications are taken.
const leastSecret = 16

func (c *config) validateNotify() error {
	switch {
	case c.Notify == nil:
	case c.Notify.Secret == "":
		return extract.BadKey("notify.secret", "is missing: it keeps strangers from posting notifications")
	case len(c.Notify.Secret) < leastSecret:
		return extract.BadKey("notify.secret", "is shorter than 16 characters, and whoever finds it can post notifications: make one with openssl rand -hex 16, and tell the courier the new address")
	}
	return nil
}

// KnownFrom says which SOMS numbers the account asks for.
func (a *account) KnownFrom() (extract.KnownQuery, bool) {
	s := a.config.FromSOMS
	if s == nil {
		return extract.KnownQuery{}, false
	}
	return extract.KnownQuery{Source: "soms", Account: s.Account, Carriers: s.Carriers, Key: somsKeys[s.Key]}, true
}

// unknownCode reports whether code says that the number is not known.
func (a *account) unknownCode(code string) bool {
	n, err := strconv.ParseInt(code, 10, 64)
	return err == nil && slices.Contains(a.config.UnknownCodes, n)
}

// checkEnvelope is the vendor's success test: code 0 and ok not false. fail
// is not tested, for a documented success carries it. A number that is not
// known is an answer too: it is landed and becomes a finding.
func (a *account) checkEnvelope(body []byte) error {
	e, err := readEnvelope(jx.DecodeBytes(bytes.TrimSpace(body)), func(d *jx.Decoder) error { return d.Skip() })
	switch {
	case err != nil:
		return &extract.Error{Class: extract.Doubtful, Err: errors.New("the answer is not complete JSON")}
	case !e.code.Present():
		return &extract.Error{Class: extract.Doubtful, Err: errors.New("the answer has no code"), Hint: "check base_url: is it the address of the courier's interface?"}
	case e.code.Text == "0" && e.ok.Text != "false", a.unknownCode(e.code.Text):
		return nil
	}
	if e := httpx.Mirrored(e.code.Text); e != nil {
		return e
	}
	refused := &extract.Error{
		Class: extract.Denied, Code: strings.Clone(e.code.Text), Err: extract.ErrRefused,
		Hint: "if this code says that the courier does not know a number, add it to unknown_codes; else check auth",
	}
	if e.code.Text == "0" {
		refused.Err, refused.Hint = fmt.Errorf("%w: ok is false", extract.ErrRefused), ""
	}
	return refused
}

// cny is the currency of fen.
const cny = "CNY"
