package cgroups

import (
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// rule is one line of linux.resources.devices, checked.
type rule struct {
	allow        bool
	kind         uint32 // devBlock, devChar, or 0 for both
	major, minor int64  // -1: any
	access       uint32 // accMknod, accRead, accWrite
}

// The numbers of struct bpf_cgroup_dev_ctx (linux/bpf.h).
const (
	devBlock = 1
	devChar  = 2

	accMknod = 1
	accRead  = 2
	accWrite = 4
	accAll   = accMknod | accRead | accWrite
)

// DefaultDevices are the rules that runc and crun add behind those of the
// config: mknod of anything (a node gives no access by itself, and the
// capability MKNOD is needed too), and use of null, zero, full, random,
// urandom, tty, console, ptmx and the ptys below /dev/pts.
func DefaultDevices() []specs.LinuxDeviceCgroup {
	allow := func(kind string, major, minor int64, access string) specs.LinuxDeviceCgroup {
		return specs.LinuxDeviceCgroup{Allow: true, Type: kind, Major: &major, Minor: &minor, Access: access}
	}
	return []specs.LinuxDeviceCgroup{
		allow("c", -1, -1, "m"),
		allow("b", -1, -1, "m"),
		allow("c", 1, 3, "rwm"),    // null
		allow("c", 1, 5, "rwm"),    // zero
		allow("c", 1, 7, "rwm"),    // full
		allow("c", 1, 8, "rwm"),    // random
		allow("c", 1, 9, "rwm"),    // urandom
		allow("c", 5, 0, "rwm"),    // tty
		allow("c", 5, 1, "rwm"),    // console
		allow("c", 5, 2, "rwm"),    // ptmx
		allow("c", 136, -1, "rwm"), // pts/*
	}
}

// deviceList is a checked list.
type deviceList struct {
	note
	asked    []rule // without the default devices
	defaults bool
}

// compileDevices checks the rules; nil for no rules.
func compileDevices(list []specs.LinuxDeviceCgroup, defaults bool) (*deviceList, error) {
	if len(list) == 0 {
		return nil, nil
	}
	field := resourceField("devices")
	d := &deviceList{
		note:     note{field, "the kernel asks this program at each open and mknod of a device; v2 has no file for it (bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE)"},
		defaults: defaults,
	}
	for i, l := range list {
		r, err := parseRule(field+"/"+strconv.Itoa(i), l)
		if err != nil {
			return nil, err
		}
		d.asked = append(d.asked, r)
	}
	if len(list) > surelyFit && len(d.program()) > maxInsns {
		return nil, refuse(field, "%d rules are more than fit in one program", len(list))
	}
	return d, nil
}

// surelyFit is a number of rules, the default ones apart, whose program has no
// more than maxInsns instructions, whatever they are: none takes twelve.
const surelyFit = 300

// program is made where it is needed: not by init, which plans but loads nothing.
func (d *deviceList) program() []insn {
	rules := d.asked[:len(d.asked):len(d.asked)]
	if d.defaults {
		for _, l := range DefaultDevices() {
			r, _ := parseRule(d.field, l) // a test holds that they are valid
			rules = append(rules, r)
		}
	}
	return deviceProgram(rules)
}

func parseRule(field string, l specs.LinuxDeviceCgroup) (rule, error) {
	r := rule{allow: l.Allow, major: -1, minor: -1}
	switch l.Type {
	case "", "a":
	case "b":
		r.kind = devBlock
	case "c":
		r.kind = devChar
	default:
		return r, refuse(field+"/type", "%q is not a, b or c", l.Type)
	}
	if l.Major != nil {
		r.major = *l.Major
	}
	if l.Minor != nil {
		r.minor = *l.Minor
	}
	switch {
	case r.major < -1 || r.major > maxMajor:
		return r, refuse(field+"/major", "%d is not a major number", r.major)
	case r.minor < -1 || r.minor > maxMinor:
		return r, refuse(field+"/minor", "%d is not a minor number", r.minor)
	case l.Access == "":
		return r, refuse(field+"/access", "empty; give some of r, w and m")
	}
	for _, c := range l.Access {
		bit := strings.IndexRune("mrw", c)
		if bit < 0 {
			return r, refuse(field+"/access", "%q has %q in it, which is not r, w or m", l.Access, c)
		}
		r.access |= 1 << bit
	}
	return r, nil
}

// everything tells whether the rule matches each request.
func (r rule) everything() bool {
	return r.kind == 0 && r.major < 0 && r.minor < 0 && r.access == accAll
}

// String is the form of the v1 devices files: "c 1:3 rwm".
func (r rule) String() string {
	var b strings.Builder
	b.WriteString([]string{"a", "b", "c"}[r.kind])
	b.WriteByte(' ')
	b.WriteString(numberOrStar(r.major))
	b.WriteByte(':')
	b.WriteString(numberOrStar(r.minor))
	b.WriteByte(' ')
	for i, c := range []byte("rwm") {
		if r.access&[]uint32{accRead, accWrite, accMknod}[i] != 0 {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func numberOrStar(n int64) string {
	if n < 0 {
		return "*"
	}
	return strconv.FormatInt(n, 10)
}
