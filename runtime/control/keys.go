package control

// Keys finds the two keys that detach a terminal, ctrl-p ctrl-q, in what is
// typed. The zero value is ready to use.
type Keys struct{ held bool }

const ctrlP, ctrlQ = 'P' & 0x1f, 'Q' & 0x1f

// Scan appends to dst what is to be passed on of typed, and says whether the
// keys were pressed: what follows them is lost. A ctrl-p at the end is held
// back until it is known what follows.
func (k *Keys) Scan(dst, typed []byte) (pass []byte, detach bool) {
	for _, b := range typed {
		switch {
		case k.held && b == ctrlQ:
			k.held = false
			return dst, true
		case k.held && b == ctrlP:
			dst = append(dst, ctrlP) // the second one may be the first of the two
		case b == ctrlP:
			k.held = true
		case k.held:
			k.held = false
			dst = append(dst, ctrlP, b)
		default:
			dst = append(dst, b)
		}
	}
	return dst, false
}
