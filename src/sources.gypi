{
  "variables": {
    "engine_files": [
      "base/aligned_buffer.cc",
      "base/status.cc",
      "classify/classifier.cc",
      "classify/output_kind.cc",
      "classify/session_pool.cc",
      "classify/top_k.cc",
      "tensor/shape.cc",
      "tensor/tensor.cc"
    ],
    "binding_files": [
      "binding/addon.cc",
      "binding/cancel_token.cc",
      "binding/classifier_wrap.cc",
      "binding/errors.cc",
      "binding/job_queue.cc",
      "binding/loaded_model.cc",
      "binding/model_wrap.cc",
      "binding/run_job.cc",
      "binding/values.cc"
    ],
    "common_cflags": [
      "-std=c++17", "-O3", "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden",
      "-fno-math-errno", "-ffp-contract=off"
    ]
  }
}
