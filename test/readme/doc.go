// Package readme has no code: its tests hold the documentation to what it says. Every Go program in the README
// and in docs compiles, and every link to a file leads somewhere.
//
// # Terminology
//
//   - program: a block of Go code that begins with a package clause. One without a main function is a test.
package readme
