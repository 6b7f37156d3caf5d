import Config
import Storage

/// Resampling of 8-bit RGB squares that gives the bytes Pillow gives, so that features match those of Python pipelines.
///
/// Separable convolution with the kernel widened by the shrink factor (antialiasing); weights in fixed point with 22
/// fractional bits; columns first, rounded to 8 bits, then rows.
struct Resampling: Sendable {
    private static let precision: Int32 = 22

    /// The source pixels that one target pixel is made of.
    private struct Window: Sendable {
        var start: Int
        var weights: ArraySlice<Int32>
    }

    private let side: Int
    private let windows: [Window]

    /// From squares of `side` pixels to squares of `target` pixels.
    /// - Parameter kept: pixels in the middle of the target that are computed; nil: all of it.
    init(
        from side: Int,
        to target: Int,
        _ interpolation: EncoderManifest.Interpolation,
        keeping kept: Int? = nil
    ) {
        self.side = side
        let kept = kept ?? target
        // torchvision's CenterCrop: Python rounds a half to the even number.
        let first = Int((Double(target - kept) / 2).rounded(.toNearestOrEven))
        let scale = Double(side) / Double(target)
        let stretch = max(1, scale)
        let support = stretch * (interpolation == .bilinear ? 1 : 2)
        windows = (first..<(first + kept)).map { position in
            let centre = (Double(position) + 0.5) * scale
            let start = max(0, Int(centre - support + 0.5))
            let end = min(side, Int(centre + support + 0.5))
            let weights = (start..<end).map { source in
                Self.kernel((Double(source) - centre + 0.5) / stretch, interpolation)
            }
            let sum = weights.reduce(0, +)
            let fixed = weights.map {
                Int32(($0 / sum * Double(1 << Self.precision)).rounded(.toNearestOrAwayFromZero))
            }
            return Window(start: start, weights: fixed[...])
        }
    }

    /// The triangle, or Keys' cubic with a = -1/2.
    private static func kernel(_ offset: Double, _ interpolation: EncoderManifest.Interpolation) -> Double {
        let x = abs(offset)
        switch interpolation {
        case .bilinear: return max(0, 1 - x)
        case .bicubic:
            if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
            return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
        }
    }

    /// One square [side, side, 3] to [kept, kept, 3].
    func apply(_ pixels: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let target = windows.count
        var narrowed = [UInt8](repeating: 0, count: side * target * 3)
        narrowed.withUnsafeMutableBufferPointer { narrowed in
            for row in 0..<side {
                pass(pixels, from: row * side * 3, stride: 3, lanes: 3, into: narrowed, at: row * target * 3, step: 3)
            }
        }
        var result = [UInt8](repeating: 0, count: target * target * 3)
        narrowed.withUnsafeBufferPointer { narrowed in
            result.withUnsafeMutableBufferPointer { result in
                pass(narrowed, from: 0, stride: target * 3, lanes: target * 3, into: result, at: 0, step: target * 3)
            }
        }
        return result
    }

    /// Computes every target position along one axis; `lanes` neighbouring bytes share a window.
    private func pass(
        _ source: UnsafeBufferPointer<UInt8>,
        from origin: Int,
        stride: Int,
        lanes: Int,
        into result: UnsafeMutableBufferPointer<UInt8>,
        at start: Int,
        step: Int
    ) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: lanes) { sums in
            for (position, window) in windows.enumerated() {
                sums.update(repeating: 1 << (Self.precision - 1))
                var from = origin + window.start * stride
                for weight in window.weights {
                    // At most 255 · Σ|weight| < 2³¹: the weights of the cubic sum to less than 1.5 in magnitude.
                    for lane in 0..<lanes { sums[lane] &+= weight &* Int32(source[from + lane]) }
                    from += stride
                }
                for lane in 0..<lanes {
                    result[start + position * step + lane] = UInt8(clamping: sums[lane] >> Self.precision)
                }
            }
        }
    }
}
