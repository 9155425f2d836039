// ES modules: a classification that has one second, and no more.
import { MobileNet } from 'minnow';

const net = await MobileNet.load();
try {
  const [best] = await net.classify(process.argv[2], { signal: AbortSignal.timeout(1000) });
  console.log(best.label);
} catch (error) {
  console.error(error.name === 'TimeoutError' ? 'too slow' : error.message);
} finally {
  net.close();
}
