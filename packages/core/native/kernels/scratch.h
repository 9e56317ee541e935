// Memory to work in.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

namespace draft {

// Aligned to pages, kept for the next op.
class Scratch {
 public:
  explicit Scratch(size_t bytes) {
    const std::lock_guard<std::mutex> lock(Mutex());
    std::vector<Block>& idle = Idle();
    // The smallest that is large enough, else the largest, which grows.
    size_t best = idle.size();
    for (size_t i = 0; i < idle.size(); ++i) {
      if (best == idle.size() || IsBetter(idle[i].size, idle[best].size, bytes)) best = i;
    }
    if (best < idle.size()) {
      block_ = idle[best];
      idle.erase(idle.begin() + static_cast<std::ptrdiff_t>(best));
    }
    if (block_.size >= bytes) return;
    std::free(block_.data);
    block_.size = (bytes + 4095) / 4096 * 4096;
    block_.data = std::aligned_alloc(4096, block_.size);
    if (block_.data == nullptr) throw std::bad_alloc();
  }
  ~Scratch() {
    const std::lock_guard<std::mutex> lock(Mutex());
    Idle().push_back(block_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  template <class T>
  T* as() const {
    return static_cast<T*>(block_.data);
  }

 private:
  struct Block {
    void* data = nullptr;
    size_t size = 0;
  };
  static bool IsBetter(size_t size, size_t than, size_t wanted) {
    if (size >= wanted) return than < wanted || size < than;
    return than < wanted && size > than;
  }
  static std::mutex& Mutex() {
    static std::mutex mutex;
    return mutex;
  }
  static std::vector<Block>& Idle() {
    static std::vector<Block>* idle = new std::vector<Block>();
    return *idle;
  }
  Block block_;
};

// Room for `count` numbers.
template <class T>
class Room {
 public:
  explicit Room(size_t count) : scratch_(count * sizeof(T) + 64), data(scratch_.as<T>()) {}

 private:
  Scratch scratch_;

 public:
  T* const data;
};

}  // namespace draft
