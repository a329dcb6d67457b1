package cgroups

import (
	"path"
	"strings"
)

// # Cgroups that systemd makes
//
// Where systemd runs it owns the tree of cgroups, and a service that wants one
// of its own asks for it: for a scope, a unit that is a cgroup with processes
// which somebody else has started. With Delegate=yes all below is left to us.
// What is not left to us are the files of the scope's own cgroup: systemd
// writes those it has a property for, and writes them again with each
// daemon-reload. So a limit is given twice, as the property, if there is one,
// and by its file: systemd rounds some, and not every file has a property.
//
// A scope cannot be made without a process, and ends with its last one. Init
// comes too late to be that process: it is born in its cgroup, which spares a
// wait of milliseconds, and is the only way to a cgroup namespace whose root is
// the container's. So the caller starts a keeper, a process that does nothing,
// has systemd put it into the new scope, and ends it once init is there.
//
// The limit of tasks is set last, as without systemd: the keeper must be gone
// and init have its threads.
//
// In the end we kill what is in the cgroup and remove it; systemd sees that and
// drops the scope. It is asked to stop the scope all the same, which returns
// when it has: whoever gets our exit status can use the name again.
// Asking first would mean SIGTERM, and up to 90 seconds until SIGKILL.
//
// The client of D-Bus is our own, of the few types that are needed. The
// libraries for that pay for all of it (reflection, introspection, a goroutine)
// in each start of mini, and in init, which never talk to systemd.

// Systemd is what its driver has to know beside the Config.
type Systemd struct {
	ID string // for the name of a unit that Path does not name
	// Description is how the unit is told from another of the same name; see
	// StopUnit. It must be the same for nobody else.
	Description string
	// Keeper is the process to begin the scope with; see the comment above. To
	// be set before the operation is done, which a slice does without.
	Keeper *int
	// Annotations are the container's; see PropertyPrefix.
	Annotations map[string]string
}

// unit is a scope, or a slice, that systemd makes for a container.
type unit struct {
	name  string // mini-abc.scope
	slice string // that it is in: system.slice
}

// The slices of what says no other, of the system and of a user.
const (
	defaultSlice     = "system.slice"
	defaultUserSlice = "user.slice"
)

// parseUnit reads linux.cgroupsPath as systemd's driver wants it:
// slice:prefix:name is prefix-name.scope in that slice, and a name that ends in
// .slice is that slice. Without a path it is mini-<id>.scope.
func parseUnit(p, id, home string) (unit, error) {
	const field = "/linux/cgroupsPath"
	if p == "" {
		p = ":mini:" + id
	}
	parts := strings.Split(p, ":")
	if len(parts) != 3 {
		return unit{}, refuse(field, "%q is not of the form slice:prefix:name, which --systemd-cgroup wants", p)
	}
	u := unit{slice: parts[0], name: parts[2]}
	if u.slice == "" {
		u.slice = home
	}
	if !u.isSlice() {
		u.name = strings.TrimPrefix(parts[1]+"-"+parts[2], "-") + ".scope"
	}
	if parts[2] == "" || !validUnit(u.name) {
		return unit{}, refuse(field, "%q: systemd takes no unit of the name %q (systemd.unit(5))", p, u.name)
	}
	_, ok := slicePath(u.slice)
	if u.isSlice() {
		_, named := slicePath(u.name)
		ok = ok && named && u.name != "-.slice"
	}
	if !ok {
		return unit{}, refuse(field, "%q has a name in it that no slice can have (systemd.slice(5))", p)
	}
	return u, nil
}

func (u unit) isSlice() bool { return strings.HasSuffix(u.name, ".slice") }

// path is the unit's cgroup below the mount point.
func (u unit) path() string {
	if u.isSlice() {
		at, _ := slicePath(u.name)
		return at
	}
	slice, _ := slicePath(u.slice)
	return path.Join(slice, u.name)
}

// slicePath is the cgroup of a slice: a-b.slice is in a.slice, and -.slice is
// the root (systemd.slice(5)).
func slicePath(name string) (at string, ok bool) {
	stem, ok := strings.CutSuffix(name, ".slice")
	if !ok || stem == "" || !validUnit(name) {
		return "", false
	}
	if at = "/"; stem == "-" {
		return at, true
	}
	prefix := ""
	for part := range strings.SplitSeq(stem, "-") {
		if part == "" {
			return "", false
		}
		prefix += part
		at = path.Join(at, prefix+".slice")
		prefix += "-"
	}
	return at, true
}

// validUnit tells whether systemd takes a name (systemd.unit(5)).
func validUnit(name string) bool {
	const others = `:-_.\@0123456789`
	return len(name) < 256 && strings.IndexFunc(name, func(r rune) bool {
		return !strings.ContainsRune(others, r) && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

// objectPath is the unit's in systemd's tree of objects: what is no letter or
// digit is written as its number (sd_bus_path_encode(3)).
func objectPath(unit string) string {
	const hexDigits = "0123456789abcdef"
	out := []byte("/org/freedesktop/systemd1/unit/")
	for i := range len(unit) {
		c := unit[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if letter || i > 0 && c >= '0' && c <= '9' {
			out = append(out, c)
		} else {
			out = append(out, '_', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return string(out)
}

// properties of the new unit, but for what its settings make of it.
func (u unit) properties(description string, keeper int) []property {
	list := []property{
		{"Description", description},
		{"DefaultDependencies", false}, // or it would be stopped early in a shutdown
		{"MemoryAccounting", true}, {"CPUAccounting", true}, {"IOAccounting", true}, {"TasksAccounting", true},
	}
	if u.isSlice() {
		return append(list, property{"Wants", []string{u.slice}})
	}
	return append(list,
		property{"Slice", u.slice},
		property{"Delegate", true},
		property{"CollectMode", "inactive-or-failed"},
		property{"PIDs", []uint32{uint32(keeper)}})
}
