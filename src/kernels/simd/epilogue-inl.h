// The epilogue on one vector. Included after one of the *-inl.h files that define V.

struct EpilogueV {
  V min, max;
  bool hard_swish;
};

// With hard_swish the clamp that follows does nothing.
MINNOW_INLINE EpilogueV Broadcast(const Epilogue& e) {
  constexpr float kInfinity = __builtin_inff();
  return {Set(e.hard_swish ? -kInfinity : e.min), Set(e.hard_swish ? kInfinity : e.max),
          e.hard_swish};
}

// NaN passes: the bound is the first operand, and the second wins when unordered.
MINNOW_INLINE V Clamp(const EpilogueV& e, V x) { return Min(e.max, Max(e.min, x)); }

MINNOW_INLINE V HardSwish(V x) {
  const V gate = MulAdd(x, Set(1.0f / 6.0f), Set(0.5f));
  return Mul(x, Min(Set(1.0f), Max(Set(0.0f), gate)));
}

MINNOW_INLINE V Apply(const EpilogueV& e, V x) { return e.hard_swish ? HardSwish(x) : Clamp(e, x); }
