// The loaded TensorFlow, its eager context, and the tensors that JavaScript knows by number.
#pragma once

#include <string>
#include <unordered_map>

#include "tensorflow-c-api.h"

namespace {

#define DECLARE(result, name, parameters) result(*name) parameters = nullptr;
TENSORFLOW_FUNCTIONS(DECLARE)
#undef DECLARE

TFE_Context* context = nullptr;
std::string gpu;
std::unordered_map<int32_t, TFE_TensorHandle*> handles;
int32_t next_id = 1;

struct Status {
  TF_Status* raw = TF_NewStatus();
  ~Status() { TF_DeleteStatus(raw); }
  bool ok() const { return TF_GetCode(raw) == 0; }
  std::string message() const { return TF_Message(raw); }
};

}  // namespace
