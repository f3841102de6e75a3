package starhotel_test

import (
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/transform"
)

// An answer says that it lists all rooms of an order where the list was not
// cut, by status for instance, and where it has a list of rooms at all.
func TestListsAllRooms(t *testing.T) {
	const rooms = `{"order_id":31,"accoms":[{"accom_id":1,"total_amount":"1.00","amount":"1.00"}]}`
	for _, c := range []struct {
		name   string
		stream string
		order  string
		part   string
		want   string
	}{
		{"a list", "accoms", rooms, "", "[true]"},
		{"by number", "refresh_accoms", rooms, "", "[true]"},
		{"no room any more", "accoms", `{"order_id":31,"accoms":[]}`, "", "[true]"},
		{"cut", "accoms", rooms, "2025-03-01 to 2025-03-02, status 40", "[false]"},
		{"no list", "accoms", `{"order_id":31}`, "", "[false]"},
		{"no list either", "accoms", `{"order_id":31,"accoms":"none"}`, "", "[false]"},
		{"two lists", "accoms", `{"order_id":31,"accoms":[{"accom_id":1}],"accoms":[{"accom_id":2}]}`, "", "[false]"},
		{"the order itself", "orders", `{"order_id":31,"total_amount":"1.00"}`, "", "[false]"},
	} {
		a := offline(t)
		b := extracttest.NewBatch(a, c.stream)
		page := &extract.Page{Stream: c.stream, Part: c.part, Body: []byte(`{"error_code":0,"data":{"list":[` + c.order + `],"total":1}}`)}
		if _, err := a.Decode(page, b); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got := ""
		err := b.Take(func(table string, rec arrow.RecordBatch) error {
			if table == transform.TableRecords {
				got = fmt.Sprint(rec.Column(rec.Schema().FieldIndices("is_whole")[0]).(*array.Boolean))
			}
			rec.Release()
			return nil
		})
		if err != nil || got != c.want {
			t.Errorf("%s: lists all %s, want %s; %v", c.name, got, c.want, err)
		}
	}
}
