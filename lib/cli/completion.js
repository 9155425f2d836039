// `minnow completion`: what a shell offers after "minnow" and the tabulator key.
'use strict';

const { UsageError } = require('./errors.js');

const SHELLS = ['bash', 'zsh', 'fish'];

const options = {};

const help = `Usage: minnow completion SHELL

Prints a script for SHELL (${SHELLS.join(', ')}) that completes commands, options, their values, and the
names of models.

Options:
  -h, --help   this text

Examples:
  minnow completion bash > ~/.local/share/bash-completion/completions/minnow
  minnow completion zsh > "\${fpath[1]}/_minnow"
  minnow completion fish > ~/.config/fish/completions/minnow.fish

Exit codes: 0 printed, 1 failed, 2 wrong usage
`;

/** What follows an option: nothing, one of a list, a model, or anything, offered as files. */
function valueOf(name, { type, choices }) {
  if (type === 'boolean') return { kind: 'none' };
  if (choices !== undefined) return { kind: 'list', list: choices };
  return { kind: name === 'model' ? 'model' : 'file' };
}

/** The first line about each option in the text of --help. */
function descriptionsOf(text) {
  const lines = text.matchAll(/^ {2}(?:-\w, | {4})--([\w-]+)(?: [^ ]+)? {2,}(.+)$/gm);
  return new Map([...lines].map(([, name, words]) => [name, words.replace(/ \(.*$|[,;:]$/, '')]));
}

/** Commands with options, as the three scripts need them. */
function describeCommands() {
  return Object.entries(require('./commands.js')).map(([name, load]) => {
    const command = load();
    const words = descriptionsOf(command.help);
    const list = Object.entries({ ...command.options, help: { type: 'boolean', short: 'h' } });
    return {
      name,
      summary: command.summary,
      operands: name === 'completion' ? SHELLS : null,
      models: ['bench', 'inspect', 'pull', 'quantize'].includes(name),
      options: list.map(([option, spec]) => ({
        name: option,
        short: spec.short,
        words: words.get(option) ?? '',
        value: valueOf(option, spec),
      })),
    };
  });
}

const LIST_MODELS = "minnow models --json 2>/dev/null | sed -n 's/^{\"name\":\"\\([^\"]*\\)\".*/\\1/p'";

function flagsOf({ name, short }) {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

/** Arms of `case COMMAND:PREVIOUS`, for what follows an option. */
function bashValues(command) {
  return command.options.filter(({ value }) => value.kind !== 'none').map((option) => {
    const pattern = flagsOf(option).map((flag) => `${command.name}:${flag}`).join('|');
    const { kind, list } = option.value;
    const words = { list: `"${list?.join(' ')}"`, model: `$(${LIST_MODELS})`, file: '' }[kind];
    return `    ${pattern}) words=${words} ;;`;
  });
}

function bashScript(commands) {
  const names = commands.map(({ name }) => name).join(' ');
  const all = commands.map((command) => {
    const flags = command.options.flatMap(flagsOf).join(' ');
    const models = command.models ? ` $(${LIST_MODELS})` : '';
    const operands = command.operands === null ? '' : ` ${command.operands.join(' ')}`;
    return `      ${command.name}) words="${flags}${operands}${models}" ;;`;
  });
  return `# bash completion for minnow
_minnow() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} help --help --version" -- "$current"))
    return
  fi
  case \${COMP_WORDS[1]}:$previous in
${commands.flatMap(bashValues).join('\n')}
    *)
      case \${COMP_WORDS[1]} in
      help) words="${names}" ;;
${all.join('\n')}
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _minnow minnow
`;
}

const zshQuote = (text) => text.replace(/'/g, "'\\''").replace(/[[\]:]/g, '\\$&');

function zshOption(option) {
  const { kind, list } = option.value;
  const action = {
    none: '',
    list: `:value:(${(list ?? []).join(' ')})`,
    model: ':model:_minnow_models',
    file: ':value:_files',
  }[kind];
  return flagsOf(option).map((flag) => `'*${flag}[${zshQuote(option.words)}]${action}'`);
}

function zshScript(commands) {
  const rows = commands.map(({ name, summary }) => `    '${name}:${zshQuote(summary)}'`);
  const arms = commands.map((command) => {
    const rest = command.operands !== null ? `(${command.operands.join(' ')})`
      : command.models ? '_minnow_models' : '_files';
    const parts = [...command.options.flatMap(zshOption), `'*:argument:${rest}'`];
    return `    ${command.name}) _arguments ${parts.join(' \\\n      ')} ;;`;
  });
  return `#compdef minnow
_minnow_models() {
  compadd -- \${(f)"$(${LIST_MODELS})"}
  _files
}
_minnow() {
  local -a commands=(
${rows.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${arms.join('\n')}
  esac
}
if [ "$funcstack[1]" = _minnow ]; then _minnow "$@"; else compdef _minnow minnow; fi
`;
}

const fishQuote = (text) => `'${text.replace(/[\\']/g, '\\$&')}'`;

function fishScript(commands) {
  const first = commands.map(({ name, summary }) =>
    `complete -c minnow -n __fish_use_subcommand -f -a ${name} -d ${fishQuote(summary)}`);
  const rest = commands.flatMap((command) => {
    const when = `-n '__fish_seen_subcommand_from ${command.name}'`;
    const lines = command.options.map(({ name, short, words, value }) => {
      const values = {
        none: '',
        list: ` -x -a '${(value.list ?? []).join(' ')}'`,
        model: ' -r -a "(__minnow_models)"',
        file: ' -r',
      }[value.kind];
      const flag = `-l ${name}${short === undefined ? '' : ` -s ${short}`}`;
      return `complete -c minnow ${when} ${flag}${values} -d ${fishQuote(words)}`;
    });
    if (command.models) lines.push(`complete -c minnow ${when} -a "(__minnow_models)"`);
    if (command.operands !== null) {
      lines.push(`complete -c minnow ${when} -f -a '${command.operands.join(' ')}'`);
    }
    return lines;
  });
  return `# fish completion for minnow
function __minnow_models
  ${LIST_MODELS}
end
${[...first, ...rest].join('\n')}
`;
}

/**
 * @param {object} values of `options`
 * @param {string[]} operands
 * @returns {Promise<number>} the exit code
 */
async function run(values, operands) {
  const [shell] = operands;
  if (operands.length !== 1 || !SHELLS.includes(shell)) {
    throw new UsageError(`give one shell: ${SHELLS.join(', ')}`);
  }
  const write = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell];
  process.stdout.write(write(describeCommands()));
  return 0;
}

module.exports = { summary: 'complete commands in bash, zsh and fish', options, help, run };
