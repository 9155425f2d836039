{
  "variables": {
    "engine_files": [
      "base/aligned_buffer.cc",
      "base/status.cc",
      "tensor/shape.cc",
      "tensor/tensor.cc"
    ],
    "binding_files": [
    ],
    "common_cflags": [
      "-std=c++17", "-O3", "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden",
      "-fno-math-errno", "-ffp-contract=off"
    ]
  }
}
