package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"text/template"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// poster posts messages to one address.
type poster struct {
	robot    robot
	template *template.Template
	url      *url.URL // with what it keeps secret
	secret   string
	headers  map[string]string
}

func (p *poster) host() string         { return p.url.Host }
func (p *poster) every() time.Duration { return p.robot.every }
func (p *poster) slow() bool           { return false }

// longestAnswer is what is read of an answer, in bytes.
const longestAnswer = 64 << 10

func (p *poster) send(ctx context.Context, m *Message, o *sending) error {
	body, query, err := p.fill(m, o.now())
	if err != nil {
		return &refusal{why: "the message does not fit the template", do: "mend the template: its fields are in docs/contract.md"}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address(query), bytes.NewReader(body))
	if err != nil {
		return &refusal{why: "the address is none", do: "correct url"}
	}
	request.Header.Set("User-Agent", "nightaudit")
	request.Header.Set("Content-Type", contentType(body))
	for name, value := range p.headers {
		request.Header.Set(name, value)
	}
	answer, err := client(o.roots).Do(request)
	if err != nil {
		return unreached(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, longestAnswer))
	if err != nil {
		return &refusal{why: "the connection broke before the answer was complete", passes: true}
	}
	return p.judge(answer, text)
}

// client trusts roots; nil: those of the system.
func client(roots *x509.CertPool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: extract.Proxy, DisableKeepAlives: true, MaxResponseHeaderBytes: longestAnswer,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		},
		// A redirect would carry the news to an address that nobody configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// address is the url with what the signature adds to its query.
func (p *poster) address(query url.Values) string {
	address := *p.url
	if len(query) > 0 {
		all := address.Query()
		maps.Copy(all, query)
		address.RawQuery = all.Encode()
	}
	return address.String()
}

func contentType(body []byte) string {
	if json.Valid(body) {
		return "application/json; charset=utf-8"
	}
	return "text/plain; charset=utf-8"
}

// unreached is why no answer came, without the address, which Go's errors hold.
func unreached(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return &refusal{why: "it cannot be reached: " + err.Error(), passes: true}
}

// judge says whether an answer means that the message was taken.
func (p *poster) judge(answer *http.Response, text []byte) error {
	switch status := answer.StatusCode; {
	case status >= 300 && status < 400:
		return &refusal{why: fmt.Sprintf("it answers with a redirect (HTTP %d), which is refused", status), do: "write the address that it leads to as url, if you trust it"}
	case status == http.StatusTooManyRequests:
		return &refusal{why: "it is asked too often (HTTP 429)", passes: true, after: retryAfter(answer.Header)}
	case status >= 500 || status == http.StatusRequestTimeout:
		return &refusal{why: fmt.Sprintf("it fails (HTTP %d)", status), passes: true}
	case status < 200 || status >= 400:
		return &refusal{why: fmt.Sprintf("it refuses the message (HTTP %d)", status), do: "compare url, and what the service asks of messages"}
	}
	if len(p.robot.codes) == 0 {
		return nil
	}
	return p.judgeCodes(text)
}

// judgeCodes looks for the codes within an answer of HTTP 200.
func (p *poster) judgeCodes(text []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return &refusal{why: "its answer is not the robot's", do: "compare url"}
	}
	found := false
	for _, name := range p.robot.codes {
		member, there := members[name]
		if !there {
			continue
		}
		found = true
		code, err := strconv.ParseInt(string(member), 10, 64)
		if err != nil {
			return &refusal{why: "its answer is not the robot's", do: "compare url"}
		}
		if code != 0 {
			return &refusal{why: fmt.Sprintf("it refuses the message (%s %d)", name, code), do: p.robot.hints[code], passes: slices.Contains(p.robot.passing, code)}
		}
	}
	if !found {
		return &refusal{why: "its answer is not the robot's", do: "compare url"}
	}
	return nil
}

// retryAfter is how long the service asks to be left alone, by its header in seconds.
func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
