package spark

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"

	"github.com/nightaudit/nightaudit/reports/spark/wire"
)

// scripted is a Spark Connect server that answers as a test says, and remembers what it
// was asked.
type scripted struct {
	wire.UnimplementedSparkConnectServiceServer
	answer func(text string, out grpc.ServerStreamingServer[wire.ExecutePlanResponse]) error
	config func(ctx context.Context) error

	mu          sync.Mutex
	settings    map[string]string
	statements  []string // an underscore stands for a view of rows that the client sent
	sent        []byte   // those rows
	operations  []string
	interrupted []string
	released    int
}

func (s *scripted) Config(ctx context.Context, r *wire.ConfigRequest) (*wire.ConfigResponse, error) {
	if s.config != nil {
		if err := s.config(ctx); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = map[string]string{}
	for _, p := range r.GetOperation().GetSet().GetPairs() {
		s.settings[p.GetKey()] = p.GetValue()
	}
	return &wire.ConfigResponse{}, nil
}

func (s *scripted) ExecutePlan(r *wire.ExecutePlanRequest, out grpc.ServerStreamingServer[wire.ExecutePlanResponse]) error {
	text := r.GetPlan().GetRoot().GetSql().GetQuery() + r.GetPlan().GetCommand().GetSqlCommand().GetInput().GetSql().GetQuery()
	s.mu.Lock()
	if view := r.GetPlan().GetCommand().GetCreateDataframeView(); view != nil {
		text, s.sent = "_"+view.GetName(), view.GetInput().GetLocalRelation().GetData()
	}
	s.statements = append(s.statements, text)
	s.operations = append(s.operations, r.GetOperationId())
	s.mu.Unlock()
	if s.answer == nil {
		return nil
	}
	return s.answer(text, out)
}

func (s *scripted) Interrupt(_ context.Context, r *wire.InterruptRequest) (*wire.InterruptResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interrupted = append(s.interrupted, r.GetOperationId())
	return &wire.InterruptResponse{}, nil
}

func (s *scripted) ReleaseSession(context.Context, *wire.ReleaseSessionRequest) (*wire.ReleaseSessionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.released++
	return &wire.ReleaseSessionResponse{}, nil
}

// listen starts it and gives its address.
func (s *scripted) listen(t *testing.T, options ...grpc.ServerOption) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := grpc.NewServer(options...)
	wire.RegisterSparkConnectServiceServer(g, s)
	go g.Serve(l)
	t.Cleanup(g.Stop)
	return "sc://" + l.Addr().String()
}

// connect begins a session of it.
func (s *scripted) connect(t *testing.T) *Client {
	t.Helper()
	a, err := ParseAddress(s.listen(t))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Connect(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// record is a batch of rows, written as JSON. It and batchOf are called while a server
// answers, where a test cannot be ended.
func record(schema *arrow.Schema, rows string) arrow.RecordBatch {
	r, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(rows))
	if err != nil {
		panic(err)
	}
	return r
}

// batch is the answer that holds records.
func batchOf(schema *arrow.Schema, records ...arrow.RecordBatch) *wire.ExecutePlanResponse {
	var data bytes.Buffer
	w := ipc.NewWriter(&data, ipc.WithSchema(schema))
	rows := int64(0)
	for _, r := range records {
		if err := w.Write(r); err != nil {
			panic(err)
		}
		rows += r.NumRows()
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return &wire.ExecutePlanResponse{ResponseType: &wire.ExecutePlanResponse_ArrowBatch_{ArrowBatch: &wire.ExecutePlanResponse_ArrowBatch{RowCount: rows, Data: data.Bytes()}}}
}
