package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

const clearConfig = `version: 1
http: {retries: 0, timeout: 1s}
pii: {key: a-key-of-the-test}
sources:
  soms:
    - {account: a, base_url: "http://soms.invalid", tenant_id: "1", INSECURE auth: {kind: basic, username: u, password: "${SHOP_PASSWORD}"}}
`

// Credentials go in clear to another machine only where the configuration says
// so, check goes on saying it, and no proxy of the environment gets them.
func TestNothingGoesInClearUnsaid(t *testing.T) {
	var seen atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		seen.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	check := func(insecure string, env ...string) (string, int) {
		t.Helper()
		dir := t.TempDir()
		write(t, filepath.Join(dir, "nightaudit.yaml"), strings.Replace(clearConfig, "INSECURE", insecure, 1))
		cmd := exec.Command("nightaudit", "check")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), append(env, "SHOP_PASSWORD=zq7-sesame-9", "NIGHTAUDIT_CONFIG=")...)
		out, _ := cmd.CombinedOutput()
		if strings.Contains(string(out), "sesame") || strings.Contains(string(out), "proxy-word") {
			t.Errorf("a secret is shown:\n%s", out)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	if said, code := check(""); code != 2 || !strings.Contains(said, "sources.soms[0].base_url: would send credentials and orders in clear to another machine") {
		t.Errorf("%d:\n%s", code, said)
	}
	said, _ := check("insecure: true,", "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "ALL_PROXY="+proxy.URL)
	if n := seen.Load(); n != 0 || !strings.Contains(said, "! soms/a: base_url is http:// to another machine") {
		t.Errorf("%d requests went to the proxy in clear:\n%s", n, said)
	}
}

// check names the proxy by its host alone; https goes through it by CONNECT, and it
// sees no credentials.
func TestProxyOfTheEnvironment(t *testing.T) {
	var methods, headers strings.Builder
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		methods.WriteString(r.Method + " " + r.Host + "\n")
		_ = r.Header.Write(&headers)
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "nightaudit.yaml"), strings.NewReplacer("http://soms", "https://soms", "INSECURE", "insecure: true,").Replace(clearConfig))
	check := func(address string) string {
		t.Helper()
		cmd := exec.Command("nightaudit", "check")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HTTPS_PROXY="+address, "https_proxy=", "SHOP_PASSWORD=zq7-sesame-9", "NIGHTAUDIT_CONFIG=")
		out, _ := cmd.CombinedOutput()
		for _, secret := range []string{"sesame", "proxy-word"} {
			if strings.Contains(string(out), secret) {
				t.Errorf("a secret is shown:\n%s", out)
			}
		}
		return string(out)
	}
	host := strings.TrimPrefix(proxy.URL, "http://")
	said := check("http://user:proxy-word@" + host)
	if !strings.Contains(said, "✓ proxy: http://"+host+" (HTTPS_PROXY), for soms/a") || !strings.Contains(said, "! soms/a: insecure: true is not needed") {
		t.Errorf("check says\n%s", said)
	}
	if !strings.HasPrefix(methods.String(), "CONNECT soms.invalid:443") {
		t.Errorf("the proxy was asked %q", methods.String())
	}
	// YmFzaWM… of user and password of the account
	for _, secret := range []string{"zq7", "enE3", "dTp6cTct"} {
		if strings.Contains(headers.String(), secret) {
			t.Errorf("the proxy was sent %s", headers.String())
		}
	}
	check("http://user:proxy-word@[bad") // what is no address shows no password either
}
