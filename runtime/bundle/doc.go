// Package bundle knows config.json as a document: how to read one, what each of
// its fields means to mini, how to make one, and what the command line's flags
// change in it.
//
// Reading (Load, Decode) gives specs.Spec, the one configuration type of mini.
// It is exact where encoding/json is lenient: a key counts only as the
// specification spells it, so "Process" is reported and not taken for
// "process"; a key given twice is reported; a wrong type is an error with its
// JSON pointer, line and column.
//
// The table of fields (Fields) has a row for every field of the specification:
// applied, refused or warned about, and by whom. Check holds a configuration
// against it, and against the few rules that belong to no single part.
//
// It does not know what happens with any of it. It starts nothing, makes no
// operations, asks nothing of the host and looks at no file but config.json;
// whether a value is good for the kernel is for the package that applies it to
// say: namespaces, cgroups, rootfs, runtime/process, runtime/seccomp.
//
// Reading order: bundle.go, decode.go, table.go, check.go; then default.go and
// overrides.go, which do not depend on those.
package bundle
