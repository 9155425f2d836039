// Which commands are there? One row a command; a module is loaded when its command is used.
'use strict';

module.exports = {
  action: () => require('./action.js'),
  bench: () => require('./bench.js'),
  classify: () => require('./classify.js'),
  completion: () => require('./completion.js'),
  inspect: () => require('./inspect.js'),
  models: () => require('./models.js'),
  pull: () => require('./pull.js'),
  quantize: () => require('./quantize.js'),
  run: () => require('./run.js'),
  serve: () => require('./serve.js'),
  work: () => require('./work.js'),
};
