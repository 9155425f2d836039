// Says in a few lines what a test run did: node report-tests.mjs FILE [--counts]
// FILE is a JUnit file of ctest (.xml) or TAP of node's runner (.tap). Prints failures with their
// output, the names of skipped tests, and a count; with --counts only "PASSED FAILED SKIPPED".
import { readFileSync } from 'node:fs';

const ENTITIES = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };
const unescape = (text) => text.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity]);

function parseJUnit(text) {
  const tests = [];
  for (const [, attributes, body] of text.matchAll(
    /<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    const name = unescape(/\bname="([^"]*)"/.exec(attributes)[1]);
    const status = /\bstatus="([^"]*)"/.exec(attributes)?.[1];
    const output = unescape(/<system-out>([\s\S]*?)<\/system-out>/.exec(body ?? '')?.[1] ?? '');
    const state = { run: 'passed', notrun: 'skipped', disabled: 'skipped' }[status] ?? 'failed';
    tests.push({ name, state, output });
  }
  return tests;
}

/** Leaves of the TAP tree: suites (tests with subtests) are not counted. */
function parseTap(text) {
  const tests = [];
  const lines = text.split('\n');
  const parents = new Set();
  for (const [index, line] of lines.entries()) {
    const match = /^(\s*)(not )?ok \d+(?: - (.*?))?(?: # ([A-Z]{4})(?: (.*))?)?$/.exec(line);
    if (!match) continue;
    const [, indent, failed, name = '', directive, reason] = match;
    const depth = indent.length;
    const isParent = parents.delete(depth + 4);
    parents.add(depth);
    if (isParent && !failed) continue;
    const output = [];
    if (failed) {
      for (const detail of lines.slice(index + 1)) {
        output.push(detail);
        if (detail.trim() === '...') break;
      }
      if (isParent && output.some((detail) => /subtests? failed/.test(detail))) continue;
    }
    const state = failed ? 'failed' : directive ? 'skipped' : 'passed';
    tests.push({ name: reason ? `${name} (${reason})` : name, state, output: output.join('\n') });
  }
  return tests;
}

const [file, option] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
const tests = file.endsWith('.tap') ? parseTap(text) : parseJUnit(text);
const of = (state) => tests.filter((test) => test.state === state);
const counts = ['passed', 'failed', 'skipped'].map((state) => of(state).length);
if (option === '--counts') {
  console.log(counts.join(' '));
} else {
  for (const test of of('failed')) console.log(`FAILED ${test.name}\n${test.output.trimEnd()}\n`);
  for (const test of of('skipped')) console.log(`skipped ${test.name}`);
  console.log(`${counts[0]} passed, ${counts[1]} failed, ${counts[2]} skipped`);
}
