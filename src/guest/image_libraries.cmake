# The decoders for WASI, from Debian's source packages: their C paths, decompression only (the linker
# drops what nobody calls). Gives the target image_libraries.
function(find_source name out)
  file(GLOB found LIST_DIRECTORIES true "${MINNOW_SOURCES}/${name}-*")
  list(LENGTH found count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "${count} folders match ${MINNOW_SOURCES}/${name}-*; one is needed "
      "(scripts/build-guests.sh fetches them)")
  endif()
  set(${out} ${found} PARENT_SCOPE)
endfunction()
find_source(libjpeg-turbo libjpeg_dir)
find_source(libpng1.6 libpng_dir)
find_source(zlib zlib_dir)
set(generated "${CMAKE_CURRENT_BINARY_DIR}/generated")

# libjpeg-turbo, as its own build configures it for 32 bits without SIMD and without encoders.
file(STRINGS "${libjpeg_dir}/CMakeLists.txt" version_line REGEX "^set\\(VERSION ")
string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" VERSION "${version_line}")
string(REGEX REPLACE "^([0-9]+)\\.([0-9]+)\\.([0-9]+)$" "\\100\\200\\3" LIBJPEG_TURBO_VERSION_NUMBER
  "${VERSION}")
set(JPEG_LIB_VERSION 62)
set(BITS_IN_JSAMPLE 8)
set(D_ARITH_CODING_SUPPORTED 1)
set(MEM_SRCDST_SUPPORTED 1)
set(INLINE "inline __attribute__((always_inline))")
set(SIZE_T 4)
set(HAVE_BUILTIN_CTZL 1)
foreach(header jconfig.h jconfigint.h jversion.h)
  configure_file("${libjpeg_dir}/${header}.in" "${generated}/${header}")
endforeach()
set(jpeg_files
  jaricom jcomapi jdapimin jdapistd jdarith jdatasrc jdcoefct jdcolor jddctmgr jdhuff jdicc jdinput
  jdmainct jdmarker jdmaster jdmerge jdphuff jdpostct jdsample jdtrans jerror jidctflt jidctfst
  jidctint jidctred jmemmgr jmemnobs jquant1 jquant2 jsimd_none jutils)
list(TRANSFORM jpeg_files REPLACE "(.+)" "${libjpeg_dir}/\\1.c")

configure_file("${libpng_dir}/scripts/pnglibconf.h.prebuilt" "${generated}/pnglibconf.h" COPYONLY)
set(png_files png pngerror pngget pngmem pngpread pngread pngrio pngrtran pngrutil pngset pngtrans)
list(TRANSFORM png_files REPLACE "(.+)" "${libpng_dir}/\\1.c")

set(zlib_files adler32 crc32 inffast inflate inftrees zutil)
list(TRANSFORM zlib_files REPLACE "(.+)" "${zlib_dir}/\\1.c")

add_library(image_libraries STATIC ${jpeg_files} ${png_files} ${zlib_files})
target_include_directories(image_libraries SYSTEM
  PUBLIC "${generated}" "${libjpeg_dir}" "${libpng_dir}" "${zlib_dir}")
# Their headers lie beside their sources.
target_compile_options(image_libraries PRIVATE -w)
target_compile_definitions(image_libraries PRIVATE NO_GETENV NO_PUTENV)
