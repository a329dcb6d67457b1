package namespaces

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// ownHost puts the test into a network namespace of its own, as its host.
func ownHost(t *testing.T) {
	t.Helper()
	needRoot(t)
	runtime.LockOSThread()
	before, err := os.Open("/proc/thread-self/ns/net")
	noError(t, err)
	noError(t, unix.Unshare(unix.CLONE_NEWNET))
	t.Cleanup(func() {
		defer before.Close()
		noError(t, unix.Setns(int(before.Fd()), unix.CLONE_NEWNET))
		runtime.UnlockOSThread()
	})
}

// makeVeth makes a pair of which one has addresses: two that are to be moved
// along, and one that is not.
func makeVeth(t *testing.T, name, peer string) {
	t.Helper()
	kind := attribute(nil, unix.IFLA_INFO_KIND, []byte("veth"))
	other := attribute(linkMessage(0), unix.IFLA_IFNAME, append([]byte(peer), 0))
	kind = attribute(kind, unix.IFLA_INFO_DATA, attribute(nil, 1 /* VETH_INFO_PEER */, other))
	body := attribute(linkMessage(0), unix.IFLA_IFNAME, append([]byte(name), 0))
	body = attribute(body, unix.IFLA_MTU, uint32Bytes(1280))
	noError(t, request(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, attribute(body, unix.IFLA_LINKINFO, kind)))
	index, err := deviceIndex(name)
	noError(t, err)
	for _, ip := range []string{"192.0.2.7", "169.254.3.3", "2001:db8::7"} {
		noError(t, addAddress(index, net.ParseIP(ip)))
	}
	noError(t, linkUp(name))
	noError(t, linkUp(peer))
}

func addAddress(index int, ip net.IP) error {
	family, bits, scope := byte(unix.AF_INET6), byte(64), byte(unix.RT_SCOPE_UNIVERSE)
	raw := []byte(ip)
	if v4 := ip.To4(); v4 != nil {
		family, bits, raw = unix.AF_INET, 24, v4
	}
	if ip.IsLinkLocalUnicast() {
		scope = unix.RT_SCOPE_LINK
	}
	body := append([]byte{family, bits, 0, scope}, uint32Bytes(uint32(index))...)
	body = attribute(attribute(body, unix.IFA_LOCAL, raw), unix.IFA_ADDRESS, raw)
	return request(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL, body)
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// there tells what a device is like in the network namespace of a process.
func there(t *testing.T, pid int, name string) string {
	t.Helper()
	ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	noError(t, err)
	defer ns.Close()
	var said []string
	noError(t, within(int(ns.Fd()), func() error {
		index, err := deviceIndex(name)
		if err != nil {
			return err
		}
		list, err := permanentAddresses(index)
		for _, a := range list {
			ip := net.IP(a.attributes[0].Value)
			said = append(said, fmt.Sprintf("%s/%d", ip, a.Prefixlen))
		}
		flags, e := deviceIoctl(name, unix.SIOCGIFFLAGS, "", nil)
		if e == nil && flags.Uint16()&unix.IFF_UP != 0 {
			said = append(said, "up")
		}
		mtu, m := deviceIoctl(name, unix.SIOCGIFMTU, "", nil)
		if m == nil {
			said = append(said, fmt.Sprintf("mtu=%d", mtu.Uint32()))
		}
		return errors.Join(err, e, m)
	}))
	return strings.Join(said, " ")
}

// TestMoveDevices: the device is gone here and there in the container, with its
// addresses, up, and under its new name.
func TestMoveDevices(t *testing.T) {
	for _, tt := range []struct{ types, inside, want string }{
		{"network", "", "mini0"},
		{"network user", "eth0", "eth0"},
		{"network", "net%d", "net0"},
	} {
		t.Run(tt.types+" "+tt.inside, func(t *testing.T) {
			ownHost(t)
			makeVeth(t, "mini0", "peer0")
			c := Config{Namespaces: list(tt.types), NetDevices: map[string]specs.LinuxNetDevice{"mini0": {Name: tt.inside}}}
			if strings.Contains(tt.types, "user") {
				c.UIDMappings, c.GIDMappings = someIDs, someIDs
			}
			s := startIn(t, c)
			defer s.stop(t)
			if got, want := there(t, s.child.Pid, tt.want), "192.0.2.7/24 2001:db8::7/64 up mtu=1280"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if _, err := deviceIndex("mini0"); !errors.Is(err, unix.ENODEV) {
				t.Errorf("it is still on the host: %v", err)
			}
		})
	}
}

// TestMoveDeviceErrors: the kernel's answers, in words.
func TestMoveDeviceErrors(t *testing.T) {
	ownHost(t)
	makeVeth(t, "mini0", "peer0")
	s := startIn(t, Config{Namespaces: list("network")})
	defer s.stop(t)
	for _, tt := range []struct {
		name, inside string
		errno        unix.Errno
		text         string
	}{
		{"none0", "none0", unix.ENODEV, "SIOCGIFINDEX none0"},
		{"mini0", "lo", unix.EEXIST, "the container has a network device lo"},
		{"lo", "lo9", unix.EINVAL, "keeps this device"},
	} {
		op := &moveDevice{name: tt.name, inside: tt.inside, child: s.child}
		if err := op.Do(); !errors.Is(err, tt.errno) || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: got %v", op, err)
		}
	}
	if err := (&moveDevice{child: &Child{}}).Do(); err == nil {
		t.Error("moved into no process")
	}
}

func TestDevicesRefused(t *testing.T) {
	device := func(name, inside string) map[string]specs.LinuxNetDevice {
		return map[string]specs.LinuxNetDevice{name: {Name: inside}}
	}
	for _, tt := range []struct {
		field   string
		types   string
		devices map[string]specs.LinuxNetDevice
	}{
		{"/linux/netDevices", "mount", device("eth0", "")},
		{"/linux/netDevices/a~1b", "network", device("a/b", "x")},
		{"/linux/netDevices/eth0/name", "network", device("eth0", "..")},
		{"/linux/netDevices/eth0/name", "network", device("eth0", "sixteen-letters-")},
		{"/linux/netDevices/eth0/name", "network", device("eth0", "a%d%d")},
		{"/linux/netDevices/eth1/name", "network", map[string]specs.LinuxNetDevice{"eth0": {Name: "x"}, "eth1": {Name: "x"}}},
	} {
		_, err := Plan(Config{Namespaces: list(tt.types), NetDevices: tt.devices}, root, &Child{})
		var field *FieldError
		if !errors.As(err, &field) || field.Field != tt.field {
			t.Errorf("%v: got %v, want an error of %s", tt.devices, err, tt.field)
		}
	}
	user := Facts{UID: 1000, GID: 1000}
	if _, err := Plan(Config{Namespaces: list("network"), NetDevices: device("eth0", "")}, user, &Child{}); err == nil {
		t.Error("an ordinary user may move devices")
	}
}
