package spark

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// defaultPort is where a Spark Connect server listens unless it was told otherwise.
const defaultPort = "15002"

// Address says where a Spark Connect server is, and who asks.
type Address struct {
	Host  string // with its port
	TLS   bool
	Token string // a secret: no message and no log holds it
	User  string // to whom the server's session belongs
	Agent string // what the server's log calls the client
	plain bool   // TLS was said not to be spoken
	// headers are those of whatever stands before the server, such as x-cluster-id.
	headers map[string]string
}

// String is the address without its token and its headers.
func (a *Address) String() string { return "sc://" + a.Host }

// ParseAddress reads a connection string as Spark's own clients do:
//
//	sc://host:port/;token=SECRET;use_ssl=true;user_id=NAME
//
// A token is sent over TLS only, but to this machine itself.
func ParseAddress(text string) (*Address, error) {
	rest, ok := strings.CutPrefix(text, "sc://")
	if !ok {
		return nil, errors.New("the address of a Spark Connect server begins with sc://, as in sc://spark.example.com:15002")
	}
	host, params, _ := strings.Cut(rest, "/")
	if strings.ContainsAny(host, ";?@") {
		return nil, errors.New("after host and port a / comes before the first ;, as in sc://host:15002/;use_ssl=true")
	}
	if params != "" && params[0] != ';' {
		return nil, errors.New("the address has a path: after sc://host:port/ only ;name=value may follow")
	}
	a := &Address{User: "nightaudit", Agent: "nightaudit", headers: map[string]string{}}
	var err error
	if a.Host, err = hostPort(host); err != nil {
		return nil, err
	}
	for param := range strings.SplitSeq(params, ";") {
		if param == "" {
			continue
		}
		name, escaped, ok := strings.Cut(param, "=")
		value, err := url.PathUnescape(escaped)
		if !ok || err != nil || value == "" {
			return nil, fmt.Errorf("the parameter %s of the address has no value that can be read: write ;name=value, and %%XX for what is special", name)
		}
		switch name {
		case "use_ssl":
			if a.TLS, err = strconv.ParseBool(value); err != nil {
				return nil, errors.New("use_ssl of the address is neither true nor false")
			}
			a.plain = !a.TLS
		case "token":
			a.Token = value
		case "user_id":
			a.User = value
		case "user_agent":
			a.Agent = value
		case "session_id", "grpc_max_message_size": // a session of its own, and messages of any size
			return nil, fmt.Errorf("the parameter %s of the address is not taken: leave it out", name)
		default:
			if !strings.HasPrefix(name, "x-") {
				return nil, fmt.Errorf("unknown parameter %s of the address: known are token, use_ssl, user_id, user_agent and x-…", name)
			}
			a.headers[name] = value
		}
	}
	return a, a.SetToken(a.Token)
}

// SetToken has the server told a token, in the place of the one in the connection string.
func (a *Address) SetToken(token string) error {
	if token != "" && a.plain && !a.local() {
		return errors.New("use_ssl=false would send the token for everybody to read: leave it out")
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("a token has neither spaces nor letters beyond ASCII")
	}
	a.Token = token
	return nil
}

// hostPort is host:port, with the port where Spark listens if none is given.
func hostPort(text string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil { // no port, or an IPv6 address without one
		host, port = strings.Trim(text, "[]"), defaultPort
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("%q is no port: write sc://host:%s", port, defaultPort)
	}
	if host == "" {
		return "", errors.New("the address names no host: write sc://host:" + defaultPort)
	}
	return net.JoinHostPort(host, port), nil
}

// local says whether the server is this machine, as far as the address tells.
func (a *Address) local() bool {
	host, _, _ := net.SplitHostPort(a.Host)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// secure says whether TLS is spoken: where it is asked for, and wherever a token would
// leave this machine.
func (a *Address) secure() bool { return a.TLS || a.Token != "" && !a.local() }
