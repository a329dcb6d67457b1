package namespaces

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

// Do needs CAP_NET_ADMIN over the network namespace.
func (loUp) Do() error { return linkUp("lo") }
