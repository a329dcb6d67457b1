//go:build !386 && !arm && !mips && !mipsle

package seccomp

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// The tests below load filters. That cannot be undone, so each is done by this
// test binary started again, with a script of what to do in its argument.
const helperVar = "MINI_SECCOMP_HELPER"

// A script is loaded with the profile, then makes the calls and prints one
// errno name a line; or executes a program.
type script struct {
	Profile *specs.LinuxSeccomp
	Calls   [][]uintptr // number, arguments
	Exec    []string
}

func TestMain(m *testing.M) {
	if s := os.Getenv(helperVar); s != "" {
		fmt.Fprintln(os.Stderr, helper(s))
		os.Exit(99)
	}
	os.Exit(m.Run())
}

// helper does not return if all goes well.
func helper(text string) error {
	var s script
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	if err := os.Unsetenv(helperVar); err != nil {
		return err
	}
	prog, err := Compile(s.Profile)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	if err := load(prog); err != nil {
		return err
	}
	if len(s.Exec) > 0 {
		return syscall.Exec(s.Exec[0], s.Exec, os.Environ())
	}
	for _, c := range s.Calls {
		var a [7]uintptr
		copy(a[:], c)
		_, _, errno := syscall.RawSyscall6(a[0], a[1], a[2], a[3], a[4], a[5], a[6])
		name := "ok"
		if errno != 0 {
			name = unix.ErrnoName(errno)
		}
		fmt.Println(name)
	}
	os.Exit(0)
	return nil
}

func load(prog Program) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl: %w", err)
	}
	fprog := unix.SockFprog{Len: uint16(len(prog.Instructions)), Filter: &prog.Instructions[0]}
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, uintptr(prog.Flags), uintptr(unsafe.Pointer(&fprog)))
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	return nil
}

func start(t *testing.T, s script) (string, error) {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), helperVar+"="+string(text))
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// letPass is a profile that lets everything pass but what the entries say.
func letPass(list ...specs.LinuxSyscall) *specs.LinuxSeccomp {
	return profile(specs.ActAllow, list...)
}

