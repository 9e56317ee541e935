// Kernels for processors, as ops of TensorFlow: what networks spend nearly all of their time on.
#include <cstdio>
#include <memory>

#include "network-ops.h"
#include "product-ops.h"

// Registers all ops. `find` gives TensorFlow's functions by name, `hands` is how many processors share an op.
// Returns 0, or another number with a sentence in `error`.
extern "C" __attribute__((visibility("default"))) int draft_register_kernels(void* (*find)(const char*), int hands,
                                                                             char* error, size_t size) {
  try {
#define DRAFT_FIND(result, name, parameters)                             \
  draft::name = reinterpret_cast<result(*) parameters>(find(#name)); \
  if (draft::name == nullptr) throw std::runtime_error("this TensorFlow has no function " #name);
    DRAFT_TENSORFLOW_FUNCTIONS(DRAFT_FIND)
#undef DRAFT_FIND
    draft::TheCrew() = new draft::Crew(hands > 1 ? hands - 1 : 0);
    draft::RegisterProductOps();
    draft::RegisterNetworkOps();
    return 0;
  } catch (const std::exception& problem) {
    std::snprintf(error, size, "%s", problem.what());
    return 1;
  }
}
