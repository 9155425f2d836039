// Do Status and StatusOr carry their code, message and context?
#include "base/status.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace minnow {
namespace {

TEST(Status, IsOkByDefault) {
  EXPECT_TRUE(Status().ok());
  EXPECT_TRUE(OkStatus().ok());
  EXPECT_EQ(OkStatus().code(), StatusCode::kOk);
  EXPECT_EQ(OkStatus().message(), "");
}

TEST(Status, FactoriesFormatLikePrintf) {
  const Status status = InvalidModel("axis %d of \"%s\"", -3, "conv");
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.code(), StatusCode::kInvalidModel);
  EXPECT_EQ(status.message(), "axis -3 of \"conv\"");
}

TEST(Status, FactoriesGiveTheirOwnCode) {
  EXPECT_EQ(InvalidArgument("x").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(InvalidImage("x").code(), StatusCode::kInvalidImage);
  EXPECT_EQ(Unsupported("x").code(), StatusCode::kUnsupported);
  EXPECT_EQ(NotFound("x").code(), StatusCode::kNotFound);
  EXPECT_EQ(ResourceExhausted("x").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(Cancelled("x").code(), StatusCode::kCancelled);
  EXPECT_EQ(Internal("x").code(), StatusCode::kInternal);
}

TEST(Status, MessagesMayBeLongOrEmpty) {
  const std::string text(100000, 'x');
  EXPECT_EQ(Internal("%s", text.c_str()).message(), text);
  EXPECT_EQ(Internal("%s", "").message(), "");
}

TEST(Status, ContextsGoInFrontOutermostFirst) {
  const Status inner = Unsupported("dilation 2");
  const Status outer = inner.WithContext("node \"c\"").WithContext("load");
  EXPECT_EQ(outer.message(), "load: node \"c\": dilation 2");
  EXPECT_EQ(outer.code(), StatusCode::kUnsupported);
  EXPECT_EQ(inner.message(), "dilation 2");
}

TEST(Status, ContextOfOkIsOkWithoutMessage) {
  EXPECT_TRUE(OkStatus().WithContext("load").ok());
  EXPECT_EQ(OkStatus().WithContext("load").message(), "");
}

TEST(Status, EveryCodeHasItsOwnStableName) {
  EXPECT_STREQ(StatusCodeName(StatusCode::kOk), "OK");
  EXPECT_STREQ(StatusCodeName(StatusCode::kInvalidArgument), "ERR_INVALID_ARGUMENT");
  EXPECT_STREQ(StatusCodeName(StatusCode::kInvalidModel), "ERR_INVALID_MODEL");
  EXPECT_STREQ(StatusCodeName(StatusCode::kInvalidImage), "ERR_INVALID_IMAGE");
  EXPECT_STREQ(StatusCodeName(StatusCode::kUnsupported), "ERR_UNSUPPORTED");
  EXPECT_STREQ(StatusCodeName(StatusCode::kNotFound), "ERR_NOT_FOUND");
  EXPECT_STREQ(StatusCodeName(StatusCode::kResourceExhausted), "ERR_OUT_OF_MEMORY");
  EXPECT_STREQ(StatusCodeName(StatusCode::kBusy), "ERR_BUSY");
  EXPECT_STREQ(StatusCodeName(StatusCode::kCancelled), "ERR_CANCELLED");
  EXPECT_STREQ(StatusCodeName(StatusCode::kInternal), "ERR_INTERNAL");
}

Status FailWhen(bool fail, int* reached) {
  MINNOW_RETURN_IF_ERROR(fail ? NotFound("gone") : OkStatus());
  *reached = 1;
  return OkStatus();
}

TEST(Status, ReturnIfErrorReturnsOnlyErrors) {
  int reached = 0;
  EXPECT_EQ(FailWhen(true, &reached).code(), StatusCode::kNotFound);
  EXPECT_EQ(reached, 0);
  EXPECT_TRUE(FailWhen(false, &reached).ok());
  EXPECT_EQ(reached, 1);
}

TEST(StatusOr, HoldsMoveOnlyValues) {
  StatusOr<std::unique_ptr<int>> value = std::make_unique<int>(7);
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(**value, 7);
  const std::unique_ptr<int> taken = std::move(*value);
  EXPECT_EQ(*taken, 7);
}

TEST(StatusOr, HoldsAnError) {
  const StatusOr<std::string> value = NotFound("no %s", "tensor");
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.status().code(), StatusCode::kNotFound);
  EXPECT_EQ(value.status().message(), "no tensor");
}

}  // namespace
}  // namespace minnow
