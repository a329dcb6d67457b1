package checks

import "reflect"

// Parse reads a health file. What is not understood is an error: the wrong
// thing to watch, or nothing, would be worse.
func Parse(raw []byte) (*Spec, error) {
	root, err := read(raw)
	if err != nil {
		return nil, err
	}
	return complete(root)
}

// complete makes a whole Spec of a tree.
func complete(root *node) (*Spec, error) {
	s := new(Spec)
	if root.kind == null {
		return nil, root.fail("expected %s, found %s", object, null)
	}
	if err := fill(reflect.ValueOf(s).Elem(), root); err != nil {
		return nil, err
	}
	if err := s.Complete(); err != nil {
		return nil, root.locate(err)
	}
	return s, nil
}
