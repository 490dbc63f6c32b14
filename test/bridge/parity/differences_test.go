package parity

// difference is what is not the same in a case, and why that is accepted.
type difference struct {
	theirs, ours []string
	why          string
}

// differences are all of them, by the name of the case.
var differences = map[string]difference{}
