package spark

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Failure is an error that the server states.
type Failure struct {
	Class string // as TABLE_OR_VIEW_NOT_FOUND; of Java where Spark names none
	State string // as SQLSTATE, "" where there is none
	Text  string // a line that says what, without values; "" where it may hold some
}

func (f *Failure) Error() string {
	if f.Text == "" {
		return fmt.Sprintf("Spark ended the statement with %s%s: its log says more", f.Class, f.state())
	}
	return "Spark: " + f.Text
}

func (f *Failure) state() string {
	if f.State == "" {
		return ""
	}
	return " (SQLSTATE " + f.State + ")"
}

// failure makes of a call's error one that says what to do. It holds neither a value of
// a row nor a plan nor the token.
func (c *Client) failure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s, ok := status.FromError(err)
	if !ok {
		return err
	}
	at := c.address.String()
	switch s.Code() {
	case codes.Unavailable, codes.DeadlineExceeded:
		return c.unreachable(s.Message())
	case codes.Unauthenticated, codes.PermissionDenied:
		if c.address.Token == "" {
			return fmt.Errorf("the Spark server %s wants a token: NIGHTAUDIT_SPARK_TOKEN or --token-file gives it", at)
		}
		return fmt.Errorf("the Spark server %s refused the token: NIGHTAUDIT_SPARK_TOKEN or --token-file must hold one that it takes", at)
	case codes.Unimplemented:
		return fmt.Errorf("what listens at %s does not speak Spark Connect: name the address of a Spark Connect server, port %s unless it was set", at, defaultPort)
	}
	return stated(s)
}

// unreachable says why there is no connection.
func (c *Client) unreachable(why string) error {
	at := c.address.String()
	switch {
	case strings.Contains(why, "x509:") || strings.Contains(why, "certificate"):
		return fmt.Errorf("the certificate of the Spark server %s is not trusted: SSL_CERT_FILE names a file with that of its authority (%s)", at, reason(why))
	case strings.Contains(why, "first record does not look like a TLS handshake"):
		return fmt.Errorf("the Spark server %s does not speak TLS: leave use_ssl=true out, and the token with it", at)
	case strings.Contains(why, "tls:") || strings.Contains(why, "authentication handshake failed"):
		return fmt.Errorf("the Spark server %s refused TLS (%s)", at, reason(why))
	case !c.address.secure() && (strings.Contains(why, "error reading server preface") || strings.Contains(why, "http2: frame too large")):
		return fmt.Errorf("the Spark server %s ended the connection at once: where it speaks TLS, add /;use_ssl=true to its address", at)
	}
	return fmt.Errorf("the Spark server %s cannot be reached (%s): is it started, and does the address name its host and port?", at, reason(why))
}

// reason is the last part of a message of the transport: the cause.
func reason(why string) string {
	why = strings.Trim(why, `"`)
	if i := strings.LastIndex(why, "desc = "); i >= 0 {
		why = why[i+len("desc = "):]
	}
	return strings.Trim(strings.ReplaceAll(why, "\n", " "), `"`)
}

var (
	bracketed = regexp.MustCompile(`\[([A-Z][A-Z0-9_]+(?:\.[A-Z0-9_]+)*)\]`)
	sqlState  = regexp.MustCompile(`SQLSTATE:? ?([0-9A-Z]{5})`)
)

// stated reads the failure of a status. The message of Spark goes on with the statement
// and a plan; what is wrong stands in its first line that is not empty. That line may
// hold a value of a row, but where the statement itself is wrong: SQLSTATE 42….
func stated(s *status.Status) error {
	f := &Failure{Class: s.Code().String()}
	for _, d := range s.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			if reason := info.GetReason(); reason != "" {
				f.Class = reason
			}
			if class := info.GetMetadata()["errorClass"]; class != "" {
				f.Class = class
			}
			f.State = info.GetMetadata()["sqlState"]
		}
	}
	if m := bracketed.FindStringSubmatch(s.Message()); m != nil {
		f.Class = m[1]
	}
	if m := sqlState.FindStringSubmatch(s.Message()); m != nil && f.State == "" {
		f.State = m[1]
	}
	if strings.HasPrefix(f.State, "42") {
		f.Text = firstLine(s.Message())
	}
	return f
}

// firstLine is the first line that says something, without the number of its state.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}
