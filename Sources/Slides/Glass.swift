import Foundation
import Imaging
import Records

/// The empty glass of a slide: the commonest bright colour, of any tint, that is smooth; white only where no smooth colour of at
/// least a fifth of its area stands beside it, since white is what scanners fill with.
struct Glass {
    private var colour = (240.0, 240.0, 240.0)
    /// Which pixels are its, or brighter.
    private var mask: [Bool]
    private var area = 0
    private let width: Int

    init(_ overview: Overview, _ grain: Grain) {
        width = overview.image.width
        mask = [Bool](repeating: false, count: overview.alpha.count)
        let bright = BrightPixels(overview, grain)
        guard bright.count >= Self.fewest else { return }
        let smooth = bright.smoothLevel
        let (level, hasFill) = (smooth ?? 255, smooth != nil)
        var (sums, near) = ((0, 0, 0), 0)
        overview.forEachScanned { at, red, green, blue in
            let luminance = Self.luminance(red, green, blue)
            guard luminance >= level - 1, Self.isPale(red, green, blue) else { return }
            if hasFill, min(min(red, green), blue) == 255 { return }
            mask[at] = true
            area += 1
            guard luminance <= level + 2 else { return }
            sums = (sums.0 + Int(red), sums.1 + Int(green), sums.2 + Int(blue))
            near += 1
        }
        guard near > 0 else { return }
        colour = (Double(sums.0) / Double(near), Double(sums.1) / Double(near), Double(sums.2) / Double(near))
    }

    /// The spread of the channels' densities, in thousandths; 0 where it is less than a quarter of their mean: what darkens all channels
    /// alike, as lines and dust do, has some colour by compression.
    func colours(of overview: Overview) -> [Int16] {
        var colours = [Int16](repeating: 0, count: overview.alpha.count)
        forEachDensity(of: overview) { at, spread, mean in
            if spread * 4 > mean { colours[at] = Int16(truncatingIfNeeded: spread) }
        }
        return colours
    }

    /// The mean of the channels' densities by luminance, in thousandths.
    func densities(of overview: Overview) -> [Int16] {
        var densities = [Int16](repeating: 0, count: overview.alpha.count)
        forEachDensity(of: overview) { at, _, mean in densities[at] = Int16(truncatingIfNeeded: mean) }
        return densities
    }

    /// How many pixels have more density than this, which is at least 0.
    func count(of overview: Overview, denserThan least: Int) -> Int {
        var count = 0
        forEachDensity(of: overview) { if Int(Int16(truncatingIfNeeded: $2)) > least { count += 1 } }
        return count
    }

    /// Hands over the place of every pixel that may be tissue, and the spread and the mean of its densities.
    private func forEachDensity(of overview: Overview, _ body: (Int, Int, Int) -> Void) {
        func table(_ glass: Double) -> [Int] {
            (0...255).map { max(-50, Int((log10(glass / max(Double($0), 1)) * 1000).rounded())) }
        }
        let (reds, greens, blues) = (table(colour.0), table(colour.1), table(colour.2))
        overview.forEachScanned { at, red, green, blue in
            let highest = max(max(red, green), blue)
            // Black borders and ink crosses.
            if highest < 64, highest - min(min(red, green), blue) < 12 { return }
            let (r, g, b) = (reds[Int(red)], greens[Int(green)], blues[Int(blue)])
            body(at, max(max(r, g), b) - min(min(r, g), b), (77 * r + 150 * g + 29 * b) / 256)
        }
    }

    /// What the glass itself shows of a signal: mean and five standard deviations. Tissue is never brighter than glass.
    func noise(of signal: [Int16]) -> Int {
        guard area >= Self.fewest else { return 30 }
        var (sum, squares) = (0, 0)
        for at in mask.indices where mask[at] {
            let value = Int(signal[at])
            (sum, squares) = (sum + value, squares + value * value)
        }
        let mean = Double(sum) / Double(area)
        let deviation = max(0, Double(squares) / Double(area) - mean * mean).squareRoot()
        return Int(min(max(mean + 5 * deviation, 5), 140))
    }

    /// What three quarters of the glass do not exceed. Beside tissue it has the tissue's.
    func grain(of grain: Grain) -> Int {
        var (all, inner) = ([Int](repeating: 0, count: 2048), [Int](repeating: 0, count: 2048))
        for at in mask.indices where mask[at] {
            all[Int(grain.values[at])] += 1
            if isInner(at) { inner[Int(grain.values[at])] += 1 }
        }
        func quantile(_ counts: [Int], _ share: Double) -> Int? {
            let sum = counts.reduce(0, +)
            var below = 0
            return sum < Self.fewest
                ? nil
                : counts.firstIndex {
                    below += $0; return Double(below) > share * Double(sum - 1)
                }
        }
        return quantile(inner, 0.75) ?? quantile(all, 0.25) ?? 0
    }

    private func isInner(_ at: Int) -> Bool {
        let column = at % width
        guard column > 0, column < width - 1, at >= width, at < mask.count - width else { return false }
        return [-width, 0, width].allSatisfy { mask[at + $0 - 1] && mask[at + $0] && mask[at + $0 + 1] }
    }

    private static let fewest = 20

    /// No glass is darker, nor tinted as much.
    fileprivate static func isPale(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Bool {
        let highest = Int(max(max(red, green), blue))
        let chroma = highest - Int(min(min(red, green), blue))
        return chroma * 255 <= 60 * highest && luminance(red, green, blue) >= 110
    }

    fileprivate static func luminance(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Int {
        (77 * Int(red) + 150 * Int(green) + 29 * Int(blue)) / 256
    }
}

/// The bright pixels of a slide by luminance and grain.
private struct BrightPixels {
    private(set) var count = 0
    private var white = 0
    /// Without those that are white.
    private var grains = [[Int]](repeating: [Int](repeating: 0, count: Self.most + 1), count: 256)

    /// Quarters of a grey level; more is no glass.
    private static let most = 63

    init(_ overview: Overview, _ grain: Grain) {
        overview.forEachScanned { at, red, green, blue in
            guard Glass.isPale(red, green, blue) else { return }
            count += 1
            if min(min(red, green), blue) == 255 {
                white += 1
            } else {
                grains[Glass.luminance(red, green, blue)][min(Int(grain.values[at]), Self.most)] += 1
            }
        }
    }

    /// The commonest luminance of those that are about as smooth as the smoothest tenth; nil where white has five times its area.
    var smoothLevel: Int? {
        let levels = (0..<256).map { level in
            let near = (max(0, level - 1)...min(level + 1, 255)).map { grains[$0] }
            let counts = (0...Self.most).map { value in near.reduce(0) { $0 + $1[value] } }
            return (level: level, count: counts.reduce(0, +), grain: Self.median(counts))
        }
        var left = (count - white) / 10
        let smoothest = levels.sorted { ($0.grain, $0.level) < ($1.grain, $1.level) }.first {
            left -= grains[$0.level].reduce(0, +)
            return left <= 0 && $0.count > 0
        }
        let limit = max(Self.smooth, 3 * (smoothest?.grain ?? 0))
        let found = levels.filter { $0.grain <= limit && $0.count * 50 >= count }.max { $0.count < $1.count }
        return found.flatMap { $0.count * 5 >= white ? $0.level : nil }
    }

    /// Of a grey level: any scanner's glass has as much.
    private static let smooth = 4

    private static func median(_ counts: [Int]) -> Int {
        let all = counts.reduce(0, +)
        var below = 0
        return counts.firstIndex {
            below += $0; return below * 2 >= all
        } ?? 0
    }
}
