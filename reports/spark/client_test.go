package spark

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/nightaudit/nightaudit/reports/spark/wire"
)

var numbers = arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)

// A session is ANSI and in UTC, and ends on the server when it is closed.
func TestSession(t *testing.T) {
	s := &scripted{}
	c := s.connect(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if s.settings["spark.sql.ansi.enabled"] != "true" || s.settings["spark.sql.session.timeZone"] != "UTC" {
		t.Errorf("settings %v", s.settings)
	}
	if s.released != 1 {
		t.Errorf("released %d times", s.released)
	}
}

// The token and the headers go with every call.
func TestHeaders(t *testing.T) {
	var got metadata.MD
	s := &scripted{config: func(ctx context.Context) error { got, _ = metadata.FromIncomingContext(ctx); return nil }}
	a, err := ParseAddress(s.listen(t) + "/;token=secret;x-cluster-id=night")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Connect(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if !slices.Equal(got["authorization"], []string{"Bearer secret"}) || !slices.Equal(got["x-cluster-id"], []string{"night"}) {
		t.Errorf("headers %v", got)
	}
}

// Rows come from all batches, and what is in a batch from all its records; a batch
// without rows, and answers of other kinds, are passed over.
func TestRowsOfBatches(t *testing.T) {
	s := &scripted{answer: func(_ string, out grpc.ServerStreamingServer[wire.ExecutePlanResponse]) error {
		one, two := record(numbers, `[{"n": 1}, {"n": 2}]`), record(numbers, `[{"n": 3}]`)
		return errors.Join(
			out.Send(&wire.ExecutePlanResponse{}),
			out.Send(batchOf(numbers)),
			out.Send(batchOf(numbers, one, two)),
			out.Send(&wire.ExecutePlanResponse{}),
			out.Send(batchOf(numbers, two)),
		)
	}}
	rows, err := s.connect(t).Query(t.Context(), "SELECT n")
	if err != nil {
		t.Fatal(err)
	}
	got, err := lines(rows)
	if err := errors.Join(err, rows.Close()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"n", "1", "2", "3", "3"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if len(s.interrupted) > 0 {
		t.Errorf("interrupted what had ended: %v", s.interrupted)
	}
}

// A batch that holds less than it states, or that leaves rows out, is an error and no end.
func TestBatchesThatDoNotAddUp(t *testing.T) {
	two := record(numbers, `[{"n": 1}, {"n": 2}]`)
	for says, spoil := range map[string]func(b *wire.ExecutePlanResponse_ArrowBatch){
		"1 rows fewer":    func(b *wire.ExecutePlanResponse_ArrowBatch) { b.RowCount = 3 },
		"left rows out":   func(b *wire.ExecutePlanResponse_ArrowBatch) { b.StartOffset = new(int64); *b.StartOffset = 5 },
		"read a batch":    func(b *wire.ExecutePlanResponse_ArrowBatch) { b.Data = b.GetData()[:len(b.GetData())/2] },
		"without columns": nil,
	} {
		s := &scripted{answer: func(_ string, out grpc.ServerStreamingServer[wire.ExecutePlanResponse]) error {
			if spoil == nil {
				return nil
			}
			b := batchOf(numbers, two)
			spoil(b.GetArrowBatch())
			return out.Send(b)
		}}
		rows, err := s.connect(t).Query(t.Context(), "SELECT n")
		if err == nil {
			_, err = lines(rows)
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

// The end of the context ends the operation on the server, and so does closing rows that
// were not read to their end.
func TestCalledOff(t *testing.T) {
	for _, way := range []string{"context", "close"} {
		t.Run(way, func(t *testing.T) {
			s := &scripted{answer: func(_ string, out grpc.ServerStreamingServer[wire.ExecutePlanResponse]) error {
				if err := out.Send(batchOf(numbers, record(numbers, `[{"n": 1}]`))); err != nil {
					return err
				}
				<-out.Context().Done() // for ever, but for the client
				return out.Context().Err()
			}}
			c := s.connect(t)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			rows, err := c.Query(ctx, "SELECT n")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := rows.Next(); err != nil {
				t.Fatal(err)
			}
			if way == "context" {
				time.AfterFunc(10*time.Millisecond, stop)
				if _, err := rows.Next(); !errors.Is(err, context.Canceled) {
					t.Errorf("%v, want that it was canceled", err)
				}
			}
			if err := rows.Close(); err != nil {
				t.Error(err)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if !slices.Equal(s.interrupted, s.operations) || len(s.operations) != 1 {
				t.Errorf("asked %v, interrupted %v", s.operations, s.interrupted)
			}
		})
	}
}

// An error of the server is one line: of a statement that is wrong what is wrong, of
// anything else, which may hold a value of a row, its class alone.
func TestStatedFailures(t *testing.T) {
	for _, c := range []struct {
		code             codes.Code
		message          string
		class, state     string // in the details
		says, saysNoMore string
	}{
		{
			code: codes.Internal, message: "\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'. SQLSTATE: 42601 (line 1, pos 0)\n\n== SQL ==\nSELEC 'hidden'\n^^^",
			class: "PARSE_SYNTAX_ERROR", state: "42601", says: "Syntax error at or near 'SELEC'", saysNoMore: "hidden",
		},
		{
			code: codes.Internal, message: "[CAST_INVALID_INPUT] The value 'hidden' of the type \"STRING\" cannot be cast to \"DATE\". SQLSTATE: 22018\n== SQL ==",
			class: "CAST_INVALID_INPUT", state: "22018", says: "CAST_INVALID_INPUT (SQLSTATE 22018)", saysNoMore: "hidden",
		},
		{
			code: codes.Unknown, message: "Job aborted: Task 0 failed: [NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION] hidden cannot be represented. SQLSTATE: 22003",
			says: "NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION (SQLSTATE 22003)", saysNoMore: "hidden",
		},
		{code: codes.Internal, message: "hidden", says: "Internal: its log says more", saysNoMore: "hidden"},
	} {
		s := &scripted{answer: func(string, grpc.ServerStreamingServer[wire.ExecutePlanResponse]) error {
			stated := status.New(c.code, c.message)
			if c.class != "" {
				var err error
				stated, err = stated.WithDetails(&errdetails.ErrorInfo{Reason: "org.apache.spark.SparkException", Metadata: map[string]string{"errorClass": c.class, "sqlState": c.state}})
				if err != nil {
					return err
				}
			}
			return stated.Err()
		}}
		_, err := s.connect(t).Query(t.Context(), "SELECT n")
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), c.saysNoMore) {
			t.Errorf("%v, want %q without %q", err, c.says, c.saysNoMore)
		}
	}
}

// A server that cannot be spoken with is told apart, with what to do.
func TestServersThatCannotBeUsed(t *testing.T) {
	refusing := func(code codes.Code) string {
		return (&scripted{config: func(context.Context) error { return status.Error(code, "no") }}).listen(t)
	}
	for _, c := range []struct{ name, address, says string }{
		{"nobody listens", "sc://127.0.0.1:1", "cannot be reached"},
		{"no TLS there", (&scripted{}).listen(t) + "/;use_ssl=true;token=hidden", "does not speak TLS"},
		{"no token", refusing(codes.Unauthenticated), "wants a token: NIGHTAUDIT_SPARK_TOKEN"},
		{"another token", refusing(codes.Unauthenticated) + "/;token=hidden", "refused the token"},
		{"another service", refusing(codes.Unimplemented), "does not speak Spark Connect"},
	} {
		a, err := ParseAddress(c.address)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Connect(t.Context(), a)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}

// Parameters are bound by variables that are set from a row of the client: no value
// stands in a statement. What a variable holds already is not set again.
func TestBind(t *testing.T) {
	s := &scripted{}
	c := s.connect(t)
	const hostile = `'; DROP TABLE main.orders; -- \' $language`
	bound := map[string]any{}
	bind := func(args ...sql.NamedArg) []string {
		t.Helper()
		s.statements = nil
		if err := c.bind(t.Context(), bound, args); err != nil {
			t.Fatal(err)
		}
		return s.statements
	}
	got := bind(sql.Named("language", hostile), sql.Named("period", nil), sql.Named("rows", int64(7)), sql.Named("all", true))
	want := []string{
		"_na_arguments",
		"DECLARE OR REPLACE VARIABLE na_language STRING", "DECLARE OR REPLACE VARIABLE na_period STRING",
		"DECLARE OR REPLACE VARIABLE na_rows BIGINT", "DECLARE OR REPLACE VARIABLE na_all BOOLEAN",
		"SET VAR (na_language, na_period, na_rows, na_all) = (SELECT \"language\", \"period\", \"rows\", \"all\" FROM na_arguments)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q,\nwant %q", got, want)
	}
	rows, err := open(&oneBatch{data: s.sent, rows: 1})
	if err != nil {
		t.Fatal(err)
	}
	if row, err := lines(rows); err != nil || len(row) != 2 || row[1] != hostile+" | NULL | 7 | true" {
		t.Errorf("sent %q, %v", row, err)
	}
	if again := bind(sql.Named("language", hostile), sql.Named("rows", int64(7))); len(again) > 0 {
		t.Errorf("set again what was bound: %q", again)
	}
	if one := bind(sql.Named("language", "en"), sql.Named("rows", int64(7))); len(one) != 3 {
		t.Errorf("of one that changed: %q", one)
	}
	if err := c.bind(t.Context(), bound, []sql.NamedArg{sql.Named("rate", 0.5)}); err == nil {
		t.Error("a float64 was bound")
	}
}

// oneBatch gives one batch.
type oneBatch struct {
	data []byte
	rows int64
}

func (o *oneBatch) batch() ([]byte, int64, error) {
	data := o.data
	o.data = nil
	return data, o.rows, nil
}

func (o *oneBatch) close() error { return nil }
