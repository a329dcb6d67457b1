package state

import "fmt"

// CheckID accepts the names that runc accepts: letters, digits, and _ + - . in
// up to 255 characters (it is a file name), but neither "." nor "..".
func CheckID(id string) error {
	if id == "" || id == "." || id == ".." || len(id) > 255 {
		return fmt.Errorf("container id %q: must have 1 to 255 characters and not be . or ..", id)
	}
	for _, r := range id {
		if !idRune(r) {
			return fmt.Errorf("container id %q: has %q; letters, digits and _ + - . are allowed", id, r)
		}
	}
	return nil
}

func idRune(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return true
	}
	return r == '_' || r == '+' || r == '-' || r == '.'
}
