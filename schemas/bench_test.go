package schemas

import "testing"

// A typical intent of 311 bytes.
const benchIntent = `{"id":"i-2026-05-01-000001","person":"pf9eeb6c2a1","channel":"email","purpose":"marketing","campaign":"spring-renewals-2026","at":"2026-05-01T10:00:01.250Z","subject":"domain-renewal","brand":"registrar","engine":"mailer-7","zones":["Europe/Berlin"],"priority":40,"message":"m-77-a","address":"new@example.org"}`

func BenchmarkDecodeIntent(b *testing.B) {
	value := []byte(benchIntent)
	b.SetBytes(int64(len(value)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := DecodeIntent(value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeSignal(b *testing.B) {
	value := []byte(`{"id":"s1","person":"pf9eeb6","type":"refusal","at":"2026-05-01T10:00:00Z","channel":"email","purpose":"marketing","source":"unsubscribe_link"}`)
	b.SetBytes(int64(len(value)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := DecodeSignal(value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendIntent(b *testing.B) {
	in, _, err := DecodeIntent([]byte(benchIntent))
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = in.AppendJSON(buf[:0])
	}
}

func BenchmarkParseTime(b *testing.B) {
	s := []byte("2026-05-01T10:00:01.250Z")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseTime(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidOnly(b *testing.B) {
	value := []byte(benchIntent)
	b.ReportAllocs()
	for b.Loop() {
		if valid(value) != nil {
			b.Fatal()
		}
	}
}
