package rootfs

import (
	"path"
	"slices"
	"strings"
	"testing"
)

const someMounts = `22 27 0:21 / /proc rw - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 27 254:1 / /home rw master:5 - xfs /dev/vdb rw
31 30 254:2 / /home/with\040space rw shared:1 master:2 - ext4 /dev/vdc rw
32 27 0:30 / /run rw - tmpfs tmpfs rw
33 27 254:3 / /srv rw - ext4 /dev/vdd rw
34 33 254:4 / /srv/hidden rw - ext4 /dev/vde rw
35 33 254:5 / /srv rw - btrfs /dev/vdf rw
36 35 254:6 / /srv/seen rw - ext4 /dev/vdg rw
37 27 7:1 / /snap/x ro - squashfs /dev/loop1 ro
38 27 254:7 / /homestead rw - ext4 /dev/vdh rw
`

func TestSubmounts(t *testing.T) {
	for root, want := range map[string][]string{
		"/":      {"/home", "/home/with space", "/homestead", "/srv", "/srv/seen"},
		"/home":  {"/home/with space"},
		"/home/": {"/home/with space"},
		"/srv":   {"/srv/seen"},
		"/var":   nil,
	} {
		got, err := submountsOf(someMounts, root)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v; want %q", root, got, err, want)
		}
	}
	if _, err := submountsOf("1 2 3\n", "/"); err == nil {
		t.Error("a broken line was taken")
	}
	if _, err := Submounts("/"); err != nil {
		t.Error(err)
	}
}

func FuzzSubmounts(f *testing.F) {
	f.Add(someMounts, "/")
	f.Add(`1 1 0:1 / /\134 - ext4 x rw`, "/home")
	f.Fuzz(func(t *testing.T, text, root string) {
		points, err := submountsOf(text, "/"+root)
		if err != nil {
			return
		}
		for _, p := range points {
			if !path.IsAbs(p) || !strings.HasPrefix(p, path.Clean("/"+root)) || p == path.Clean("/"+root) {
				t.Errorf("%q is not below %q", p, root)
			}
		}
	})
}
