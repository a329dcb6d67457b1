package cgroups

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The few commands of bpf(2) that are needed. Each attr struct is the head of
// union bpf_attr as far as it is used; the kernel takes the rest as zero.

// programName marks our programs among those attached to a group.
const programName = "mini_devices"

// bpf keeps what the attr points to in place during the call: the pointers in
// it are numbers to Go.
func bpf(cmd uintptr, attr unsafe.Pointer, size uintptr, pointees ...any) (int, error) {
	var pin runtime.Pinner
	defer pin.Unpin()
	for _, p := range pointees {
		pin.Pin(p)
	}
	for tries := 0; ; tries++ {
		r, _, errno := unix.Syscall(unix.SYS_BPF, cmd, uintptr(attr), size)
		switch {
		case errno == 0:
			return int(r), nil
		case errno == unix.EAGAIN && tries < 5: // a signal, maybe Go's own, stopped the verifier
		default:
			return -1, errno
		}
	}
}

// loadProgram returns a descriptor of the program.
func loadProgram(p []insn, name string) (int, error) {
	license := []byte("Apache-2.0\x00") // no helper is called that asks for GPL
	attr := &struct {
		progType, count     uint32
		insns, license      uint64
		logLevel, logSize   uint32
		logBuf              uint64
		kernelVersion, flag uint32
		name                [16]byte
	}{
		progType: unix.BPF_PROG_TYPE_CGROUP_DEVICE,
		count:    uint32(len(p)),
		insns:    address(unsafe.Pointer(&p[0])),
		license:  address(unsafe.Pointer(&license[0])),
	}
	copy(attr.name[:15], name)
	fd, err := bpf(unix.BPF_PROG_LOAD, unsafe.Pointer(attr), unsafe.Sizeof(*attr), &p[0], &license[0])
	if err != nil {
		return -1, fmt.Errorf("bpf BPF_PROG_LOAD: %w", err)
	}
	return fd, nil
}

func address(p unsafe.Pointer) uint64 { return uint64(uintptr(p)) }

type attachAttr struct{ target, prog, kind, flags, replace uint32 }

// attachProgram adds prog to the group, in place of the program replaced if
// that is not 0 (BPF_F_REPLACE, Linux 5.6).
func attachProgram(dir *os.File, prog, replaced int) error {
	attr := &attachAttr{uint32(dir.Fd()), uint32(prog), unix.BPF_CGROUP_DEVICE, unix.BPF_F_ALLOW_MULTI, uint32(replaced)}
	if replaced != 0 {
		attr.flags |= unix.BPF_F_REPLACE
	}
	if _, err := bpf(unix.BPF_PROG_ATTACH, unsafe.Pointer(attr), unsafe.Sizeof(*attr)); err != nil {
		return fmt.Errorf("bpf BPF_PROG_ATTACH: %w", err)
	}
	return nil
}

func detachProgram(dir *os.File, prog int) error {
	attr := &attachAttr{target: uint32(dir.Fd()), prog: uint32(prog), kind: unix.BPF_CGROUP_DEVICE}
	if _, err := bpf(unix.BPF_PROG_DETACH, unsafe.Pointer(attr), unsafe.Sizeof(*attr)); err != nil {
		return fmt.Errorf("bpf BPF_PROG_DETACH: %w", err)
	}
	return nil
}

// attachedPrograms lists the ids of the device programs attached to the group
// itself, not to those above it. The kernel allows 64.
func attachedPrograms(dir *os.File) ([]uint32, error) {
	ids := make([]uint32, 64)
	attr := &struct {
		target, kind, queryFlags, attachFlags uint32
		ids                                   uint64
		count, _                              uint32
	}{target: uint32(dir.Fd()), kind: unix.BPF_CGROUP_DEVICE, ids: address(unsafe.Pointer(&ids[0])), count: uint32(len(ids))}
	if _, err := bpf(unix.BPF_PROG_QUERY, unsafe.Pointer(attr), unsafe.Sizeof(*attr), &ids[0]); err != nil {
		return nil, fmt.Errorf("bpf BPF_PROG_QUERY: %w", err)
	}
	return ids[:min(int(attr.count), len(ids))], nil
}

// programByID needs CAP_SYS_ADMIN, as loading does on most hosts.
func programByID(id uint32) (int, error) {
	attr := &struct{ id, next, flags uint32 }{id: id}
	return bpf(unix.BPF_PROG_GET_FD_BY_ID, unsafe.Pointer(attr), unsafe.Sizeof(*attr))
}

// nameOfProgram reads struct bpf_prog_info as far as the name.
func nameOfProgram(fd int) (string, error) {
	info := &struct {
		_    [64]byte // type, id, tag, lengths, instructions, load time, uid, map ids
		name [16]byte
	}{}
	attr := &struct {
		fd, size uint32
		info     uint64
	}{uint32(fd), uint32(unsafe.Sizeof(*info)), address(unsafe.Pointer(info))}
	if _, err := bpf(unix.BPF_OBJ_GET_INFO_BY_FD, unsafe.Pointer(attr), unsafe.Sizeof(*attr), info); err != nil {
		return "", fmt.Errorf("bpf BPF_OBJ_GET_INFO_BY_FD: %w", err)
	}
	name, _, _ := bytes.Cut(info.name[:], []byte{0})
	return string(name), nil
}
