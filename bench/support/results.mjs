// What every bench gives, and how it is written: text as it comes, then JSON, Markdown and a chart.
//
// A section is {name, unit, note?, groups: [{name, rows: [{name, median, low, high, ratio, …}]}]}.
// Ratios say how many times better the first row of its group does.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { barChart } from '../../lib/bench/chart.js';

const digits = (value) => (value >= 100 ? 0 : value >= 10 ? 1 : 2);
const number = (value) => value.toFixed(digits(value));

/** The machine, for the foot of a report. */
export function machine() {
  const cpus = os.cpus();
  const gib = (os.totalmem() / 2 ** 30).toFixed(0);
  return `${cpus.length} x ${cpus[0]?.model ?? 'CPU'}, ${gib} GiB, Node.js ${process.version}`;
}

function ratioText({ ratio, ratioLow, ratioHigh }) {
  if (ratio === undefined) return '';
  const spread = ratioLow === undefined ? '' : ` (${ratioLow.toFixed(2)}..${ratioHigh.toFixed(2)})`;
  return `${ratio.toFixed(2)}${spread}`;
}

/** Lines for a terminal. */
export function textOf({ name, unit, note, groups }) {
  const lines = [`${name}, ${unit}${note ? ` (${note})` : ''}`];
  for (const group of groups) {
    lines.push(`  ${group.name}`);
    const width = Math.max(25, ...group.rows.map((row) => row.name.length));
    for (const row of group.rows) {
      const spread = `${number(row.low)}..${number(row.high)}`;
      lines.push(`    ${row.name.padEnd(width)} ${number(row.median).padStart(8)}  ` +
        `${spread.padEnd(16)} x${ratioText(row)}${row.note ? `  ${row.note}` : ''}`);
    }
  }
  return lines.join('\n');
}

function markdownOf({ name, unit, note, groups }) {
  const rows = groups.flatMap((group) => group.rows.map((row) =>
    `| ${group.name} | ${row.name} | ${number(row.median)} | ` +
    `${number(row.low)} to ${number(row.high)} | ${ratioText(row)} |`));
  return [
    `## ${name}`, '', `${unit}${note ? `; ${note}` : ''}`, '',
    '| what | who | median | quartiles | ratio (quartiles) |', '|---|---|--:|--:|--:|', ...rows, '',
  ].join('\n');
}

function chartOf({ name, unit, groups }) {
  return barChart({
    title: `${name}: ${unit}`,
    foot: `median and quartiles; ${machine()}`,
    groups: groups.map((group) => ({
      name: group.name,
      bars: group.rows.map((row) => ({
        name: row.name, value: row.median, low: row.low, high: row.high,
        note: row.ratio === undefined ? undefined : `×${row.ratio.toFixed(2)}`,
      })),
    })),
  });
}

function write(file, text) {
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  fs.writeFileSync(file, text);
  console.log(`written: ${file}`);
}

/** "chart.svg" of the section "Whole networks" to "chart-whole-networks.svg". */
function chartFile(file, name) {
  const { dir, name: base, ext } = path.parse(file);
  const words = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return path.join(dir, `${base}-${words}${ext || '.svg'}`);
}

/**
 * Writes what was asked for.
 * @param {object[]} sections
 * @param {{json?: string, markdown?: string, svg?: string}} files with several sections, there is
 *   one chart each
 */
export function writeResults(sections, { json, markdown, svg }) {
  if (json) write(json, `${JSON.stringify({ machine: machine(), sections }, null, 2)}\n`);
  if (markdown) write(markdown, [`${machine()}\n`, ...sections.map(markdownOf)].join('\n'));
  if (!svg) return;
  for (const section of sections) {
    write(sections.length === 1 ? svg : chartFile(svg, section.name), chartOf(section));
  }
}

/** For util.parseArgs: where results go. */
export const RESULT_OPTIONS = {
  json: { type: 'string' },
  markdown: { type: 'string' },
  svg: { type: 'string' },
};
