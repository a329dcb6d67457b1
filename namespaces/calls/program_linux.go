package calls

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxCode is more than the program has.
const maxCode = 1024

// Program makes the program of a hand, in a file in memory that nobody can change
// (memfd_create(2), F_ADD_SEALS).
func Program() (*os.File, error) {
	fd, err := unix.MemfdCreate("mini", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_EXEC)
	if err == unix.EINVAL { // before Linux 6.3 all of them were executable
		fd, err = unix.MemfdCreate("mini", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	f := os.NewFile(uintptr(fd), "hand")
	text := unsafe.Slice((*byte)(word(uint64(handText()))), maxCode)
	if _, err := unix.Write(fd, elf(handCode(text))); err != nil {
		f.Close()
		return nil, fmt.Errorf("write: %w", err)
	}
	if err := unix.Fchmod(fd, 0o555); err != nil {
		f.Close()
		return nil, fmt.Errorf("fchmod: %w", err)
	}
	const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		f.Close()
		return nil, fmt.Errorf("fcntl F_ADD_SEALS: %w", err)
	}
	return f, nil
}

// machines are the e_machine of an ELF file (elf(5)).
var machines = map[string]uint16{"amd64": 62, "arm64": 183}

// elf puts code into an executable file of four segments: the code, the two parts of
// a hand's memory, which are not in the file, and the word that the stack is not
// executable.
func elf(code []byte) []byte {
	const head, entry = 64, 56
	const begin = head + 4*entry
	le := binary.LittleEndian
	p := append(make([]byte, 0, begin+len(code)), "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	p = le.AppendUint16(p, 2) // ET_EXEC
	p = le.AppendUint16(p, machines[runtime.GOARCH])
	p = le.AppendUint32(p, 1)
	for _, v := range []uint64{handBase + begin, head, 0} {
		p = le.AppendUint64(p, v)
	}
	p = le.AppendUint32(p, 0)
	for _, v := range []uint16{head, entry, 4, 0, 0, 0} {
		p = le.AppendUint16(p, v)
	}
	size := uint64(begin + len(code))
	p = segment(p, 1, 5, handBase, size, size) // PT_LOAD, read and execute
	p = segment(p, 1, 6, handData, 0, handDataEnd-handData)
	p = segment(p, 1, 6, handCalls, 0, handCallEnd-handCalls)
	p = segment(p, 0x6474e551, 6, 0, 0, 0) // PT_GNU_STACK
	return append(p, code...)
}

func segment(p []byte, kind, flags uint32, addr, size, memory uint64) []byte {
	le := binary.LittleEndian
	p = le.AppendUint32(p, kind)
	p = le.AppendUint32(p, flags)
	for _, v := range []uint64{0, addr, addr, size, memory, 0x1000} {
		p = le.AppendUint64(p, v)
	}
	return p
}
