// What may stand in the config of load_by_name_with_config?
#include "wasi_nn/call_config.h"

#include <gtest/gtest.h>

#include <string>

namespace minnow::wasi_nn {
namespace {

TEST(CallConfig, NothingIsAnEmptyConfig) {
  for (const char* text : {"", "  \n", "{}", " { } "}) {
    const StatusOr<CallConfig> config = ParseCallConfig(text);
    ASSERT_TRUE(config.ok()) << text;
    EXPECT_TRUE(config->empty());
  }
}

TEST(CallConfig, BothKeysAreRead) {
  const StatusOr<CallConfig> config =
      ParseCallConfig(" {\"inputLayout\" : \"nhwc\",\n \"threads\":12 } ");
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->input_layout, InputLayout::kNhwc);
  EXPECT_EQ(config->threads, 12);
}

TEST(CallConfig, WhatIsNotUnderstoodIsRefused) {
  for (const char* text : {"x",
                           "[]",
                           "{",
                           "}",
                           "{}x",
                           "{\"threads\"}",
                           "{\"threads\":}",
                           "{\"threads\":0}",
                           "{\"threads\":257}",
                           "{\"threads\":99999999999}",
                           "{\"threads\":-1}",
                           "{\"threads\":\"1\"}",
                           "{\"threads\":1,}",
                           "{\"threads\":1 \"threads\":1}",
                           "{\"inputLayout\":\"NHWC\"}",
                           "{\"inputLayout\":1}",
                           "{\"temp\":1}",
                           "{\"thr\\u0065ads\":1}",
                           "{\"threads",
                           "{threads:1}",
                           "{\"enable-log\":true}"}) {
    EXPECT_EQ(ParseCallConfig(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(CallConfig, EveryPrefixOfAConfigEndsInAnAnswer) {
  const std::string text = "{\"inputLayout\":\"nchw\",\"threads\":3}";
  for (size_t size = 1; size < text.size(); ++size) {
    EXPECT_FALSE(ParseCallConfig(text.substr(0, size)).ok()) << size;
  }
  EXPECT_TRUE(ParseCallConfig(text).ok());
}

}  // namespace
}  // namespace minnow::wasi_nn
