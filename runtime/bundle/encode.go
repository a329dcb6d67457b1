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
	e := encoder(&b)
	e.SetIndent("", "\t")
	if err := e.Encode(spec); err != nil {
		return nil, fmt.Errorf("encode %s: %w", ConfigName, err)
	}
	return b.Bytes(), nil
}

// Freeze writes a configuration for Decode, in one line. It costs about as much
// as a whole Load, so where nothing was changed Bundle.Raw is the thing to keep.
func Freeze(spec *specs.Spec) ([]byte, error) {
	// The sections that no Linux container has are left to encoding/json only
	// if they are there: it prepares each type that it can reach, and these
	// are a third of all.
	var b bytes.Buffer
	var v any = spec
	if spec.Solaris == nil && spec.Windows == nil && spec.VM == nil && spec.ZOS == nil && spec.FreeBSD == nil {
		v = linuxOnly(spec)
	}
	if err := encoder(&b).Encode(v); err != nil {
		return nil, fmt.Errorf("encode %s: %w", ConfigName, err)
	}
	return b.Bytes(), nil
}

func encoder(b *bytes.Buffer) *json.Encoder {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	return e
}

// linuxOnly is spec's sections under their names; empty ones are left out.
func linuxOnly(spec *specs.Spec) any {
	return struct {
		Version     string            `json:"ociVersion"`
		Process     *specs.Process    `json:"process,omitempty"`
		Root        *specs.Root       `json:"root,omitempty"`
		Hostname    string            `json:"hostname,omitempty"`
		Domainname  string            `json:"domainname,omitempty"`
		Mounts      []specs.Mount     `json:"mounts,omitempty"`
		Hooks       *specs.Hooks      `json:"hooks,omitempty"`
		Annotations map[string]string `json:"annotations,omitempty"`
		Linux       *specs.Linux      `json:"linux,omitempty"`
	}{
		spec.Version, spec.Process, spec.Root, spec.Hostname, spec.Domainname,
		spec.Mounts, spec.Hooks, spec.Annotations, spec.Linux,
	}
}
