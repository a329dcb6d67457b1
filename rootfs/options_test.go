package rootfs

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAttributes(t *testing.T) {
	const atimes = unix.MOUNT_ATTR__ATIME
	tests := []struct {
		list      string
		own, tree attrs
	}{
		{"", attrs{}, attrs{}},
		{"defaults,silent,loud,noiversion", attrs{}, attrs{}},
		{"ro", attrs{set: unix.MOUNT_ATTR_RDONLY}, attrs{}},
		{"ro,rw", attrs{clear: unix.MOUNT_ATTR_RDONLY}, attrs{}},
		{"rw,ro", attrs{set: unix.MOUNT_ATTR_RDONLY}, attrs{}},
		{"nosuid,nodev,noexec", attrs{set: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC}, attrs{}},
		{"nosuid,suid,dev,exec", attrs{clear: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC}, attrs{}},
		{"nodiratime,nosymfollow", attrs{set: unix.MOUNT_ATTR_NODIRATIME | unix.MOUNT_ATTR_NOSYMFOLLOW}, attrs{}},
		{"diratime,symfollow", attrs{clear: unix.MOUNT_ATTR_NODIRATIME | unix.MOUNT_ATTR_NOSYMFOLLOW}, attrs{}},
		{"noatime", attrs{unix.MOUNT_ATTR_NOATIME, atimes}, attrs{}},
		{"strictatime,relatime", attrs{0, atimes}, attrs{}},
		{"noatime,strictatime", attrs{unix.MOUNT_ATTR_STRICTATIME, atimes}, attrs{}},
		{"noatime,atime", attrs{0, atimes}, attrs{}},
		{"noatime,nostrictatime", attrs{unix.MOUNT_ATTR_NOATIME, atimes}, attrs{}},
		{"noatime,norelatime", attrs{unix.MOUNT_ATTR_NOATIME, atimes}, attrs{}},
		{"strictatime,nostrictatime", attrs{0, atimes}, attrs{}},
		{"norelatime", attrs{0, atimes}, attrs{}},
		{"rro,rnosuid,rnodev,rnoexec", attrs{}, attrs{set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC}},
		{"rro,rrw,rsuid,rdev,rexec", attrs{}, attrs{clear: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC}},
		{"rnodiratime,rnosymfollow", attrs{}, attrs{set: unix.MOUNT_ATTR_NODIRATIME | unix.MOUNT_ATTR_NOSYMFOLLOW}},
		{"rdiratime,rsymfollow", attrs{}, attrs{clear: unix.MOUNT_ATTR_NODIRATIME | unix.MOUNT_ATTR_NOSYMFOLLOW}},
		{"rnoatime", attrs{}, attrs{unix.MOUNT_ATTR_NOATIME, atimes}},
		{"rstrictatime", attrs{}, attrs{unix.MOUNT_ATTR_STRICTATIME, atimes}},
		{"rnoatime,rrelatime", attrs{}, attrs{0, atimes}},
		{"rnoatime,ratime", attrs{}, attrs{0, atimes}},
		{"rnoatime,rnorelatime,rnostrictatime", attrs{}, attrs{unix.MOUNT_ATTR_NOATIME, atimes}},
		{"ro,rrw", attrs{set: unix.MOUNT_ATTR_RDONLY}, attrs{clear: unix.MOUNT_ATTR_RDONLY}},
	}
	for _, tt := range tests {
		o, err := parseOptions(strings.Split(tt.list, ","))
		if err != nil || o.own != tt.own || o.tree != tt.tree || len(o.data) > 0 {
			t.Errorf("%s: got own %x, tree %x, data %v, error %v; want own %x, tree %x", tt.list, o.own, o.tree, o.data, err, tt.own, tt.tree)
		}
	}
}

