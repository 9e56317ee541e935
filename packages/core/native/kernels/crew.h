// The processors that share one op.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <immintrin.h>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace draft {

// Threads that take parts of an op. One op at a time has them; another one that is ready, too, waits for its turn.
class Crew {
 public:
  explicit Crew(int helpers) : size_(helpers + 1) {
    // They live as long as the process.
    for (int i = 0; i < helpers; ++i) std::thread([this] { Help(); }).detach();
  }
  int size() const { return size_; }

  // Calls work(part) for each part, shared among the crew.
  void Run(int parts, const std::function<void(int)>& work) {
    if (parts <= 1 || size_ == 1) {
      for (int part = 0; part < parts; ++part) work(part);
      return;
    }
    const std::lock_guard<std::mutex> turn(busy_);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      parts_ = parts;
      next_ = 0;
      failed_ = false;
      ++round_;
    }
    wake_.notify_all();
    Take(work, parts);
    std::unique_lock<std::mutex> lock(mutex_);
    work_ = nullptr;  // Who wakes up only now has nothing to do.
    done_.wait(lock, [this] { return working_ == 0; });
    if (failed_) throw std::bad_alloc();
  }

 private:
  void Take(const std::function<void(int)>& work, int parts) {
    try {
      for (int part = next_++; part < parts; part = next_++) work(part);
    } catch (const std::bad_alloc&) {
      failed_ = true;
      next_ = parts;
    }
  }

  void Help() {
    uint64_t seen = 0;
    for (;;) {
      // The next op comes within microseconds or not for long.
      const auto patience = std::chrono::steady_clock::now() + std::chrono::microseconds(50);
      while (round_ == seen && std::chrono::steady_clock::now() < patience) _mm_pause();
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return round_ != seen; });
      seen = round_;
      if (work_ == nullptr) continue;
      const std::function<void(int)>& work = *work_;
      const int parts = parts_;
      ++working_;
      lock.unlock();
      Take(work, parts);
      lock.lock();
      if (--working_ == 0) done_.notify_one();
    }
  }

  const int size_;
  std::mutex busy_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  const std::function<void(int)>* work_ = nullptr;
  int parts_ = 0;
  int working_ = 0;
  std::atomic<uint64_t> round_{0};
  std::atomic<int> next_{0};
  std::atomic<bool> failed_{false};
};

// Made when the kernels are registered.
inline Crew*& TheCrew() {
  static Crew* crew = nullptr;
  return crew;
}

inline int Hands() { return TheCrew()->size(); }

template <class Work>
void InParallel(int parts, const Work& work) {
  TheCrew()->Run(parts, work);
}

// From and to of part `i` of `parts` equal ones.
inline std::pair<int, int> PartOf(int total, int parts, int i) {
  return {static_cast<int>(static_cast<int64_t>(total) * i / parts),
          static_cast<int>(static_cast<int64_t>(total) * (i + 1) / parts)};
}

}  // namespace draft
