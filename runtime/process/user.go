package process

import (
	"fmt"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

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
