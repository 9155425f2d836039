// What the linter holds the JavaScript to; layout is left to .editorconfig.
import js from '@eslint/js';

const nodeGlobals = [
  'AbortController', 'AbortSignal', 'Blob', 'Buffer', 'DOMException', 'Event', 'EventTarget',
  'Headers', 'Request', 'Response', 'TextDecoder', 'TextEncoder', 'URL', 'WebAssembly',
  'clearImmediate', 'clearInterval', 'clearTimeout', 'console', 'fetch', 'global', 'performance',
  'process', 'queueMicrotask', 'setImmediate', 'setInterval', 'setTimeout', 'structuredClone',
];
const commonJsGlobals = ['__dirname', '__filename', 'exports', 'module', 'require'];
const readonly = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

const maxLength = (code) => [
  'error',
  { code, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true,
    ignoreRegExpLiterals: true },
];

export default [
  { ignores: ['build/', 'build-*/', 'out/', 'prebuilds/', 'coverage/', '**/node_modules/'] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, globals: readonly(nodeGlobals) },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-unused-vars': ['error', { args: 'after-used', caughtErrors: 'all' }],
      'consistent-return': 'error',
      'default-case-last': 'error',
      'eqeqeq': ['error', 'always', { null: 'ignore' }],
      'max-len': maxLength(100),
      'max-lines-per-function': ['error', { max: 100, skipBlankLines: true, skipComments: true }],
      'no-implicit-globals': 'error',
      'no-shadow': 'error',
      'no-throw-literal': 'error',
      'no-use-before-define': ['error', { functions: false }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: readonly(commonJsGlobals) },
    rules: { strict: ['error', 'global'] },
  },
  {
    files: ['lib/server/page/**'],
    languageOptions: { globals: readonly(['document', 'URLSearchParams']) },
  },
  {
    files: ['test/**'],
    rules: { 'max-len': maxLength(120), 'max-lines-per-function': 'off' },
  },
];
