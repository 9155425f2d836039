// All rows of a panel, in tiles of MR and at last one of fewer. Included inside a target region and
// a namespace, after simd/tiles-inl.h and Tile<rows, vectors>(args, a, c, offsets).

template <int MR, int NV>
MINNOW_INLINE void Panel(const QgemmArgs& args) {
  const uint8_t* a = args.a;
  uint8_t* c = args.c;
  const int32_t* offsets = args.row_offsets;
  int64_t left = args.m;
  for (; left >= MR; left -= MR) {
    Tile<MR, NV>(args, a, c, offsets);
    a += MR * args.pixel_stride;
    c += MR * args.c_pixel_stride;
    if (offsets != nullptr) offsets += MR;
  }
  if (left == 0) return;
  WithRows<MR>(
      left, [&](auto rows) __attribute__((always_inline)) {
        Tile<decltype(rows)::kCount, NV>(args, a, c, offsets);
      });
}
