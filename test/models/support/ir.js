// A small network in OpenVINO IR, made here.
'use strict';

/**
 * Each channel's mean of a picture of 8 by 8 pixels, times 2: three classes, in channel order.
 * @returns {{xml: Buffer, bin: Buffer}}
 */
function channelMeans() {
  const layer = (id, name, type, data, inputs) => `
    <layer id="${id}" name="${name}" type="${type}" version="opset1">
      ${data ? `<data ${data}/>` : ''}
      <input>${inputs.map((_, port) => `<port id="${port}"/>`).join('')}</input>
      ${type === 'Result' ? '' : `<output><port id="${inputs.length}"/></output>`}
    </layer>`;
  const edge = (from, to, port, fromPort = 0) =>
    `<edge from-layer="${from}" from-port="${fromPort}" to-layer="${to}" to-port="${port}"/>`;
  const xml = `<?xml version="1.0"?><net name="means" version="11"><layers>${[
    layer(0, 'pixels', 'Parameter', 'element_type="f32" shape="?,3,8,8"', []),
    layer(1, 'axes', 'Const', 'element_type="i64" shape="2" offset="0" size="16"', []),
    layer(2, 'means', 'ReduceMean', 'keep_dims="false"', [0, 1]),
    layer(3, 'two', 'Const', 'element_type="f16" shape="1" offset="16" size="2"', []),
    layer(4, 'scores', 'Multiply', 'auto_broadcast="numpy"', [2, 3]),
    layer(5, 'scores/sink', 'Result', '', [4]),
  ].join('')}</layers><edges>${[
    edge(0, 2, 0), edge(1, 2, 1), edge(2, 4, 0, 2), edge(3, 4, 1), edge(4, 5, 0, 2),
  ].join('')}</edges></net>`;
  const bin = Buffer.alloc(18);
  bin.writeBigInt64LE(2n, 0);
  bin.writeBigInt64LE(3n, 8);
  bin.writeUInt16LE(0x4000, 16); // 2 as f16
  return { xml: Buffer.from(xml), bin };
}

module.exports = { channelMeans };
