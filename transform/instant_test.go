package transform

import (
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestInstants(t *testing.T) {
	shanghai := Calendar{Zone: zone(t, "Asia/Shanghai")}
	newYork := Calendar{Zone: zone(t, "America/New_York")}
	millis := func(r *Record, s Scalar) Instant { return (&Millis{s}).Instant(r, "f") }
	seconds := func(r *Record, s Scalar) Instant { return (&Seconds{s}).Instant(r, "f") }
	either := func(r *Record, s Scalar) Instant { return (&MillisOrSeconds{s}).Instant(r, "f") }
	iso := func(r *Record, s Scalar) Instant { return (&ISO8601{s}).Instant(r, "f") }
	utc := func(r *Record, s Scalar) Instant { return (&UTCTime{s}).Instant(r, "f") }
	local := func(r *Record, s Scalar) Instant { return (&LocalTime{s}).Instant(r, "f") }
	tests := []struct {
		name string
		read func(*Record, Scalar) Instant
		json string
		cal  Calendar
		want string // RFC 3339 in UTC; "" for a finding
	}{
		{"tuya's sample", millis, `1712736000000`, shanghai, "2024-04-10T08:00:00Z"},
		{"as text", millis, `"1607929171334"`, shanghai, "2020-12-14T06:59:31.334Z"},
		{"seconds where milliseconds are declared", millis, `1712736000`, shanghai, ""},
		{"eleven digits", either, `11234124124`, shanghai, ""},
		{"eight digits as text", either, `"10021414"`, shanghai, ""},
		{"ten digits", either, `1741659037`, shanghai, "2025-03-11T02:10:37Z"},
		{"starhotel's service date", seconds, `1741659037`, shanghai, "2025-03-11T02:10:37Z"},
		{"milliseconds where seconds are declared", seconds, `1741659037000`, shanghai, ""},
		{"starhotel's created_at", iso, `"2025-03-11T07:05:42.000000Z"`, shanghai, "2025-03-11T07:05:42Z"},
		{"with an offset", iso, `"2025-03-11T15:05:42+08:00"`, shanghai, "2025-03-11T07:05:42Z"},
		{"without designator", iso, `"2025-03-11T07:05:42"`, shanghai, ""},
		{"finer than a microsecond", iso, `"2025-03-11T07:05:42.0000001Z"`, shanghai, ""},
		{"akubela's sample", utc, `"2025-08-06 03:00:03"`, shanghai, "2025-08-06T03:00:03Z"},
		{"soms in Shanghai", local, `"2016-03-02 12:00:01"`, shanghai, "2016-03-02T04:00:01Z"},
		{"no such day", local, `"2024-02-30 00:00:00"`, shanghai, ""},
		{"a leap second", local, `"2016-12-31 23:59:60"`, shanghai, ""},
		{"an hour that summer time leaves out", local, `"2026-03-08 02:30:00"`, newYork, ""},
		{"an hour that occurs twice is the first", local, `"2026-11-01 01:30:00"`, newYork, "2026-11-01T05:30:00Z"},
		{"a day where a time is declared", local, `"2016-03-02"`, shanghai, ""},
		{"text that is no time", local, `"03月05日 晚上"`, shanghai, ""},
		{"a year out of range", millis, `4733510400000`, shanghai, ""}, // 2120-01-01
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := testRecord(tt.cal)
			got := tt.read(r, scalar(t, tt.json))
			if tt.want == "" {
				if got.Valid || r.findings != 1 {
					t.Errorf("%s = %v with %d findings, want null with one", tt.json, got.Time(), r.findings)
				}
				return
			}
			if text := got.Time().Format(time.RFC3339Nano); text != tt.want || r.findings != 0 {
				t.Errorf("%s = %s with %d findings, want %s", tt.json, text, r.findings, tt.want)
			}
		})
	}
}

func TestBusinessDate(t *testing.T) {
	shanghai, newYork := zone(t, "Asia/Shanghai"), zone(t, "America/New_York")
	tests := []struct {
		utc  string
		zone *time.Location
		roll time.Duration
		want string
	}{
		{"2024-04-10T08:00:00Z", shanghai, 0, "2024-04-10"},
		{"2024-04-10T15:59:59Z", shanghai, 0, "2024-04-10"}, // 23:59:59
		{"2024-04-10T16:00:00Z", shanghai, 0, "2024-04-11"}, // 00:00:00
		{"2024-04-10T16:00:00Z", shanghai, 6 * time.Hour, "2024-04-10"},
		{"2024-04-10T21:59:59Z", shanghai, 6 * time.Hour, "2024-04-10"}, // 05:59:59
		{"2024-04-10T22:00:00Z", shanghai, 6 * time.Hour, "2024-04-11"}, // 06:00:00
		// Clocks go forward at 02:00 that night: 06:00 on the wall is four
		// hours after 01:00, and still the roll.
		{"2026-03-08T09:59:59Z", newYork, 6 * time.Hour, "2026-03-07"}, // 05:59:59 EDT
		{"2026-03-08T10:00:00Z", newYork, 6 * time.Hour, "2026-03-08"}, // 06:00:00 EDT
	}
	for _, tt := range tests {
		at, err := time.Parse(time.RFC3339, tt.utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Calendar{tt.zone, tt.roll}).BusinessDate(InstantOf(at)); got.String() != tt.want {
			t.Errorf("%s in %s rolling at %v is %s, want %s", tt.utc, tt.zone, tt.roll, got, tt.want)
		}
	}
	if got := (Calendar{Zone: shanghai}).BusinessDate(Instant{}); got.Valid {
		t.Errorf("the business date of no instant is %s", got)
	}
}

func TestLocalDay(t *testing.T) {
	for json, want := range map[string]string{
		`"2022-08-25"`:          "2022-08-25",
		`"2022-08-25 00:00:00"`: "2022-08-25",
		`"2022-08-25 10:00:00"`: "", // a day with a time of day is no day
		`20220825`:              "",
		`null`:                  "",
	} {
		r := testRecord(Calendar{})
		day := LocalDay{scalar(t, json)}
		if got := day.Date(r, "f").String(); got != want {
			t.Errorf("%s = %q, want %q", json, got, want)
		}
	}
}
