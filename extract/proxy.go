package extract

import (
	"net/http"
	"net/url"
)

// Proxy is the proxy by which a request goes, nil for none: the one that the
// environment names for https (HTTPS_PROXY, NO_PROXY), which sees the name of
// the host and no more. A request in clear goes by none, whatever HTTP_PROXY
// says: it would hand over credentials and answers.
func Proxy(req *http.Request) (*url.URL, error) {
	if req.URL.Scheme != "https" {
		return nil, nil
	}
	return http.ProxyFromEnvironment(req)
}

// ProxyName is the proxy of the account's requests without user and password, ""
// for none.
func (s *Settings) ProxyName() string {
	address, err := url.Parse(s.BaseURL)
	if err != nil {
		return ""
	}
	proxy, err := Proxy(&http.Request{URL: address})
	if err != nil || proxy == nil {
		return ""
	}
	return proxy.Scheme + "://" + proxy.Host
}
