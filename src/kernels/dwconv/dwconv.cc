#include "kernels/dwconv/dwconv.h"

#include "kernels/dwconv/declarations.h"
#include "kernels/table.h"

namespace minnow::kernels {
namespace {

#define MINNOW_DWCONV_F32(isa, suffix) {isa, "dwconv_f32_" #suffix, dwconv_f32_##suffix},
constexpr DwconvF32Kernel kKernels[] = {
#include "kernels/dwconv/kernels.inc"
};
#undef MINNOW_DWCONV_F32

}  // namespace

const DwconvF32Kernel& SelectDwconvF32(Isa isa) { return Select(kKernels, isa); }

const DwconvF32Kernel* DwconvF32Kernels(size_t* count) { return Supported(kKernels, count); }

}  // namespace minnow::kernels
