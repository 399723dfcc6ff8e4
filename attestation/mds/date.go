package mds

import (
	"fmt"
	"time"
)

// Date is a day in UTC, which is as exact as metadata are. The zero value is no
// date, and is left out of what is published.
type Date struct{ midnight time.Time }

// On returns the day of a moment.
func On(at time.Time) Date {
	year, month, day := at.UTC().Date()
	return Date{time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
}

// ParseDate reads "2006-01-02".
func ParseDate(s string) (Date, error) {
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: want it as YYYY-MM-DD", s)
	}
	return Date{at}, nil
}

// Time is the first moment of the day.
func (d Date) Time() time.Time { return d.midnight }

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d.midnight.IsZero() }

// After reports whether the day has not begun at a moment.
func (d Date) After(at time.Time) bool { return d.midnight.After(at) }

// String is the day as "2006-01-02", or "" for none.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.midnight.Format(time.DateOnly)
}

// MarshalText implements [encoding.TextMarshaler].
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. Nothing is no date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}