func TestSuperblockFlags(t *testing.T) {
	for list, want := range map[string]string{
		"sync,dirsync,lazytime,mand,iversion": "sync dirsync lazytime mand i_version",
		"sync,async,lazytime,nolazytime":      "async nolazytime",
		"mand,nomand,ro,ro":                   "nomand ro",
		"ro,rw":                               "rw",
	} {
		o, err := parseOptions([]string{list})
		var got []string
		for _, p := range o.super {
			got = append(got, p.key)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, %v; want %s", list, got, err, want)
		}
	}
}

func TestOtherWords(t *testing.T) {
	o, err := parseOptions([]string{"rbind", "idmap", "tmpcopyup", "remount", "shared", "rslave", "private", "runbindable"})
	want := []propagation{{unix.MS_SHARED, false}, {unix.MS_SLAVE, true}, {unix.MS_PRIVATE, false}, {unix.MS_UNBINDABLE, true}}
	if err != nil || !o.bind || !o.recursive || !o.idmap || o.ridmap || !o.copyUp || !o.remount || !slices.Equal(o.propagation, want) {
		t.Errorf("got %+v, %v", o, err)
	}
	if o, _ := parseOptions([]string{"rbind", "bind", "ridmap"}); o.recursive || !o.ridmap {
		t.Errorf("the last word does not win: %+v", o)
	}
}

func TestData(t *testing.T) {
	o, err := parseOptions([]string{"size=64k,nr_inodes=5", "", `context="a,b",noswap`, `lowerdir=/a\,b`, "empty="})
	want := []param{
		{"size", "64k", false, 0}, {"nr_inodes", "5", false, 0},
		{"context", `"a,b"`, false, 2}, {"noswap", "", true, 2}, {"lowerdir", `/a\,b`, false, 3}, {"empty", "", false, 4},
	}
	if err != nil || !slices.Equal(o.data, want) {
		t.Errorf("got %v, %v; want %v", o.data, err, want)
	}
	for _, bad := range []string{"=x", "a=b\x00", "key=" + strings.Repeat("v", 256)} {
		if _, err := parseOptions([]string{"ro", bad}); err == nil || !strings.HasPrefix(err.Error(), "/options/1: ") {
			t.Errorf("%.20q: got %v", bad, err)
		}
	}
}

// TestEveryWord compares the table with the list of config.md, "Linux mount
// options", of runtime-spec 1.3.
func TestEveryWord(t *testing.T) {
	spec, err := os.ReadFile("testdata/mount-options.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := append(strings.Fields(string(spec)), "rnodev") // which that list forgot
	slices.Sort(want)
	if got := MountOptions(); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func FuzzOptions(f *testing.F) {
	for _, word := range MountOptions() {
		f.Add(word)
	}
	f.Add("rbind,ro,size=5,context=\"a,b\"")
	f.Add("noatime,atime,rro,rrw")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := parseOptions(strings.Split(text, "\n"))
		if err != nil {
			return
		}
		for _, a := range []attrs{o.own, o.tree} {
			if a.set&a.clear&^unix.MOUNT_ATTR__ATIME != 0 {
				t.Errorf("%x is both set and cleared", a.set&a.clear)
			}
			if a.set&unix.MOUNT_ATTR__ATIME != 0 && a.clear&unix.MOUNT_ATTR__ATIME != unix.MOUNT_ATTR__ATIME {
				t.Error("an access time mode is set, but not all others are cleared: EINVAL")
			}
		}
		for _, p := range o.data {
			if p.key == "" || len(p.value) > maxValue || strings.Contains(p.key+p.value, "\x00") {
				t.Errorf("fsconfig cannot take %+v", p)
			}
			if p.flag && wordOf(p.key) != nil {
				t.Errorf("%s is passed to the file system", p.key)
			}
		}
		for _, p := range o.super {
			if strings.Trim(p.key, "abcdefghijklmnopqrstuvwxyz_") != "" {
				t.Errorf("superblock flag %q", p.key)
			}
		}
		again, err := parseOptions(o.words)
		if err != nil || again.own != o.own || again.tree != o.tree || len(again.data) != len(o.data) {
			t.Errorf("the words %q do not mean what they came from, %q", o.words, text)
		}
	})
}
