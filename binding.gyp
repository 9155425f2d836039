# Builds build/Release/minnow.node: what `npm install` runs where no prebuilt one fits. The sources and
# the flags are those of CMakeLists.txt, from src/sources.gypi. No CPU flags: kernels choose their
# target by region. MINNOW_STATIC=1 puts libjpeg-turbo, libpng and zlib inside (npm run prebuilds).
{
  'includes': ['src/sources.gypi'],
  'variables': {
    'minnow_static%': '<!(node -p "process.env.MINNOW_STATIC || 0")',
    'once_a_node': '^src/(base/byte_stream|exporters/|graph/|importers/(?!.*tensors)|interpreter/(?!movement)|passes/(?!affine|fold_|permute)|quantize/(?!calibrate|observer)|runtime/(lower|model|tail|weight_cache)|wasi_nn/(?!convert))',
  },
  'target_defaults': {
    'include_dirs': ['src', '<!(node -p "require(\'node-addon-api\').include_dir")'],
    # Node's own defaults that differ from the engine's; common_cflags follows them and wins.
    'cflags!': ['-fno-omit-frame-pointer'],
    'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
    'cflags_cc': [
      '<@(common_cflags)',
      '<!@(node scripts/native-deps.mjs cflags)',
      '-ffunction-sections', '-fdata-sections',
    ],
    'configurations': {
      'Release': {
        'defines': ['NDEBUG'],
        'cflags!': ['-fno-omit-frame-pointer'],
        'ldflags': ['-Wl,-s'],
      },
      'Debug': {
        'cflags_cc!': ['-O3'],
      },
    },
    'conditions': [
      ['OS=="mac"', {
        'xcode_settings': {
          'OTHER_CPLUSPLUSFLAGS': ['<@(common_cflags)', '<!@(node scripts/native-deps.mjs cflags)'],
          'MACOSX_DEPLOYMENT_TARGET': '11.0',
        },
      }],
    ],
  },
  'targets': [
    # Two halves of the engine: what touches every element, and what reads and checks networks, which
    # runs once a node and would be twice as large at -O3.
    {
      'target_name': 'minnow_engine',
      'type': 'static_library',
      'product_prefix': 'lib',
      'product_extension': 'a',
      'sources': ['<@(engine_files)'],
      'sources/': [['exclude', '<(once_a_node)']],
    },
    {
      'target_name': 'minnow_loading',
      'type': 'static_library',
      'product_prefix': 'lib',
      'product_extension': 'a',
      'sources': ['<@(engine_files)'],
      'sources/': [['exclude', '.'], ['include', '<(once_a_node)']],
      'cflags_cc': ['-Os'],
    },
    {
      'target_name': 'minnow',
      'dependencies': ['minnow_engine', 'minnow_loading'],
      'sources': ['<@(binding_files)'],
      'defines': [
        'NAPI_VERSION=8',
        'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
        'NODE_ADDON_API_DISABLE_DEPRECATED',
      ],
      # At -O3 the inlined headers of node-addon-api make this part six times as large, not faster.
      'cflags_cc': ['-Os'],
      'libraries': ['<!@(node scripts/native-deps.mjs libs)'],
      'conditions': [
        ['OS=="linux"', {
          # nodelete: the pool's threads run this code after a worker's environment has closed it.
          # now: a function that no source defines shows when the addon loads.
          # build-id: what prepacked models are tied to.
          'ldflags': [
            '-Wl,-z,nodelete', '-Wl,-z,now', '-Wl,--gc-sections', '-Wl,--build-id=sha1', '-pthread',
          ],
        }],
        ['OS=="linux" and minnow_static==1', {
          'sources': ['src/binding/static_stderr.c'],
          'ldflags': ['-Wl,--wrap=stderr'],
        }],
      ],
    },
  ],
}
