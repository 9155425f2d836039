// Writes JPEG and PNG files into memory, for tests that read them back.
#ifndef MINNOW_TEST_IMAGE_ENCODE_H_
#define MINNOW_TEST_IMAGE_ENCODE_H_

#include <png.h>

#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>
// jpeglib.h needs size_t and FILE to be declared before it.
#include <jpeglib.h>

namespace minnow::image::testing {

using Bytes = std::vector<uint8_t>;

inline Bytes Noise(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random() >> 11);
  return bytes;
}

// A picture that JPEG keeps well: a slope in each channel.
inline Bytes Slope(int width, int height, int channels) {
  Bytes pixels;
  pixels.reserve(static_cast<size_t>(width) * static_cast<size_t>(height * channels));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) {
        const int value = c % 3 == 0   ? 255 * x / width
                          : c % 3 == 1 ? 255 * y / height
                                       : 255 - 127 * (x + y) / (width + height);
        pixels.push_back(static_cast<uint8_t>(value));
      }
    }
  }
  return pixels;
}

struct JpegSpec {
  int width = 16;
  int height = 16;
  int channels = 3;
  J_COLOR_SPACE given = JCS_RGB;     // what the pixels are
  J_COLOR_SPACE stored = JCS_YCbCr;  // what the file holds
  bool progressive = false;
  bool arithmetic = false;
  bool subsampled = false;
  bool adobe = true;  // for CMYK and YCCK
  int quality = 100;
  int restart_interval = 0;           // MCUs
  std::vector<jpeg_scan_info> scans;  // empty: libjpeg's own
  Bytes app1;
};

inline Bytes EncodeJpeg(const JpegSpec& spec, const Bytes& pixels) {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  std::memset(&info, 0, sizeof(info));
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = static_cast<JDIMENSION>(spec.width);
  info.image_height = static_cast<JDIMENSION>(spec.height);
  info.input_components = spec.channels;
  info.in_color_space = spec.given;
  jpeg_set_defaults(&info);
  jpeg_set_colorspace(&info, spec.stored);
  jpeg_set_quality(&info, spec.quality, TRUE);
  if (!spec.subsampled) {
    info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
    if (spec.channels == 4) info.comp_info[3].h_samp_factor = info.comp_info[3].v_samp_factor = 1;
  }
  if (!spec.adobe) info.write_Adobe_marker = FALSE;
  info.arith_code = spec.arithmetic ? TRUE : FALSE;
  info.restart_interval = static_cast<unsigned>(spec.restart_interval);
  if (spec.progressive) jpeg_simple_progression(&info);
  if (!spec.scans.empty()) {
    info.scan_info = spec.scans.data();
    info.num_scans = static_cast<int>(spec.scans.size());
  }
  jpeg_start_compress(&info, TRUE);
  if (!spec.app1.empty()) {
    jpeg_write_marker(&info, JPEG_APP0 + 1, spec.app1.data(),
                      static_cast<unsigned>(spec.app1.size()));
  }
  while (info.next_scanline < info.image_height) {
    auto* row =
        const_cast<uint8_t*>(pixels.data()) +
        static_cast<size_t>(info.next_scanline) * static_cast<size_t>(spec.width * spec.channels);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  Bytes file(data, data + size);
  jpeg_destroy_compress(&info);
  std::free(data);
  return file;
}

// A TIFF block whose first directory has an orientation behind another tag.
inline Bytes TiffWithOrientation(int orientation, bool big_endian) {
  Bytes tiff;
  const auto put = [&](uint32_t value, int count) {
    for (int i = 0; i < count; ++i) {
      tiff.push_back(static_cast<uint8_t>(value >> 8 * (big_endian ? count - 1 - i : i)));
    }
  };
  tiff.assign(2, big_endian ? 'M' : 'I');
  put(42, 2);
  put(8, 4);
  put(2, 2);
  put(0x010f, 2), put(2, 2), put(1, 4), put(0, 4);
  put(0x0112, 2), put(3, 2), put(1, 4), put(static_cast<uint32_t>(orientation), 2), put(0, 2);
  put(0, 4);
  return tiff;
}

inline Bytes ExifWithOrientation(int orientation, bool big_endian) {
  Bytes segment = {'E', 'x', 'i', 'f', 0, 0};
  const Bytes tiff = TiffWithOrientation(orientation, big_endian);
  segment.insert(segment.end(), tiff.begin(), tiff.end());
  return segment;
}

struct PngSpec {
  int width = 16;
  int height = 16;
  int color_type = PNG_COLOR_TYPE_RGB;
  int depth = 8;
  bool interlaced = false;
  double gamma = 0;
  std::vector<png_color> palette;
  Bytes palette_alpha;
  bool has_transparent = false;
  png_color_16 transparent = {};
  Bytes exif;
};

inline int PngChannels(int color_type) {
  switch (color_type) {
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      return 2;
    case PNG_COLOR_TYPE_RGB:
      return 3;
    case PNG_COLOR_TYPE_RGB_ALPHA:
      return 4;
    default:
      return 1;
  }
}

inline size_t PngRowBytes(const PngSpec& spec) {
  return (static_cast<size_t>(spec.width) *
              static_cast<size_t>(PngChannels(spec.color_type) * spec.depth) +
          7) /
         8;
}

// `rows` are packed as in the file: depths below 8 share bytes, 16 bits are big endian.
inline Bytes EncodePng(const PngSpec& spec, const Bytes& rows) {
  Bytes file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  if (setjmp(png_jmpbuf(png)) != 0) std::abort();
  png_set_write_fn(
      png, &file,
      [](png_structp writer, png_bytep data, size_t size) {
        auto* out = static_cast<Bytes*>(png_get_io_ptr(writer));
        out->insert(out->end(), data, data + size);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(spec.width),
               static_cast<png_uint_32>(spec.height), spec.depth, spec.color_type,
               spec.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!spec.palette.empty()) {
    png_set_PLTE(png, info, spec.palette.data(), static_cast<int>(spec.palette.size()));
  }
  if (!spec.palette_alpha.empty()) {
    png_set_tRNS(png, info, spec.palette_alpha.data(), static_cast<int>(spec.palette_alpha.size()),
                 nullptr);
  }
  if (spec.has_transparent) png_set_tRNS(png, info, nullptr, 0, &spec.transparent);
  if (spec.gamma > 0) png_set_gAMA(png, info, spec.gamma);
  if (!spec.exif.empty()) {
    png_set_eXIf_1(png, info, static_cast<png_uint_32>(spec.exif.size()),
                   const_cast<png_bytep>(spec.exif.data()));
  }
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  for (int y = 0; y < spec.height; ++y) {
    pointers.push_back(const_cast<png_bytep>(rows.data()) +
                       static_cast<size_t>(y) * PngRowBytes(spec));
  }
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

}  // namespace minnow::image::testing

#endif  // MINNOW_TEST_IMAGE_ENCODE_H_
