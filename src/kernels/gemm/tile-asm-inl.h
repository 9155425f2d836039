// The register tile of the matrix product in assembly, for AVX2 and AVX-512. Compilers move
// accumulators from register to register, which costs 8 % (bench/NOTES.md); here each stays.
//
// Included inside a namespace and a target region, after generic-inl.h and these definitions:
//   MINNOW_ASM_R        "ymm" or "zmm"
//   MINNOW_ASM_W0, _W1  the numbers of the registers that hold a channel's weights
//   MINNOW_ASM_T0, _T1  the numbers of two free ones
//   MINNOW_ASM_ROWS(M)  M(row, its accumulator, its second accumulator, T0 or T1) for each row
// The assembler's .if leaves out the rows and vectors that a smaller tile does not have.

// What a tile reads. Strides in bytes, but for the taps, which count floats.
struct AsmTile {
  const float* a;
  const int64_t* taps;
  int64_t tap_count;
  int64_t block_bytes;          // from a block of 16 channels of A to the next
  int64_t blocks, fours, ones;  // channels of a tap: 16 * blocks + 4 * fours + ones
  int64_t a_is_cold;
  const float* b;
  const float* next;  // fetched meanwhile, 16 floats in two channels
  const float* bias;
  float* c;
  int64_t c_pixel_bytes, c_block_bytes;
  const float* residual;  // as C, or null
  float min, max;
};

// clang-format off
#define MINNOW_R(number) "%%" MINNOW_ASM_R number
#define MINNOW_IF(condition, text) ".if " condition "\n" text ".endif\n"
#define MINNOW_ROW(p, text) MINNOW_IF(#p " < %c[rows]", text)
#define MINNOW_SECOND(text) MINNOW_IF("%c[vectors] == 2", text)

