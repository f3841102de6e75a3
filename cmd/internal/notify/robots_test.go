package notify

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nightaudit/nightaudit/reports/labels"
)

// at is the time of the signatures below. They were worked out by another program:
//
//	printf '1700000000000\nSECtest' | openssl dgst -sha256 -hmac SECtest -binary | base64
//	printf '' | openssl dgst -sha256 -hmac "$(printf '1700000000\nSECtest')" -binary | base64
var at = time.UnixMilli(1_700_000_000_000)

const (
	dingTalkSign = "aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g="
	feishuSign   = "G7XpBpG8NgG02fJOAhX6FRAObIljmFoxVReo8I62pEk="
)

// posted is a request as a service sees it.
type posted struct {
	r    *http.Request
	body []byte
	json map[string]any
}

// service is a local server that keeps what is posted to it, and answers with what
// it is told to.
func service(t *testing.T, answer http.HandlerFunc) (url string, got *[]posted) {
	t.Helper()
	got = &[]posted{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		p := posted{r: r, body: body}
		_ = json.Unmarshal(body, &p.json) // of what is no JSON there are no members
		*got = append(*got, p)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, got
}

func answers(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// member is a value within JSON by its path, nil where there is none.
func member(v any, path ...string) any {
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// robotCases are the services with what their documents ask for.
var robotCases = []struct {
	kind, path, secret string
	success            string // an answer
	text               []string
	has                map[string]string // members of the body, by path with blanks
	query              map[string]string
	size               func(p *posted, text string) int
	limit              int // as the document states it
	most               int // messages
	within             time.Duration
}{
	{
		kind: "wecom", path: "/cgi-bin/webhook/send?key=693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa", success: `{"errcode":0,"errmsg":"ok"}`,
		text: []string{"text", "content"}, has: map[string]string{"msgtype": "text"}, query: map[string]string{"key": "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"},
		size: func(_ *posted, text string) int { return len(text) }, limit: 2048, most: 20, within: time.Minute,
	},
	{
		kind: "dingtalk", path: "/robot/send?access_token=f0a1b2c3d4", secret: "SECtest", success: `{"errcode":0,"errmsg":"ok"}`,
		text: []string{"text", "content"}, has: map[string]string{"msgtype": "text"},
		query: map[string]string{"access_token": "f0a1b2c3d4", "timestamp": "1700000000000", "sign": dingTalkSign},
		size:  func(p *posted, _ string) int { return len(p.body) }, limit: 15_000, most: 20, within: time.Minute,
	},
	{
		kind: "feishu", path: "/open-apis/bot/v2/hook/5d4e3f2a", secret: "SECtest", success: `{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}`,
		text: []string{"content", "text"}, has: map[string]string{"msg_type": "text", "timestamp": "1700000000", "sign": feishuSign},
		size: func(p *posted, _ string) int { return len(p.body) }, limit: 20_000, most: 100, within: time.Minute,
	},
	{
		kind: "slack", path: "/services/T0/B0/XXXXXXXX", success: "ok",
		text: []string{"text"},
		size: func(_ *posted, text string) int { return utf8.RuneCountInString(text) }, limit: 4000, most: 1, within: time.Second,
	},
}

// Each robot is sent what its document asks for: method, content type, members of the
// body, and the signature of the day.
func TestRobotsFormat(t *testing.T) {
	for _, c := range robotCases {
		t.Run(c.kind, func(t *testing.T) {
			url, got := service(t, answers(c.success))
			teller := tellerOf(t, Options{Now: func() time.Time { return at }}, open(t, Settings{Kind: c.kind, URL: url + c.path, Secret: c.secret}))
			teller.Tell(t.Context(), failing("the log-in was “refused” <soms> & \t\x01\\n"))
			if len(*got) != 1 {
				t.Fatalf("%d requests", len(*got))
			}
			p := &(*got)[0]
			if p.r.Method != http.MethodPost || p.r.URL.Path != strings.Split(c.path, "?")[0] {
				t.Errorf("%s %s", p.r.Method, p.r.URL.Path)
			}
			media, params, err := mime.ParseMediaType(p.r.Header.Get("Content-Type"))
			if err != nil || media != "application/json" || params["charset"] != "utf-8" {
				t.Errorf("content type %q", p.r.Header.Get("Content-Type"))
			}
			for path, want := range c.has {
				if v := member(p.json, strings.Fields(path)...); v != want {
					t.Errorf("%s is %v, want %q", path, v, want)
				}
			}
			for name, want := range c.query {
				if v := p.r.URL.Query().Get(name); v != want {
					t.Errorf("%s in the query is %q, want %q", name, v, want)
				}
			}
			if len(p.r.URL.Query()) != len(c.query) {
				t.Errorf("the query has %d parameters, want %d", len(p.r.URL.Query()), len(c.query))
			}
			text := "the log-in was “refused” <soms> & \t\x01\\n"
			if c.kind == "slack" {
				text = "the log-in was “refused” &lt;soms&gt; &amp; \t\x01\\n"
			}
			want := "nightaudit 2023-11-15 06:13: done in part\nNew: soms/retail failed: " + text + ". Do: nightaudit check tries the account and loads nothing"
			if v := member(p.json, c.text...); v != want {
				t.Errorf("the text is\n%q, want\n%q", v, want)
			}
		})
	}
}

// A robot without a secret is not signed.
func TestRobotsWithoutSecret(t *testing.T) {
	for _, kind := range []string{"dingtalk", "feishu"} {
		url, got := service(t, answers(`{"errcode":0,"code":0}`))
		tellerOf(t, Options{}, open(t, Settings{Kind: kind, URL: url})).Tell(t.Context(), failing("why"))
		p := (*got)[0]
		if p.r.URL.RawQuery != "" || p.json["sign"] != nil || p.json["timestamp"] != nil || member(p.json) == nil {
			t.Errorf("%s: %s %s", kind, p.r.URL, p.body)
		}
	}
}

// A message that is longer than a service takes is cut between its lines and says how
// many are left out; what is left is as long as fits.
func TestRobotsSize(t *testing.T) {
	const accounts = 600
	for _, c := range robotCases {
		for _, language := range []string{labels.English, labels.Chinese} {
			url, got := service(t, answers(c.success))
			n := failing("")
			for i := range accounts - 1 {
				n.Accounts = append(n.Accounts, Account{Account: fmt.Sprintf("soms/店铺%d", i), State: "failed", Message: "超时 <&>"})
			}
			tellerOf(t, Options{Language: language}, open(t, Settings{Kind: c.kind, URL: url, Secret: c.secret})).Tell(t.Context(), n)
			p := &(*got)[0]
			text, _ := member(p.json, c.text...).(string)
			if size := c.size(p, text); size > c.limit || size < c.limit-250 {
				t.Errorf("%s %s: the size is %d, and the document's limit %d", c.kind, language, size, c.limit)
			}
			lines := strings.Split(text, "\n")
			var left int
			more := map[string]string{labels.English: "… and %d more", labels.Chinese: "……另有 %d 项"}[language]
			if _, err := fmt.Sscanf(lines[len(lines)-1], more, &left); err != nil || left+len(lines)-2 != accounts {
				t.Errorf("%s %s: %d lines, and the last is %q", c.kind, language, len(lines), lines[len(lines)-1])
			}
			if !utf8.ValidString(text) {
				t.Errorf("%s %s: a character was cut", c.kind, language)
			}
		}
	}
}

// Runs in quick succession are told at the rate that a service allows: 25 messages
// are spread so that no span of its document's length has more than it takes.
func TestRobotsRate(t *testing.T) {
	for _, c := range robotCases {
		t.Run(c.kind, func(t *testing.T) {
			clock := &clock{at: at}
			var times []time.Time
			url, _ := service(t, func(w http.ResponseWriter, r *http.Request) {
				times = append(times, clock.at)
				answers(c.success)(w, r)
			})
			teller := tellerOf(t, clock.options(), open(t, Settings{Kind: c.kind, URL: url, When: "always"}))
			for range 25 {
				teller.Tell(t.Context(), Night{At: clock.at, Outcome: "complete"})
			}
			if len(times) != 25 {
				t.Fatalf("%d messages", len(times))
			}
			for i, first := range times {
				n := 0
				for _, other := range times[i:] {
					if other.Sub(first) < c.within {
						n++
					}
				}
				if n > c.most {
					t.Errorf("%d messages within %v, and %d are allowed", n, c.within, c.most)
				}
			}
			if c.kind == "feishu" && times[5].Sub(times[0]) < time.Second {
				t.Error("more than five messages in a second")
			}
		})
	}
}

// What an answer means: whether it is asked again, and what the log says, which holds
// nothing of the address but the host, nothing of the secret and nothing of what the
// service says in words.
func TestAnswers(t *testing.T) {
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, "no key k-e-y here")
		}
	}
	for _, c := range []struct {
		kind     string
		answer   http.HandlerFunc
		requests int
		waited   time.Duration // at least, in all
		why      string
	}{
		{"webhook", status(200), 1, 0, ""},
		{"webhook", status(204), 1, 0, ""},
		{"webhook", status(500), 3, 6 * time.Second, "it fails (HTTP 500)"},
		{"webhook", status(503), 3, 6 * time.Second, "it fails (HTTP 503)"},
		{"webhook", status(429, "Retry-After", "7"), 3, 14 * time.Second, "it is asked too often (HTTP 429)"},
		{"webhook", status(429, "Retry-After", "3600"), 1, 0, "it is asked too often (HTTP 429)"},
		{"webhook", status(404), 1, 0, "it refuses the message (HTTP 404); compare url, and what the service asks of messages"},
		{"webhook", status(302, "Location", "/elsewhere"), 1, 0, "it answers with a redirect (HTTP 302), which is refused; write the address that it leads to as url, if you trust it"},
		{"webhook", status(307, "Location", "https://elsewhere.example/"), 1, 0, "it answers with a redirect (HTTP 307), which is refused; write the address that it leads to as url, if you trust it"},
		{"slack", status(403), 1, 0, "it refuses the message (HTTP 403); compare url, and what the service asks of messages"},
		{"wecom", answers(`{"errcode":93000,"errmsg":"invalid webhook url k-e-y"}`), 1, 0, "it refuses the message (errcode 93000); the robot is gone or its url is wrong: copy the url anew from the group's settings"},
		{"wecom", answers(`{"errcode":45009,"errmsg":"api freq out of limit"}`), 1, 0, "it refuses the message (errcode 45009); the robot is asked more than 20 times a minute: have nobody else use it"},
		{"wecom", answers(`{"errcode":-1,"errmsg":"system busy"}`), 3, 6 * time.Second, "it refuses the message (errcode -1)"},
		{"wecom", answers(`{"errcode":4711}`), 1, 0, "it refuses the message (errcode 4711)"},
		{"wecom", answers(`<html>a hotel's log-in page</html>`), 1, 0, "its answer is not the robot's; compare url"},
		{"wecom", answers(`{"code":0}`), 1, 0, "its answer is not the robot's; compare url"},
		{"wecom", answers(`{"errcode":"0"}`), 1, 0, "its answer is not the robot's; compare url"},
		{"dingtalk", answers(`{"errcode":310000,"errmsg":"sign not match"}`), 1, 0, "it refuses the message (errcode 310000); the robot's security settings refuse it: compare secret, give the keyword nightaudit, or allow this machine's address"},
		{"dingtalk", answers(`{"errcode":130101,"errmsg":"send too fast"}`), 1, 0, "it refuses the message (errcode 130101); the robot is asked more than 20 times a minute and takes nothing for 10 minutes: have nobody else use it"},
		{"feishu", answers(`{"code":19021,"msg":"sign match fail"}`), 1, 0, "it refuses the message (code 19021); compare secret, and this machine's clock"},
		{"feishu", answers(`{"code":0,"StatusCode":19024}`), 1, 0, "it refuses the message (StatusCode 19024); give the robot the keyword nightaudit"},
		{"feishu", answers(`{"code":11232,"msg":"frequency limited"}`), 3, 6 * time.Second, "it refuses the message (code 11232)"},
		{"feishu", answers(`{"StatusCode":0}`), 1, 0, ""},
	} {
		clock := &clock{at: at}
		url, got := service(t, c.answer)
		log := &strings.Builder{}
		o := clock.options()
		o.Log = textLog(log)
		teller := tellerOf(t, o, open(t, Settings{Kind: c.kind, URL: url + "/hook/k-e-y?token=k-e-y", Secret: secretOf(c.kind)}))
		teller.Tell(t.Context(), failing("why"))
		if len(*got) != c.requests || clock.at.Sub(at) < c.waited {
			t.Errorf("%s %q: %d requests in %v, want %d in %v", c.kind, c.why, len(*got), clock.at.Sub(at), c.requests, c.waited)
		}
		want := ""
		if c.why != "" {
			want = fmt.Sprintf("level=ERROR msg=\"a channel did not take the news: the next message has them\" channel=%s host=%s why=%q\n", c.kind, strings.TrimPrefix(url, "http://"), c.why)
		}
		if log.String() != want {
			t.Errorf("%s: the log is\n%s, want\n%s", c.kind, log, want)
		}
	}
}

