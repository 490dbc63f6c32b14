// Package outfile writes a file that appears under its name only when it is complete.
//
// # Terminology
//
//   - The destination is the file that was asked for.
//   - The part is the temporary file beside it, which takes its name when everything is written.
package outfile
