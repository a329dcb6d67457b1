package process

import (
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// elfFile is the least file the kernel takes for a program: a header, and
// perhaps the name of an interpreter.
func elfFile(machine uint16, interpreter string) string {
	b := make([]byte, 64+56)
	copy(b, "\x7fELF\x02\x01\x01")
	le := binary.LittleEndian
	le.PutUint16(b[16:], 2) // executable
	le.PutUint16(b[18:], machine)
	le.PutUint32(b[20:], 1)
	le.PutUint64(b[32:], 64) // program headers
	le.PutUint16(b[52:], 64)
	le.PutUint16(b[54:], 56)
	le.PutUint16(b[56:], 1)
	le.PutUint32(b[64:], ptInterp)
	le.PutUint64(b[64+8:], uint64(len(b)))
	le.PutUint64(b[64+32:], uint64(len(interpreter)+1))
	return string(b) + interpreter + "\x00"
}

func otherELF() uint16 {
	if ownMachine().number == 183 {
		return 62
	}
	return 183
}

func TestExecErrors(t *testing.T) {
	needRoot(t)
	root := newRoot(t, map[string]string{
		"bin/plain":        "text",
		"!bin/text":        "just text\n",
		"!bin/script":      "#! /bin/nosuch -x\n",
		"!bin/windows":     "#!/bin/sh\r\n",
		"!bin/dynamic":     elfFile(ownMachine().number, "/lib64/ld-nosuch.so.2"),
		"!bin/foreign":     elfFile(otherELF(), "/lib/ld.so"),
		"!bin/interp-mode": "#!/bin/plain\n",
		"!secret/tool":     "#!/bin/sh\n",
		"other/plain":      "text",
		"!noexec/tool":     "#!/bin/sh\n",
		"dir/":             "",
		"empty/":           "",
	})
	if err := os.Chmod(root+"/secret", 0o700); err != nil {
		t.Fatal(err)
	}
	symlink(t, "/proc/self/fd/9/true", root+"/bin/escape")
	for _, tt := range []struct {
		name, program, path string
		errno               unix.Errno
		exit                int
		texts               []string
	}{
		{"not in PATH", "foo", "/none:/bin", unix.ENOENT, 127,
			[]string{`exec "foo": executable file not found in $PATH (PATH=/none:/bin; /bin has: dynamic, `, "…"}},
		{"empty PATH directories", "foo", "/none:/empty", unix.ENOENT, 127, []string{"none of these directories has anything in it"}},
		{"no directories", "foo", "", unix.ENOENT, 127, []string{"executable file not found in $PATH"}},
		{"closed directory in PATH", "foo", "/bin:/secret", unix.EACCES, 126, []string{"permission denied", "user 1000 may not search its directory"}},
		{"first of those not executable", "plain", "/none:/bin:/other", unix.EACCES, 126, []string{"/bin/plain has mode 0644"}},
		{"no such file", "/bin/foo", "", unix.ENOENT, 127, []string{`exec "/bin/foo": no such file or directory (/bin has: `}},
		{"no such directory", "/opt/foo", "", unix.ENOENT, 127, []string{"there is no directory /opt"}},
		{"not executable", "/bin/plain", "", unix.EACCES, 126, []string{"permission denied", "/bin/plain has mode 0644, owner 0:0; the user is 1000:0"}},
		{"not executable in PATH", "plain", "/bin", unix.EACCES, 126, []string{`exec "plain": permission denied (/bin/plain has mode 0644`}},
		{"closed directory", "/secret/tool", "", unix.EACCES, 126, []string{"permission denied", "user 1000 may not search its directory"}},
		{"noexec", "/noexec/tool", "", unix.EACCES, 126, []string{"permission denied", "/noexec/tool has mode 0755", "it is on a mount with noexec"}},
		{"directory", "/dir", "", unix.EACCES, 126, []string{"is a directory: permission denied"}},
		{"directory in PATH", "dir", "/", unix.ENOENT, 127, []string{"executable file not found in $PATH"}},
		{"below a file", "/bin/plain/x", "", unix.ENOTDIR, 126, []string{"not a directory"}},
		{"text", "text", "/bin", unix.ENOEXEC, 126, []string{"exec format error", "neither an ELF program nor a script"}},
		{"script", "script", "/bin", unix.ENOENT, 127, []string{"no such file or directory (/bin/script is there, but its interpreter \"/bin/nosuch\" is not in the root file system"}},
		{"windows", "windows", "/bin", unix.ENOENT, 127, []string{`"/bin/sh\r"`, "line ends of Windows"}},
		{"dynamic", "dynamic", "/bin", unix.ENOENT, 127, []string{`its interpreter "/lib64/ld-nosuch.so.2" is not in the root file system`}},
		{"foreign", "foreign", "/bin", unix.ENOEXEC, 126, []string{"exec format error", "this machine is " + ownMachine().name}},
		{"interpreter's mode", "interp-mode", "/bin", unix.EACCES, 126, []string{"permission denied", `its interpreter is "/bin/plain"`}},
		{"magic link", "/proc/self/fd/9/true", "", unix.ELOOP, 126, []string{"magic link of /proc"}},
		{"link to a magic link", "/bin/escape", "", unix.ELOOP, 126, []string{"magic link of /proc"}},
		{"link to a magic link in PATH", "escape", "/bin", unix.ENOENT, 127, []string{"not found in $PATH"}},
	} {
		eachWay(t, tt.name, func(t *testing.T, way walker) {
			c := small()
			c.Process.Args = []string{tt.program}
			c.Process.Env = []string{"PATH=" + tt.path}
			c.Process.User.UID = 1000
			_, f := way(t, mile{Root: root, Config: c, Facts: probe(t), Outside: "/usr/bin"})
			if f == nil {
				t.Fatal("the program ran")
			}
			if f.Errno != int(tt.errno) || f.Exit != tt.exit {
				t.Errorf("got errno %v, exit status %d; want %v, %d (%s)", unix.Errno(f.Errno), f.Exit, tt.errno, tt.exit, f.Text)
			}
			for _, text := range tt.texts {
				if !strings.Contains(f.Text, text) {
					t.Errorf("got %q, want it to have %q", f.Text, text)
				}
			}
		})
	}
}

// HOME comes from a file that the container wrote.
func TestHomeOfHostilePasswd(t *testing.T) {
	needRoot(t)
	root := newRoot(t, nil)
	if err := unix.Mkfifo(root+"/etc/passwd", 0o644); err != nil {
		t.Fatal(err)
	}
	c := showing(func(c *Config) { c.Process.Env = []string{"PATH=/bin", "HOME="} })
	v := seen(t, mile{Root: root, Config: c, Facts: probe(t)})
	if got, _ := lookEnv(v.Env, "HOME"); got != "/" {
		t.Errorf("HOME: got %q, want /", got)
	}
}
