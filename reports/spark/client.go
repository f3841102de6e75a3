package spark

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/spark/wire"
)

// settings are those of every session. The first two are what the statements are written
// for; by the third a column's name stands in the quotes of the standard; by the fifth a
// decimal that does not fit is an error, and never one with fewer digits. Without the last
// one the planner takes minutes for statements with many conditions, such as those of what
// has moved since a close: what it concludes from them doubles with each.
var settings = map[string]string{
	"spark.sql.ansi.enabled":                         "true",
	"spark.sql.session.timeZone":                     "UTC",
	"spark.sql.ansi.doubleQuotedIdentifiers":         "true",
	"spark.sql.timestampType":                        "TIMESTAMP_LTZ",
	"spark.sql.decimalOperations.allowPrecisionLoss": "false",
	"spark.sql.constraintPropagation.enabled":        "false",
}

// Client is one session of a Spark Connect server. One goroutine uses it at a time.
type Client struct {
	address *Address
	conn    *grpc.ClientConn
	api     wire.SparkConnectServiceClient
	session string
	user    *wire.UserContext
}

// Connect begins a session: ANSI, in UTC. The caller closes it.
func Connect(ctx context.Context, a *Address) (*Client, error) {
	creds := insecure.NewCredentials()
	if a.secure() {
		creds = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	// The size of a message is bounded by the server, which cuts its answers.
	conn, err := grpc.NewClient(a.Host, grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)))
	if err != nil {
		return nil, errors.Join(errors.New("the address of the Spark server cannot be used"), err)
	}
	c := &Client{address: a, conn: conn, api: wire.NewSparkConnectServiceClient(conn), session: uuid.NewString(), user: &wire.UserContext{UserId: a.User, UserName: a.User}}
	if err := c.set(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

// set gives the session its settings.
func (c *Client) set(ctx context.Context) error {
	var pairs []*wire.KeyValue
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		value := settings[key]
		pairs = append(pairs, &wire.KeyValue{Key: key, Value: &value})
	}
	_, err := c.api.Config(c.outgoing(ctx), &wire.ConfigRequest{
		SessionId: c.session, UserContext: c.user, ClientType: &c.address.Agent,
		Operation: &wire.ConfigRequest_Operation{OpType: &wire.ConfigRequest_Operation_Set{Set: &wire.ConfigRequest_Set{Pairs: pairs}}},
	})
	return c.failure(ctx, err)
}

// Close ends the session, and with it its views and variables.
func (c *Client) Close() error {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	_, err := c.api.ReleaseSession(c.outgoing(ctx), &wire.ReleaseSessionRequest{SessionId: c.session, UserContext: c.user, ClientType: &c.address.Agent})
	return errors.Join(c.failure(ctx, err), c.conn.Close())
}

// patience is how long the server may take to end what is no longer wanted.
const patience = 5 * time.Second

// interrupt has the server stop an operation. Nobody waits for its result, so that an
// error is of no use.
func (c *Client) interrupt(operation string) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	_, _ = c.api.Interrupt(c.outgoing(ctx), &wire.InterruptRequest{
		SessionId: c.session, UserContext: c.user, ClientType: &c.address.Agent,
		InterruptType: wire.InterruptRequest_INTERRUPT_TYPE_OPERATION_ID,
		Interrupt:     &wire.InterruptRequest_OperationId{OperationId: operation},
	})
}

// outgoing adds what every call carries beside its message.
func (c *Client) outgoing(ctx context.Context) context.Context {
	headers := metadata.New(c.address.headers)
	if c.address.Token != "" {
		headers.Set("authorization", "Bearer "+c.address.Token)
	}
	return metadata.NewOutgoingContext(ctx, headers)
}

// rows asks a statement that gives rows.
func (c *Client) rows(ctx context.Context, text string) (*stream, error) {
	return c.run(ctx, &wire.Plan{OpType: &wire.Plan_Root{Root: sqlOf(text)}})
}

// Query runs a SELECT. The caller closes the rows; what the server still does for them then
// is called off, as it is when the context ends.
func (c *Client) Query(ctx context.Context, text string) (*result.Rows, error) {
	s, err := c.rows(ctx, text)
	if err != nil {
		return nil, err
	}
	return open(s)
}

// exec runs a statement that gives none, such as CREATE TEMPORARY VIEW.
func (c *Client) exec(ctx context.Context, text string) error {
	return c.command(ctx, &wire.Command{CommandType: &wire.Command_SqlCommand{SqlCommand: &wire.SqlCommand{Input: sqlOf(text)}}})
}

func sqlOf(text string) *wire.Relation {
	return &wire.Relation{RelType: &wire.Relation_Sql{Sql: &wire.SQL{Query: text}}}
}

// command runs a command to its end.
func (c *Client) command(ctx context.Context, command *wire.Command) error {
	s, err := c.run(ctx, &wire.Plan{OpType: &wire.Plan_Command{Command: command}})
	for err == nil {
		var batch *wire.ExecutePlanResponse_ArrowBatch
		if batch, err = s.next(); batch == nil {
			break
		}
	}
	return err
}

// run begins an operation.
func (c *Client) run(ctx context.Context, plan *wire.Plan) (*stream, error) {
	s := &stream{client: c, asked: ctx, operation: uuid.NewString()}
	var inner context.Context
	inner, s.cancel = context.WithCancel(c.outgoing(ctx))
	var err error
	s.answers, err = c.api.ExecutePlan(inner, &wire.ExecutePlanRequest{
		SessionId: c.session, UserContext: c.user, Plan: plan, ClientType: &c.address.Agent, OperationId: &s.operation,
	})
	if err != nil {
		s.cancel()
		return nil, c.failure(ctx, err)
	}
	return s, nil
}
