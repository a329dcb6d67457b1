package rootfs

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// options is what a list of mount options asks for.
type options struct {
	words []string // as written, without bind and rbind: for people

	bind, remount, copyUp bool
	recursive             bool // rbind
	idmap, ridmap         bool

	own         attrs         // of the mount itself
	tree        attrs         // of the mount and all below it
	propagation []propagation // in order, each applied

	super []param // superblock flags every file system has: ro, sync …
	data  []param // everything else: the file system's own
}

// param is one fsconfig(2) setting.
type param struct {
	key, value string
	flag       bool // no value at all, which is not the same as an empty one
	index      int  // position in the list of options, for errors
}

// propagation is one of the words shared, slave, private, unbindable.
type propagation struct {
	kind      uint64 // MS_SHARED …
	recursive bool
}

// maxValue is the longest string fsconfig(2) takes, without its NUL.
const maxValue = 255

// parseOptions reads the options of a mount. The order counts: the last word
// on a matter wins. Words outside the table belong to the file system.
func parseOptions(list []string) (options, error) {
	var o options
	for i, element := range list {
		for _, text := range splitOptions(element) {
			if err := o.add(text, i); err != nil {
				return o, &FieldError{fmt.Sprintf("/options/%d", i), err}
			}
		}
	}
	return o, nil
}

func (o *options) add(text string, index int) error {
	if text == "" {
		return nil
	}
	if w := wordOf(text); w != nil {
		w.apply(o)
		if text != "bind" && text != "rbind" {
			o.words = append(o.words, text)
		}
		return nil
	}
	key, value, hasValue := strings.Cut(text, "=")
	switch {
	case key == "":
		return fmt.Errorf("option %q has no name", text)
	case strings.Contains(text, "\x00"):
		return errors.New("option contains a NUL byte")
	case len(key) > maxValue || len(value) > maxValue:
		return fmt.Errorf("option %.20s… is longer than the %d bytes fsconfig takes", text, maxValue)
	}
	o.data = append(o.data, param{key: key, value: value, flag: !hasValue, index: index})
	o.words = append(o.words, text)
	return nil
}

// splitOptions cuts at commas, as mount(8) does with its -o: not at those
// inside double quotes (context="…,…") or after a backslash.
func splitOptions(s string) []string {
	var parts []string
	quoted, start := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\':
			i++
		case s[i] == ',' && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// attrs is one change of mount attributes: MOUNT_ATTR_* bits to set and bits to
// clear. A bit in neither stays as it is.
type attrs struct{ set, clear uint64 }

// then returns a change that has the effect of a followed by b.
func (a attrs) then(b attrs) attrs {
	return attrs{
		set:   a.set&^b.clear | b.set,
		clear: a.clear&^(b.set&^unix.MOUNT_ATTR__ATIME) | b.clear,
	}
}

// withAtime chooses one of the access time modes, which the kernel keeps as a
// number in several bits: all of them are always cleared.
func (a attrs) withAtime(mode uint64) attrs {
	return a.then(attrs{set: mode, clear: unix.MOUNT_ATTR__ATIME})
}

// withoutAtime takes a mode back, if it is the one chosen so far; then the
// kernel's default applies, relatime.
func (a attrs) withoutAtime(mode uint64) attrs {
	chosen := a.clear&unix.MOUNT_ATTR__ATIME != 0
	if chosen && a.set&unix.MOUNT_ATTR__ATIME != mode {
		return a
	}
	return a.withAtime(unix.MOUNT_ATTR_RELATIME)
}
