// Panels: one factor of a product, laid out as tiles read it, `[depth / together][kPanel][together]`, zeros where the
// matrix ends.
#pragma once

#include <algorithm>

#include "tile.h"
#include "transpose.h"

namespace draft {

// A matrix `[depth][columns]` in memory, one of whose strides is 1.
template <class W>
struct Matrix {
  const W* data;
  int64_t down;    // from one row, along the summed axis, to the next
  int64_t across;  // from one column to the next
};

inline int RoundUp(int n, int multiple) { return (n + multiple - 1) / multiple * multiple; }

template <class T>
int PaddedDepth(int depth) {
  return RoundUp(depth, kTogether<T>);
}

template <class W>
inline Vector LoadSome(const W* p, int n) {
  return n >= kLanes ? Load(p) : n > 0 ? Load(p, n) : Zero();
}

#if defined(__AVX512BF16__)
// The numbers of two rows in turns: first, second, first, second.
inline void StoreInTurns(Bf16* panel, Vector first, Vector second) {
  const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(second, first);
  const __m512i turns = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21,
                                         5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  _mm512_storeu_si512(panel, _mm512_permutexvar_epi16(turns, both));
}
// Numbers 2 j and 2 j + 1 of a row, as one word each.
inline Vector Words(const Bf16* p, int n) {
  const __mmask32 mask = n >= 32 ? 0xffffffffu : (1u << std::max(n, 0)) - 1;
  return _mm512_castsi512_ps(_mm512_maskz_loadu_epi16(mask, p));
}
inline Vector Words(const float* p, int n) {
  return _mm512_castsi512_ps((__m512i)_mm512_cvtne2ps_pbh(LoadSome(p + 16, n - 16), LoadSome(p, n)));
}
#endif

// Some rows of panels from a matrix that has its columns side by side: neighbouring panels at once, as memory is read
// in longer pieces then. `columns` are those of all of them.
template <class W>
inline void PackAcross(const W* data, int64_t down, int depth, int columns, float* panel, int panels, int64_t size) {
  for (int k = 0; k < depth; ++k, panel += kPanel) {
    for (int p = 0; p < panels; ++p) {
      for (int j = 0; j < kPanelVectors; ++j) {
        const int at = p * kPanel + j * kLanes;
        Store(panel + p * size + j * kLanes, LoadSome(data + k * down + at, columns - at));
      }
    }
  }
}

// A panel from a matrix that has its rows side by side.
template <class W>
inline void PackDown(const W* data, int64_t across, int depth, int columns, float* panel) {
  for (int j = 0; j < kPanelVectors; ++j) {
    for (int k = 0; k < depth; k += kLanes) {
      const int rows = std::min(kLanes, depth - k);
      Vector square[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        const int column = j * kLanes + i;
        square[i] = column < columns ? LoadSome(data + column * across + k, rows) : Zero();
      }
      Transpose(square);
      for (int i = 0; i < rows; ++i) Store(panel + (k + i) * kPanel + j * kLanes, square[i]);
    }
  }
}

#if defined(__AVX512BF16__)
template <class W>
inline void PackAcross(const W* data, int64_t down, int depth, int columns, Bf16* panel, int panels, int64_t size) {
  for (int k = 0; k < depth; k += 2, panel += 2 * kPanel) {
    for (int p = 0; p < panels; ++p) {
      for (int j = 0; j < kPanelVectors; ++j) {
        const int at = p * kPanel + j * kLanes;
        const W* first = data + k * down + at;
        const int some = columns - at;
        const Vector second = k + 1 < depth ? LoadSome(first + down, some) : Zero();
        StoreInTurns(panel + p * size + 2 * j * kLanes, LoadSome(first, some), second);
      }
    }
  }
}

template <class W>
inline void PackDown(const W* data, int64_t across, int depth, int columns, Bf16* panel) {
  for (int j = 0; j < kPanelVectors; ++j) {
    for (int k = 0; k < depth; k += 2 * kLanes) {
      const int pairs = std::min(kLanes, (depth - k + 1) / 2);
      Vector square[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        const int column = j * kLanes + i;
        square[i] = column < columns ? Words(data + column * across + k, depth - k) : Zero();
      }
      Transpose(square);
      for (int i = 0; i < pairs; ++i) {
        _mm512_storeu_ps(reinterpret_cast<float*>(panel + ((k + 2 * i) * kPanel + 2 * j * kLanes)), square[i]);
      }
    }
  }
}
#endif

// Packs `panels` panels of a matrix with `columns` columns, from column `from` on: `PaddedDepth(depth) · kPanel` numbers
// each, `size` numbers from one panel to the next.
template <class T, class W>
inline void Pack(const Matrix<W>& matrix, int depth, int from, int columns, T* panel, int panels = 1, int64_t size = 0) {
  const W* data = matrix.data + from * matrix.across;
  if (matrix.across == 1) return PackAcross(data, matrix.down, depth, columns - from, panel, panels, size);
  for (int p = 0; p < panels; ++p) {
    const int at = p * kPanel;
    PackDown(data + at * matrix.across, matrix.across, depth, std::min(kPanel, columns - from - at), panel + p * size);
  }
}

// Asks for part `part` of `parts` of the numbers that Pack would read, so that they are near by then.
template <class W>
inline void Fetch(const Matrix<W>& matrix, int depth, int from, int columns, int panels, int part, int parts) {
  constexpr int kLine = 64 / static_cast<int>(sizeof(W));
  const int some = std::min(panels * kPanel, columns - from);
  const bool across = matrix.across == 1;
  const int rows = across ? depth : some, width = across ? some : depth;
  const int64_t step = across ? matrix.down : matrix.across;
  const W* data = matrix.data + from * matrix.across;
  const int begin = static_cast<int>(static_cast<int64_t>(rows) * part / parts);
  const int end = static_cast<int>(static_cast<int64_t>(rows) * (part + 1) / parts);
  for (int i = begin; i < end; ++i) {
    for (int j = 0; j < width; j += kLine) _mm_prefetch(reinterpret_cast<const char*>(data + i * step + j), _MM_HINT_T1);
  }
}

}  // namespace draft
