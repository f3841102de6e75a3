package spark

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"

	"github.com/nightaudit/nightaudit/reports/spark/wire"
)

// stream is what the server answers to one operation.
type stream struct {
	client    *Client
	asked     context.Context
	cancel    context.CancelFunc
	answers   grpc.ServerStreamingClient[wire.ExecutePlanResponse]
	operation string
	rows      int64 // of the batches so far
	ended     bool  // the server has said its last word
}

// next is the following batch of rows, nil after the last.
func (s *stream) next() (*wire.ExecutePlanResponse_ArrowBatch, error) {
	for !s.ended {
		r, err := s.answers.Recv()
		if errors.Is(err, io.EOF) {
			s.end()
			return nil, nil
		}
		if err != nil {
			if s.asked.Err() == nil {
				s.end()
			} else {
				_ = s.close() // the server does not know yet
			}
			return nil, s.client.failure(s.asked, err)
		}
		b := r.GetArrowBatch()
		if b == nil {
			continue // how far it is, and what else is of no interest
		}
		if b.StartOffset != nil && b.GetStartOffset() != s.rows {
			_ = s.close()
			return nil, fmt.Errorf("the Spark server left rows out: the batch after row %d begins with row %d", s.rows, b.GetStartOffset())
		}
		s.rows += b.GetRowCount()
		return b, nil
	}
	return nil, nil
}

// end gives back what the stream holds.
func (s *stream) end() {
	s.ended = true
	s.cancel()
}

// close ends the stream; what the server still does for it is called off.
func (s *stream) close() error {
	if !s.ended {
		s.end()
		s.client.interrupt(s.operation)
	}
	return nil
}
