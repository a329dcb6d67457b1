package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// ConfigName is the file of a bundle that describes the container
// (runtime-spec, bundle.md).
const ConfigName = "config.json"

// Bundle is a directory with a container's configuration.
type Bundle struct {
	Dir      string      // absolute
	Spec     *specs.Spec // what config.json says
	Raw      []byte      // config.json as it was read; Decode gives Spec again
	Warnings []Warning   // what it says that has no meaning, in its own order
}

// Warning is something in config.json that reading it passed over.
type Warning struct {
	Field        string // JSON pointer
	Text         string
	Line, Column int // both from 1; a column is one character, not one byte
}

// String is the warning as a line of text.
func (w Warning) String() string { return w.Field + ": " + w.Text }

// FieldError is an error that one setting of the configuration caused.
type FieldError struct {
	Field string // JSON pointer, /process/args/0
	Err   error
}

func (e *FieldError) Error() string   { return e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error   { return e.Err }
func (e *FieldError) Pointer() string { return e.Field }

func invalid(field, format string, args ...any) *FieldError {
	return &FieldError{Field: field, Err: fmt.Errorf(format, args...)}
}

// Load reads the bundle in dir. A directory or file that is not there is
// ENOENT, a file in the directory's place ENOTDIR; what cannot be understood is
// a *ParseError, a version of the specification that mini does not follow a
// *FieldError.
func Load(dir string) (*Bundle, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open bundle %s: %w", dir, err)
	}
	raw, err := read(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, ConfigName)
	spec, warnings, err := parse[specs.Spec](raw)
	if err == nil {
		err = supported(spec.Version)
	}
	if err != nil {
		return nil, locate(err, path)
	}
	return &Bundle{Dir: abs, Spec: spec, Raw: raw, Warnings: warnings}, nil
}

// Decode is Load's second half alone, for a config.json that was loaded before:
// it returns the same Spec for the same bytes.
func Decode(raw []byte) (*specs.Spec, error) {
	spec, _, err := parse[specs.Spec](raw)
	if err != nil {
		return nil, locate(err, ConfigName)
	}
	return spec, nil
}

// Strict makes one error of everything that Load warned about, or nil.
func Strict(b *Bundle) error {
	if len(b.Warnings) == 0 {
		return nil
	}
	var list []string
	for _, w := range b.Warnings[1:] {
		list = append(list, "; "+w.String())
	}
	first := b.Warnings[0]
	return &FieldError{Field: first.Field, Err: errors.New(first.Text + strings.Join(list, ""))}
}

// supported says whether mini follows this version of the specification: its
// releases are compatible within the major number (runtime-spec, config.md,
// "Specification version").
func supported(version string) error {
	major, rest, dotted := strings.Cut(version, ".")
	switch {
	case version == "":
		return invalid("/ociVersion", "missing: the version of the specification, such as %q", specs.Version)
	case !dotted || rest == "" || strings.Trim(major, "0123456789") != "":
		return invalid("/ociVersion", "%q is not a version such as %q", version, specs.Version)
	case major == "0":
		return invalid("/ociVersion", "%s is from before the first release; mini follows 1.x", version)
	case major != "1":
		return invalid("/ociVersion", "%s is newer than mini, which follows 1.x", version)
	}
	return nil
}

// LoadProcess reads the file of a process alone, as engines write it for exec. What
// cannot be understood is a *ParseError; its pointers begin at the process.
func LoadProcess(path string) (*specs.Process, []Warning, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	p, warnings, err := parse[specs.Process](raw)
	if err != nil {
		return nil, nil, locate(err, path)
	}
	return p, warnings, nil
}
