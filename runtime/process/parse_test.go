package process

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestHomeOf(t *testing.T) {
	const passwd = `
root:x:0:0:root:/root:/bin/sh
# comment
short:x:5:5
plus:x:+7:7::/plus:/bin/sh
space:x: 7:7::/space:/bin/sh
octal:x:007:7::/octal:/bin/sh
empty:x::7::/empty:/bin/sh
huge:x:4294967303:7::/huge:/bin/sh
seven:x:7:7:a b:/home/seven:/bin/sh
again:x:7:7::/again:/bin/sh
relative:x:8:8::home:/bin/sh
many:x:9:9::/many:/bin/sh:x
last:x:4294967294:1::/last:`
	for uid, want := range map[uint32]string{0: "/root", 5: "", 7: "/home/seven", 8: "", 9: "", 4294967294: "/last", 1: ""} {
		got, ok := homeOf(strings.NewReader(passwd), uid)
		if got != want || ok != (want != "") {
			t.Errorf("uid %d: got %q %v, want %q", uid, got, ok, want)
		}
	}
}

func FuzzHomeOf(f *testing.F) {
	f.Add("a:x:1:1::/home/a:/bin/sh\n", uint32(1))
	f.Add("a:x:-1:1::/:\nb:x:0x1:1::/b:", uint32(4294967295))
	f.Fuzz(func(t *testing.T, passwd string, uid uint32) {
		home, ok := homeOf(strings.NewReader(passwd), uid)
		if ok != strings.HasPrefix(home, "/") || strings.ContainsAny(home, ":\x00\n") {
			t.Errorf("got %q, %v", home, ok)
		}
		if ok && !strings.Contains(passwd, ":"+strconv.FormatUint(uint64(uid), 10)+":") {
			t.Errorf("user %d is not in %q", uid, passwd)
		}
	})
}

func TestRlimitNames(t *testing.T) {
	for name, want := range map[string]int{
		"RLIMIT_AS": unix.RLIMIT_AS, "RLIMIT_CORE": unix.RLIMIT_CORE, "RLIMIT_CPU": unix.RLIMIT_CPU,
		"RLIMIT_DATA": unix.RLIMIT_DATA, "RLIMIT_FSIZE": unix.RLIMIT_FSIZE, "RLIMIT_LOCKS": unix.RLIMIT_LOCKS,
		"RLIMIT_MEMLOCK": unix.RLIMIT_MEMLOCK, "RLIMIT_MSGQUEUE": unix.RLIMIT_MSGQUEUE, "RLIMIT_NICE": unix.RLIMIT_NICE,
		"RLIMIT_NOFILE": unix.RLIMIT_NOFILE, "RLIMIT_NPROC": unix.RLIMIT_NPROC, "RLIMIT_RSS": unix.RLIMIT_RSS,
		"RLIMIT_RTPRIO": unix.RLIMIT_RTPRIO, "RLIMIT_RTTIME": unix.RLIMIT_RTTIME,
		"RLIMIT_SIGPENDING": unix.RLIMIT_SIGPENDING, "RLIMIT_STACK": unix.RLIMIT_STACK,
	} {
		if n, ok := rlimitNumber(name); !ok || n != want {
			t.Errorf("%s: got %d %v, want %d", name, n, ok, want)
		}
	}
	for _, name := range []string{"", "NOFILE", "RLIMIT_", "RLIMIT_nofile", "RLIMIT_NOFILE "} {
		if n, ok := rlimitNumber(name); ok {
			t.Errorf("%q: got %d", name, n)
		}
	}
}

func FuzzRlimitName(f *testing.F) {
	f.Add("RLIMIT_NOFILE")
	f.Add("RLIMIT_")
	f.Fuzz(func(t *testing.T, name string) {
		if n, ok := rlimitNumber(name); ok && "RLIMIT_"+rlimitNames[n] != name {
			t.Errorf("%q is %s", name, rlimitNames[n])
		}
	})
}

func TestCapNames(t *testing.T) {
	if len(capNames) != unix.CAP_LAST_CAP+1 {
		t.Errorf("%d names, x/sys knows %d", len(capNames), unix.CAP_LAST_CAP+1)
	}
	for name, want := range map[string]int{
		"CAP_CHOWN": unix.CAP_CHOWN, "CAP_SYS_ADMIN": unix.CAP_SYS_ADMIN, "CAP_MKNOD": unix.CAP_MKNOD,
		"CAP_SETFCAP": unix.CAP_SETFCAP, "CAP_CHECKPOINT_RESTORE": unix.CAP_CHECKPOINT_RESTORE,
		"CAP_NET_RAW": unix.CAP_NET_RAW, "CAP_SYSLOG": unix.CAP_SYSLOG, "CAP_SYS_CHROOT": unix.CAP_SYS_CHROOT,
	} {
		if n, ok := capNumber(name); !ok || n != want {
			t.Errorf("%s: got %d %v, want %d", name, n, ok, want)
		}
	}
	for _, name := range []string{"", "CHOWN", "cap_chown", "CAP_chown", "CAP_", "CAP_ALL"} {
		if _, ok := capNumber(name); ok {
			t.Errorf("%q is taken for a capability", name)
		}
	}
	if got := (Caps(1)<<unix.CAP_KILL | 1<<unix.CAP_CHOWN | 1<<63).String(); got != "{chown,kill,cap_63}" {
		t.Errorf("got %s", got)
	}
}

