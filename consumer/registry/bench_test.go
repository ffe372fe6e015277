package registry

import "testing"

// What a frame costs, on the way in and on the way out, where the record is read back too.
func BenchmarkFrames(b *testing.B) {
	for _, format := range framedFormats() {
		in := pinOf(b, "intent.v1", format)
		frame, err := in.encode(full(b, "intent.v1")[0])
		if err != nil {
			b.Fatal(err)
		}
		b.Run("turn an intent, "+string(format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := in.codec.decode(frame[headLen:]); err != nil {
					b.Fatal(err)
				}
			}
		})
		out, veto := pinOf(b, "vetoed.v1", format), full(b, "vetoed.v1")[0]
		b.Run("frame a veto, "+string(format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := out.encode(veto); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
