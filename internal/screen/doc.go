// Package screen looks at X displays: it takes pictures of them, and notices when
// something changes there. It also types on their keyboards.
//
// It owns the connection to the display. It must never know what is to be seen.
package screen
