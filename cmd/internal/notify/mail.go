package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"net"
	netmail "net/mail"
	"net/textproto"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/load/disk"
)

// mailer sends mail by one server.
type mailer struct {
	server             string
	port               int
	tls                string
	username, password string
	from               string
	to                 []string
	attach             []string // kinds of files
}

// How a mail server is spoken to.
const (
	startTLS    = "starttls" // in clear, then encrypted, or not at all
	implicitTLS = "implicit" // encrypted from the first byte
	noTLS       = "none"     // on this machine alone
)

var ports = map[string]int{startTLS: 587, implicitTLS: 465, noTLS: 25}

// logIns are the ways to log in, the best first. The last two hand over the password:
// the library uses them on an encrypted connection, or on this machine, only.
var logIns = []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin}

// mostAttached is how many bytes of files a mail has: with their encoding 20 MiB,
// which most servers take.
const mostAttached = 15 << 20

func openMail(s *Settings, _ string) (sender, error) {
	m := &mailer{
		server: s.Host, tls: cmp.Or(s.TLS, startTLS), username: s.Username, password: s.Password,
		from: s.From, to: s.To, attach: s.Attach,
	}
	m.port = cmp.Or(s.Port, ports[m.tls])
	switch {
	case s.Host == "" || strings.ContainsAny(s.Host, ":/ "):
		return nil, extract.BadKey("host", "must be the name of a mail server, without a port")
	case ports[m.tls] == 0:
		return nil, extract.BadKey("tls", "must be starttls, implicit, or none to a server on this machine")
	case m.tls == noTLS && !extract.IsLoopback(s.Host):
		return nil, extract.BadKey("tls", "would send news and password in clear to another machine: write starttls or implicit")
	case m.port < 1 || m.port > 65535:
		return nil, extract.BadKey("port", "must be from 1 to 65535")
	case (s.Username == "") != (s.Password == ""):
		return nil, extract.BadKey("username", "and password go together: give both, or neither where the server asks for none")
	case len(s.To) == 0:
		return nil, extract.BadKey("to", "is empty: name who gets the mail")
	}
	if _, err := netmail.ParseAddress(s.From); err != nil {
		return nil, extract.BadKey("from", "is no address: write night@hotel.example")
	}
	for i, address := range s.To {
		if _, err := netmail.ParseAddress(address); err != nil {
			return nil, extract.BadKey("to["+strconv.Itoa(i)+"]", "is no address: write finance@hotel.example")
		}
	}
	for i, kind := range s.Attach {
		if kind != Workbook && kind != Page {
			return nil, extract.BadKey("attach["+strconv.Itoa(i)+"]", "must be workbook or page")
		}
	}
	return m, nil
}

func (s *mailer) host() string         { return net.JoinHostPort(s.server, strconv.Itoa(s.port)) }
func (s *mailer) every() time.Duration { return 0 }
func (s *mailer) slow() bool           { return true }

func (s *mailer) send(ctx context.Context, m *Message, o *sending) error {
	letter, err := s.letter(m, o.now())
	if err != nil {
		return &refusal{why: "the mail cannot be written", do: "compare from and to"}
	}
	client, err := mail.NewClient(s.server, s.options(ctx, &tls.Config{ServerName: s.server, MinVersion: tls.VersionTLS12, RootCAs: o.roots})...)
	if err != nil {
		return &refusal{why: "the mail server's settings are not usable", do: "compare host, port and tls"}
	}
	// What goes wrong with taking leave does not undo what the server took.
	if err := client.DialAndSendWithContext(ctx, letter); err != nil && !letter.IsDelivered() {
		return mailRefusal(err)
	}
	return nil
}

// options are those of the library. Its own time limit is of single commands: the
// connection is closed where ctx ends.
func (s *mailer) options(ctx context.Context, secure *tls.Config) []mail.Option {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	options := []mail.Option{mail.WithPort(s.port), mail.WithTLSConfig(secure)}
	switch s.tls {
	case startTLS:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case implicitTLS:
		options = append(options, mail.WithSSL())
		dial = (&tls.Dialer{Config: secure}).DialContext
	case noTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	}
	if s.username != "" {
		options = append(options, mail.WithOpportunisticSMTPAuth(logIns...), mail.WithUsername(s.username), mail.WithPassword(s.password))
	}
	return append(options, mail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(dialing, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { _ = conn.Close() }) // what is under way fails
		}
		return conn, err
	}))
}

// letter is the message as a mail: as text, as HTML, and with the files.
func (s *mailer) letter(m *Message, at time.Time) (*mail.Msg, error) {
	letter := mail.NewMsg()
	if err := errors.Join(letter.From(s.from), letter.To(s.to...)); err != nil {
		return nil, err
	}
	letter.Subject(m.Title)
	letter.SetDateWithValue(at)
	letter.SetUserAgent("nightaudit")
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's absence answers it
	lines := strings.Split(m.Text, "\n")
	left := int64(mostAttached)
	for _, file := range m.Night.Files {
		if !slices.Contains(s.attach, file.Kind) {
			continue
		}
		name := filepath.Base(file.Path)
		data, err := disk.Read(file.Path, left)
		if err == nil {
			left -= int64(len(data))
			err = letter.AttachReader(name, bytes.NewReader(data))
		}
		if err != nil {
			lines = append(lines, m.notAttached(name))
		}
	}
	letter.SetBodyString(mail.TypeTextPlain, strings.Join(lines, "\n")+"\n")
	var page strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&page, "<p>%s</p>\n", html.EscapeString(line))
	}
	letter.AddAlternativeString(mail.TypeTextHTML, "<!DOCTYPE html>\n<html><body>\n"+page.String()+"</body></html>\n")
	return letter, nil
}

// mailRefusal is why a mail was not taken, without the server's words, which may
// name people.
func mailRefusal(err error) error {
	var delivery *mail.SendError
	var answer *textproto.Error
	switch {
	case errors.As(err, &delivery) && delivery.ErrorCode() > 0:
		return &refusal{why: fmt.Sprintf("the server refuses the mail (%d, %s)", delivery.ErrorCode(), delivery.Reason), passes: delivery.IsTemp(), do: "compare from and to, and what the server asks of who sends"}
	case errors.As(err, &answer) && answer.Code == 535:
		return &refusal{why: "the server refuses the log-in (535)", do: "compare username and password"}
	case errors.As(err, &answer):
		return &refusal{why: fmt.Sprintf("the server refuses (%d)", answer.Code), passes: answer.Code < 500, do: "compare username, password and tls"}
	}
	var network *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &network):
		return &refusal{why: "it cannot be reached: " + network.Error(), passes: true}
	case errors.As(err, &certificate):
		return &refusal{why: "its certificate is not trusted: " + certificate.Err.Error(), do: "have the server show one that this machine trusts for that name"}
	case errors.Is(err, mail.ErrNoSupportedAuthDiscovered):
		return &refusal{why: "the server offers no way to log in that keeps the password to itself", do: "compare tls, or leave username and password out"}
	}
	return &refusal{why: "the server does not do what it should", passes: true, do: "compare host, port and tls"}
}
