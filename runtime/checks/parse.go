package checks

import "reflect"

// Parse reads a health file, or the Healthcheck of a docker-format image, which
// is known by its key Test. What is not understood is an error: the wrong thing
// to watch, or nothing, would be worse.
func Parse(raw []byte) (*Spec, error) {
	root, err := read(raw)
	if err != nil {
		return nil, err
	}
	if root.member("Test") != nil {
		return parseDocker(root)
	}
	return complete(root)
}

func parseDocker(root *node) (*Spec, error) {
	d, err := docker(root)
	if err != nil {
		return nil, err
	}
	s, err := d.Spec()
	if err == nil && s == nil {
		err = fail("/Test", "says that nothing is to be checked")
	}
	if err != nil {
		return nil, root.locate(err)
	}
	return s, nil
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
