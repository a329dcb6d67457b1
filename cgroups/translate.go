package cgroups

import (
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// setting is one write to one file of the group.
type setting struct {
	note
	file, value string
	other       *fallback // written instead where file does not exist
	optional    bool      // without the file the kernel behaves as if it was written
	check       bool      // no write: refuse if file has a value above this one
}

type fallback struct{ file, value string }

func (s setting) controller() string { return controllerOf(s.file) }

// op binds the setting to a group.
func (s setting) op(g *Group) Op {
	if s.check {
		return &check{note: s.note, group: g, file: s.file, limit: s.value}
	}
	return &write{setting: s, group: g}
}

// translation collects settings. The values of the specification are optional
// pointers to optional structs; here the structs always exist.
type translation struct {
	res      *specs.LinuxResources
	memory   specs.LinuxMemory
	cpu      specs.LinuxCPU
	blockIO  specs.LinuxBlockIO
	network  specs.LinuxNetwork
	settings *[]setting
	note     note
}

// translate runs the table over the resources.
func translate(r *specs.LinuxResources) ([]setting, error) {
	var out []setting
	t := translation{res: r, settings: &out}
	if r.Memory != nil {
		t.memory = *r.Memory
	}
	if r.CPU != nil {
		t.cpu = *r.CPU
	}
	if r.BlockIO != nil {
		t.blockIO = *r.BlockIO
	}
	if r.Network != nil {
		t.network = *r.Network
	}
	for _, row := range table() {
		if row.apply == nil {
			continue
		}
		t.note = note{resourceField(row.field), row.why}
		if err := row.apply(t); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func resourceField(name string) string { return "/linux/resources/" + name }

// write adds a setting and returns it for the rarer properties.
func (t translation) write(file, value string) *setting {
	*t.settings = append(*t.settings, setting{note: t.note, file: file, value: value})
	return &(*t.settings)[len(*t.settings)-1]
}

func (t translation) refuse(format string, args ...any) error {
	return refuse(t.note.field, format, args...)
}

// at is the translation of an element below the present field.
func (t translation) at(name string) translation {
	t.note.field += "/" + name
	return t
}

// given is the value behind p, and false for null and zero, which docker sends
// for "no setting".
func given[T int64 | uint64 | uint32 | uint16](p *T) (T, bool) {
	if p == nil || *p == 0 {
		return 0, false
	}
	return *p, true
}

// limitText writes a number as the kernel wants it; -1 is the specification's
// word for no limit.
func limitText(n int64) string {
	if n == -1 {
		return "max"
	}
	return strconv.FormatInt(n, 10)
}
