package socket

import (
	"encoding/binary"
	"fmt"
	"io"
)

// frameHead is the length before a report in a stream, in bytes.
const frameHead = 2

// readReport reads the next report of a stream, which has size bytes.
func readReport(r io.Reader, size int) ([]byte, error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	if n := binary.BigEndian.Uint16(head[:]); int(n) != size {
		return nil, fmt.Errorf("a report of %d bytes, want %d", n, size)
	}
	report := make([]byte, size)
	if _, err := io.ReadFull(r, report); err != nil {
		return nil, err
	}
	return report, nil
}

// appendFrame appends a report as it lies in a stream.
func appendFrame(out, report []byte) []byte {
	return append(binary.BigEndian.AppendUint16(out, uint16(len(report))), report...)
}
