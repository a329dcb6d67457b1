package process

// entry is one line of a table from the spec's words to the kernel's numbers.
// The tables are slices, not maps: a map is built when a program starts, and
// mini starts twice a container.
type entry[K comparable, V any] struct {
	name  K
	value V
}

func lookUp[K comparable, V any](table []entry[K, V], name K) (V, bool) {
	for _, e := range table {
		if e.name == name {
			return e.value, true
		}
	}
	var none V
	return none, false
}
