package collector

import "google.golang.org/protobuf/encoding/protowire"

// The fields of an ExportTraceServiceResponse that matter.
const (
	partialSuccess = 1 // of the response
	rejectedSpans  = 1 // of its partial success
)

// rejected is how many spans the answer says were not taken; 0 where it cannot be read.
func rejected(answer []byte) uint64 {
	partial, _ := field(answer, partialSuccess)
	_, n := field(partial, rejectedSpans)
	return n
}

// field is the last field of that number in a message: its bytes, or its number.
func field(message []byte, wanted protowire.Number) (raw []byte, n uint64) {
	for len(message) > 0 {
		number, typ, size := protowire.ConsumeTag(message)
		if size < 0 {
			return nil, 0
		}
		message = message[size:]
		value := protowire.ConsumeFieldValue(number, typ, message)
		if value < 0 {
			return nil, 0
		}
		if number == wanted {
			switch typ {
			case protowire.BytesType:
				raw, _ = protowire.ConsumeBytes(message)
			case protowire.VarintType:
				n, _ = protowire.ConsumeVarint(message)
			}
		}
		message = message[value:]
	}
	return raw, n
}
