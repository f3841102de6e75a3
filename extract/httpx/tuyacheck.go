package httpx

import (
	"errors"
	"strings"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

var errLogInAddress = errors.New("the log-in's address is not below the base address")

// tuyaCodes are the vendor's codes that ask for something special (tuya.md,
// Signing). Any other code is permanent.
var tuyaCodes = map[string]struct {
	class extract.Class
	hint  string
}{
	"1004":     {extract.Permanent, "the signature is not accepted: check auth.client_secret"},
	"1010":     {extract.Expired, "the log-in has expired"},
	"1011":     {extract.Expired, "the log-in is not valid: does another program use the same client_id?"},
	"1013":     {extract.Permanent, "the vendor does not accept the time of the request: set this machine's clock"},
	"1106":     {extract.Permanent, "permission denied: check project_id, and whether base_url is the project's data centre"},
	"1110":     {extract.Limited, "asked too often: lower the account's rate"},
	"1111":     {extract.Transient, "the vendor is busy"},
	"28841105": {extract.Permanent, "the cloud project is not authorized for this API: subscribe to it in the vendor's console"},
}

// tuyaCheck is the success test of Tuya's envelope: success is true. It reads
// the members of the envelope and skips the result. The error holds the
// vendor's code and none of its text.
func tuyaCheck(body []byte) error {
	var success transform.Bool
	var code transform.Text
	err := transform.ReadDocument(body, func(d *jx.Decoder) error {
		wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
			switch key {
			case "success":
				return success.Read(d)
			case "code":
				return code.Read(d)
			}
			return d.Skip()
		})
		if err == nil && wrong != "" {
			err = errors.New("the answer is not an object")
		}
		return err
	})
	if err != nil {
		return &extract.Error{Class: extract.Permanent, Err: errors.New("the answer is not the JSON that the vendor documents")}
	}
	if success.Kind == transform.Boolean && success.Text == "true" {
		return nil
	}
	e := &extract.Error{Class: extract.Permanent, Code: vendorCode(code.Text), Err: errors.New("the vendor refused the call")}
	if known, ok := tuyaCodes[e.Code]; ok {
		e.Class, e.Hint = known.class, known.hint
	}
	return e
}

// vendorCode keeps what can be a code, so that no other text of an answer
// gets into an error.
func vendorCode(text string) string {
	if len(text) > 20 || strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && r != '-'
	}) {
		return ""
	}
	return strings.Clone(text) // not the page's memory
}
