package cgroups

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// run interprets a program for one request and returns its verdict. It knows
// the instructions that deviceProgram uses and fails on any other, on a jump
// out of the program, on a read of a register never set, and on a loop.
func run(t testing.TB, p []insn, kind, access, major, minor uint32) bool {
	t.Helper()
	context := map[int16]uint64{0: uint64(access<<16 | kind), 4: uint64(major), 8: uint64(minor)}
	var reg [11]uint64
	set := [11]bool{regContext: true}
	for pc, steps := 0, 0; ; pc, steps = pc+1, steps+1 {
		if pc < 0 || pc >= len(p) || steps > len(p) {
			t.Fatalf("left the program at %d after %d steps", pc, steps)
		}
		in := p[pc]
		dst, src := in.Regs&15, in.Regs>>4
		switch in.Code {
		case opLoadWord:
			value, ok := context[in.Off]
			if src != regContext || !ok {
				t.Fatalf("%d: load of %d from r%d", pc, in.Off, src)
			}
			reg[dst], set[dst] = value, true
		case opMov32:
			if !set[src] {
				t.Fatalf("%d: r%d was never set", pc, src)
			}
			reg[dst], set[dst] = uint64(uint32(reg[src])), true
		case opMov64:
			if !set[src] {
				t.Fatalf("%d: r%d was never set", pc, src)
			}
			reg[dst], set[dst] = reg[src], true
		case opOr64, opJneReg:
			if !set[src] || !set[dst] {
				t.Fatalf("%d: r%d or r%d was never set", pc, dst, src)
			}
			if in.Code == opOr64 {
				reg[dst] |= reg[src]
			} else if reg[dst] != reg[src] {
				pc += int(in.Off)
			}
		case opLoadImm:
			if pc++; pc == len(p) || p[pc].Code != 0 {
				t.Fatalf("%d: half an instruction", pc)
			}
			reg[dst], set[dst] = uint64(uint32(p[pc].Imm))<<32|uint64(uint32(in.Imm)), true
		case opMovImm:
			reg[dst], set[dst] = uint64(int64(in.Imm)), true
		case opExit:
			return reg[regVerdict] != 0
		default:
			if !set[dst] {
				t.Fatalf("%d: r%d was never set", pc, dst)
			}
			pc += arithmetic(t, in, &reg[dst])
		}
	}
}

// arithmetic does the instructions of one register and a constant, and returns
// by how much to jump.
func arithmetic(t testing.TB, in insn, r *uint64) int {
	imm := uint64(int64(in.Imm))
	switch in.Code {
	case opAnd32Imm:
		*r = uint64(uint32(*r) & uint32(in.Imm))
	case opRsh32Imm:
		*r = uint64(uint32(*r) >> in.Imm)
	case opLsh64Imm:
		*r <<= in.Imm
	case opJeqImm:
		if *r == imm {
			return int(in.Off)
		}
	case opJneImm:
		if *r != imm {
			return int(in.Off)
		}
	default:
		t.Fatalf("unknown instruction %#x", in.Code)
	}
	return 0
}

// allowed is the rule said plainly: for each letter of the request the last
// rule that matches the device and has the letter decides.
func allowed(rules []rule, kind, access, major, minor uint32) bool {
	for bit := uint32(1); bit <= accAll; bit <<= 1 {
		if access&bit == 0 {
			continue
		}
		verdict := false
		for _, r := range rules {
			if (r.kind == 0 || r.kind == kind) && (r.major < 0 || r.major == int64(major)) &&
				(r.minor < 0 || r.minor == int64(minor)) && r.access&bit != 0 {
				verdict = r.allow
			}
		}
		if !verdict {
			return false
		}
	}
	return true
}

// compare runs every kind and access over the devices that the rules name and
// their neighbours.
func compare(t testing.TB, rules []rule) {
	t.Helper()
	p := deviceProgram(rules)
	numbers := func(pick func(rule) int64) []uint32 {
		list := []uint32{0, 1}
		for _, r := range rules {
			if n := pick(r); n >= 0 {
				list = append(list, uint32(n), uint32(n)+1)
			}
		}
		return list
	}
	majors, minors := numbers(func(r rule) int64 { return r.major }), numbers(func(r rule) int64 { return r.minor })
	for _, kind := range []uint32{devBlock, devChar} {
		for access := uint32(1); access <= accAll; access++ {
			for _, major := range majors {
				for _, minor := range minors {
					got, want := run(t, p, kind, access, major, minor), allowed(rules, kind, access, major, minor)
					if got != want {
						t.Fatalf("rules %v: kind %d access %d %d:%d is %v, want %v", rules, kind, access, major, minor, got, want)
					}
				}
			}
		}
	}
}

