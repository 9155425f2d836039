// How is a command that runs on told to end?
'use strict';

/** Resolves with the name of the first signal to end; the second one ends the process at once. */
function endSignal() {
  return new Promise((resolve) => {
    let seen = false;
    for (const name of ['SIGTERM', 'SIGINT']) {
      process.on(name, () => {
        if (seen) process.exit(1);
        seen = true;
        resolve(name);
      });
    }
  });
}

module.exports = { endSignal };
