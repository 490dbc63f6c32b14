// Package engine runs drivers: each is a process that is asked over its standard input and answers over its standard
// output. One that ends or does not answer is started anew, and its case has the verdict "crash".
//
// # Terminology
//
//   - case, result, driver: see package lines.
//   - batch: cases that are put before all drivers at once, before any answer is looked at.
package engine
