package checks

import (
	"maps"
	"slices"
	"strings"
)

// Annotation is what the names of annotations with checks begin with.
const Annotation = "run.mini.health"

// FromAnnotations reads the annotations of a config.json: either a health file
// as it is in run.mini.health, or a setting in each,
//
//	run.mini.health.onFailure                   kill
//	run.mini.health.NAME.role                   readiness
//	run.mini.health.NAME.interval               5s
//	run.mini.health.NAME.http.url               http://127.0.0.1:8080/healthz
//	run.mini.health.NAME.http.headers.X-From    mini
//	run.mini.health.NAME.exec.args              ["/bin/check", "--quick"]
//
// where NAME is the check's and, if it is startup, liveness or readiness, its
// role. It returns nil if there are none.
func FromAnnotations(annotations map[string]string) (*Spec, error) {
	root := &node{kind: object, pointer: "/annotations/" + Annotation}
	whole, isWhole := annotations[Annotation]
	var err error
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		path, ours := strings.CutPrefix(key, Annotation+".")
		if ours && isWhole {
			return nil, root.fail("is a whole health file; %s is not looked at beside it", key)
		}
		if ours {
			if err = root.annotate(path, annotations[key]); err != nil {
				return nil, err
			}
		}
	}
	if isWhole {
		return wholeAnnotation(root, whole)
	}
	if len(root.below) == 0 {
		return nil, nil
	}
	root.nameRoles()
	return complete(root)
}

func wholeAnnotation(at *node, raw string) (*Spec, error) {
	s, err := Parse([]byte(raw))
	if err != nil {
		return nil, at.fail("%w", err)
	}
	return s, nil
}

// annotate puts one setting into the tree of a health file.
func (n *node) annotate(path, value string) error {
	leaf := &node{kind: loose, text: value, pointer: n.pointer + "." + escape(path)}
	parts := strings.SplitN(path, ".", 4) // the name of a header may have dots
	if len(parts) == 1 {
		if path != "onFailure" {
			return leaf.fail("unknown%s", suggest(path, []string{"onFailure", "NAME.KIND.SETTING"}))
		}
		return n.put(path, leaf)
	}
	at := n.check(parts[0])
	for _, name := range parts[1 : len(parts)-1] {
		below := at.member(name)
		if below == nil {
			below = &node{kind: object, pointer: at.pointer + "." + escape(name)}
			_ = at.put(name, below)
		}
		at = below
	}
	return at.put(parts[len(parts)-1], leaf)
}

// check is the one of that name, which begins to exist by being named.
func (n *node) check(name string) *node {
	all := n.member("checks")
	if all == nil {
		all = &node{kind: list, pointer: n.pointer}
		_ = n.put("checks", all)
	}
	for _, check := range all.below {
		if check.member("name").text == name {
			return check
		}
	}
	check := &node{kind: object, pointer: n.pointer + "." + escape(name)}
	_ = check.put("name", &node{kind: text, text: name, pointer: check.pointer})
	all.below = append(all.below, check)
	return check
}

// nameRoles gives checks that are named for a role that role.
func (n *node) nameRoles() {
	all := n.member("checks")
	if all == nil {
		return
	}
	for _, check := range all.below {
		name := check.member("name")
		if check.member("role") == nil && slices.Contains(roles, name.text) {
			_ = check.put("role", name)
		}
	}
}

// member is the value of a key of an object, or nil.
func (n *node) member(name string) *node {
	if i := slices.Index(n.keys, name); i >= 0 {
		return n.below[i]
	}
	return nil
}

// put adds a key to an object.
func (n *node) put(name string, value *node) error {
	if n.kind == loose { // NAME.http is given, and NAME.http.url is
		return n.fail("is given as a whole; %s is not looked at beside it", value.pointer)
	}
	if n.member(name) != nil {
		return value.fail("given twice")
	}
	n.keys, n.below = append(n.keys, name), append(n.below, value)
	return nil
}

// tighten makes of an annotation's text what is wanted in its place. Objects and
// lists are JSON.
func (n *node) tighten(want kind) (*node, error) {
	if want == text || want == number {
		return &node{kind: want, text: n.text, pointer: n.pointer}, nil
	}
	inner, err := read([]byte(n.text))
	if err != nil {
		return nil, n.fail("expected %s as JSON: %w", want, err)
	}
	if inner.kind != want {
		return nil, n.fail("expected %s as JSON, found %s", want, inner.kind)
	}
	inner.move(n.pointer)
	return inner, nil
}

// move makes errors about a node and all below it point to one place.
func (n *node) move(pointer string) {
	n.place, n.pointer = nil, pointer
	for _, below := range n.below {
		below.move(pointer)
	}
}
