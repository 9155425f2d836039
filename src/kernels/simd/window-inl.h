// Which taps of a window lie inside a row. Included inside a namespace, after simd/unroll.h; `Args`
// has kernel_w, stride, dilation, pad_left and in_width.

// Taps [first, last) of output x lie inside the row.
struct TapRange {
  int64_t first, last;
};

template <class Args>
MINNOW_INLINE TapRange TapsInside(const Args& args, int64_t x) {
  const int64_t start = x * args.stride - args.pad_left;
  TapRange taps = {0, args.kernel_w};
  while (taps.first < taps.last && start + taps.first * args.dilation < 0) ++taps.first;
  while (taps.last > taps.first && start + (taps.last - 1) * args.dilation >= args.in_width) {
    --taps.last;
  }
  return taps;
}
