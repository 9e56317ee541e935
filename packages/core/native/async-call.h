// Work off the main thread, and the promise of what it gives.
#pragma once

#include "node-values.h"

namespace {

// What each such call has; its own data comes after it.
struct AsyncCall {
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  // Why it failed, or nothing; the code is one of the operating system, where there is one.
  std::string error, code;
};

// Has `run(call)` done by another thread, then `settle(env, call)` by this one, whose value fulfils the promise; null where it left
// an exception.
template <class Call, void (*run)(Call*), napi_value (*settle)(napi_env, Call*)>
napi_value Begin(napi_env env, const char* name, Call* call) {
  napi_value promise;
  napi_create_promise(env, &call->deferred, &promise);
  const auto execute = [](napi_env, void* data) { run(static_cast<Call*>(data)); };
  const auto complete = [](napi_env env, napi_status, void* data) {
    Call* call = static_cast<Call*>(data);
    napi_value value = settle(env, call), error = nullptr;
    if (!call->error.empty()) {
      napi_create_error(env, call->code.empty() ? nullptr : String(env, call->code), String(env, call->error), &error);
    } else if (value == nullptr) {
      napi_get_and_clear_last_exception(env, &error);
    }
    if (error == nullptr) napi_resolve_deferred(env, call->deferred, value);
    else napi_reject_deferred(env, call->deferred, error);
    napi_delete_async_work(env, call->work);
    delete call;
  };
  napi_create_async_work(env, nullptr, String(env, name), execute, complete, call, &call->work);
  napi_queue_async_work(env, call->work);
  return promise;
}

}  // namespace
