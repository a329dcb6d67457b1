package namespaces

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// loUp brings up the loopback interface, which a new network namespace has but
// which is down.
type loUp struct{ note }

func loOps(ns *choice) []Op {
	if ns.new&newNet == 0 {
		return nil
	}
	return []Op{loUp{note{ns.field(newNet, "type"), "Makes 127.0.0.1 and ::1 work: in a new network namespace lo is there, but down (netdevice(7))."}}}
}

func (loUp) String() string { return "lo up" }
func (loUp) Shell() string  { return "ip link set dev lo up" }

// Do needs CAP_NET_ADMIN over the network namespace. Any socket will do to ask
// through; a unix one exists on kernels without IPv4, too.
func (loUp) Do() error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, lo); err != nil {
		return fmt.Errorf("ioctl SIOCGIFFLAGS: %w", err)
	}
	lo.SetUint16(lo.Uint16() | unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("ioctl SIOCSIFFLAGS: %w", err)
	}
	return nil
}
