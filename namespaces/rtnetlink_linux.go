package namespaces

import (
	"encoding/binary"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// The little of rtnetlink(7) that moving a device needs. All of it is about the
// network namespace of the calling thread.

// deviceIndex finds a device by its name.
func deviceIndex(name string) (int, error) {
	r, err := deviceIoctl(name, unix.SIOCGIFINDEX, "SIOCGIFINDEX", nil)
	if err != nil {
		return 0, err
	}
	return int(r.Uint32()), nil
}

// linkUp sets the flag that netdevice(7) calls "interface is running".
func linkUp(name string) error {
	r, err := deviceIoctl(name, unix.SIOCGIFFLAGS, "SIOCGIFFLAGS", nil)
	if err != nil {
		return err
	}
	_, err = deviceIoctl(name, unix.SIOCSIFFLAGS, "SIOCSIFFLAGS", func(to *unix.Ifreq) { to.SetUint16(r.Uint16() | unix.IFF_UP) })
	return err
}

// deviceIoctl asks through a unix socket, which is there on kernels without
// IPv4, too.
func deviceIoctl(name string, number uint, call string, fill func(*unix.Ifreq)) (*unix.Ifreq, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq(name)
	if err != nil {
		return nil, err
	}
	if fill != nil {
		fill(r)
	}
	if err := unix.IoctlIfreq(fd, number, r); err != nil {
		return nil, fmt.Errorf("ioctl %s %s: %w", call, name, err)
	}
	return r, nil
}

// address is one of a device, as the kernel told it.
type address struct {
	unix.IfAddrmsg
	attributes []syscall.NetlinkRouteAttr
}

// permanentAddresses are those of a device that somebody gave it to be reached
// by: not link-local, and without an end.
func permanentAddresses(index int) ([]address, error) {
	dump, err := syscall.NetlinkRIB(unix.RTM_GETADDR, unix.AF_UNSPEC)
	if err != nil {
		return nil, fmt.Errorf("list addresses: %w", err)
	}
	messages, err := syscall.ParseNetlinkMessage(dump)
	if err != nil {
		return nil, fmt.Errorf("parse list of addresses: %w", err)
	}
	var list []address
	for _, m := range messages {
		if m.Header.Type != unix.RTM_NEWADDR || len(m.Data) < unix.SizeofIfAddrmsg {
			continue
		}
		a := address{IfAddrmsg: unix.IfAddrmsg{
			Family: m.Data[0], Prefixlen: m.Data[1], Flags: m.Data[2], Scope: m.Data[3],
			Index: binary.NativeEndian.Uint32(m.Data[4:]),
		}}
		if int(a.Index) != index || a.Scope != unix.RT_SCOPE_UNIVERSE || a.Flags&unix.IFA_F_PERMANENT == 0 {
			continue
		}
		if a.attributes, err = syscall.ParseNetlinkRouteAttr(&m); err != nil {
			return nil, fmt.Errorf("parse address: %w", err)
		}
		list = append(list, a)
	}
	return list, nil
}

// message asks for the same address on the device with that index. The label
// has the old name in it, and times are the kernel's to tell.
func (a address) message(index int) []byte {
	body := []byte{a.Family, a.Prefixlen, a.Flags, a.Scope}
	body = append(body, uint32Bytes(uint32(index))...)
	for _, attr := range a.attributes {
		if attr.Attr.Type != unix.IFA_LABEL && attr.Attr.Type != unix.IFA_CACHEINFO {
			body = attribute(body, attr.Attr.Type, attr.Value)
		}
	}
	return body
}

// linkMessage is a struct ifinfomsg that only says which device.
func linkMessage(index int) []byte {
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], uint32(index))
	return body
}

// attribute appends a struct rtattr with its value, padded to four bytes.
func attribute(body []byte, kind uint16, value []byte) []byte {
	body = binary.NativeEndian.AppendUint16(body, uint16(unix.SizeofRtAttr+len(value)))
	body = binary.NativeEndian.AppendUint16(body, kind)
	body = append(body, value...)
	return append(body, make([]byte, -len(value)&3)...)
}

func uint32Bytes(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }

// request sends one message and waits for the kernel's word on it.
func request(kind, flags uint16, body []byte) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	defer unix.Close(fd)
	m := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(body)))
	m = binary.NativeEndian.AppendUint16(m, kind)
	m = binary.NativeEndian.AppendUint16(m, flags|unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	m = append(m, make([]byte, 8)...) // number and sender: one message, one socket
	if err := unix.Sendto(fd, append(m, body...), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("sendto: %w", err)
	}
	return acknowledged(fd)
}

// acknowledged reads struct nlmsgerr, whose first member is a negative errno.
func acknowledged(fd int) error {
	reply := make([]byte, 4096)
	n, err := unix.Read(fd, reply)
	for err == unix.EINTR {
		n, err = unix.Read(fd, reply)
	}
	switch {
	case err != nil:
		return fmt.Errorf("read: %w", err)
	case n < unix.SizeofNlMsghdr+4 || binary.NativeEndian.Uint16(reply[4:]) != unix.NLMSG_ERROR:
		return fmt.Errorf("rtnetlink answered out of turn: %w", unix.EPROTO)
	}
	if code := int32(binary.NativeEndian.Uint32(reply[unix.SizeofNlMsghdr:])); code != 0 {
		return unix.Errno(-code)
	}
	return nil
}
