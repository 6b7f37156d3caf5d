import Foundation
import Records

/// The empty glass of a slide: the commonest bright colour, of any tint, that is smooth, and not what the scanner or a
/// converter fills with (one exact grey) where a smooth colour of at least a fifth of that area stands beside it.
struct Glass {
    private var colour = (240.0, 240.0, 240.0)
    /// Which pixels are its, or brighter.
    private var mask: [Bool]
    private var area = 0
    private let width: Int

    init(_ overview: Overview, _ grain: Grain) {
        width = overview.image.width
        mask = [Bool](repeating: false, count: overview.alpha.count)
        var bright = Brightness(overview, grain)
        guard bright.count >= Self.fewest else { return }
        var fill = bright.fill
        var level = bright.level(without: fill)
        if let filled = fill, level == nil {
            (level, fill) = (filled, nil)
        }
        guard let level else { return }
        var (sums, near) = ((0, 0, 0), 0)
        overview.forEachScanned { at, red, green, blue in
            let luminance = Self.luminance(red, green, blue)
            guard luminance >= level - 1, Self.isPale(red, green, blue) else { return }
            if let fill, Self.isGrey(fill, red, green, blue) { return }
            mask[at] = true
            area += 1
            guard luminance <= level + 2 else { return }
            sums = (sums.0 + Int(red), sums.1 + Int(green), sums.2 + Int(blue))
            near += 1
        }
        guard near > 0 else { return }
        colour = (Double(sums.0) / Double(near), Double(sums.1) / Double(near), Double(sums.2) / Double(near))
    }

    /// The spread of the channels' densities, and their mean by luminance, in thousandths.
    func densities(of overview: Overview) -> (colour: [Int16], density: [Int16]) {
        func table(_ glass: Double) -> [Int] {
            (0...255).map { max(-50, Int((log10(glass / max(Double($0), 1)) * 1000).rounded())) }
        }
        let (reds, greens, blues) = (table(colour.0), table(colour.1), table(colour.2))
        var colour = [Int16](repeating: 0, count: overview.alpha.count)
        var density = colour
        overview.forEachScanned { at, red, green, blue in
            let highest = max(max(red, green), blue)
            // Black borders and ink crosses.
            if highest < 64, highest - min(min(red, green), blue) < 12 { return }
            let (r, g, b) = (reds[Int(red)], greens[Int(green)], blues[Int(blue)])
            let spread = max(max(r, g), b) - min(min(r, g), b)
            let mean = (77 * r + 150 * g + 29 * b) / 256
            // What darkens all channels alike, as lines and dust do, has some colour by compression.
            if spread * 4 > mean { colour[at] = Int16(truncatingIfNeeded: spread) }
            density[at] = Int16(truncatingIfNeeded: mean)
        }
        return (colour, density)
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

    fileprivate static func isGrey(_ level: Int, _ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Bool {
        red == level && green == level && blue == level
    }
}

/// The bright pixels of a slide by their luminance.
private struct Brightness {
    private(set) var count = 0
    /// The exact grey that most pixels share with their neighbours to the left and above.
    private(set) var fill: Int?
    private var filled = 0
    /// Pixels by luminance and grain, all and those of the fill.
    private var grains = [[Int]](repeating: [Int](repeating: 0, count: Self.most + 1), count: 256)
    private var fillGrains = [Int](repeating: 0, count: Self.most + 1)

    /// Quarters of a grey level; more is no glass.
    private static let most = 63

    init(_ overview: Overview, _ grain: Grain) {
        let (pixels, width) = (overview.image.pixels, overview.image.width)
        var even = [Int](repeating: 0, count: 256)
        overview.forEachScanned { at, red, green, blue in
            guard Glass.isPale(red, green, blue) else { return }
            count += 1
            guard red == green, red == blue, at >= width, at % width > 0 else { return }
            func isSame(_ other: Int) -> Bool { (0..<3).allSatisfy { pixels[other * 3 + $0] == red } }
            if isSame(at - 1), isSame(at - width) { even[Int(red)] += 1 }
        }
        fill = even.indices.max { even[$0] < even[$1] }.flatMap { even[$0] > 0 ? $0 : nil }
        overview.forEachScanned { at, red, green, blue in
            guard Glass.isPale(red, green, blue) else { return }
            let value = min(Int(grain.values[at]), Self.most)
            grains[Glass.luminance(red, green, blue)][value] += 1
            if let fill, Glass.isGrey(fill, red, green, blue) {
                fillGrains[value] += 1
                filled += 1
            }
        }
    }

    /// The commonest luminance of those that are smooth beside the smoothest; nil where the fill has five times its area, and is
    /// the glass itself.
    mutating func level(without fill: Int?) -> Int? {
        if let fill { for value in fillGrains.indices { grains[fill][value] -= fillGrains[value] } }
        let levels = (1..<255).map { level in
            let near = (0...Self.most).map { grains[level - 1][$0] + grains[level][$0] + grains[level + 1][$0] }
            return (level: level, count: near.reduce(0, +), grain: Self.median(near))
        }
        let common = levels.filter { $0.count * 50 >= count }
        let smoothest = common.map(\.grain).min() ?? 0
        let smooth = common.filter { $0.grain <= max(Self.smooth, 3 * smoothest) }
        guard let found = smooth.max(by: { $0.count < $1.count }) else {
            return fill == nil ? levels.max { $0.count < $1.count }?.level : nil
        }
        return fill != nil && found.count * 5 < filled ? nil : found.level
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
