package spark

import (
	"strings"
	"testing"
)

// An address is read as Spark's own clients read it, and a token leaves this machine over
// TLS only.
func TestParseAddress(t *testing.T) {
	for _, c := range []struct {
		text, host, token, user string
		secure                  bool
	}{
		{text: "sc://spark.example.com", host: "spark.example.com:15002", user: "nightaudit"},
		{text: "sc://spark.example.com:443/;use_ssl=true", host: "spark.example.com:443", user: "nightaudit", secure: true},
		{text: "sc://spark.example.com/;token=a%3Db%3Bc", host: "spark.example.com:15002", token: "a=b;c", user: "nightaudit", secure: true},
		{text: "sc://127.0.0.1:15002/;token=abc;user_id=ops", host: "127.0.0.1:15002", token: "abc", user: "ops"},
		{text: "sc://localhost/;token=abc;use_ssl=true", host: "localhost:15002", token: "abc", user: "nightaudit", secure: true},
		{text: "sc://[::1]:7077/;", host: "[::1]:7077", user: "nightaudit"},
		{text: "sc://[2001:db8::1]", host: "[2001:db8::1]:15002", user: "nightaudit"},
	} {
		a, err := ParseAddress(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if a.Host != c.host || a.Token != c.token || a.User != c.user || a.secure() != c.secure {
			t.Errorf("%s: host %s, token %q, user %s, TLS %v", c.text, a.Host, a.Token, a.User, a.secure())
		}
		if a.String() != "sc://"+c.host {
			t.Errorf("%s: shown as %s", c.text, a)
		}
	}
}

// What is no address is refused with what to write, and without the token.
func TestParseAddressRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"spark.example.com:15002":                        "begins with sc://",
		"http://spark.example.com":                       "begins with sc://",
		"sc://":                                          "names no host",
		"sc://host:port":                                 "no port",
		"sc://host:0":                                    "no port",
		"sc://host:15002;token=hidden":                   "a / comes before",
		"sc://hidden@host:15002":                         "a / comes before",
		"sc://host/database;token=hidden":                "has a path",
		"sc://host/;use_ssl=yes":                         "neither true nor false",
		"sc://host/;token=":                              "token of the address has no value",
		"sc://host/;token=hidden%zz":                     "token of the address has no value",
		"sc://host/;token=hidden;use_ssl=false":          "for everybody to read",
		"sc://host/;session_id=hidden":                   "session_id of the address is not taken",
		"sc://host/;password=hidden":                     "unknown parameter password",
		"sc://host:15002/;token=hidden;user_id;x-trace=": "user_id of the address has no value",
	} {
		_, err := ParseAddress(text)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		} else if strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: the error holds the secret: %v", text, err)
		}
	}
}
