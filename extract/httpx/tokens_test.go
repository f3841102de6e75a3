package httpx_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// TestStrangeTokens: answers of status 200 that hold no token one can use.
func TestStrangeTokens(t *testing.T) {
	forKinds(t, func(t *testing.T, kind string) {
		for _, body := range []string{
			`{"success":true}`, `{"success":true,"result":null}`, `{"success":true,"result":{"access_token":""}}`,
			`{"success":true,"result":{"access_token":"leaked\nX: y"}}`, `{"success":true,"result":"leaked"}`,
			`{"success":false,"msg":"leaked"}`, `{"success":false,"code":"leaked leaked"}`, `{"success":false,"code":2007}`,
		} {
			f := newFixture(t)
			f.script.Next(1, nil, extracttest.Fault{Body: body})
			err := read(t, f.client(t, kind, clientSecret))
			if err == nil || extract.ClassOf(err) != extract.Permanent || strings.Contains(err.Error(), "leaked") {
				t.Errorf("%s: error %v, want a permanent one without the vendor's text", body, err)
			}
			if errors.Is(err, extract.ErrRefused) {
				t.Errorf("%s: error %v passes for the refusal of the one read", body, err)
			}
		}
	})
}

// TestTokenForms: the expiry's three names, as number and as text, a token
// at the answer's top, and a life that is not stated.
func TestTokenForms(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		renewed    bool // an hour later
	}{
		{"tuya", `{"success":true,"result":{"access_token":"a","expire_time":1800}}`, true},
		{"tuya", `{"success":true,"result":{"access_token":"a","expire":"1800"}}`, true},
		{"oauth2", `{"success":true,"result":{"access_token":"a","expires_in":"1800"}}`, true},
		{"oauth2", `{"access_token":"a","expires_in":1800}`, true},
		{"oauth2", `{"access_token":"a","expires_in":7200}`, false},
		{"oauth2", `{"access_token":"a"}`, false},
		{"tuya", `{"success":true,"result":{"access_token":"a","expire_time":1767225600000}}`, false}, // an instant, not a life
	} {
		f := newFixture(t)
		f.vendor.good = "a"
		f.script.Next(1, nil, extracttest.Fault{Body: c.body})
		client := f.client(t, c.kind, clientSecret)
		if err := read(t, client); err != nil {
			t.Fatal(err)
		}
		f.clock.forward(time.Hour)
		if err := read(t, client); err != nil {
			t.Fatal(err)
		}
		if got := f.vendor.count("log in") > 0; got != c.renewed {
			t.Errorf("%s: logged in again: %v, want %v", c.body, got, c.renewed)
		}
	}
}

// TestLogInTakesPartInTheRate: the log-in takes the turn of its request,
// which then waits for the next one, 100 s later.
func TestLogInTakesPartInTheRate(t *testing.T) {
	f := newFixture(t)
	slept := new(naps)
	limits := extract.HTTPLimits{Sleep: slept.sleep}
	auth, err := httpx.AuthConfig{Kind: "oauth2", ClientID: "id-1", ClientSecret: clientSecret}.New(httpx.AuthOptions{
		BaseURL: f.url, Limits: limits, OAuthPath: akubelaToken, OAuthScope: "hotel",
	}, "oauth2")
	if err != nil {
		t.Fatal(err)
	}
	c := httpx.New(httpx.Options{BaseURL: f.url, Rate: 0.01, Limits: limits, Auth: auth, Allow: []httpx.Read{{Method: http.MethodGet, Path: "/orders"}}})
	if err := read(t, c); err != nil {
		t.Fatal(err)
	}
	if len(slept.list) != 1 || slept.list[0].Round(20*time.Second) != 100*time.Second {
		t.Errorf("slept %v, want once 100 s", slept.list)
	}
}
