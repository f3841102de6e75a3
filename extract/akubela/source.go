package akubela

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

type account struct {
	config
	client *httpx.Client
	wall   *time.Location // of the vendor's times
}

func (a *account) Settings() *extract.Settings { return &a.config.Settings }

// WallZone is the zone of the vendor's times, where it is not UTC.
func (a *account) WallZone() string {
	if a.wall.String() == time.UTC.String() {
		return ""
	}
	return a.wall.String()
}

// Tenancy is the address: the document knows no hotel besides the log-in.
func (a *account) Tenancy() extract.Tenancy {
	return extract.Tenancy{Address: extract.Address(a.config.BaseURL)}
}

// Plan reads the whole list every night: the vendor has no filter and no
// time of change. Its window is not bounded in time, and what is missing from
// it no longer exists.
func (a *account) Plan(_ context.Context, p extract.Plan) ([]extract.Window, error) {
	switch {
	case p.Due == nil:
		return []extract.Window{{Stream: streamOrders, Exhaustive: true}}, nil
	case len(p.Due) == 0:
		return nil, nil
	}
	return []extract.Window{{Stream: streamDetail, Due: p.Due}}, nil
}

func (a *account) Fetch(ctx context.Context, w extract.Window, yield extract.Yield) error {
	switch w.Stream {
	case streamOrders:
		return a.fetchList(ctx, yield)
	case streamDetail:
		return a.fetchDetails(ctx, w, yield)
	}
	return fmt.Errorf("akubela has no stream %q", w.Stream)
}

// fetchList reads the list until two passes agree: the vendor states neither
// a total nor a sort. A pass ends with an empty page.
func (a *account) fetchList(ctx context.Context, yield extract.Yield) error {
	list := extract.Paging{Ask: func(ctx context.Context, number int) (*extract.Page, error) {
		return a.readList(ctx, fmt.Sprintf("read orders page %d", number), a.PageNumber(number), a.PageSize)
	}}
	return extract.Passes(ctx, "read orders", yield, list.Read)
}

type listParam struct {
	PageSize  int `json:"page_size"`
	PageIndex int `json:"page_index"`
}

type infoParam struct {
	OrderID string `json:"order_id"`
}

func (a *account) readList(ctx context.Context, op string, index, size int) (*extract.Page, error) {
	return a.read(ctx, op, streamOrders, commandList, listParam{size, index})
}

// fetchDetails asks for single orders; the answers do not name them.
func (a *account) fetchDetails(ctx context.Context, w extract.Window, yield extract.Yield) error {
	details := extract.ByID{Stream: w.Stream, Due: w.Due, Workers: a.Concurrency, Ask: func(ctx context.Context, one []extract.Due) (*extract.Page, error) {
		id := one[0].OrderID
		return a.read(ctx, "read order "+id, streamDetail, commandInfo, infoParam{id})
	}}
	return details.Fetch(ctx, yield)
}

// read sends a command under a request id of its own.
func (a *account) read(ctx context.Context, op, stream, command string, param any) (*extract.Page, error) {
	type call struct {
		Command string `json:"command"`
		ID      string `json:"id,omitempty"`
		Param   any    `json:"param"`
	}
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return nil, fmt.Errorf("%s: draw a request id: %w", op, err)
	}
	body, err := json.Marshal(call{command, hex.EncodeToString(id), param})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	c := httpx.Call{
		Op: op, Method: http.MethodPost, Path: commandsPath, Body: body, Shape: httpx.ListAt("result"),
		Header: http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}},
	}
	if stream == streamDetail {
		c.One, c.Shape = true, httpx.ObjectAt("result")
	}
	answer, err := a.client.Do(ctx, c)
	if err != nil {
		return nil, err
	}
	p := answer.Page(stream)
	// The manifest keeps what was asked for, not the random id.
	asked, err := json.Marshal(call{command, "", param})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	p.Request.Params = string(asked)
	return p, nil
}

// Check logs in and reads a page of one order. The vendor states no total.
func (a *account) Check(ctx context.Context) (extract.CheckResult, error) {
	result := extract.CheckResult{Orders: -1}
	const op = "check the list of orders"
	p, err := a.readList(ctx, op, a.PageNumber(1), 1)
	if err != nil {
		return result, err
	}
	at, err := readTimestamp(p.Body)
	if err != nil {
		return result, extract.BadAnswer(op, err)
	}
	if !at.IsZero() {
		result.ClockSkew = at.Sub(p.At).Round(time.Millisecond)
	}
	return result, nil
}
