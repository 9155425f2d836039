// A chart of horizontal bars in groups, as the text of an SVG file.
'use strict';

const WIDTH = 760;
const LABEL_WIDTH = 190;
const VALUE_WIDTH = 150;
const BAR_HEIGHT = 20;
const BAR_GAP = 6;
const GROUP_HEAD = 34;
const TITLE_HEIGHT = 44;
const FOOT_HEIGHT = 30;
const COLORS = ['#0b6e99', '#4aa3c4', '#7a9e3b', '#c9862b', '#9a5fa8'];

const escape = (content) =>
  String(content).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

const round = (value) => Math.round(value * 100) / 100;

function text(x, y, content, attributes = '') {
  return `<text x="${round(x)}" y="${round(y)}"${attributes && ` ${attributes}`}>${escape(content)}</text>`;
}

function bar({ name, value, low, high, note }, y, color, scale) {
  const middle = y + BAR_HEIGHT / 2;
  const end = LABEL_WIDTH + value * scale;
  const parts = [
    text(LABEL_WIDTH - 8, middle + 4, name, 'text-anchor="end"'),
    `<rect x="${LABEL_WIDTH}" y="${y}" width="${round(value * scale)}" height="${BAR_HEIGHT}" fill="${color}"/>`,
  ];
  let right = end;
  if (low !== undefined && high !== undefined) {
    right = Math.max(end, LABEL_WIDTH + high * scale);
    const [from, to] = [LABEL_WIDTH + low * scale, LABEL_WIDTH + high * scale].map(round);
    parts.push(`<path d="M${from} ${middle}H${to}" stroke="#222" stroke-width="1.5"/>`);
  }
  const label = note === undefined ? value.toFixed(1) : `${value.toFixed(1)}  ${note}`;
  parts.push(text(right + 8, middle + 4, label));
  return parts.join('\n');
}

/**
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} chart.foot one line under the bars: unit, machine, how it was measured
 * @param {Array<{name: string, bars: Array<{name: string, value: number, low?: number,
 *   high?: number, note?: string}>}>} chart.groups one scale for all; `low` and `high` are drawn as
 *   a line over the bar
 * @returns {string}
 */
function barChart({ title, foot, groups }) {
  const all = groups.flatMap((group) => group.bars);
  const largest = Math.max(1e-9, ...all.map((item) => Math.max(item.value, item.high ?? 0)));
  const scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / largest;
  const parts = [text(16, 28, title, 'font-size="17" font-weight="600"')];
  let y = TITLE_HEIGHT;
  for (const group of groups) {
    parts.push(text(16, y + 20, group.name, 'font-weight="600"'));
    y += GROUP_HEAD;
    group.bars.forEach((item, i) => {
      parts.push(bar(item, y, COLORS[i % COLORS.length], scale));
      y += BAR_HEIGHT + BAR_GAP;
    });
  }
  parts.push(text(16, y + 20, foot, 'font-size="11" fill="#555"'));
  const height = y + FOOT_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}"` +
      ` viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13" role="img">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

module.exports = { barChart };
