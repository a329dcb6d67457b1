package process

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
)

// header is the beginning of a program file, as far as it says how it is run.
type header struct {
	elf         bool
	machine     uint16 // e_machine of elf(5)
	interpreter string // PT_INTERP of an ELF file, or what follows #!
}

// machines are the e_machine numbers that people meet.
var machines = map[uint16]string{
	3: "i386", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm",
	62: "x86_64", 183: "aarch64", 243: "riscv", 258: "loongarch",
}

var ownMachine = map[string]string{
	"386": "i386", "amd64": "x86_64", "arm": "arm", "arm64": "aarch64",
	"riscv64": "riscv", "ppc64le": "ppc64", "s390x": "s390x", "loong64": "loongarch",
}[runtime.GOARCH]

func (h header) machineName() string {
	if name, ok := machines[h.machine]; ok {
		return name
	}
	return fmt.Sprintf("machine %d", h.machine)
}

// foreign tells that the file is for another machine than this.
func (h header) foreign() bool { return h.elf && h.machineName() != ownMachine }

// parseHeader reads the first bytes of a file. It never fails: what it cannot
// read is left empty.
func parseHeader(b []byte) header {
	switch {
	case bytes.HasPrefix(b, []byte("#!")):
		return header{interpreter: scriptInterpreter(b[2:])}
	case bytes.HasPrefix(b, []byte("\x7fELF")) && len(b) >= 52:
		return parseELF(b)
	}
	return header{}
}

// scriptInterpreter is the first word of a #! line; execve(2) "Interpreter
// scripts". A carriage return is kept, since the kernel keeps it.
func scriptInterpreter(b []byte) string {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	word := strings.Trim(string(line), " \t")
	if i := strings.IndexAny(word, " \t\x00"); i >= 0 {
		word = word[:i]
	}
	return word
}

// parseELF reads e_machine and PT_INTERP; elf(5).
func parseELF(b []byte) header {
	var order binary.ByteOrder = binary.LittleEndian
	if b[5] == 2 {
		order = binary.BigEndian
	}
	h := header{elf: true, machine: order.Uint16(b[18:])}
	table, size, count := uint64(order.Uint32(b[28:])), order.Uint16(b[42:]), order.Uint16(b[44:])
	if wide := b[4] == 2; wide {
		if len(b) < 64 {
			return h
		}
		table, size, count = order.Uint64(b[32:]), order.Uint16(b[54:]), order.Uint16(b[56:])
	}
	for i := range uint64(count) {
		if entry := window(b, table+i*uint64(size), uint64(size)); entry != nil && programType(order, entry) == ptInterp {
			h.interpreter = interpName(b, order, entry)
			break
		}
	}
	return h
}

const ptInterp = 3

func programType(order binary.ByteOrder, entry []byte) uint32 {
	if len(entry) < 32 {
		return 0
	}
	return order.Uint32(entry)
}

// interpName follows one program header: offset and size are 64 bits wide in
// entries of 56 bytes, 32 bits in those of 32.
func interpName(b []byte, order binary.ByteOrder, entry []byte) string {
	offset, size := uint64(order.Uint32(entry[4:])), uint64(order.Uint32(entry[16:]))
	if len(entry) >= 56 {
		offset, size = order.Uint64(entry[8:]), order.Uint64(entry[32:])
	}
	return strings.TrimRight(string(window(b, offset, size)), "\x00")
}

// window is b[offset:offset+size], or nil if that is not all there.
func window(b []byte, offset, size uint64) []byte {
	n := uint64(len(b))
	if size == 0 || offset > n || size > n-offset {
		return nil
	}
	return b[offset : offset+size]
}
