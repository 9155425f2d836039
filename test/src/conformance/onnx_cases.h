// The ONNX backend tests on disk (Debian: libonnx-testdata): folders SUITE/test_NAME with a model
// and sets of inputs and outputs as TensorProto files.
#ifndef MINNOW_TEST_CONFORMANCE_ONNX_CASES_H_
#define MINNOW_TEST_CONFORMANCE_ONNX_CASES_H_

#include <string>
#include <vector>

#include "base/status.h"
#include "tensor/tensor.h"

namespace minnow::conformance {

// $MINNOW_ONNX_TESTDATA, else where Debian's package puts it.
std::string OnnxDataFolder();

// "node/test_abs", … of one suite, sorted; empty where the data are absent.
std::vector<std::string> CasesOf(const std::string& suite);

// What the case is about: the operator of its only node. A function written out
// ("…_expanded") counts for the function; "several" where there is no such operator.
std::string OperatorOf(const std::string& name);

// Imports, compiles and runs the case in a session and compares every output of every set with
// rtol 1e-3 and atol 1e-7, integers exactly. The error says at which stage it ended.
Status RunCase(const std::string& name);

}  // namespace minnow::conformance

#endif  // MINNOW_TEST_CONFORMANCE_ONNX_CASES_H_
