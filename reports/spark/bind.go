package spark

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/nightaudit/nightaudit/reports/spark/wire"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Values are bound by variables of the session, which are set from a row that the client
// sends: no value is written into a statement. Arguments of the protocol's own would be
// fewer words, but Iceberg's SQL extensions of Spark lose them.

// argumentsView is the view of that row.
const argumentsView = "na_arguments"

// kindOf is the type of what a parameter holds, in Arrow and in Spark.
func kindOf(value any) (arrow.DataType, string) {
	switch value.(type) {
	case int64:
		return arrow.PrimitiveTypes.Int64, "BIGINT"
	case bool:
		return arrow.FixedWidthTypes.Boolean, "BOOLEAN"
	}
	return arrow.BinaryTypes.String, "STRING"
}

// bind sets the variables of the arguments, all at once, if they hold anything else.
func (c *Client) bind(ctx context.Context, bound map[string]any, args []sql.NamedArg) error {
	var fresh []sql.NamedArg
	for _, a := range args {
		if value, is := bound[a.Name]; !is || value != a.Value {
			fresh = append(fresh, a)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	row, err := rowOf(fresh)
	if err != nil {
		return err
	}
	view := &wire.Command{CommandType: &wire.Command_CreateDataframeView{CreateDataframeView: &wire.CreateDataFrameViewCommand{
		Input: &wire.Relation{RelType: &wire.Relation_LocalRelation{LocalRelation: &wire.LocalRelation{Data: row}}}, Name: argumentsView, Replace: true,
	}}}
	if err := c.command(ctx, view); err != nil {
		return fmt.Errorf("hand the parameters over: %w", err)
	}
	var variables, columns []string
	for _, a := range fresh {
		_, kind := kindOf(a.Value)
		if err := c.exec(ctx, "DECLARE OR REPLACE VARIABLE "+sqlfiles.Variable(a.Name)+" "+kind); err != nil {
			return fmt.Errorf("declare the parameter %s: %w", a.Name, err)
		}
		variables, columns = append(variables, sqlfiles.Variable(a.Name)), append(columns, sqlfiles.Identifier(a.Name))
	}
	set := fmt.Sprintf("SET VAR (%s) = (SELECT %s FROM %s)", strings.Join(variables, ", "), strings.Join(columns, ", "), argumentsView)
	if err := c.exec(ctx, set); err != nil {
		return fmt.Errorf("bind the parameters: %w", err)
	}
	for _, a := range fresh {
		bound[a.Name] = a.Value
	}
	return nil
}

// rowOf is the row of the arguments, as an Arrow stream.
func rowOf(args []sql.NamedArg) ([]byte, error) {
	fields := make([]arrow.Field, len(args))
	for i, a := range args {
		kind, _ := kindOf(a.Value)
		fields[i] = arrow.Field{Name: a.Name, Type: kind, Nullable: true}
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for i, a := range args {
		switch column := b.Field(i).(type) {
		case *array.Int64Builder:
			column.Append(a.Value.(int64))
		case *array.BooleanBuilder:
			column.Append(a.Value.(bool))
		case *array.StringBuilder:
			switch text := a.Value.(type) {
			case string:
				column.Append(text)
			case nil:
				column.AppendNull()
			default:
				return nil, fmt.Errorf("parameter %s: a %T is not handed over", a.Name, a.Value)
			}
		}
	}
	record := b.NewRecordBatch()
	defer record.Release()
	var stream bytes.Buffer
	w := ipc.NewWriter(&stream, ipc.WithSchema(record.Schema()))
	if err := w.Write(record); err != nil {
		return nil, fmt.Errorf("write the parameters: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write the parameters: %w", err)
	}
	return stream.Bytes(), nil
}