func TestKernel(t *testing.T) {
	errno := func(n uint, s specs.LinuxSyscall) specs.LinuxSyscall {
		s.Action, s.ErrnoRet = specs.ActErrno, &n
		return s
	}
	const nr = unix.SYS_GETPRIORITY // any call with arguments that Go does not make by itself
	wide := uint64(1<<40 | 7)
	cases := []struct {
		name  string
		p     *specs.LinuxSeccomp
		calls [][]uintptr
		want  string
	}{
		{"errno asked for", letPass(errno(5, allow("getpgid"))), [][]uintptr{{unix.SYS_GETPGID}}, "EIO"},
		{"EPERM by default", letPass(entryOf(specs.ActErrno, "getpgid")), [][]uintptr{{unix.SYS_GETPGID}}, "EPERM"},
		{"log lets pass", letPass(entryOf(specs.ActLog, "getpgid")), [][]uintptr{{unix.SYS_GETPGID}}, "ok"},
		{"trace without a tracer", letPass(entryOf(specs.ActTrace, "getpgid")), [][]uintptr{{unix.SYS_GETPGID}}, "ENOSYS"},
		{"equal", letPass(errno(5, allow("getpriority", arg(2, specs.OpEqualTo, wide)))), [][]uintptr{{nr, 0, 0, 1<<40 | 7}, {nr, 0, 0, 7}, {nr, 0, 0, 1 << 40}}, "EIO ok ok"},
		{"not equal", letPass(errno(5, allow("getpriority", arg(2, specs.OpNotEqual, wide)))), [][]uintptr{{nr, 0, 0, 1<<40 | 7}, {nr, 0, 0, 7}, {nr, 0, 0, 1 << 40}}, "ok EIO EIO"},
		{"less", letPass(errno(5, allow("getpriority", arg(2, specs.OpLessThan, wide)))), [][]uintptr{{nr, 0, 0, 1<<40 | 6}, {nr, 0, 0, 1<<40 | 7}, {nr, 0, 0, 1<<41 | 1}, {nr, 0, 0, 8}}, "EIO ok ok EIO"},
		{"less or equal", letPass(errno(5, allow("getpriority", arg(2, specs.OpLessEqual, wide)))), [][]uintptr{{nr, 0, 0, 1<<40 | 7}, {nr, 0, 0, 1<<40 | 8}, {nr, 0, 0, 1<<41 | 1}}, "EIO ok ok"},
		{"greater", letPass(errno(5, allow("getpriority", arg(2, specs.OpGreaterThan, wide)))), [][]uintptr{{nr, 0, 0, 1<<40 | 8}, {nr, 0, 0, 1<<40 | 7}, {nr, 0, 0, 1<<41 | 1}, {nr, 0, 0, 8}}, "EIO ok EIO ok"},
		{"greater or equal", letPass(errno(5, allow("getpriority", arg(2, specs.OpGreaterEqual, wide)))), [][]uintptr{{nr, 0, 0, 1<<40 | 7}, {nr, 0, 0, 1<<40 | 6}}, "EIO ok"},
		{"masked", letPass(errno(5, allow("getpriority", arg(2, specs.OpMaskedEqual, 1<<40|0xf0, 1<<40)))), [][]uintptr{{nr, 0, 0, 1<<40 | 7}, {nr, 0, 0, 1<<40 | 0x17}, {nr, 0, 0, 7}}, "EIO ok ok"},
		{"newer than the profile", Default(nil), [][]uintptr{{9999}, {unix.SYS_BPF}, {unix.SYS_CLONE3}}, "ENOSYS EPERM ENOSYS"},
		{"default: namespaces", Default(nil), [][]uintptr{{unix.SYS_UNSHARE, unix.CLONE_NEWUTS}, {unix.SYS_UNSHARE, unix.CLONE_NEWTIME}, {unix.SYS_SETNS, 0, 0}}, "EPERM EPERM EPERM"},
		{"default: unshare of files", Default(nil), [][]uintptr{{unix.SYS_UNSHARE, unix.CLONE_FILES}}, "ok"},
		{"default: sockets", Default(nil), [][]uintptr{{unix.SYS_SOCKET, unix.AF_VSOCK, 1}, {unix.SYS_SOCKET, unix.AF_ALG, 5}, {unix.SYS_SOCKET, 1<<32 | unix.AF_VSOCK, 1}, {unix.SYS_SOCKET, unix.AF_INET, 1}}, "EPERM EPERM EPERM ok"},
		{"default: keys and rings", Default(nil), [][]uintptr{{unix.SYS_KEYCTL}, {unix.SYS_ADD_KEY}, {unix.SYS_IO_URING_SETUP}, {unix.SYS_USERFAULTFD}, {unix.SYS_PERF_EVENT_OPEN}}, "EPERM EPERM EPERM EPERM EPERM"},
		{"default: personality", Default(nil), [][]uintptr{{unix.SYS_PERSONALITY, 0xffffffff}, {unix.SYS_PERSONALITY, 0x0040000}}, "ok EPERM"},
		{"default with CAP_BPF", Default([]string{"CAP_BPF"}), [][]uintptr{{unix.SYS_BPF, 9999}}, "EINVAL"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, err := start(t, script{Profile: c.p, Calls: c.calls})
			if got := strings.Join(strings.Fields(out), " "); err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// TestKernelKills kills a program of one thread, so that all kinds of killing,
// and a trap that nobody catches, end it the same way.
func TestKernelKills(t *testing.T) {
	mkdir, err := exec.LookPath("mkdir")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []specs.LinuxSeccompAction{specs.ActKill, specs.ActKillThread, specs.ActKillProcess, specs.ActTrap} {
		out, err := start(t, script{Profile: letPass(entryOf(a, "mkdir mkdirat")), Exec: []string{mkdir, "x"}})
		if !killed(err) {
			t.Errorf("%s: got %v, %q, want an exit by SIGSYS", a, err, out)
		}
	}
}

func killed(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == unix.SIGSYS
}

// TestKernelArchitectures makes calls of x86_64's two other ABIs.
func TestKernelArchitectures(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("int $0x80 and x32 are x86_64's")
	}
	program := filepath.Join(t.TempDir(), "exit32")
	if err := os.WriteFile(program, exit32(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := exec.CommandContext(t.Context(), program).Run(); errors.Is(err, unix.ENOEXEC) {
		t.Skip("this kernel runs no 32-bit programs (CONFIG_IA32_EMULATION)")
	} else if err != nil {
		t.Fatal(err)
	}
	listed := letPass(entryOf(specs.ActErrno, "getpgid"))
	listed.Architectures = []specs.Arch{specs.ArchX86}
	if out, err := start(t, script{Profile: listed, Exec: []string{program}}); err != nil {
		t.Errorf("x86 listed: got %v, %q", err, out)
	}
	other := letPass(entryOf(specs.ActErrno, "getpgid"))
	if out, err := start(t, script{Profile: other, Exec: []string{program}}); !killed(err) {
		t.Errorf("x86 not listed: got %v, %q, want an exit by SIGSYS", err, out)
	}
	if out, err := start(t, script{Profile: other, Calls: [][]uintptr{{x32Bit | unix.SYS_GETPID}}}); !killed(err) {
		t.Errorf("x32 not listed: got %v, %q, want an exit by SIGSYS", err, out)
	}
}

// exit32 is a 32-bit program that exits with 0.
func exit32() []byte {
	code := []byte{
		0x31, 0xdb, // xor ebx, ebx
		0x31, 0xc0, // xor eax, eax
		0x40,       // inc eax: exit(2)
		0xcd, 0x80, // int 0x80
	}
	const base, headers = 0x08048000, 52 + 32
	size := uint32(headers + len(code))
	var b bytes.Buffer
	for _, part := range []any{
		elf.Header32{
			Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS32), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
			Type:  uint16(elf.ET_EXEC), Machine: uint16(elf.EM_386), Version: uint32(elf.EV_CURRENT),
			Entry: base + headers, Phoff: 52, Ehsize: 52, Phentsize: 32, Phnum: 1,
		},
		elf.Prog32{Type: uint32(elf.PT_LOAD), Vaddr: base, Paddr: base, Filesz: size, Memsz: size, Flags: uint32(elf.PF_R | elf.PF_X), Align: 4096},
		code,
	} {
		_ = binary.Write(&b, binary.LittleEndian, part) // to a Buffer: cannot fail
	}
	return b.Bytes()
}

// TestKernelFlags has the kernel take every flag that is passed on.
func TestKernelFlags(t *testing.T) {
	p := letPass(entryOf(specs.ActErrno, "getpgid"))
	p.Flags = []specs.LinuxSeccompFlag{specs.LinuxSeccompFlagLog, specs.LinuxSeccompFlagSpecAllow,
		specs.LinuxSeccompFlagWaitKillableRecv, "SECCOMP_FILTER_FLAG_TSYNC"}
	if out, err := start(t, script{Profile: p, Calls: [][]uintptr{{unix.SYS_GETPGID}}}); err != nil || out != "EPERM" {
		t.Errorf("got %q, %v; want EPERM", out, err)
	}
}

// TestDefaultRunsPrograms runs what is on this machine under the default
// profile.
func TestDefaultRunsPrograms(t *testing.T) {
	programs := [][]string{
		{"sh", "-c", "ls / | cat >/dev/null && (echo a; sleep 0) | grep -q a && mkdir d && touch d/f && mv d/f d/g && rm -r d && echo ok"},
		{"bash", "-c", "coproc cat; kill $COPROC_PID; wait; mkfifo p && (echo x >p &) && cat p >/dev/null; echo ok"},
		{"busybox", "sh", "-c", "busybox ls / >/dev/null && busybox ps >/dev/null && echo ok"},
		{"perl", "-e", "use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0) or die; fork // die; wait; print qq(ok\n) if $$ == getppid || 1"},
		{"python3", "-c", pythonProgram},
		{"node", "-e", "const w = new (require('worker_threads').Worker)('1', {eval: true}); w.on('exit', () => require('child_process').exec('true', () => console.log('ok')))"},
		{"go", "version"},
		{"git", "version"},
		{"openssl", "rand", "-hex", "4"},
		{"nginx", "-v"},
		{"redis-server", "--version"},
		{"java", "-version"},
	}
	found := 0
	for _, p := range programs {
		path, err := exec.LookPath(p[0])
		if err != nil {
			continue
		}
		found++
		t.Run(p[0], func(t *testing.T) {
			path, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			out, err := start(t, script{Profile: Default(nil), Exec: append([]string{path}, p[1:]...)})
			if err != nil || strings.Contains(strings.Join(p, " "), "ok") && !strings.Contains(out, "ok") {
				t.Errorf("got %v: %s", err, out)
			}
		})
	}
	if found == 0 {
		t.Error("none of the programs is there, not even sh")
	}
}

const pythonProgram = `
import os, socket, subprocess, threading, multiprocessing, tempfile, select, time, mmap, fcntl, signal, asyncio
t = threading.Thread(target=time.sleep, args=(0,)); t.start(); t.join()
assert subprocess.check_output(["echo", "x"]) == b"x\n"
a, b = socket.socketpair(); a.send(b"1"); assert b.recv(1) == b"1"
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
c = socket.create_connection(s.getsockname()); s.accept()
with tempfile.NamedTemporaryFile() as f: f.write(b"x"); f.flush(); os.fsync(f.fileno()); fcntl.flock(f, fcntl.LOCK_EX)
m = mmap.mmap(-1, 4096); p = multiprocessing.get_context("fork").Process(target=int); p.start(); p.join(); assert p.exitcode == 0
async def main(): await (await asyncio.create_subprocess_exec("true")).wait()
asyncio.run(main())
print("ok")
`
