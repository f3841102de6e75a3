// Package parquettest follows amounts through staged files. It is a package of
// its own for its dependencies: those of Parquet would slow down the fuzzing of
// package transform.
package parquettest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/nightaudit/nightaudit/transform"
)

// The columns' decimals: DECIMAL(18,4) and DECIMAL(18,6).
const (
	columnDigits = 18
	moneyScale   = 4
	priceScale   = 6
)

func decimal(kind transform.Kind, text string) *transform.Decimal {
	return &transform.Decimal{Scalar: transform.Scalar{Kind: kind, Text: text}}
}

// randomText writes a random decimal that fits 18 digits of which scale stand
// after the point, with all its decimals. Small, large and round ones are all
// frequent.
func randomText(rnd *rand.Rand, scale int) string {
	digits := make([]byte, 1+rnd.IntN(columnDigits))
	for i := range digits {
		digits[i] = byte('0' + rnd.IntN(10))
	}
	for i := range rnd.IntN(len(digits) + 1) {
		digits[len(digits)-1-i] = '0'
	}
	text := strings.TrimLeft(string(digits), "0")
	text = strings.Repeat("0", max(0, scale+1-len(text))) + text
	sign := ""
	if rnd.IntN(3) == 0 && strings.Trim(text, "0") != "" {
		sign = "-"
	}
	return sign + text[:len(text)-scale] + "." + text[len(text)-scale:]
}

// respell writes a decimal in another of the ways that JSON has for it.
func respell(rnd *rand.Rand, text string) string {
	switch rnd.IntN(4) {
	case 0: // without the zeros at its end
		return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	case 1: // with more of them
		return text + strings.Repeat("0", rnd.IntN(30))
	case 2: // as a whole number with an exponent
		whole, fraction, _ := strings.Cut(text, ".")
		sign := ""
		if strings.HasPrefix(whole, "-") {
			sign, whole = "-", whole[1:]
		}
		digits := strings.TrimLeft(whole+fraction, "0")
		if digits == "" {
			digits = "0"
		}
		return fmt.Sprintf("%s%se-%d", sign, digits, len(fraction))
	}
	return text
}

// What a vendor's text says is what a staged file says, digit by digit: the
// text that is written is compared with the text that is read back.
func TestTextToParquetAndBack(t *testing.T) {
	const values = 100_000
	rnd := rand.New(rand.NewPCG(4, 20260411))
	b := transform.NewBatch(transform.Origin{Source: "test", Account: "a", Currency: "CNY"})
	var buf bytes.Buffer
	// As the loader stages: see load.stagedFile.
	w, err := pqarrow.NewFileWriter(transform.Def(transform.TableOrderItems).Schema, &buf,
		parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy), parquet.WithStoreDecimalAsInteger(true)),
		pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	var totals, prices []string
	for i := range values {
		total, price := randomText(rnd, moneyScale), randomText(rnd, priceScale)
		totals, prices = append(totals, total), append(prices, price)
		r := b.Record(strconv.Itoa(i), "", -1)
		r.Item(&transform.OrderItem{
			Total:     decimal(transform.Number, respell(rnd, total)).Money(r, "total"),
			UnitPrice: decimal(transform.String, respell(rnd, price)).Rate(r, "unit_price"),
		})
		if b.Rows() < 20_000 && i < values-1 {
			continue
		}
		err := b.Take(func(table string, rec arrow.RecordBatch) error {
			if table != transform.TableOrderItems {
				return nil
			}
			return w.WriteBuffered(rec)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	compareTexts(t, decimalsOf(t, buf.Bytes(), "total_amount"), totals)
	compareTexts(t, decimalsOf(t, buf.Bytes(), "unit_price"), prices)
}

func compareTexts(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d values came back of %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("value %d: %s came back as %s", i, want[i], got[i])
		}
	}
}

// decimalsOf reads a column of a Parquet file as text.
func decimalsOf(t *testing.T, data []byte, column string) []string {
	t.Helper()
	f, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := r.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	index := table.Schema().FieldIndices(column)[0]
	scale := table.Schema().Field(index).Type.(arrow.DecimalType).GetScale()
	var texts []string
	for _, chunk := range table.Column(index).Data().Chunks() {
		values := chunk.(*array.Decimal128)
		for i := range values.Len() {
			texts = append(texts, values.Value(i).ToString(scale))
		}
	}
	return texts
}
