package akubela

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

type account struct {
	config
	client *httpx.Client
	log    *slog.Logger
}

func (a *account) Settings() *extract.Settings { return &a.config.Settings }

// Plan reads the whole list every night: the vendor has no filter and no
// time of change. Its window is not bounded in time.
func (a *account) Plan(_ context.Context, p extract.Plan) ([]extract.Window, error) {
	switch {
	case p.Due == nil:
		return []extract.Window{{Stream: streamOrders}}, nil
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

// fetchList reads pages until an empty one. A page that is shorter than
// asked for does not end the list, for the vendor may cap pages in silence.
// A page that comes back is a loop: a vendor that answers the last page for
// ever, or does not honour page_index.
func (a *account) fetchList(ctx context.Context, yield extract.Yield) error {
	firsts := map[string]int{}
	for index := 1; ; index++ {
		op := fmt.Sprintf("read orders page %d", index)
		p, err := a.readList(ctx, op, index, a.PageSize)
		if err != nil {
			return err
		}
		facts, err := yield(p)
		if err != nil {
			return err
		}
		if facts.Rows == 0 {
			return nil
		}
		if facts.First == "" {
			return extract.BadAnswer(op, errors.New("its first order has no order_id: the end of the list could not be told"))
		}
		if earlier, ok := firsts[facts.First]; ok {
			return extract.BadAnswer(op, fmt.Errorf("it begins with the same order as page %d: the vendor repeats a page", earlier))
		}
		firsts[facts.First] = index
	}
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
	return extract.ByID(ctx, a.log, w.Due, a.Concurrency, func(ctx context.Context, id string) (*extract.Page, error) {
		return a.read(ctx, "read order "+id, streamDetail, commandInfo, infoParam{id})
	}, yield)
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
	answer, err := a.client.Do(ctx, httpx.Call{
		Op: op, Method: http.MethodPost, Path: commandsPath, Body: body,
		Header: http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}},
	})
	if err != nil {
		return nil, err
	}
	p := &extract.Page{Stream: stream, Request: answer.Request, Status: answer.Status, At: answer.At, Body: answer.Body}
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
	p, err := a.readList(ctx, op, 1, 1)
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
