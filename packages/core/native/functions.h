// Whole graphs as functions, which are run as ops of their name.
#pragma once

#include "ops.h"

namespace {

TF_Graph* Import(const uint8_t* bytes, size_t size, Status* status) {
  TF_Graph* graph = TF_NewGraph();
  TF_Buffer* buffer = TF_NewBufferFromString(bytes, size);
  TF_ImportGraphDefOptions* options = TF_NewImportGraphDefOptions();
  TF_GraphImportGraphDef(graph, buffer, options, status->raw);
  TF_DeleteImportGraphDefOptions(options);
  TF_DeleteBuffer(buffer);
  return graph;
}

// Finds (inputNodes, outputNodes, outputIndices) in a graph; returns the name of a node that is not there, or nothing.
std::string Resolve(napi_env env, TF_Graph* graph, const napi_value* arguments, std::vector<TF_Output>* inputs,
                    std::vector<TF_Output>* outputs) {
  std::string missing;
  const auto resolve = [&](napi_value node, int index, std::vector<TF_Output>* list) {
    const std::string name = Text(env, node);
    TF_Operation* operation = TF_GraphOperationByName(graph, name.c_str());
    if (operation == nullptr) missing = name;
    list->push_back({operation, index});
  };
  for (uint32_t i = 0; i < Length(env, arguments[0]); ++i) resolve(Element(env, arguments[0], i), 0, inputs);
  const std::vector<int64_t> indices = Integers(env, arguments[2]);
  for (uint32_t i = 0; i < indices.size(); ++i) {
    resolve(Element(env, arguments[1], i), static_cast<int>(indices[i]), outputs);
  }
  return missing;
}

// addFunction(name, graphDef, inputNodes, outputNodes, outputIndices)
napi_value AddFunction(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value arguments[5];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  const std::string name = Text(env, arguments[0]);
  const uint8_t* bytes = nullptr;
  size_t size = 0;
  if (!Bytes(env, arguments[1], &bytes, &size)) return Fail(env, "A graph is given as bytes.");
  Status status;
  TF_Graph* graph = Import(bytes, size, &status);
  std::vector<TF_Output> inputs, outputs;
  std::string missing;
  if (status.ok()) {
    missing = Resolve(env, graph, arguments + 2, &inputs, &outputs);
    if (missing.empty()) {
      TF_Function* function = TF_GraphToFunction(
          graph, name.c_str(), 0, -1, nullptr, static_cast<int>(inputs.size()), inputs.data(),
          static_cast<int>(outputs.size()), outputs.data(), nullptr, nullptr, nullptr, status.raw);
      if (status.ok()) TFE_ContextAddFunction(context, function, status.raw);
      if (function != nullptr) TF_DeleteFunction(function);
    }
  }
  TF_DeleteGraph(graph);
  if (!missing.empty()) return Fail(env, "The graph has no node " + missing + ".");
  if (!status.ok()) return Fail(env, status.message());
  return nullptr;
}

napi_value RemoveFunction(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  Status status;
  TFE_ContextRemoveFunction(context, Text(env, argument).c_str(), status.raw);
  if (!status.ok()) return Fail(env, status.message());
  return nullptr;
}

// functionDefinition(name) -> FunctionDef bytes
napi_value FunctionDefinition(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  Status status;
  TF_Buffer* buffer = TF_NewBuffer();
  TFE_ContextGetFunctionDef(context, Text(env, argument).c_str(), buffer, status.raw);
  napi_value result = status.ok() ? ByteArray(env, buffer->data, buffer->length) : nullptr;
  TF_DeleteBuffer(buffer);
  return status.ok() ? result : Fail(env, status.message());
}

}  // namespace
