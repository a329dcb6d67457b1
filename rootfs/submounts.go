package rootfs

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Submounts lists the mount points below the host directory root that a
// copy-on-write view of it needs for Config.Submounts: those of file systems on
// disks. Left out are the kernel's own (proc, sysfs, cgroups …), tmpfs, what
// the network serves, the images of packages (squashfs), and what another mount
// hides. It reads /proc/self/mountinfo.
func Submounts(root string) ([]string, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	return submountsOf(string(text), root)
}

// diskTypes are the file systems that can be idmapped and are someone's disk.
var diskTypes = []string{"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "ntfs3", "vfat", "xfs"}

// mountLine is what counts of a line of mountinfo (proc_pid_mountinfo(5)).
type mountLine struct{ id, parent, point, fstype string }

func submountsOf(mountinfo, root string) ([]string, error) {
	all, err := parseMounts(mountinfo)
	if err != nil {
		return nil, err
	}
	var points []string
	for point, l := range all.below(root) {
		if slices.Contains(diskTypes, l.fstype) {
			points = append(points, point)
		}
	}
	slices.Sort(points)
	return points, nil
}

func parseMounts(mountinfo string) (all mountTable, err error) {
	for text := range strings.Lines(mountinfo) {
		l, err := parseMountLine(text)
		if err != nil {
			return all, err
		}
		all.add(l)
	}
	return all, nil
}

// mountTable finds mounts by their number and by the place they are seen at.
type mountTable struct {
	byID map[string]mountLine
	top  map[string]mountLine // the last one mounted there
}

func (m *mountTable) add(l mountLine) {
	if m.byID == nil {
		m.byID, m.top = map[string]mountLine{}, map[string]mountLine{}
	}
	m.byID[l.id], m.top[l.point] = l, l
}

// below gives the mounts below a directory that can be seen, by their points.
func (m *mountTable) below(root string) map[string]mountLine {
	found := map[string]mountLine{}
	root = path.Clean(root)
	for point, l := range m.top {
		below := point != root && (root == "/" || strings.HasPrefix(point, root+"/"))
		if below && m.visible(l) {
			found[point] = l
		}
	}
	return found
}

// visible: what a mount was made on must be what one sees above it, up to the
// root. A mount on top of another at the same place has that one as its parent.
func (m *mountTable) visible(l mountLine) bool {
	for range len(m.byID) {
		parent, known := m.byID[l.parent]
		if !known || l.point == "/" {
			return true
		}
		if parent.point != l.point && m.above(l.point).id != parent.id {
			return false
		}
		l = parent
	}
	return false
}

// above is the mount that holds the directory of a mount point.
func (m *mountTable) above(point string) mountLine {
	for point != "/" {
		point = path.Dir(point)
		if l, found := m.top[point]; found {
			return l
		}
	}
	return mountLine{}
}

func parseMountLine(text string) (mountLine, error) {
	fields := strings.Fields(text)
	dash := slices.Index(fields, "-")
	if dash < 6 || len(fields) < dash+2 {
		return mountLine{}, fmt.Errorf("mountinfo: unexpected line %q", text)
	}
	point := unescape(fields[4])
	if !path.IsAbs(point) {
		return mountLine{}, fmt.Errorf("mountinfo: unexpected line %q", text)
	}
	return mountLine{fields[0], fields[1], path.Clean(point), fields[dash+1]}, nil
}

// unescape turns the octal escapes of mountinfo (\040 is a space) back.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
