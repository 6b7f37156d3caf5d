/// The saturation that separates tissue from glass: Otsu's threshold (IEEE Trans. SMC 9, 1979), kept within bounds that
/// hold when a slide has no glass, or no tissue, or very little of one.
struct SaturationThreshold: Equatable {
    /// A pixel with more saturation than this (HSV, 0 to 255) may be tissue.
    let value: Int

    /// Saturation below this is glass, JPEG noise and grey dirt on every scanner.
    private static let floor = 18.0
    /// Otsu splits a slide full of tissue into pale and strong tissue; pale tissue is tissue.
    private static let ceiling = 36.0
    /// No glass is tinted as much as this.
    private static let tint = 60.0
    /// Means of the two classes closer than this are the two halves of one class.
    private static let contrast = 14.0

    /// - Parameter histogram: counts of the saturations 0 to 255.
    init(histogram: [Int]) {
        guard let split = Self.otsu(histogram) else {
            value = 255
            return
        }
        let hasTwoClasses = split.upperMean - split.lowerMean >= Self.contrast
        let background = hasTwoClasses ? split.lowerMean : split.mean
        let bounded: Double
        if background > Self.tint {
            // No glass in sight.
            bounded = Self.ceiling
        } else if hasTwoClasses {
            bounded = min(Double(split.threshold), max(Self.ceiling, background + Self.contrast))
        } else {
            // Glass, however tinted, with at most a trace of tissue that Otsu cannot see.
            bounded = background + Self.contrast
        }
        value = Int(max(bounded, Self.floor).rounded())
    }

    struct Split {
        var threshold: Int
        var lowerMean: Double
        var upperMean: Double
        var mean: Double
    }

    /// The threshold with the greatest variance between classes (`...threshold` and above); the first among equals, moved
    /// to the middle of an empty gap. nil for an empty histogram.
    static func otsu(_ histogram: [Int]) -> Split? {
        let count = Double(histogram.reduce(0, +))
        guard count > 0 else { return nil }
        let total = histogram.enumerated().reduce(0.0) { $0 + Double($1.offset) * Double($1.element) }
        var (lowerCount, lowerSum, best) = (0.0, 0.0, -1.0)
        let mean = total / count
        var split = Split(threshold: Int(mean), lowerMean: mean, upperMean: mean, mean: mean)
        for (level, here) in histogram.enumerated() {
            lowerCount += Double(here)
            lowerSum += Double(level) * Double(here)
            guard here > 0, lowerCount < count else { continue }
            let (lower, upper) = (lowerSum / lowerCount, (total - lowerSum) / (count - lowerCount))
            let between = lowerCount * (count - lowerCount) * (upper - lower) * (upper - lower)
            if between > best {
                best = between
                split = Split(threshold: level, lowerMean: lower, upperMean: upper, mean: mean)
            }
        }
        let gapEnd = histogram.indices.first { $0 > split.threshold && histogram[$0] > 0 } ?? split.threshold
        split.threshold = (split.threshold + max(split.threshold, gapEnd - 1)) / 2
        return split
    }
}
