// Values of JavaScript as values of C++, and back.
#pragma once

#include <node_api.h>

#include <cstring>
#include <string>
#include <vector>

#include "tensorflow-c-api.h"

namespace {

napi_value Fail(napi_env env, const std::string& message) {
  napi_throw_error(env, nullptr, message.c_str());
  return nullptr;
}

std::string Text(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

napi_value Get(napi_env env, napi_value object, const char* key) {
  napi_value value;
  napi_get_named_property(env, object, key, &value);
  return value;
}

napi_value Number(napi_env env, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  return value;
}

napi_value String(napi_env env, const std::string& text) {
  napi_value value;
  napi_create_string_utf8(env, text.data(), text.size(), &value);
  return value;
}

uint32_t Length(napi_env env, napi_value array) {
  uint32_t length = 0;
  napi_get_array_length(env, array, &length);
  return length;
}

napi_value Element(napi_env env, napi_value array, uint32_t index) {
  napi_value value;
  napi_get_element(env, array, index, &value);
  return value;
}

std::vector<int64_t> Integers(napi_env env, napi_value array) {
  std::vector<int64_t> numbers(Length(env, array));
  for (uint32_t i = 0; i < numbers.size(); ++i) napi_get_value_int64(env, Element(env, array, i), &numbers[i]);
  return numbers;
}

bool IsArray(napi_env env, napi_value value) {
  bool is = false;
  napi_is_array(env, value, &is);
  return is;
}

// The bytes behind a typed array.
bool Bytes(napi_env env, napi_value value, const uint8_t** data, size_t* size) {
  bool is = false;
  napi_is_typedarray(env, value, &is);
  if (!is) return false;
  napi_typedarray_type type;
  size_t length = 0;
  void* raw = nullptr;
  napi_get_typedarray_info(env, value, &type, &length, &raw, nullptr, nullptr);
  static const size_t widths[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  *data = static_cast<const uint8_t*>(raw);
  *size = length * widths[type];
  return true;
}

size_t Width(int dtype) {
  switch (dtype) {
    case kFloat:
    case kInt32: return 4;
    case kUint8:
    case kBool: return 1;
    case kInt64:
    case kComplex64: return 8;
    case kBfloat16:
    case kHalf: return 2;
    default: return 0;
  }
}

napi_value ByteArray(napi_env env, const void* bytes, size_t size) {
  void* data = nullptr;
  napi_value buffer, array = nullptr;
  if (napi_create_arraybuffer(env, size, &data, &buffer) != napi_ok) return nullptr;
  if (size > 0) std::memcpy(data, bytes, size);
  napi_create_typedarray(env, napi_uint8_array, size, buffer, 0, &array);
  return array;
}

}  // namespace