#define MINNOW_ROW_BIAS(p, q, t) \
  MINNOW_ROW(p, "vmovups (%%r8)," MINNOW_R(#p) "\n" \
             MINNOW_SECOND("vmovups %c[bytes](%%r8)," MINNOW_R(#q) "\n"))

#define MINNOW_ROW_FETCH(p, q, t) \
  MINNOW_ROW(p, "prefetcht0 %c[stride]*" #p "(%%rax,%%r9)\n")

// Channel \k of a row: one element of A in all lanes, times the weights.
#define MINNOW_ROW_MAC(p, q, t)                                                              \
  MINNOW_ROW(p, "vbroadcastss %c[stride]*" #p "+4*\\k(%%rax)," MINNOW_R(t) "\n"              \
             "vfmadd231ps " MINNOW_R(MINNOW_ASM_W0) "," MINNOW_R(t) "," MINNOW_R(#p) "\n"    \
             MINNOW_SECOND("vfmadd231ps " MINNOW_R(MINNOW_ASM_W1) "," MINNOW_R(t) ","        \
                           MINNOW_R(#q) "\n"))

#define MINNOW_CHANNELS(list)                                                                 \
  ".irp k," list "\n"                                                                         \
  "vmovups %c[bytes]*%c[vectors]*\\k(%%rdx)," MINNOW_R(MINNOW_ASM_W0) "\n"                    \
  MINNOW_SECOND("vmovups %c[bytes]*(2*\\k+1)(%%rdx)," MINNOW_R(MINNOW_ASM_W1) "\n")           \
  MINNOW_ASM_ROWS(MINNOW_ROW_MAC)                                                             \
  MINNOW_IF("\\k & 1", "prefetcht1 32*(\\k-1)(%%rsi)\n")                                      \
  ".endr\n"

#define MINNOW_ROW_ADD(p, q, t)                                                               \
  MINNOW_ROW(p, "vaddps (%%rdx)," MINNOW_R(#p) "," MINNOW_R(#p) "\n"                          \
             MINNOW_SECOND("vaddps (%%rdx,%%r9)," MINNOW_R(#q) "," MINNOW_R(#q) "\n")         \
             "add %%rcx,%%rdx\n")

// NaN passes: the second operand wins when one is.
#define MINNOW_STORE(r, at)                                          \
  "vmaxps " MINNOW_R(r) "," MINNOW_R(MINNOW_ASM_T0) "," MINNOW_R(r) "\n" \
  "vminps " MINNOW_R(r) "," MINNOW_R(MINNOW_ASM_T1) "," MINNOW_R(r) "\n" \
  "vmovups " MINNOW_R(r) "," at "\n"
#define MINNOW_ROW_STORE(p, q, t)                                          \
  MINNOW_ROW(p, MINNOW_STORE(#p, "(%%rax)")                                \
             MINNOW_SECOND(MINNOW_STORE(#q, "(%%rax,%%r9)"))               \
             "add %%rcx,%%rax\n")

#define MINNOW_FIELD(name) [name] "i"(offsetof(AsmTile, name))

// ROWS pixels x VECTORS registers of channels; STRIDE bytes from a pixel of A to the next.
template <int ROWS, int VECTORS, int STRIDE>
MINNOW_INLINE void RunAsmTile(const AsmTile& tile) {
  // rax A, rdx B, rsi what is fetched, rdi the taps, r10 how many are left, r9 block_bytes, rcx a
  // count of blocks or channels; at the end rax C, rdx the residual, rcx and r9 their strides.
  __asm__ volatile(
      "mov %c[bias](%[tile]),%%r8\n" MINNOW_ASM_ROWS(MINNOW_ROW_BIAS)
      "mov %c[b](%[tile]),%%rdx\n"
      "mov %c[next](%[tile]),%%rsi\n"
      "mov %c[taps](%[tile]),%%rdi\n"
      "mov %c[tap_count](%[tile]),%%r10\n"
      "mov %c[block_bytes](%[tile]),%%r9\n"
      "1:\n"  // for each tap
      "mov (%%rdi),%%rax\n"
      "shl $2,%%rax\n"
      "add %c[a](%[tile]),%%rax\n"
      "mov %c[blocks](%[tile]),%%rcx\n"
      "test %%rcx,%%rcx\n"
      "jz 4f\n"
      "2:\n"  // for each block of 16 channels
      "cmpq $0,%c[a_is_cold](%[tile])\n"
      "je 3f\n" MINNOW_ASM_ROWS(MINNOW_ROW_FETCH)
      "3:\n" MINNOW_CHANNELS("0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15")
      "add $%c[bytes]*%c[vectors]*16,%%rdx\n"
      "add $512,%%rsi\n"
      "add %%r9,%%rax\n"
      "dec %%rcx\n"
      "jnz 2b\n"
      "4:\n"
      "mov %c[fours](%[tile]),%%rcx\n"
      "test %%rcx,%%rcx\n"
      "jz 6f\n"
      "5:\n" MINNOW_CHANNELS("0,1,2,3")
      "add $%c[bytes]*%c[vectors]*4,%%rdx\n"
      "add $128,%%rsi\n"
      "add $16,%%rax\n"
      "dec %%rcx\n"
      "jnz 5b\n"
      "6:\n"
      "mov %c[ones](%[tile]),%%rcx\n"
      "test %%rcx,%%rcx\n"
      "jz 8f\n"
      "7:\n" MINNOW_CHANNELS("0")
      "add $%c[bytes]*%c[vectors],%%rdx\n"
      "add $4,%%rax\n"
      "dec %%rcx\n"
      "jnz 7b\n"
      "8:\n"
      "add $8,%%rdi\n"
      "dec %%r10\n"
      "jnz 1b\n"
      "mov %c[c_pixel_bytes](%[tile]),%%rcx\n"
      "mov %c[c_block_bytes](%[tile]),%%r9\n"
      "mov %c[residual](%[tile]),%%rdx\n"
      "test %%rdx,%%rdx\n"
      "jz 9f\n" MINNOW_ASM_ROWS(MINNOW_ROW_ADD)
      "9:\n"
      "mov %c[c](%[tile]),%%rax\n"
      "vbroadcastss %c[min](%[tile])," MINNOW_R(MINNOW_ASM_T0) "\n"
      "vbroadcastss %c[max](%[tile])," MINNOW_R(MINNOW_ASM_T1) "\n"
      MINNOW_ASM_ROWS(MINNOW_ROW_STORE)
      :
      : [tile] "r"(&tile), [rows] "i"(ROWS), [vectors] "i"(VECTORS), [stride] "i"(STRIDE),
        [bytes] "i"(kLanes * sizeof(float)), MINNOW_FIELD(a), MINNOW_FIELD(taps),
        MINNOW_FIELD(tap_count), MINNOW_FIELD(block_bytes), MINNOW_FIELD(blocks),
        MINNOW_FIELD(fours), MINNOW_FIELD(ones), MINNOW_FIELD(a_is_cold), MINNOW_FIELD(b),
        MINNOW_FIELD(next), MINNOW_FIELD(bias), MINNOW_FIELD(c), MINNOW_FIELD(c_pixel_bytes),
        MINNOW_FIELD(c_block_bytes), MINNOW_FIELD(residual), MINNOW_FIELD(min), MINNOW_FIELD(max)
      : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "memory", "cc", MINNOW_ASM_CLOBBERS);
}
// clang-format on

// Tile of generic-inl.h for strides that are known.
template <int MR, int NV, int PS>
__attribute__((noinline)) void AssembledTile(const GemmF32Args& args, const float* a, float* c,
                                             const float* residual, const float* next) {
  // Where the stride of A is fixed, C is blocked.
  constexpr int kPerBlock = kBlock / kLanes;
  AsmTile tile;
  tile.a = a;
  tile.taps = args.taps;
  tile.tap_count = args.tap_count;
  tile.block_bytes = args.a_block_stride * static_cast<int64_t>(sizeof(float));
  tile.blocks = args.channels / kBlock;
  tile.fours = args.channels % kBlock / 4;
  tile.ones = args.channels % 4;
  tile.a_is_cold = PS == kBlock && args.a_is_cold ? 1 : 0;
  tile.b = args.b;
  tile.next = next;
  tile.bias = args.bias;
  tile.c = c;
  tile.c_pixel_bytes = kBlock * sizeof(float);
  // Two vectors of one block, or of two.
  tile.c_block_bytes = kPerBlock == 1 ? args.c_block_stride * static_cast<int64_t>(sizeof(float))
                                      : kLanes * static_cast<int64_t>(sizeof(float));
  tile.residual = residual;
  const bool hard_swish = args.epilogue.hard_swish;
  tile.min = hard_swish ? -__builtin_inff() : args.epilogue.min;
  tile.max = hard_swish ? __builtin_inff() : args.epilogue.max;
  RunAsmTile<MR, NV, PS* static_cast<int>(sizeof(float))>(tile);
  if (!hard_swish) return;
  for (int p = 0; p < MR; ++p) {
    for (int v = 0; v < NV; ++v) {
      float* at = c + p * kBlock + v / kPerBlock * args.c_block_stride + v % kPerBlock * kLanes;
      Store(at, HardSwish(Load(at)));
    }
  }
}

#undef MINNOW_FIELD
#undef MINNOW_ROW_STORE
#undef MINNOW_STORE
#undef MINNOW_ROW_ADD
#undef MINNOW_CHANNELS
#undef MINNOW_ROW_MAC
#undef MINNOW_ROW_FETCH
#undef MINNOW_ROW_BIAS
#undef MINNOW_SECOND
#undef MINNOW_ROW
#undef MINNOW_IF
#undef MINNOW_R
