// Package share is what "strata serve" serves: the files of a directory, and, where that is asked for, files that
// clients send into it.
//
// # Terminology
//
//   - The share is the directory, and all that is below it.
//   - An upload is content that a PUT or a POST stores as a file of the share.
//   - The part is the temporary file beside it, which takes its name when all of it is written.
package share
