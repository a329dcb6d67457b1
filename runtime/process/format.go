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

// machine is an e_machine number that people meet, and Go's name for it.
type machine struct {
	number     uint16
	name, arch string
}

var machines = []machine{
	{3, "i386", "386"}, {8, "mips", "mipsle"}, {20, "ppc", ""}, {21, "ppc64", "ppc64le"},
	{22, "s390x", "s390x"}, {40, "arm", "arm"}, {62, "x86_64", "amd64"},
	{183, "aarch64", "arm64"}, {243, "riscv", "riscv64"}, {258, "loongarch", "loong64"},
}

func (h header) machineName() string {
	for _, m := range machines {
		if m.number == h.machine {
			return m.name
		}
	}
	return fmt.Sprintf("machine %d", h.machine)
}

// ownMachine is what mini itself is built for.
func ownMachine() machine {
	for _, m := range machines {
		if m.arch == runtime.GOARCH {
			return m
		}
	}
	return machine{name: runtime.GOARCH}
}

// foreign tells that the file is for another machine than this.
func (h header) foreign() bool { return h.elf && h.machine != ownMachine().number }

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
