package namespaces

import (
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Limits of uid_map and gid_map, see user_namespaces(7).
const (
	maxLines = 340       // since Linux 4.15
	maxBytes = 4095      // one write of less than a page
	maxID    = 1<<32 - 2 // the last 32-bit number means "no id"
)

// checkRights refuses what an ordinary user may do in a user namespace only.
func checkRights(f Facts, ns *choice) error {
	if f.Privileged || ns.has(newUser) || ns.new == 0 && len(ns.joins) == 0 {
		return nil
	}
	return &FieldError{"/linux/namespaces", errors.New(`without privileges a user namespace is needed for all others: add {"type":"user"}`)}
}

// checkMappings validates both lists against the chosen user namespace.
func checkMappings(c Config, f Facts, ns *choice) error {
	return errors.Join(
		checkMapping("/linux/uidMappings", c.UIDMappings, ns, f.Privileged, f.UID, f.UIDs),
		checkMapping("/linux/gidMappings", c.GIDMappings, ns, f.Privileged, f.GID, f.GIDs),
	)
}

func checkMapping(field string, lines []specs.LinuxIDMapping, ns *choice, privileged bool, own uint32, grant Grant) error {
	fail := func(format string, args ...any) error {
		return &FieldError{field, fmt.Errorf(format, args...)}
	}
	isNew := ns.new&newUser != 0
	switch {
	case len(lines) == 0 && isNew:
		return fail(`a new user namespace needs at least {"containerID":0,"hostID":%d,"size":1}`, own)
	case len(lines) == 0:
		return nil
	case !isNew && ns.has(newUser):
		return fail("the user namespace joined at %s has its mappings already: leave these out", ns.field(newUser, "path"))
	case !isNew:
		return fail(`mappings need a user namespace: add {"type":"user"} to /linux/namespaces`)
	case len(lines) > maxLines:
		return fail("%d lines, and the kernel takes %d", len(lines), maxLines)
	}
	if err := checkLines(field, lines); err != nil {
		return err
	}
	if n := len(mapText(lines)); n > maxBytes {
		return fail("%d bytes of text, and the kernel takes %d", n, maxBytes)
	}
	if !privileged && !alone(lines, own) && !grant.permits(lines, own) {
		return fail("%s", grant.terms(own))
	}
	return nil
}

// checkLines validates each line, and that no two overlap, inside or outside.
func checkLines(field string, lines []specs.LinuxIDMapping) error {
	root := false
	for i, m := range lines {
		at := fmt.Sprintf("%s/%d", field, i)
		if err := checkLine(at, m); err != nil {
			return err
		}
		for j, o := range lines[:i] {
			if overlap(m.ContainerID, m.Size, o.ContainerID, o.Size) {
				return &FieldError{at + "/containerID", fmt.Errorf("the range overlaps that of %s/%d", field, j)}
			}
			if overlap(m.HostID, m.Size, o.HostID, o.Size) {
				return &FieldError{at + "/hostID", fmt.Errorf("the range overlaps that of %s/%d", field, j)}
			}
		}
		root = root || m.ContainerID == 0
	}
	if !root {
		return &FieldError{field, errors.New("containerID 0 must be mapped: the container is set up by its root")}
	}
	return nil
}

func checkLine(at string, m specs.LinuxIDMapping) error {
	switch {
	case m.Size == 0:
		return &FieldError{at + "/size", errors.New("is 0: a range has at least one id")}
	case uint64(m.ContainerID)+uint64(m.Size)-1 > maxID:
		return &FieldError{at + "/containerID", fmt.Errorf("the range ends beyond %d, the last id there is", uint32(maxID))}
	case uint64(m.HostID)+uint64(m.Size)-1 > maxID:
		return &FieldError{at + "/hostID", fmt.Errorf("the range ends beyond %d, the last id there is", uint32(maxID))}
	}
	return nil
}

func overlap(a, sizeA, b, sizeB uint32) bool {
	return uint64(a) < uint64(b)+uint64(sizeB) && uint64(b) < uint64(a)+uint64(sizeA)
}

// mapText is what is written to uid_map or gid_map.
func mapText(lines []specs.LinuxIDMapping) string {
	var b strings.Builder
	for _, m := range lines {
		fmt.Fprintf(&b, "%d %d %d\n", m.ContainerID, m.HostID, m.Size)
	}
	return b.String()
}

// mapOps are the writes that give the new user namespace its ids.
func mapOps(c Config, f Facts, child *Child) []Op {
	uids := note{"/linux/uidMappings", "Says which user ids of the host the ids inside stand for; until then every id inside is the overflow id (user_namespaces(7))"}
	gids := note{"/linux/gidMappings", "Says which group ids of the host the ids inside stand for (user_namespaces(7))"}
	ops := []Op{mapOp(uids, "uid_map", c.UIDMappings, child, f.Privileged || alone(c.UIDMappings, f.UID), f.UIDs.Helper)}
	if !f.Setgroups(c.GIDMappings) {
		ops = append(ops, &procWrite{
			note:  note{"/linux/gidMappings", "Gives up setgroups for good: an unprivileged user may map a group only then, or could drop a group that denies access (user_namespaces(7))"},
			child: child, file: "setgroups", text: "deny",
		})
	}
	return append(ops, mapOp(gids, "gid_map", c.GIDMappings, child, f.Privileged || alone(c.GIDMappings, f.GID), f.GIDs.Helper))
}

// mapOp writes one map, by ourselves if we may.
func mapOp(n note, file string, lines []specs.LinuxIDMapping, child *Child, may bool, helper string) Op {
	if may {
		return &procWrite{note: n, child: child, file: file, text: mapText(lines)}
	}
	return &helperMap{note: n, child: child, helper: helper, lines: lines}
}

// procWrite writes a file of the waiting process's directory in /proc: a map or
// the clock offsets. The parent does it because the process itself may not: a
// map of more than its own id needs privileges outside.
type procWrite struct {
	note
	child      *Child
	file, text string
}

func (w *procWrite) Do() error { return w.child.write(w.file, w.text) }

func (w *procWrite) String() string {
	return fmt.Sprintf("write %s: %s", w.file, mapShown(w.text))
}

// mapShown is the text of a file in one line.
func mapShown(text string) string {
	return strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", ", ")
}

// Shell writes what the parent would: $pid is the process that the clone's line
// started. Clock offsets it leaves to that line: unshare(1) lets no script in
// between the making of a time namespace and its first process.
func (w *procWrite) Shell() string {
	if w.file == "timens_offsets" {
		return ""
	}
	words := []string{"printf '%s\\n'"}
	for line := range strings.Lines(w.text) {
		words = append(words, quote(strings.TrimSuffix(line, "\n")))
	}
	return strings.Join(words, " ") + ` > /proc/"$pid"/` + w.file
}