func FuzzCapName(f *testing.F) {
	f.Add("CAP_CHOWN")
	f.Add("CAP_ſETUID") // a letter that folds to s
	f.Fuzz(func(t *testing.T, name string) {
		if n, ok := capNumber(name); ok && KnownCaps()[n] != name {
			t.Errorf("%q is taken for %s", name, KnownCaps()[n])
		}
	})
}

func TestCheckEnvKeepsLast(t *testing.T) {
	got, err := checkEnv([]string{"A=1", "B=", "A=2=3", "C=x"})
	if want := []string{"A=2=3", "B=", "C=x"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q %v, want %q", got, err, want)
	}
}

func TestSearch(t *testing.T) {
	files := map[string]error{
		"/a/x": unix.EACCES, "/b/x": nil, "/c/y": unix.EACCES, "/d/y": unix.ENOENT,
		"./here": nil, "/f/dir": errDirectory, "/abs": nil,
	}
	check := func(name string) error {
		if err, ok := files[name]; ok {
			return err
		}
		return unix.ENOENT
	}
	for _, tt := range []struct {
		name, dirs, want string
		err              error
	}{
		{"x", "/a:/b", "/b/x", nil},
		{"x", "/a", "", unix.EACCES},
		{"y", "/d:/c:/b", "", unix.EACCES},
		{"here", "/a::/b", "./here", nil},
		{"here", ".", "./here", nil},
		{"dir", "/f", "", ErrNotFound},
		{"z", "/a:/b", "", ErrNotFound},
		{"z", "", "", ErrNotFound},
		{"/abs", "/a", "/abs", nil},
		{"/none", "/a", "/none", unix.ENOENT},
	} {
		p := program{args: []string{tt.name}, env: []string{"PATH=" + tt.dirs}}
		got, err := p.search(check)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s in %q: got %q %v, want %q %v", tt.name, tt.dirs, got, err, tt.want, tt.err)
		}
	}
}

func TestParseHeader(t *testing.T) {
	for _, tt := range []struct {
		text string
		want header
	}{
		{"#!/bin/sh\n", header{interpreter: "/bin/sh"}},
		{"#! \t/usr/bin/env -S a b\n", header{interpreter: "/usr/bin/env"}},
		{"#!/bin/sh\r\n", header{interpreter: "/bin/sh\r"}},
		{"#!", header{}},
		{"text", header{}},
		{"\x7fELF", header{}},
		{elfFile(62, "/lib64/ld.so"), header{elf: true, machine: 62, interpreter: "/lib64/ld.so"}},
		{elfFile(999, "")[:100], header{elf: true, machine: 999}},
	} {
		if got := parseHeader([]byte(tt.text)); got != tt.want {
			t.Errorf("%q: got %+v, want %+v", tt.text, got, tt.want)
		}
	}
}

func FuzzParseHeader(f *testing.F) {
	f.Add([]byte("#!/bin/sh\n"))
	f.Add([]byte(elfFile(62, "/lib64/ld.so")))
	f.Add([]byte(strings.Replace(elfFile(62, "/lib64/ld.so"), "ELF\x02\x01", "ELF\x01\x02", 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h := parseHeader(b); !bytes.Contains(b, []byte(h.interpreter)) {
			t.Errorf("%q is not in the file", h.interpreter)
		}
	})
}

func TestParseNodes(t *testing.T) {
	mask, err := parseNodes("0-2, 64,1023")
	if err != nil || mask[0] != 7 || mask[1] != 1 || mask[15] != 1<<63 {
		t.Errorf("got %x, %v", mask, err)
	}
	for _, list := range []string{"a", "1-", "-1", "2-1", "0,,1", "1024", "0-99999999999"} {
		if _, err := parseNodes(list); err == nil {
			t.Errorf("%q was taken", list)
		}
	}
}

func FuzzParseNodes(f *testing.F) {
	f.Add("0-3,7")
	f.Fuzz(func(t *testing.T, list string) {
		if mask, err := parseNodes(list); err == nil && mask == (nodeMask{}) && strings.TrimSpace(list) != "" {
			t.Errorf("%q gave no nodes and no error", list)
		}
	})
}

// FuzzCPUs: what is taken names processors in ascending ranges, and some.
func FuzzCPUs(f *testing.F) {
	for _, list := range []string{"", "0", "0-3,7", "7,0-1", " 1", "1-", "-1", "3-1", "1024", "0,,1"} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		set, err := parseCPUs(list)
		if err == nil && (set.Count() == 0) != (list == "") {
			t.Errorf("%q is taken for %d processors", list, set.Count())
		}
	})
}
