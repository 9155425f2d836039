// P of generic-inl.h for vectors. Included inside a target region and a namespace, after a struct
// B: Wide of a bytes-*-inl.h and what it lacks here; and simd/requant-inl.h.

// Bytes that a sum of 16 bits holds.
constexpr int kTapsOf16Bits = 256;

struct P {
  using I = B::I;
  static constexpr int kVectors = B::kVectors;
  static constexpr int kBytes = kVectors * B::kLanes;

  // Whether a step may be several pixels of that many channels.
  static constexpr bool Folds(int64_t channels) { return B::Folds(channels); }

  struct Largest {
    I bytes;

    MINNOW_INLINE Largest() : bytes(B::Zero()) {}
    MINNOW_INLINE void Take(const uint8_t* p) { bytes = B::Max8(bytes, B::LoadBytes(p)); }
    MINNOW_INLINE void Store(uint8_t* out, int64_t count) const {
      B::StoreBytes(out, bytes, MaskOf(count));
    }
  };

  // In 16 bits as long as those hold them. Registers are in the order that packing turns back.
  struct Sums {
    typename B::Words narrow;
    I sums[kVectors];
    int left = kTapsOf16Bits;

    MINNOW_INLINE Sums() {
      MINNOW_UNROLL
      for (int v = 0; v < kVectors; ++v) sums[v] = B::Zero();
    }
    MINNOW_INLINE void Take(const uint8_t* p) {
      narrow.Take(p);
      if (--left == 0) Widen();
    }
    // `count` steps, `stride` bytes apart.
    MINNOW_INLINE void TakeAll(const uint8_t* p, int64_t count, int64_t stride) {
      while (count > 0) {
        const int64_t now = count < kTapsOf16Bits ? count : kTapsOf16Bits;
        for (int64_t i = 0; i < now; ++i) narrow.Take(p + i * stride);
        Widen();
        p += now * stride;
        count -= now;
      }
    }
    MINNOW_INLINE void Widen() {
      I words[kVectors / 2];
      narrow.Store(words);
      MINNOW_UNROLL
      for (int v = 0; v < kVectors / 2; ++v) {
        sums[2 * v] = B::Add(sums[2 * v], B::Low16(words[v], B::Zero()));
        sums[2 * v + 1] = B::Add(sums[2 * v + 1], B::High16(words[v], B::Zero()));
      }
      narrow = typename B::Words();
      left = kTapsOf16Bits;
    }
    // Adds up the pixels of a step, to the front.
    MINNOW_INLINE void Fold(int64_t channels) {
      Widen();
      MINNOW_UNROLL
      for (int v = 0; v < kVectors; ++v) sums[v] = B::Fold(sums[v], channels);
    }
    MINNOW_INLINE void Store(int32_t less, const Requant& requant, uint8_t* out, int64_t count) {
      Widen();
      MINNOW_UNROLL
      for (int v = 0; v < kVectors; ++v) sums[v] = B::Add(sums[v], B::Set(-less));
      if (requant.is_exact) return StoreExact(requant, MaskOf(count), out);
      StoreRow<B, kVectors>(sums, RequantV<B>(requant), MaskOf(count), out);
    }
    // Halves to even, by the sum with a float whose last bit is a step.
    MINNOW_INLINE void StoreExact(const Requant& requant, uint64_t mask, uint8_t* out) {
      const auto at = [&](int32_t byte) {
        return kGuessUnits * (12582912.0f + static_cast<float>(byte));  // 1.5 * 2^23
      };
      const auto shift = B::SetF(at(requant.zero_point));
      const I low = B::Set(BitsOf(at(requant.min))), high = B::Set(BitsOf(at(requant.max)));
      const auto multiplier = B::SetF(requant.multipliers[0]);
      I q[kVectors];
      MINNOW_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        q[v] = B::Raise(B::Bound(B::Scale(sums[v], multiplier, shift), low, high));
      }
      B::StoreBytes(out, B::template Pack<kVectors>(q), mask);
    }
  };
};
