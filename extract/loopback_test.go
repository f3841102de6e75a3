package extract

import (
	"errors"
	"testing"
	"time"
)

// Plain HTTP stays on this machine, or is asked for: what only looks like this
// machine is another one.
func TestPlainHTTP(t *testing.T) {
	for address, allowed := range map[string]bool{
		"https://pms.example":                 true,
		"https://pms.example:8443/api":        true,
		"HTTPS://pms.example":                 true,
		"http://127.0.0.1":                    true,
		"http://127.0.0.1:8080/x":             true,
		"http://127.255.0.9":                  true,
		"http://localhost":                    true,
		"http://LOCALHOST:9":                  true,
		"http://localhost.":                   true,
		"http://sim.localhost":                true,
		"http://[::1]:80":                     true,
		"http://[::ffff:127.0.0.1]":           true,
		"http://pms.example":                  false,
		"HTTP://pms.example":                  false,
		"http://10.0.0.5":                     false,
		"http://192.168.1.1:8080":             false,
		"http://172.17.0.1":                   false,
		"http://169.254.169.254":              false,
		"http://0.0.0.0":                      false,
		"http://[::]":                         false,
		"http://[fe80::1%25eth0]":             false,
		"http://127.1":                        false,
		"http://2130706433":                   false,
		"http://0x7f000001":                   false,
		"http://0177.0.0.1":                   false,
		"http://127.0.0.1.example":            false,
		"http://localhost.example":            false,
		"http://notlocalhost":                 false,
		"http://127.0.0.1@pms.example":        false, // userinfo
		"http://localhost:x@pms.example":      false,
		"http://128.0.0.1":                    false,
		"ftp://127.0.0.1":                     false,
		"http://":                             false,
		"http://user:secret@127.0.0.1":        false,
		"http://127.0.0.1/?token=secret":      false,
		"//127.0.0.1":                         false,
		"http://pms.example#http://127.0.0.1": false,
	} {
		s := Settings{Account: "a", BaseURL: address}
		err := s.Complete(Defaults{Rate: 1, Concurrency: 1, PageSize: 1}, Env{Zone: time.UTC})
		if (err == nil) != allowed {
			t.Errorf("%s: %v, want allowed: %v", address, err, allowed)
		}
		var key *KeyError
		if err != nil && (!errors.As(err, &key) || key.Key != "base_url") {
			t.Errorf("%s: %v", address, err)
		}
	}
	s := Settings{Account: "a", BaseURL: "http://pms.example", Insecure: true}
	if err := s.Complete(Defaults{Rate: 1, Concurrency: 1, PageSize: 1}, Env{Zone: time.UTC}); err != nil || !s.InClear() {
		t.Errorf("asked for: %v, in clear %v", err, s.InClear())
	}
}
