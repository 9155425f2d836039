// CommonJS: the best classes of each picture on the command line.
'use strict';

const { MobileNet } = require('minnow');

async function main(files) {
  const net = await MobileNet.load(); // or a name of the catalog, a path, a URL, bytes
  for await (const result of net.classifyStream(files, { topK: 3 })) {
    if (result.error) {
      console.error(`${result.file}: ${result.error.message}`);
      continue;
    }
    for (const { label, probability } of result.predictions) {
      console.log(label, probability.toFixed(3));
    }
  }
  net.close();
}

main(process.argv.slice(2));
