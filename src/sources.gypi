{
  "variables": {
    "engine_files": [
      "base/aligned_buffer.cc",
      "base/cpu_features.cc",
      "base/status.cc",
      "base/thread_pool.cc",
      "classify/classifier.cc",
      "classify/output_kind.cc",
      "classify/session_pool.cc",
      "classify/top_k.cc",
      "kernels/dwconv/avx2.cc",
      "kernels/dwconv/avx512.cc",
      "kernels/dwconv/dwconv.cc",
      "kernels/dwconv/portable.cc",
      "kernels/eltwise/avx2.cc",
      "kernels/eltwise/avx512.cc",
      "kernels/eltwise/eltwise.cc",
      "kernels/eltwise/portable.cc",
      "kernels/gemm/avx2.cc",
      "kernels/gemm/avx512.cc",
      "kernels/gemm/gemm.cc",
      "kernels/gemm/portable.cc",
      "kernels/pool/avx2.cc",
      "kernels/pool/avx512.cc",
      "kernels/pool/pool.cc",
      "kernels/pool/portable.cc",
      "kernels/reorder/reorder.cc",
      "kernels/resize/avx2.cc",
      "kernels/resize/reference.cc",
      "kernels/resize/resize.cc",
      "kernels/softmax/softmax.cc",
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
