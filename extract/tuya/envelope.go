package tuya

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// refusals are the codes that concern more than the one call: the document's
// own (Error Code, 500) and the vendor's global ones (docs/sources/tuya.md,
// When it fails). Texts of the vendor's do not count: it is seen to answer the
// text of one code with another.
var refusals = map[string]struct {
	class   extract.Class
	problem error
	hint    string
}{
	"500":  {extract.Transient, errors.New("the vendor reports an error of its own system"), ""},
	"1110": {extract.Limited, errors.New("asked too often"), "lower the account's rate or concurrency"},
	"1111": {extract.Transient, errors.New("the vendor is busy"), ""},
	"1112": {extract.Transient, errNotNow, ""},
	"1113": {extract.Transient, errNotNow, ""},
	"1199": {extract.Limited, errors.New("asked too often"), "lower the account's rate or concurrency"},

	"1010": {extract.Expired, errors.New("the access token has expired"), ""},
	"1011": {extract.Expired, errNoToken, anotherLogIn},
	"1012": {extract.Expired, errors.New("the access token has been ended"), anotherLogIn},
	"1400": {extract.Expired, errNoToken, anotherLogIn},

	"1001":     {extract.Permanent, errors.New("the secret is not accepted"), "check auth.client_secret"},
	"1002":     {extract.Permanent, errors.New("the request came without its access token"), "does a proxy remove the header access_token?"},
	"1004":     {extract.Permanent, errors.New("the signature is not accepted"), "check auth.client_id and auth.client_secret"},
	"1005":     {extract.Permanent, errors.New("the client id is not accepted"), "check auth.client_id, and whether base_url is the project's data centre"},
	"1006":     {extract.Permanent, errors.New("the request's content type is not accepted"), "does a proxy change the header Content-Type? params_in: query may help"},
	"1013":     {extract.Permanent, errors.New("the time of the request is not accepted"), "set this machine's clock, best by a time server (NTP)"},
	"1105":     {extract.Permanent, errors.New("the request came without one of its headers"), "does a proxy remove headers such as sign_method or t?"},
	"1106":     {extract.Permanent, errors.New("permission denied"), "check project_id, and whether base_url is the project's data centre"},
	"28841105": {extract.Permanent, errors.New("the cloud project is not authorized for this API"), "subscribe to the hotel API in the vendor's console"},
}

var (
	errNotNow  = errors.New("the vendor cannot answer now")
	errNoToken = errors.New("the access token is not valid")
)

const anotherLogIn = "does another program log in with the same client_id?"

// checkEnvelope is the success test: success is true. code and msg may be
// null or absent then (docs/sources/tuya.md, Envelope). The error holds the code and no
// other text of the answer.
func checkEnvelope(body []byte) error {
	var (
		success transform.Bool
		code    transform.Integer
		wrong   string
	)
	err := transform.ReadDocument(body, func(d *jx.Decoder) (err error) {
		wrong, err = transform.ReadObject(d, func(d *jx.Decoder, key string) error {
			switch key {
			case "success":
				return success.Read(d)
			case "code":
				return code.Read(d)
			}
			return d.Skip()
		})
		return err
	})
	switch {
	case err != nil:
		return &extract.Error{Class: extract.Doubtful, Err: err}
	case wrong != "":
		return &extract.Error{Class: extract.Doubtful, Err: errors.New("the answer is not the vendor's envelope")}
	case success.Kind == transform.Boolean && success.Text == "true":
		return nil
	}
	if known, ok := refusals[code.Text]; ok {
		return &extract.Error{Class: known.class, Code: strings.Clone(code.Text), Err: known.problem, Hint: known.hint}
	}
	if _, err := strconv.ParseInt(code.Text, 10, 64); err != nil {
		return &extract.Error{Class: extract.Doubtful, Err: errors.New("the answer does not say success: true")}
	}
	return &extract.Error{
		Class: extract.Denied, Code: strings.Clone(code.Text), Err: extract.ErrRefused,
		Hint: "look the code up among the vendor's global error codes; 1109 can mean that params_in must be query",
	}
}

// readTotal reads of a list's answer what the command check wants: the
// stated total (-1 where none is stated) and the vendor's time.
func readTotal(body []byte) (int64, time.Time, error) {
	var (
		total transform.Integer
		t     transform.Millis
	)
	err := transform.ReadDocument(body, func(d *jx.Decoder) error {
		_, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
			switch key {
			case "t":
				return t.Read(d)
			case "result":
				_, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
					if key == "total" {
						return total.Read(d)
					}
					return d.Skip()
				})
				return err
			}
			return d.Skip()
		})
		return err
	})
	if err != nil {
		return -1, time.Time{}, err
	}
	var at time.Time
	if ms, err := strconv.ParseInt(t.Text, 10, 64); err == nil {
		at = time.UnixMilli(ms)
	}
	return total.Stated(), at, nil
}
