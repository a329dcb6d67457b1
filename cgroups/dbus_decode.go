package cgroups

import (
	"encoding/binary"
	"errors"
)

// errBusFormat is a message that ends early or has a type we do not ask for.
var errBusFormat = errors.New("malformed D-Bus message")

// decoder reads values at their alignment. After an error all values are zero.
type decoder struct {
	b   []byte
	pos int
	err error
}

// take is the next n bytes at an alignment, or nil.
func (d *decoder) take(alignment, n int) []byte {
	at := (d.pos + alignment - 1) / alignment * alignment
	if d.err != nil || n < 0 || at > len(d.b) || n > len(d.b)-at {
		d.err = errBusFormat
		return nil
	}
	d.pos = at + n
	return d.b[at:d.pos]
}

func (d *decoder) byte() byte {
	if b := d.take(1, 1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint32() uint32 {
	if b := d.take(4, 4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) string() string    { return d.text(int(d.uint32())) }
func (d *decoder) signature() string { return d.text(int(d.byte())) }

// text is n bytes with a NUL behind.
func (d *decoder) text(n int) string {
	b := d.take(1, n)
	d.take(1, 1)
	return string(b)
}

// variant reads a string or number, which is all that headers have and that we
// ask for.
func (d *decoder) variant() (text string, number uint32) {
	switch d.signature() {
	case "s", "o":
		return d.string(), 0
	case "g":
		return d.signature(), 0
	case "u", "b":
		return "", d.uint32()
	}
	d.err = errBusFormat
	return "", 0
}

// decodeBus reads one whole message.
func decodeBus(b []byte) (busMessage, error) {
	n, err := busLength(b)
	if err != nil {
		return busMessage{}, err
	}
	if n != len(b) {
		return busMessage{}, errBusFormat
	}
	m := busMessage{kind: b[1], serial: binary.LittleEndian.Uint32(b[8:])}
	d := &decoder{b: b, pos: busHeader}
	end := busHeader + int(binary.LittleEndian.Uint32(b[12:]))
	for d.err == nil && d.pos < end {
		d.take(8, 0)
		code := d.byte()
		text, number := d.variant()
		m.set(code, text, number)
	}
	d.take(8, 0)
	if d.err != nil {
		return busMessage{}, d.err
	}
	m.body = b[d.pos:]
	return m, nil
}

func (m *busMessage) set(code byte, text string, number uint32) {
	switch code {
	case fieldPath:
		m.path = text
	case fieldInterface:
		m.iface = text
	case fieldMember:
		m.member = text
	case fieldErrorName:
		m.name = text
	case fieldDestination:
		m.dest = text
	case fieldReplySerial:
		m.reply = number
	case fieldSignature:
		m.bodyType = text
	}
}