func TestDeviceProgram(t *testing.T) {
	for _, text := range []string{
		`[]`,
		`[{"allow":false,"access":"rwm"}]`,
		`[{"allow":true,"access":"rwm"}]`,
		`[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":1,"minor":3,"access":"r"}]`,
		`[{"allow":true,"type":"c","major":1,"minor":3,"access":"r"},{"allow":true,"type":"c","major":1,"minor":3,"access":"w"}]`,
		`[{"allow":true,"access":"rwm"},{"allow":false,"type":"b","access":"w"},{"allow":true,"type":"b","major":8,"access":"w"}]`,
		`[{"allow":true,"type":"c","major":1,"access":"rwm"},{"allow":false,"type":"a","access":"rwm"}]`,
		`[{"allow":true,"type":"c","major":1,"minor":3,"access":"rwm"},{"allow":true,"type":"b","major":1,"minor":3,"access":"rwm"},
			{"allow":true,"type":"b","minor":5,"access":"rwm"},{"allow":true,"type":"b","major":4095,"minor":1048575,"access":"rwm"}]`,
		`[{"allow":false,"type":"c","minor":3,"access":"w"},{"allow":true,"type":"c","access":"rwm"},{"allow":true,"type":"c","major":7,"minor":0,"access":"rwm"},
			{"allow":false,"type":"c","major":7,"access":"r"},{"allow":true,"access":"m"}]`,
		`[{"allow":false,"access":"m"},{"allow":true,"type":"a","major":-1,"minor":5,"access":"rm"},{"allow":false,"type":"c","major":4095,"minor":1048575,"access":"r"}]`,
	} {
		for _, defaults := range []bool{false, true} {
			list, err := parseList(text, defaults)
			if err != nil {
				t.Fatal(text, err)
			}
			compare(t, list)
		}
	}
}

func parseList(text string, defaults bool) ([]rule, error) {
	var list []specs.LinuxDeviceCgroup
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	if defaults {
		list = append(list, DefaultDevices()...)
	}
	var rules []rule
	for i, l := range list {
		r, err := parseRule(fmt.Sprint("/", i), l)
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func FuzzDeviceProgram(f *testing.F) {
	f.Add([]byte(`[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":1,"minor":3,"access":"r"}]`), true)
	f.Add([]byte(`[{"allow":true,"type":"b","access":"mmr"}]`), false)
	f.Fuzz(func(t *testing.T, text []byte, defaults bool) {
		if rules, err := parseList(string(text), defaults); err == nil && len(rules) < 20 {
			compare(t, rules)
		}
	})
}

func TestDeviceRulesRefused(t *testing.T) {
	for _, c := range []struct{ rule, field, text string }{
		{`{"type":"p","access":"r"}`, "type", "not a, b or c"},
		{`{"type":"c"}`, "access", "empty"},
		{`{"access":"rx"}`, "access", "'x'"},
		{`{"major":4096,"access":"r"}`, "major", "4096"},
		{`{"minor":-2,"access":"r"}`, "minor", "-2"},
	} {
		var l specs.LinuxDeviceCgroup
		if err := json.Unmarshal([]byte(c.rule), &l); err != nil {
			t.Fatal(err)
		}
		_, err := compileDevices([]specs.LinuxDeviceCgroup{l}, false)
		wantField(t, err, "/linux/resources/devices/0/"+c.field, c.text)
	}
}

func TestDeviceOpTellsDenyOnly(t *testing.T) {
	for text, want := range map[string]bool{
		`{"devices":[{"allow":false,"access":"rwm"}]}`:                                                     true,
		`{"devices":[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":10,"access":"rwm"}]}`: false,
	} {
		s, err := Plan(Config{Path: "/a", Resources: resources(t, text), DefaultDevices: true}, host())
		if err != nil {
			t.Fatal(err)
		}
		op, ok := s.Limits[len(s.Limits)-1].(*DeviceOp)
		if !ok || op.DenyOnly() != want {
			t.Errorf("%s: %v, DenyOnly is not %v", text, op, want)
		}
	}
}

func TestDefaultDevicesAreValid(t *testing.T) {
	for _, l := range DefaultDevices() {
		if _, err := parseRule("", l); err != nil {
			t.Error(err)
		}
	}
}

// TestSurelyFit tries the longest code that a rule can have.
func TestSurelyFit(t *testing.T) {
	one := int64(1)
	list := make([]specs.LinuxDeviceCgroup, surelyFit)
	for i := range list {
		list[i] = specs.LinuxDeviceCgroup{Type: "c", Major: &one, Minor: &one, Access: "r"}
	}
	d, err := compileDevices(list, true)
	if err != nil || len(d.program()) > maxInsns {
		t.Errorf("%v, %d instructions", err, len(d.program()))
	}
}
