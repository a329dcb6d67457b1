package process

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// user is who the program runs as, and the id maps of its user namespace.
type user struct {
	uid, gid   uint32
	groups     []uint32
	uids, gids []specs.LinuxIDMapping // empty: as on the host, or not known
}

func (c Config) user() user {
	u := user{uid: c.Process.User.UID, gid: c.Process.User.GID, groups: c.Process.User.AdditionalGids}
	if c.UserNS {
		u.uids, u.gids = c.UIDMappings, c.GIDMappings
	}
	return u
}

// overflowID is what an id is seen as that a user namespace does not have
// (user_namespaces(7)).
const overflowID = 65534

// within is a host's id as the container sees it.
func within(id uint32, list []specs.LinuxIDMapping) uint32 {
	if len(list) == 0 {
		return id
	}
	for _, m := range list {
		if id >= m.HostID && uint64(id) < uint64(m.HostID)+uint64(m.Size) {
			return m.ContainerID + (id - m.HostID)
		}
	}
	return overflowID
}

// owner is whose the file is, in the container's ids.
func (u user) owner(st unix.Stat_t, v files) (uid, gid uint32) {
	if v.outside {
		return within(st.Uid, u.uids), within(st.Gid, u.gids)
	}
	return st.Uid, st.Gid
}

// shutOut says that a directory on the way to a file can not be searched by the
// user, as far as modes tell. Root goes anywhere.
func (u user) shutOut(file string, v files) bool {
	for dir := path.Dir(file); u.uid != 0; dir = path.Dir(dir) {
		st, _, err := v.stat(dir)
		if err != nil {
			return errors.Is(err, unix.EACCES)
		}
		if !u.maySearch(st, v) {
			return true
		}
		if dir == "/" || dir == "." {
			break
		}
	}
	return false
}

// maySearch is the check of path_resolution(7), "Permissions".
func (u user) maySearch(st unix.Stat_t, v files) bool {
	switch uid, gid := u.owner(st, v); {
	case uid == u.uid:
		return st.Mode&0o100 != 0
	case gid == u.gid || slices.Contains(u.groups, gid):
		return st.Mode&0o010 != 0
	}
	return st.Mode&0o001 != 0
}

// noChange is the -1 of setresuid(2): it leaves an id as it is, which here is root's.
const noChange = 1<<32 - 1

// checkUser finds ids that the container's user namespace does not have, before
// setresuid(2) would say EINVAL, and groups that may not be set at all.
func checkUser(c Config) error {
	u := c.Process.User
	for field, id := range map[string]uint32{"/process/user/uid": u.UID, "/process/user/gid": u.GID} {
		if id == noChange {
			return refuse(field, "%d is no id: to the kernel it means no change, and the program would stay root", id)
		}
	}
	if c.DenySetgroups && len(u.AdditionalGids) > 0 {
		return refuse("/process/user/additionalGids",
			"setgroups is denied in a user namespace made without privilege: leave additionalGids empty, or run mini as root")
	}
	if !c.UserNS {
		return nil
	}
	if err := checkMapped("/process/user/uid", "/linux/uidMappings", u.UID, c.UIDMappings); err != nil {
		return err
	}
	if err := checkMapped("/process/user/gid", "/linux/gidMappings", u.GID, c.GIDMappings); err != nil {
		return err
	}
	for i, gid := range u.AdditionalGids {
		field := fmt.Sprintf("/process/user/additionalGids/%d", i)
		if err := checkMapped(field, "/linux/gidMappings", gid, c.GIDMappings); err != nil {
			return err
		}
	}
	return nil
}

// checkMapped accepts everything if there are no maps: those of a joined user
// namespace are not known here.
func checkMapped(field, maps string, id uint32, list []specs.LinuxIDMapping) error {
	if len(list) == 0 {
		return nil
	}
	ranges := make([]string, len(list))
	for i, m := range list {
		if id >= m.ContainerID && uint64(id) < uint64(m.ContainerID)+uint64(m.Size) {
			return nil
		}
		ranges[i] = fmt.Sprintf("%d-%d", m.ContainerID, uint64(m.ContainerID)+uint64(m.Size)-1)
	}
	return refuse(field, "id %d does not exist in the container's user namespace, which has %s: use one of those, or extend %s",
		id, strings.Join(ranges, ", "), maps)
}

// checkUmask: umask(2) has nine bits.
func checkUmask(u *uint32) (uint32, error) {
	if u == nil {
		return defaultUmask, nil
	}
	if *u > 0o777 {
		return 0, refuse("/process/user/umask", "%#o is not between 0 and 0777 (JSON numbers are decimal: 18 is 0022)", *u)
	}
	return *u, nil
}

// defaultUmask is what runc and crun set where the spec says nothing.
const defaultUmask = 0o022
