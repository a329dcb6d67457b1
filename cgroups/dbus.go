package cgroups

import (
	"encoding/binary"
	"fmt"
)

// What of D-Bus is needed to talk to systemd: method calls with a few types,
// replies, errors and signals (D-Bus specification, "Message Protocol"). All
// is little endian. Bodies begin at a multiple of 8, so offsets in a body are
// aligned as offsets in the message are.

// Types of messages.
const (
	busCall   = 1
	busReply  = 2
	busError  = 3
	busSignal = 4
)

// Fields of a header.
const (
	fieldPath        = 1
	fieldInterface   = 2
	fieldMember      = 3
	fieldErrorName   = 4
	fieldReplySerial = 5
	fieldDestination = 6
	fieldSignature   = 8
)

// busMaxMessage is far beyond any message of systemd's that we ask for.
const busMaxMessage = 1 << 20

// busMessage is a message, as far as we look at it.
type busMessage struct {
	kind                                      byte
	serial, reply                             uint32
	path, dest, iface, member, name, bodyType string
	body                                      []byte
}

// property is one of a unit's, a pair (sv). value is a string, bool, int32,
// uint32, int64, uint64, []string, []uint32 or []byte.
type property struct {
	name  string
	value any
}

// encoder writes values at their alignment.
type encoder struct{ b []byte }

func (e *encoder) align(n int) {
	for len(e.b)%n != 0 {
		e.b = append(e.b, 0)
	}
}

func (e *encoder) uint32(v uint32) {
	e.align(4)
	e.b = binary.LittleEndian.AppendUint32(e.b, v)
}

func (e *encoder) uint64(v uint64) {
	e.align(8)
	e.b = binary.LittleEndian.AppendUint64(e.b, v)
}

func (e *encoder) bool(v bool) {
	if v {
		e.uint32(1)
	} else {
		e.uint32(0)
	}
}

func (e *encoder) string(s string) {
	e.uint32(uint32(len(s)))
	e.b = append(append(e.b, s...), 0)
}

func (e *encoder) signature(s string) {
	e.b = append(append(append(e.b, byte(len(s))), s...), 0)
}

// array writes the length of what fill writes, without the gap before the
// first element.
func (e *encoder) array(alignment int, fill func()) {
	e.uint32(0)
	length := len(e.b) - 4
	e.align(alignment)
	begin := len(e.b)
	fill()
	binary.LittleEndian.PutUint32(e.b[length:], uint32(len(e.b)-begin))
}

// properties writes an a(sv).
func (e *encoder) properties(list []property) {
	e.array(8, func() {
		for _, p := range list {
			e.align(8)
			e.string(p.name)
			e.variant(p.value)
		}
	})
}

func (e *encoder) variant(value any) {
	switch v := value.(type) {
	case string:
		e.signature("s")
		e.string(v)
	case bool:
		e.signature("b")
		e.bool(v)
	case int32:
		e.signature("i")
		e.uint32(uint32(v))
	case uint32:
		e.signature("u")
		e.uint32(v)
	case int64:
		e.signature("x")
		e.uint64(uint64(v))
	case uint64:
		e.signature("t")
		e.uint64(v)
	case []string:
		e.signature("as")
		e.array(4, func() {
			for _, s := range v {
				e.string(s)
			}
		})
	case []byte:
		e.signature("ay")
		e.array(1, func() { e.b = append(e.b, v...) })
	case []uint32:
		e.signature("au")
		e.array(4, func() {
			for _, n := range v {
				e.uint32(n)
			}
		})
	}
}

// encode writes a method call.
func (m busMessage) encode() []byte {
	e := &encoder{b: []byte{'l', m.kind, 0, 1}}
	e.uint32(uint32(len(m.body)))
	e.uint32(m.serial)
	e.array(8, func() {
		for _, f := range []struct {
			code        byte
			kind, value string
		}{
			{fieldPath, "o", m.path},
			{fieldInterface, "s", m.iface},
			{fieldMember, "s", m.member},
			{fieldDestination, "s", m.dest},
		} {
			e.align(8)
			e.b = append(e.b, f.code)
			e.signature(f.kind)
			e.string(f.value)
		}
		if m.bodyType != "" {
			e.align(8)
			e.b = append(e.b, fieldSignature)
			e.signature("g")
			e.signature(m.bodyType)
		}
	})
	e.align(8)
	return append(e.b, m.body...)
}

// busHeader is the size of what tells how long a message is.
const busHeader = 16

// busLength is the length of the message that begins with these bytes.
func busLength(head []byte) (int, error) {
	if len(head) < busHeader || head[0] != 'l' {
		return 0, fmt.Errorf("D-Bus message that is not little endian")
	}
	body := uint64(binary.LittleEndian.Uint32(head[4:]))
	fields := uint64(binary.LittleEndian.Uint32(head[12:]))
	n := (busHeader+fields+7)/8*8 + body
	if n > busMaxMessage {
		return 0, fmt.Errorf("D-Bus message of %d bytes", n)
	}
	return int(n), nil
}
