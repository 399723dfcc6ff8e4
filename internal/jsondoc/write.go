package jsondoc

import (
	"bytes"
	"encoding/json"
)

// Write lays a document out for people, indented and with its characters as they are.
func Write(document any) ([]byte, error) {
	var text bytes.Buffer
	to := json.NewEncoder(&text)
	to.SetEscapeHTML(false)
	to.SetIndent("", "  ")
	err := to.Encode(document)
	return text.Bytes(), err
}
