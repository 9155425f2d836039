// How does a command say that it was used wrongly, or that it cannot go on?
'use strict';

/** Wrong arguments: the message and a hint go to stderr, exit code 2. */
class UsageError extends Error {}

/** A failure with a message for people: exit code 1, no stack. */
class CliError extends Error {}

module.exports = { CliError, UsageError };
