package fuzztest

// Cut cuts octets as lengths says: each of its octets is the length of a segment, 0 for an empty one, and what is left
// is the last segment. So a fuzz input says itself where its octets are cut.
func Cut(octets string, lengths []byte) []string {
	var segments []string
	for _, n := range lengths {
		if len(octets) == 0 {
			break
		}
		n := min(int(n), len(octets))
		segments = append(segments, octets[:n])
		octets = octets[n:]
	}
	return append(segments, octets)
}

// Octetwise cuts octets into single ones. Without any there is one empty segment.
func Octetwise(octets string) []string {
	segments := make([]string, len(octets), len(octets)+1)
	for i := range len(octets) {
		segments[i] = octets[i : i+1]
	}
	if len(segments) == 0 {
		segments = append(segments, "")
	}
	return segments
}

// Places returns where to cut octets so that each comes alone; nothing for many, since what is shown again at each place
// grows by the square.
func Places(octets []byte) []int {
	const most = 500
	var places []int
	for i := 1; i < len(octets) && len(octets) <= most; i++ {
		places = append(places, i)
	}
	return places
}