func secretOf(kind string) string {
	if kind == "dingtalk" || kind == "feishu" {
		return "SECk-e-y"
	}
	return ""
}

// A webhook's template is filled with the message by the names of its JSON; without
// one the JSON is posted as it is, and headers go with it.
func TestWebhook(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "hook.tmpl"), "{{.title}}\n{{range .news}}{{.change}} {{.key}} since {{.since}}\n{{end}}{{range .night.accounts}}{{.account}}={{.orders}} {{end}}exit={{.night.exit_code}} {{json .language}}")
	url, got := service(t, answers(""))
	channel, err := Settings{Kind: "webhook", URL: url, Template: "hook.tmpl", Headers: map[string]string{"Authorization": "Bearer t-o-k-e-n"}}.Open([]string{"url", "template", "headers"}, dir)
	if err != nil {
		t.Fatal(err)
	}
	n := failing("why")
	n.Accounts[0].Orders = 9007199254740993 // more digits than a float has
	tellerOf(t, Options{}, channel, open(t, Settings{Kind: "webhook", Name: "plain", URL: url})).Tell(t.Context(), n)
	byType := map[string]posted{}
	for _, p := range *got {
		byType[p.r.Header.Get("Content-Type")] = p
	}
	p := byType["text/plain; charset=utf-8"]
	want := "nightaudit 2023-11-15 06:13: done in part\nbegun account soms/retail since 2023-11-14T22:13:20Z\nsoms/retail=9007199254740993 exit=3 \"en\""
	if string(p.body) != want || p.r.Header.Get("Authorization") != "Bearer t-o-k-e-n" {
		t.Errorf("got\n%s\nwith %v, want\n%s", p.body, p.r.Header, want)
	}
	golden(t, "testdata/message.json", indented(t, byType["application/json; charset=utf-8"].body))
}

