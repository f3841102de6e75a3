package iceberg

import (
	"fmt"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/nightaudit/nightaudit/reports/lake"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// types are the columns of published tables as Iceberg has them. A type without a true
// counterpart is an error: nothing is rounded in silence.
var types = map[string]iceberg.Type{
	"BOOLEAN": iceberg.PrimitiveTypes.Bool, "INTEGER": iceberg.PrimitiveTypes.Int32,
	"BIGINT": iceberg.PrimitiveTypes.Int64, "DOUBLE": iceberg.PrimitiveTypes.Float64,
	"VARCHAR": iceberg.PrimitiveTypes.String, "DATE": iceberg.PrimitiveTypes.Date,
	"TIMESTAMP":                iceberg.PrimitiveTypes.Timestamp,
	"TIMESTAMP WITH TIME ZONE": iceberg.PrimitiveTypes.TimestampTz,
}

func typeOf(kind string) (iceberg.Type, error) {
	if t, ok := types[kind]; ok {
		return t, nil
	}
	if precision, scale, ok := decimal(kind); ok {
		return iceberg.DecimalTypeOf(precision, scale), nil
	}
	return nil, fmt.Errorf("%s has no counterpart in Iceberg", kind)
}

func decimal(kind string) (precision, scale int, ok bool) {
	n, err := fmt.Sscanf(kind, "DECIMAL(%d,%d)", &precision, &scale)
	return precision, scale, n == 2 && err == nil
}

// fieldsOf are the columns of a table in the lake.
func fieldsOf(s *lake.Source) ([]iceberg.NestedField, error) {
	columns := s.Columns()
	if s.ByMonth() {
		columns = append(columns, lake.Column{Name: "business_month", Type: "VARCHAR"})
	}
	fields := make([]iceberg.NestedField, 0, len(columns))
	for _, c := range columns {
		kind, err := typeOf(c.Type)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		fields = append(fields, iceberg.NestedField{ID: len(fields) + 1, Name: c.Name, Type: kind})
	}
	return fields, nil
}

// partitionColumns are those of source, account and business_month that a table has.
func partitionColumns(s *lake.Source) (columns []string) {
	for _, c := range []string{"source", "account"} {
		if s.Has(c) {
			columns = append(columns, c)
		}
	}
	if s.ByMonth() {
		columns = append(columns, "business_month")
	}
	return columns
}

// evolve adds the columns that the lake's table does not have yet. None is taken
// away: another database of an earlier program may fill it.
func evolve(tx *table.Transaction, schema *iceberg.Schema, fields []iceberg.NestedField) (grown bool, err error) {
	update := tx.UpdateSchema(true, false)
	for _, f := range fields {
		have, ok := schema.FindFieldByName(f.Name)
		switch {
		case !ok:
			update.AddColumn([]string{f.Name}, f.Type, "", false, nil)
			grown = true
		case !have.Type.Equals(f.Type):
			return false, fmt.Errorf("column %s is %s in the lake and %s in the database: drop the table from the lake, so that it is made anew", f.Name, have.Type, f.Type)
		}
	}
	if !grown {
		return false, nil
	}
	return true, update.Commit()
}

// partition gives the table its partitions.
func partition(tx *table.Transaction, columns []string) error {
	update := tx.UpdateSpec(true)
	for _, column := range columns {
		update.AddIdentity(column)
	}
	return update.Commit()
}

// shape is what a transaction makes of the table's schema and partitions. It, and not
// what an update gives, has the number under which the spec will be known: files that
// are filed under another are lost for readers.
func shape(tx *table.Transaction) (*iceberg.Schema, iceberg.PartitionSpec, error) {
	staged, err := tx.StagedTable()
	if err != nil {
		return nil, iceberg.PartitionSpec{}, err
	}
	return staged.Schema(), staged.Spec(), nil
}

// fieldIDs are the numbers of the columns, as COPY takes them.
func fieldIDs(schema *iceberg.Schema, fields []iceberg.NestedField) (string, error) {
	ids := make([]string, 0, len(fields))
	for _, f := range fields {
		have, ok := schema.FindFieldByName(f.Name)
		if !ok {
			return "", fmt.Errorf("the lake's table has no column %s", f.Name)
		}
		ids = append(ids, fmt.Sprintf("%s: %d", sqlfiles.Identifier(f.Name), have.ID))
	}
	return "{" + strings.Join(ids, ", ") + "}", nil
}
