package schemas

import "time"

// Time is an instant in Unix milliseconds. 0 is no time at all.
//
// On the wire it is RFC 3339 with at most millisecond precision and with an
// offset: 2026-05-01T10:00:00.250Z. The governor writes UTC and always three
// digits of fraction.
type Time int64

// The instants that are accepted: from the first on, before the second. A time
// outside tells of a clock that was never set, or of a placeholder.
const (
	firstTime Time = 946684800000    // 2000-01-01T00:00:00Z
	lastTime  Time = 253370764800000 // 9999-01-01T00:00:00Z
)

const dayMillis = 24 * 60 * 60 * 1000

// TimeOf returns t to the millisecond, rounding down.
func TimeOf(t time.Time) Time { return Time(t.UnixMilli()) }

// Std returns t as a time.Time in UTC; the zero time.Time for 0.
func (t Time) Std() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(t)).UTC()
}

// String returns t as it is written on the wire, "" for 0.
func (t Time) String() string { return string(t.Append(nil)) }

// Append appends t as it is written on the wire, nothing for 0.
func (t Time) Append(b []byte) []byte {
	if t == 0 {
		return b
	}
	if t < firstTime || t >= lastTime {
		return t.Std().AppendFormat(b, "2006-01-02T15:04:05.000Z") // never on the wire
	}
	days := int(t / dayMillis)
	ms := int(t % dayMillis)
	y, m, d := civil(days)
	b = append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-')
	b = append(two(b, m), '-')
	b = append(two(b, d), 'T')
	b = append(two(b, ms/3600000), ':')
	b = append(two(b, ms/60000%60), ':')
	b = append(two(b, ms/1000%60), '.')
	ms %= 1000
	return append(b, byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

func two(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// ParseTime reads a time as the wire has it. It refuses, with a *Malformed
// that says what to write: a time without an offset, more precision than
// milliseconds (trailing zeros aside), a date that is not in the calendar, a
// leap second, and what is before 2000 or in 9999 or later.
func ParseTime[S ~string | ~[]byte](s S) (Time, error) {
	t, reason := parseTime([]byte(s))
	if reason != "" {
		return 0, &Malformed{Reason: reason}
	}
	return t, nil
}

const likeThis = "; write RFC 3339, like 2026-05-01T10:00:00.250Z"

// parseTime returns the time, or what is wrong with it. It does not allocate.
func parseTime(s []byte) (Time, string) {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, "is not a time" + likeThis
	}
	year, ok1 := digits(s[0:4])
	month, ok2 := digits(s[5:7])
	day, ok3 := digits(s[8:10])
	hour, ok4 := digits(s[11:13])
	minute, ok5 := digits(s[14:16])
	second, ok6 := digits(s[17:19])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 {
		return 0, "is not a time" + likeThis
	}
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, "names a day that is not in the calendar"
	}
	if second == 60 {
		return 0, "names a leap second; write second 59"
	}
	if hour > 23 || minute > 59 || second > 59 {
		return 0, "names a time of day that does not exist; hours go to 23, minutes and seconds to 59"
	}
	milli, rest, reason := fraction(s[19:])
	if reason != "" {
		return 0, reason
	}
	offset, reason := offsetMinutes(rest)
	if reason != "" {
		return 0, reason
	}
	t := Time(daysSince1970(year, month, day))*dayMillis +
		Time((hour*60+minute-offset)*60+second)*1000 + Time(milli)
	switch {
	case t < firstTime:
		return 0, "is before 2000, so the clock was never set; set it"
	case t >= lastTime:
		return 0, "is in the year 9999 or later, beyond what is accepted; leave the field out if there is no end"
	}
	return t, ""
}

// fraction reads ".250" off s, if it is there.
func fraction(s []byte) (milli int, rest []byte, reason string) {
	if len(s) == 0 || s[0] != '.' {
		return 0, s, ""
	}
	i, scale := 1, 100
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		digit := int(s[i] - '0')
		if scale == 0 && digit != 0 {
			return 0, nil, "is finer than a millisecond; write three digits after the point at most"
		}
		milli += digit * scale
		scale /= 10
	}
	if i == 1 {
		return 0, nil, "has a point without digits after it" + likeThis
	}
	return milli, s[i:], ""
}

// offsetMinutes reads "Z" or "+02:00" and wants nothing after it.
func offsetMinutes(s []byte) (int, string) {
	if len(s) == 1 && s[0] == 'Z' {
		return 0, ""
	}
	if len(s) == 0 {
		return 0, "has no offset; end it with Z, or with an offset like +02:00"
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, "does not end in an offset; end it with Z, or with an offset like +02:00"
	}
	hours, ok1 := digits(s[1:3])
	minutes, ok2 := digits(s[4:6])
	if !ok1 || !ok2 || hours > 23 || minutes > 59 {
		return 0, "has an offset that does not exist; write one like +02:00"
	}
	n := hours*60 + minutes
	if s[0] == '-' {
		n = -n
	}
	return n, ""
}

func digits(s []byte) (n int, ok bool) {
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts days in the proleptic Gregorian calendar. Years begin
// in March here, so that the leap day comes last and months need no table;
// an era is 400 years, 146097 days.
func daysSince1970(year, month, day int) int {
	if month <= 2 {
		year--
	}
	era := (year+400)/400 - 1 // years -1 and up
	ofEra := year - era*400
	ofYear := (153*((month+9)%12)+2)/5 + day - 1
	return era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - 719468
}

// civil is the inverse of daysSince1970, for days from 1970 on.
func civil(days int) (year, month, day int) {
	days += 719468
	era := days / 146097
	ofEra := days % 146097
	y := (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*y + y/4 - y/100)
	m := (5*ofYear + 2) / 153
	year, month, day = era*400+y, m+3, ofYear-(153*m+2)/5+1
	if month > 12 {
		return year + 1, month - 12, day
	}
	return year, month, day
}
