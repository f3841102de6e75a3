// Package notify tells people how nights ended: what is wrong and was not before,
// what goes on, and what is over. Each channel (a chat robot, a webhook, a command,
// mail) has its own memory of what it was told, so that no news comes twice, and what
// a channel did not take is told by the next message that it takes.
//
// What is news is decided in news.go, for all channels alike; it knows of a night
// only what Night holds. Nothing here changes how a night ended, and no error holds
// an address's path or query, a secret, or what a message says.
package notify
