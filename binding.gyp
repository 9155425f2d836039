# Builds build/Release/minnow.node: what `npm install` runs. The sources and the flags are those of
# CMakeLists.txt, from src/sources.gypi. No CPU flags: kernels choose their target by region.
{
  'includes': ['src/sources.gypi'],
  'targets': [
    {
      'target_name': 'minnow',
      'sources': ['<@(engine_files)', '<@(binding_files)'],
      'include_dirs': ['src', '<!(node -p "require(\'node-addon-api\').include_dir")'],
      'defines': [
        'NAPI_VERSION=8',
        'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
        'NODE_ADDON_API_DISABLE_DEPRECATED',
      ],
      # Node's own defaults that differ from the engine's; common_cflags follows them and wins.
      'cflags!': ['-fno-omit-frame-pointer'],
      'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
      'cflags_cc': [
        '<@(common_cflags)',
        '<!@(node scripts/native-deps.mjs cflags)',
        '-ffunction-sections', '-fdata-sections',
      ],
      'libraries': ['<!@(node scripts/native-deps.mjs libs)'],
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
        ['OS=="linux"', {
          # nodelete: the pool's threads run this code after a worker's environment has closed it.
          # now: a function that no source defines shows when the addon loads.
          'ldflags': ['-Wl,-z,nodelete', '-Wl,-z,now', '-Wl,--gc-sections', '-pthread'],
        }],
        ['OS=="mac"', {
          'xcode_settings': {
            'OTHER_CPLUSPLUSFLAGS': ['<@(common_cflags)', '<!@(node scripts/native-deps.mjs cflags)'],
            'MACOSX_DEPLOYMENT_TARGET': '11.0',
          },
        }],
      ],
    },
  ],
}
