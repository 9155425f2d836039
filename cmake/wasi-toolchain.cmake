# Compiles for wasm32-wasi with Debian's clang, lld and wasi-libc; used by src/guest/CMakeLists.txt.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(MINNOW_LLVM "" CACHE STRING "Suffix of the LLVM programs, e.g. -14; empty for the default ones")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MINNOW_LLVM)

foreach(language C CXX)
  set(CMAKE_${language}_COMPILER_TARGET wasm32-wasi)
endforeach()
find_program(CMAKE_C_COMPILER NAMES clang${MINNOW_LLVM} REQUIRED)
find_program(CMAKE_CXX_COMPILER NAMES clang++${MINNOW_LLVM} REQUIRED)
# Archives must have an index of wasm symbols, which binutils' ar cannot read.
find_program(CMAKE_AR NAMES llvm-ar${MINNOW_LLVM} llvm-ar-14 REQUIRED)
find_program(CMAKE_RANLIB NAMES llvm-ranlib${MINNOW_LLVM} llvm-ranlib-14 REQUIRED)
