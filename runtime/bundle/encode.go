package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// Encode writes a configuration for people to edit: tabs, a newline at the end,
// and <, > and & as they are. Load reads it back without a warning.
func Encode(spec *specs.Spec) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	if err := e.Encode(spec); err != nil {
		return nil, fmt.Errorf("encode %s: %w", ConfigName, err)
	}
	return b.Bytes(), nil
}
