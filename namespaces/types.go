package namespaces

import "github.com/opencontainers/runtime-spec/specs-go"

// Types lists the namespace types that are understood, as the specification
// names them.
func Types() []specs.LinuxNamespaceType {
	list := make([]specs.LinuxNamespaceType, len(kinds))
	for i, k := range kinds {
		list[i] = k.typ
	}
	return list
}