// A template that does not fit is told when the configuration is read.
func TestTemplatesThatDoNotFit(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"{{.txt}}":                `template is not one that messages fit into: template: template:1:2: executing "template" at <.txt>: map has no entry for key "txt"; docs/contract.md has its fields`,
		"{{.night.failure.what}}": `template is not one that messages fit into: template: template:1:8: executing "template" at <.night.failure.what>: nil pointer evaluating interface {}.what; docs/contract.md has its fields`,
		"{{range .news}}{{slice .since 0 10}}{{end}}": `template is not one that messages fit into: template: template:1:17: executing "template" at <slice .since 0 10>: error calling slice: slice of untyped nil; docs/contract.md has its fields`,
		"{{.title":           `template is not one that messages fit into: template: template:1: unclosed action; docs/contract.md has its fields`,
		"{{.news.text}}":     `template is not one that messages fit into: template: template:1:7: executing "template" at <.news.text>: can't evaluate field text in type interface {}; docs/contract.md has its fields`,
		"\xff\xfe{\x00{\x00": `template cannot be read: is UTF-16 (“Unicode”): save it as UTF-8`,
	} {
		write(t, filepath.Join(dir, "hook.tmpl"), text)
		_, err := Settings{Kind: "webhook", URL: "https://hook.example/", Template: "hook.tmpl"}.Open([]string{"url", "template"}, dir)
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	_, err := Settings{Kind: "webhook", URL: "https://hook.example/", Template: "none.tmpl"}.Open([]string{"url", "template"}, dir)
	if err == nil || !strings.HasPrefix(err.Error(), "template cannot be read: ") {
		t.Errorf("a template that is not there: %v", err)
	}
}
