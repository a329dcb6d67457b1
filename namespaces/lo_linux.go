package namespaces

import (
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// loUp brings up the loopback interface, which a new network namespace has but
// which is down.
type loUp struct{ note }

func loOps(ns *choice) []Op {
	if ns.new&newNet == 0 {
		return nil
	}
	return []Op{loUp{note{ns.field(newNet, "type"), "Makes 127.0.0.1 and ::1 work: in a new network namespace lo is there, but down (netdevice(7))"}}}
}

func (loUp) String() string { return "lo up" }
func (loUp) Shell() string  { return "ip link set dev lo up || ifconfig lo up" }

func (o loUp) Do() error { return calls.Do(o) }

// Calls needs CAP_NET_ADMIN over the network namespace. It does not read the flags
// first: of those that can be set, a new lo has none.
func (loUp) Calls(l *calls.List) {
	socket := l.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0) // is there without IPv4, too
	r := ifreq{flags: unix.IFF_UP | unix.IFF_LOOPBACK}
	copy(r.name[:], "lo")
	l.Ioctl("SIOCSIFFLAGS lo", socket.Arg(), unix.SIOCSIFFLAGS, calls.Struct(l, &r).Arg())
	l.Close(socket.Arg())
}

// ifreq is struct ifreq of netdevice(7), with its ifr_flags.
type ifreq struct {
	name  [unix.IFNAMSIZ]byte
	flags uint16
	_     [22]byte
}
