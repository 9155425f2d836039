// Peers with a C++ interface: programs of bench/src/peers, built by `npm run bench:native` where
// Debian's packages of their libraries are installed (libdnnl-dev, libopencv-dnn-dev,
// libtorch-dev).
import { spawn } from 'node:child_process';
import readline from 'node:readline';

import { programOf } from './programs.mjs';

/**
 * A contender of {@link alternate} that times itself, or null where its program is not built.
 * @param {string} label what the table calls it
 * @param {string} name onednn, opencv or libtorch
 * @param {string[]} args of the program: what to run and on how many threads
 */
export async function nativePeer(label, name, args) {
  const program = programOf(`minnow_peer_${name}`);
  if (program === null) return null;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text) => { complaint += text; });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error(`${label}: ${complaint.trim() || 'ended'}`);
    return value;
  };
  await nextLine();
  return {
    name: label,
    async turn(runs) {
      child.stdin.write(`${runs}\n`);
      return (await nextLine()).split(' ').map(Number);
    },
    close() {
      child.stdin.end();
    },
  };
}
