package httpx

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"path"
	"strings"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
)

// allowed refuses a call that is not one of the source's reads.
func (c *Client) allowed(call *Call) error {
	if plainPath(call.Path) {
		for _, read := range c.o.Allow {
			// A star stands for one segment. A pattern that is none matches nothing.
			matches, err := path.Match(read.Path, call.Path)
			if err == nil && matches && read.Method == call.Method && (read.Command == "" || read.Command == command(call.Body)) {
				return nil
			}
		}
	}
	return call.fail(extract.Permanent, "", errors.New("refused before it was sent: the call is not one of the source's reads"),
		"this is an error of the program: please report it")
}

// plainPath tells that a server cannot read the path as another one: no dot
// segments, no escaped slashes, no query.
func plainPath(text string) bool {
	if !strings.HasPrefix(text, "/") {
		return false
	}
	for segment := range strings.SplitSeq(text[1:], "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil || plain == "" || plain == "." || plain == ".." || strings.ContainsAny(plain, "/\\") || strings.ContainsAny(segment, "?#;") {
			return false
		}
		if strings.ContainsFunc(plain, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return false
		}
	}
	return true
}

// command is the body's one and only "command"; "" where there is none or
// more than one, for servers differ in which they take.
func command(body []byte) string {
	name, seen := "", 0
	err := jx.DecodeBytes(body).Obj(func(d *jx.Decoder, key string) error {
		if !strings.EqualFold(key, "command") {
			return d.Skip()
		}
		var err error
		seen++
		name, err = d.Str()
		return err
	})
	if err != nil || seen != 1 {
		return ""
	}
	return name
}

// longestParams bounds what a manifest keeps of one request.
const longestParams = 4096

// request describes the call for the landing: its own query and body, which
// hold no credentials, for those are added later.
func (call *Call) request() extract.Request {
	params := call.Query.Encode()
	if len(call.Body) > 0 {
		var b bytes.Buffer
		if json.Compact(&b, call.Body) != nil {
			b.Reset()
		}
		params = strings.TrimSpace(params + " " + b.String())
	}
	if len(params) > longestParams {
		params = strings.ToValidUTF8(params[:longestParams], "") + "…"
	}
	return extract.Request{Method: call.Method, Path: call.Path, Params: params}
}
