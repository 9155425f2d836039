// Writes docs/api.md from the types (lib/**/index.d.ts) and the documentation comments of lib/:
//   node scripts/api-docs.mjs
// Signatures and types come from the former, the words from whichever says more.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const HEAD = `# API reference

Generated from the sources by \`npm run docs\`; \`lib/index.d.ts\` has the same for editors. The examples are run by
the tests. Wrong types and ranges of arguments are \`TypeError\` with the code \`ERR_INVALID_ARG_TYPE\` and
\`RangeError\` with \`ERR_OUT_OF_RANGE\` everywhere; the codes of \`MinnowError\` are listed with its type.
`;

function parse(file) {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

/** Text of a comment, with {@link X} as code and lines joined. */
function prose(comment) {
  return (ts.getTextOfJSDocComment(comment) ?? '')
    .replace(/\{@link ([^}]+)\}/g, '`$1`')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}

/** "[options.threads=2]" of a @param, with what stands between the brackets. */
function parameterName(tag) {
  const pattern = /@param\s+(?:\{.*?\}\s+)?\[[^\]=]+=((?:[^\][]|\[[^\]]*\])*)\]/s;
  const initial = pattern.exec(tag.getText())?.[1].trim();
  return { name: tag.name.getText(), optional: tag.isBracketed, initial };
}

/** A @param and those of its properties, which the parser puts inside of it. */
function flatten(tag) {
  const type = tag.typeExpression?.type;
  const inner = type !== undefined && ts.isJSDocTypeLiteral(type) ? type.jsDocPropertyTags : [];
  return [{ ...parameterName(tag), words: prose(tag.comment) }, ...(inner ?? []).flatMap(flatten)];
}

/** What the last comment before a node says. */
function commentOf(node) {
  const doc = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  if (doc === undefined) return null;
  const tags = [...(doc.tags ?? [])];
  const named = (kind) => tags.filter((tag) => tag.tagName.text === kind);
  return {
    text: prose(doc.comment),
    parameters: tags.filter(ts.isJSDocParameterTag).flatMap(flatten),
    returns: named('returns').map((tag) => prose(tag.comment)).find(Boolean),
    throws: named('throws').map((tag) => {
      const type = tag.typeExpression?.type.getText();
      return [type && `\`${type.replaceAll('|', ' | ')}\``, prose(tag.comment)].filter(Boolean).join(': ');
    }),
    examples: named('example').map((tag) => (ts.getTextOfJSDocComment(tag.comment) ?? '').trim()),
  };
}

const memberName = (node) => node.name?.getText() ?? '';

/** "Class", "Class.member" and "function" to the comments in the JavaScript of `folder`. */
function commentsIn(folder) {
  const found = new Map();
  const keep = (key, node) => {
    const comment = commentOf(node);
    if (comment !== null) found.set(key, comment);
  };
  const names = readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith('.js')).sort();
  for (const statement of names.flatMap((name) => [...parse(path.join(folder, name)).statements])) {
    if (ts.isFunctionDeclaration(statement)) keep(statement.name.text, statement);
    if (!ts.isClassDeclaration(statement)) continue;
    keep(statement.name.text, statement);
    for (const member of statement.members) {
      keep(`${statement.name.text}.${memberName(member)}`, member);
    }
  }
  return found;
}

const fence = (language, text) => `\`\`\`${language}\n${text}\n\`\`\``;

/** A declaration as it stands, at the margin. */
function signature(node) {
  const { character } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
  const text = node.getText().replace(new RegExp(`\\n {${character}}`, 'g'), '\n');
  return text.replace(/^export /, '');
}

/** Paragraphs of a comment. */
function paragraphs(comment) {
  if (comment === null) return [];
  const parts = [comment.text];
  const described = comment.parameters.filter(({ words }) => words !== '');
  if (described.length > 0) {
    parts.push(described.map(({ name, optional, initial, words }) => {
      const note = initial !== undefined ? ` (default \`${initial}\`)` : optional ? ' (optional)' : '';
      return `- \`${name}\`${note}: ${words}`;
    }).join('\n'));
  }
  if (comment.returns !== undefined) parts.push(`Returns ${comment.returns}`);
  if (comment.throws.length > 0) parts.push(`Throws ${comment.throws.join('; ')}`);
  // "javascript", since the tests run blocks of "js" as programs of their own.
  parts.push(...comment.examples.map((example) => fence('javascript', example)));
  return parts.filter((part) => part !== '');
}

/** The comment of the JavaScript, or that of the types where it has none or fewer words. */
function bestComment(comments, key, node) {
  const [own, typed] = [comments.get(key) ?? null, commentOf(node)];
  if (own === null || own.text === '') return typed && own ? { ...own, text: typed.text } : own ?? typed;
  return own;
}

function describeClass(node, comments) {
  const { text: name } = node.name;
  const base = node.heritageClauses?.map((clause) => ` ${clause.getText()}`).join('') ?? '';
  const parts = [`### class ${name}${base}`, ...paragraphs(bestComment(comments, name, node))];
  const seen = new Set();
  for (const member of node.members) {
    if (member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)) continue;
    const key = ts.isConstructorDeclaration(member) ? 'constructor' : memberName(member);
    parts.push(`#### ${name}${key.startsWith('[') ? key : `.${key}`}`, fence('ts', signature(member)));
    if (!seen.has(key)) parts.push(...paragraphs(bestComment(comments, `${name}.${key}`, member)));
    seen.add(key);
  }
  return parts;
}

function describeFunctions(nodes, comments) {
  const { text: name } = nodes[0].name;
  const signatures = nodes.map(signature).join('\n');
  const comment = bestComment(comments, name, nodes[0]);
  return [`### ${name}()`, fence('ts', signatures), ...paragraphs(comment)];
}

function describeType(node) {
  const comment = commentOf(node);
  return [`### ${node.name.text}`, ...paragraphs(comment), fence('ts', signature(node))];
}

function describeModule(name, types) {
  const comments = commentsIn(path.dirname(types));
  const all = parse(types).statements.filter((node) => node.name !== undefined);
  const classes = all.filter(ts.isClassDeclaration)
    .flatMap((node) => describeClass(node, comments));
  const functions = all.filter(ts.isFunctionDeclaration);
  const names = [...new Set(functions.map((node) => node.name.text))];
  const described = names.flatMap((wanted) =>
    describeFunctions(functions.filter((node) => node.name.text === wanted), comments));
  const isType = (node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
  const shapes = all.filter(isType).flatMap(describeType);
  return [`## ${name}`, ...classes, ...described, `## Types of ${name}`, ...shapes];
}

/** The page. */
export function render() {
  const { exports } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const modules = Object.entries(exports)
    .map(([name, target]) => [name.replace(/^\./, 'minnow'), target.types ?? target.require?.types])
    .filter(([, types]) => types !== undefined);
  const parts = modules.flatMap(([name, types]) => describeModule(name, types.replace('./', '')));
  return `${[HEAD.trim(), ...parts].join('\n\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(path.join(ROOT, 'docs', 'api.md'), render());
}
